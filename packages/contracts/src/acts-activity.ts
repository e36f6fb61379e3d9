// Acts beside buying: what a member did, timed games, a delivery that was waited for.
import type { ActivityRecord } from "./events-more.ts";
import type { Balance } from "./points.ts";
import type { ReasonedEarn } from "./rpc.ts";

export interface ActivityAnswer {
  readonly activity: Pick<ActivityRecord, "type" | "key" | "data" | "storeId">;
  readonly earned: readonly ReasonedEarn[];
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface ActivityActs {
  "activity.record": {
    readonly ask: Pick<ActivityRecord, "type" | "key" | "data" | "storeId"> & {
      readonly regionId: string | null;
      readonly ownerId: string | null;
    };
    readonly answer: ActivityAnswer;
  };
  /** Points that waited for the delivery of an order become available. */
  "order.delivered": {
    readonly ask: { readonly orderId: string };
    readonly answer: { readonly orderId: string; readonly balances: readonly Balance[]; readonly sequence: number };
  };
}

export interface ActivityLooks {}
