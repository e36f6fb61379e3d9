// Every kind of duty and how it is told.
import { codeDuties } from "./code-settle.ts";
import type { DutyHandler } from "./duties.ts";
import { householdDuties } from "./household-duties.ts";
import { referralDuties } from "./referral-duties.ts";
import { transferDuties } from "./transfer-duties.ts";
import { walletDuties } from "./wallet-duties.ts";

export const dutyHandlers: Readonly<Record<string, DutyHandler>> = {
  ...transferDuties,
  ...walletDuties,
  ...referralDuties,
  ...householdDuties,
  ...codeDuties,
};
