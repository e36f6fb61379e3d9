// Acts on rewards and vouchers of one member.
import type { VoucherRecord } from "./events-effects.ts";
import type { Balance } from "./points.ts";

export interface VoucherAnswer {
  readonly voucher: VoucherRecord;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface RewardActs {
  "reward.buy": {
    readonly ask: { readonly rewardId: string; readonly storeId: string | null; readonly ownerId: string | null };
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

export interface RewardLooks {
  "vouchers.list": {
    readonly ask: { readonly all: boolean };
    readonly answer: { readonly vouchers: readonly VoucherRecord[]; readonly sequence: number };
  };
}
