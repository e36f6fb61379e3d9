// Acts beside buying: what a member did, timed games, a delivery that was waited for; and explanations of orders.
import type { ActivityRecord } from "./events-more.ts";
import type { Balance } from "./points.ts";
import type { ReasonedEarn } from "./rpc.ts";

export interface ActivityAnswer {
  readonly activity: Pick<ActivityRecord, "type" | "key" | "data" | "storeId" | "at" | "reversedAt" | "programVersion">;
  readonly earned: readonly ReasonedEarn[];
  /** Vouchers that it brought: full stamp cards, challenges, a new tier. */
  readonly issued: readonly { readonly id: string; readonly rewardId: string; readonly kind: string }[];
  /** Challenges and streaks that it completed. */
  readonly completed: readonly string[];
  readonly tier: string | null;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface ReversalAnswer {
  readonly activity: ActivityAnswer["activity"];
  readonly reversed: readonly { readonly currency: string; readonly points: number; readonly rule: string }[];
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

type Place = Pick<ActivityRecord, "storeId" | "regionId" | "ownerId">;

export interface ActivityActs {
  "activity.record": {
    readonly ask: Pick<ActivityRecord, "type" | "key" | "data"> & Place;
    readonly answer: ActivityAnswer;
  };
  /** Called with the version of the program that decided the event. */
  "activity.reverse": {
    readonly ask: Pick<ActivityRecord, "type" | "key">;
    readonly answer: ReversalAnswer;
  };
  /** The end of a round whose token was checked: `startedAt` in Unix ms, `nonce` names the round. */
  "game.finish": {
    readonly ask: Place & {
      readonly gameId: string;
      readonly nonce: string;
      readonly startedAt: number;
      readonly score: number;
    };
    readonly answer: ActivityAnswer;
  };
  /** Points that waited for the delivery of an order become available. */
  "order.delivered": {
    readonly ask: { readonly orderId: string };
    readonly answer: { readonly orderId: string; readonly balances: readonly Balance[]; readonly sequence: number };
  };
}

/** Where a member stands in everything that is counted. */
export interface Progress {
  readonly cards: readonly {
    readonly id: string;
    readonly currency: string;
    readonly size: number;
    readonly stamps: number;
  }[];
  readonly challenges: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly count: number;
    readonly times: number;
    readonly completed: boolean;
    /** Unix ms; null: it never starts anew. */
    readonly endsAt: number | null;
  }[];
  readonly streaks: readonly {
    readonly id: string;
    readonly name: string | null;
    readonly every: "day" | "week" | "month";
    /** Periods in a row so far, and whether this one has what it needs. */
    readonly count: number;
    readonly length: number;
    readonly thisPeriod: boolean;
    readonly completedTimes: number;
  }[];
  readonly badges: readonly { readonly id: string; readonly since: number; readonly by: readonly string[] }[];
  readonly games: readonly { readonly id: string; readonly name: string | null; readonly roundsLeft: number }[];
  readonly sequence: number;
}

export interface ActivityLooks {
  "activity.read": { readonly ask: Pick<ActivityRecord, "type" | "key">; readonly answer: ActivityAnswer };
  "play.progress": { readonly ask: null; readonly answer: Progress };
  /** Whether a round of a game may start now. */
  "game.start": {
    readonly ask: { readonly gameId: string };
    readonly answer: { readonly roundsLeft: number; readonly maxSeconds: number; readonly sequence: number };
  };
}
