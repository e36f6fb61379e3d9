// Acts on rewards and vouchers of one member.
import type { VoucherRecord } from "./events-effects.ts";
import type { Balance } from "./points.ts";
import type { Reward } from "./program-rewards.ts";

export interface VoucherAnswer {
  readonly voucher: VoucherRecord;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface RewardActs {
  "reward.buy": {
    readonly ask: {
      readonly rewardId: string;
      readonly storeId: string | null;
      readonly ownerId: string | null;
      /** The tenant's money (ISO 4217). */
      readonly money: string;
    };
    readonly answer: VoucherAnswer;
  };
  /** Gives an unused voucher back for the points that it cost. */
  "reward.return": { readonly ask: { readonly voucherId: string }; readonly answer: VoucherAnswer };
  "voucher.issue": {
    readonly ask: { readonly rewardId: string; readonly reason: string; readonly ownerId: string | null };
    readonly answer: VoucherAnswer;
  };
  "voucher.void": {
    readonly ask: { readonly voucherId: string; readonly reason: string };
    readonly answer: VoucherAnswer;
  };
}

/** One reward of the catalogue as a member sees it. */
export interface OfferedReward {
  readonly reward: Reward;
  /** Why the member cannot buy it now; null when nothing but stock could stand in the way. */
  readonly unavailable: RewardUnavailable | null;
}

/** Why a reward cannot be bought. */
export type RewardUnavailable = "not_for_sale" | "not_yet" | "over" | "tier" | "limit" | "points" | "vouchers_held";

export interface RewardLooks {
  "vouchers.list": {
    /** All: also those that are used, voided, expired or passed on, newest first. */
    readonly ask: { readonly all: boolean };
    readonly answer: { readonly vouchers: readonly VoucherRecord[]; readonly sequence: number };
  };
  "rewards.list": {
    readonly ask: null;
    readonly answer: { readonly rewards: readonly OfferedReward[]; readonly programVersion: number };
  };
}
