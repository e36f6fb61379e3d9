// Every act and look of a member's object by its name.
import type { Acts, Looks } from "@regulars/contracts/acts";
import { activityActs, activityLooks } from "./activity.ts";
import type { ActHandlers, LookHandlers } from "./desk.ts";
import { explainLooks } from "./explain.ts";
import { lifeActs, lifeLooks } from "./life.ts";
import { rewardActs, rewardLooks } from "./rewards.ts";
import { sharingActs, sharingLooks } from "./sharing.ts";
import { tillActs, tillLooks } from "./tills.ts";

export const acts: Partial<ActHandlers<Acts>> = {
  ...activityActs,
  ...lifeActs,
  ...rewardActs,
  ...sharingActs,
  ...tillActs,
};

export const looks: Partial<LookHandlers<Looks>> = {
  ...activityLooks,
  ...explainLooks,
  ...lifeLooks,
  ...rewardLooks,
  ...sharingLooks,
  ...tillLooks,
};
