// Acts between members, pools and networks: each side of a saga, idempotent by its key.
import type { TransferRecord } from "./events-more.ts";
import type { Lot } from "./events.ts";
import type { Elsewhere } from "./events-orders.ts";
import type { Balance } from "./points.ts";
import type { HashedIdentity } from "./rpc.ts";
import type { HouseholdRole } from "./sharing.ts";
import type { Period } from "./program-earning.ts";

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

/** What orders of other objects do to an account; `holdId` and `deposit` are the names that they give. */
interface WalletActs {
  "wallet.hold": {
    readonly ask: {
      readonly holdId: string;
      readonly currency: string;
      readonly points: number;
      readonly by: Elsewhere;
    };
    readonly answer: { readonly points: number; readonly sequence: number };
  };
  "wallet.capture": {
    readonly ask: { readonly holdId: string; readonly points: number; readonly elsewhere: Elsewhere };
    readonly answer: Done;
  };
  /** Also of a hold that never came: it can not come any more after this. */
  "wallet.release": { readonly ask: { readonly holdId: string }; readonly answer: Done };
  "wallet.restore": { readonly ask: { readonly holdId: string; readonly restored: number }; readonly answer: Done };
  "wallet.deposit": {
    readonly ask: {
      readonly deposit: string;
      readonly currency: string;
      readonly points: number;
      readonly rule: string;
      readonly earnedAt: number;
      readonly elsewhere: Elsewhere;
    };
    readonly answer: Done;
  };
  "wallet.withdraw": { readonly ask: { readonly deposit: string; readonly withdrawn: number }; readonly answer: Done };
}

interface ReferralActs {
  /** The referrer's side. Refuses transfer_not_allowed; both answers are remembered for ever. */
  "referral.reward": {
    readonly ask: {
      readonly refereeId: string;
      readonly orderId: string;
      readonly prize: Omit<Lot, "id">;
      readonly perReferrer: { readonly period: Period; readonly times: number };
      /** By which the referee can be known, and the household: a member cannot refer itself. */
      readonly hashes: readonly string[];
      readonly household: string | null;
    };
    readonly answer: Done;
  };
  "referral.reverse": { readonly ask: { readonly refereeId: string; readonly orderId: string }; readonly answer: Done };
  /** The referee's end, once the referrer has answered. */
  "referral.settle": {
    readonly ask: { readonly orderId: string; readonly given: boolean; readonly prize: Omit<Lot, "id"> };
    readonly answer: Done;
  };
  /** What an order of `buyerId` gives in all to a partner who is a member. */
  "partner.settle": {
    readonly ask: {
      readonly buyerId: string;
      readonly orderId: string;
      readonly points: number;
      readonly prize: Omit<Lot, "id">;
    };
    readonly answer: Done;
  };
}

/** Where a member belongs, with the account of the pool. */
export interface Belonging {
  readonly id: string;
  readonly pool: string;
  readonly role: HouseholdRole;
}

export interface HouseholdAnswer {
  readonly id: string;
  readonly members: readonly { readonly memberId: string; readonly role: HouseholdRole }[];
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

interface HouseholdActs {
  /** In the pool. `role` null: leaves. Refuses household_not_found, household_full. */
  "household.let": {
    readonly ask: { readonly householdId: string; readonly memberId: string; readonly role: HouseholdRole | null };
    readonly answer: HouseholdAnswer;
  };
  /** The pool's end when the member could not follow. */
  "household.undo": {
    readonly ask: {
      readonly memberId: string;
      readonly id: string;
      readonly role: HouseholdRole | null;
      readonly before: HouseholdRole | null;
    };
    readonly answer: Done;
  };
  /** In the member: refuses household_taken while it belongs to another. */
  "household.belong": {
    readonly ask: { readonly id: string; readonly pool: string; readonly role: HouseholdRole | null };
    readonly answer: Done;
  };
}

interface MergeActs {
  /** In the profile that ends. Refuses merge_not_allowed, transfer_to_self. */
  "merge.begin": { readonly ask: { readonly into: string }; readonly answer: TransferAnswer };
  /** In the profile that stayed. Refuses merge_not_allowed. */
  "merge.undo": { readonly ask: { readonly from: string }; readonly answer: TransferAnswer };
  /** The other side of either, with the identities that move. */
  "merge.receive": {
    readonly ask: { readonly transfer: TransferRecord; readonly identities: readonly HashedIdentity[] };
    readonly answer: Done;
  };
  /** The end of the side that began: the identities are no longer its own. */
  "merge.settle": { readonly ask: { readonly transfer: TransferRecord }; readonly answer: Done };
}

export interface SharingActs extends TransferActs, WalletActs, ReferralActs, HouseholdActs, MergeActs {}

export interface SharingLooks {
  /** Of a pool. */
  "household.get": { readonly ask: null; readonly answer: HouseholdAnswer };
  /** Of a member. */
  "household.of": {
    readonly ask: null;
    readonly answer: { readonly household: Belonging | null; readonly sequence: number };
  };
  "transfer.get": { readonly ask: { readonly transferId: string }; readonly answer: TransferAnswer };
}
