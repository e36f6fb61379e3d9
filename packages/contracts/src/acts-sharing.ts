// Acts between members, pools and networks: each side of a saga, idempotent by its key.
import type { TransferRecord } from "./events-more.ts";
import type { Balance } from "./points.ts";

export interface TransferAnswer {
  readonly transfer: TransferRecord;
  readonly state: "sent" | "settled" | "returned" | "received";
  readonly at: number;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface TransferAsk {
  readonly purpose: "transfer" | "gift" | "donation" | "pool";
  readonly to: string;
  /** Of a donation. */
  readonly cause: string | null;
  /** Null when vouchers alone are given. */
  readonly currency: string | null;
  readonly points: number;
  readonly vouchers: readonly string[];
  readonly note: string | null;
}

interface Done {
  readonly sequence: number;
}

interface TransferActs {
  "transfer.send": { readonly ask: TransferAsk; readonly answer: TransferAnswer };
  /** The other side: takes what is on its way, or says why not; both are remembered for ever. */
  "transfer.receive": { readonly ask: { readonly transfer: TransferRecord }; readonly answer: Done };
  /** The sender's end, one or the other: it has arrived, or it has come back. */
  "transfer.settle": { readonly ask: { readonly transfer: TransferRecord }; readonly answer: Done };
  "transfer.return": {
    readonly ask: { readonly transfer: TransferRecord; readonly reason: string };
    readonly answer: Done;
  };
}

export interface SharingActs extends TransferActs {}

export interface SharingLooks {
  "transfer.get": { readonly ask: { readonly transferId: string }; readonly answer: TransferAnswer };
}
