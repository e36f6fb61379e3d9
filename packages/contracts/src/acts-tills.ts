// Acts of tills without network: allowances that are held in the object, verified offline, and settled later.
import type { HoldRecord } from "./events-orders.ts";
import type { Balance } from "./points.ts";

/** A hold that a till may spend from without network. */
export type AllowanceHold = HoldRecord & Required<Pick<HoldRecord, "allowance">>;

export interface AllowanceAnswer {
  readonly hold: AllowanceHold;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface TillActs {
  /** Times in Unix ms: orders may be placed until `spendUntil`, and arrive until `settleUntil`. */
  "allowance.issue": {
    readonly ask: {
      readonly currency: string;
      readonly points: number;
      readonly storeId: string;
      readonly spendUntil: number;
      readonly settleUntil: number;
    };
    readonly answer: AllowanceAnswer;
  };
  "allowance.release": { readonly ask: { readonly holdId: string }; readonly answer: AllowanceAnswer };
}

export interface TillLooks {
  "allowance.read": { readonly ask: { readonly holdId: string }; readonly answer: AllowanceAnswer };
}
