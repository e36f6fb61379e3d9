// Events beside orders, holds and adjustments, by the room that decides them; all carry movements and effects.
import type {
  ActivityChange,
  CounterChange,
  DayActivity,
  Effects,
  TierRecord,
  VoucherRecord,
} from "./events-effects.ts";
import type { Movements } from "./events.ts";
import type { Elsewhere, MemberFacts, StoredEarn, StoredGrant, StoredSpend } from "./events-orders.ts";
import type { LotPart } from "./events-transfers.ts";

type Changing<Kind extends string, Facts = unknown> = { readonly kind: Kind } & Facts & Movements & Effects;

/** Something that a member did beside buying, and what it gave, so that it can be taken back. */
export interface ActivityRecord {
  readonly type: string;
  readonly key: string;
  readonly data: Readonly<Record<string, string | number | boolean>>;
  readonly storeId: string | null;
  readonly regionId: string | null;
  readonly ownerId: string | null;
  readonly at: number;
  readonly programVersion: number;
  readonly facts: MemberFacts;
  readonly earned: readonly StoredEarn[];
  readonly grants: readonly StoredGrant[];
  /** Challenges that it counts towards. */
  readonly played: readonly string[];
  /** What it counts for in caps, and on which local day. */
  readonly counted: readonly CounterChange[];
  readonly day: string;
  readonly figures: DayActivity;
  /** Tiers before and after, when it raised one. */
  readonly tier?: { readonly before: string | null; readonly after: string | null };
  /** When the tenant took it back. */
  readonly reversedAt: number | null;
}

export type ActivityEvent = Changing<"activity.recorded" | "activity.reversed", { readonly record: ActivityRecord }>;

/** `set`: by hand or paid for; `ended`: what was set is over; `review`: its time was over; `program`: no tiers any more. */
export type TierCause = "set" | "ended" | "review" | "program";

export type TierEvent =
  | Changing<
      "tier.changed",
      { readonly from: string | null; readonly to: string | null; readonly cause: TierCause; readonly reason?: string }
    >
  | Changing<"tier.kept", { readonly record: TierRecord; readonly cause: "renewed" | "secured" }>
  | Changing<"tier.warned", { readonly record: TierRecord; readonly losesAt: number }>
  | Changing<"entitlement.used", { readonly entitlement: string; readonly left: number }>;

export type LifeEvent =
  | Changing<
      "points.expiring",
      { readonly currency: string; readonly points: number; readonly at: number; readonly days: number }
    >
  | Changing<"points.extended" | "points.reinstated", { readonly reason: string; readonly points: number }>
  | Changing<"birthday.reached", { readonly year: number }>
  | Changing<"facts.set">;

export type VoucherEvent =
  | Changing<"voucher.issued", { readonly voucher: VoucherRecord; readonly reason: string | null }>
  | Changing<"voucher.changed", { readonly voucher: VoucherRecord; readonly reason: string | null }>
  | Changing<"reward.bought", { readonly voucher: VoucherRecord; readonly cost: { currency: string; points: number } }>
  | Changing<
      "reward.returned",
      { readonly voucher: VoucherRecord; readonly cost: { currency: string; points: number } }
    >;

/** A movement between two objects. `sent` opens it; it ends with `settled`, or with `returned`, never both. */
export interface TransferRecord {
  readonly id: string;
  readonly purpose: "transfer" | "gift" | "donation" | "pool" | "merge" | "unmerge" | "network";
  readonly from: string;
  readonly to: string;
  readonly parts: readonly LotPart[];
  readonly vouchers: readonly VoucherRecord[];
  readonly note: string | null;
  /** What it counts for in the sender's limits, until it comes back. */
  readonly counted?: readonly CounterChange[];
  readonly merge?: MergeRecord;
}

/** What moves with a merge besides points and vouchers; the identities themselves travel outside of events. */
export interface MergeRecord {
  /** The merge itself, not what old orders bring afterwards. */
  readonly begins: boolean;
  /** Of the identities that move. */
  readonly hashes: readonly string[];
  readonly debts: readonly { readonly currency: string; readonly points: number }[];
  readonly activity: readonly ActivityChange[];
  readonly counters: readonly CounterChange[];
  readonly tags: readonly string[];
  /** The transfers that this one undoes. */
  readonly undoes: readonly string[];
}

export type SharingEvent =
  | Changing<
      "transfer.sent" | "transfer.received" | "transfer.settled" | "transfer.returned",
      {
        readonly transfer: TransferRecord;
      }
    >
  | Changing<"referral.named", { readonly referral: { readonly referrerId: string } }>
  | Changing<
      "referral.rewarded" | "referral.refused" | "referral.reversed",
      {
        /** `id`: of the order that it follows; `earned`: what this side got, as it stands. */
        readonly referral: {
          readonly id: string;
          readonly referrerId: string;
          readonly refereeId: string;
          readonly currency: string;
          readonly points: number;
          readonly earned: StoredEarn | null;
          /** What it counts for in the referrer's limit, until it is reversed. */
          readonly counted?: CounterChange;
        };
      }
    >
  | Changing<
      "partner.settled",
      {
        /** Of a member who is paid in points: what the order of another gives, as it stands. */
        readonly partner: { readonly orderId: string; readonly buyerId: string; readonly earned: StoredEarn };
      }
    >
  | Changing<
      "household.changed",
      {
        /** Of a member: where it belongs now. Of a pool: whose right has changed; no role: has left. */
        readonly household: { readonly id: string; readonly role: string | null; readonly memberId: string } | null;
      }
    >
  | Changing<
      "wallet.moved",
      {
        /** `id`: of the hold or of the deposit; `points`: signed, into the account. */
        readonly wallet: {
          readonly id: string;
          readonly what: "deposited" | "withdrawn" | "restored";
          readonly elsewhere: Elsewhere;
          readonly points: number;
          readonly currency: string;
          /** As they stand: of a deposit, or of a captured hold. */
          readonly earned?: StoredEarn;
          readonly spends?: readonly StoredSpend[];
        };
      }
    >;

export type MoreEvents = ActivityEvent | TierEvent | LifeEvent | VoucherEvent | SharingEvent;
