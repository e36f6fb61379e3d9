// Acts between members, pools and networks: each side of a saga, idempotent by its key.
import type { TransferRecord } from "./events-more.ts";
import type { Balance } from "./points.ts";

export interface TransferAnswer {
  readonly transfer: TransferRecord;
  readonly state: "sent" | "settled" | "returned";
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface SharingActs {
  "transfer.send": {
    readonly ask: {
      readonly purpose: TransferRecord["purpose"];
      readonly to: string;
      readonly currency: string;
      readonly points: number;
      readonly note: string | null;
    };
    readonly answer: TransferAnswer;
  };
  /** The other side: takes what is on its way, or says why not; both are remembered. */
  "transfer.receive": {
    readonly ask: { readonly transfer: TransferRecord };
    readonly answer: { readonly sequence: number };
  };
}

export type SharingLooks = Record<never, never>;
