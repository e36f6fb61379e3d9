// Acts of tills without network: allowances that are held in the object, verified offline, and settled later.
import type { HoldRecord } from "./events-orders.ts";
import type { Balance } from "./points.ts";

export interface AllowanceAnswer {
  readonly hold: HoldRecord;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface TillActs {
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

export type TillLooks = Record<never, never>;
