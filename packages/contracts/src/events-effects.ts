// What an event does to a member besides points: counters, vouchers, tier, activity, dues, and duties toward other objects.
import type { LotPart } from "./events-transfers.ts";
import type { Benefit, Terms } from "./program-rewards.ts";

/** A count that rules look at: `by` is added to it; it is forgotten once `until` (Unix ms) has passed. */
export interface CounterChange {
  readonly name: string;
  readonly by: number;
  readonly until: number | null;
}

/** What paid orders of one local day came to. */
export interface DayActivity {
  /** Net in minor units, less what was refunded. */
  readonly spend: number;
  readonly orders: number;
  readonly points: Readonly<Record<string, number>>;
  readonly events: Readonly<Record<string, number>>;
}

/** `change` is added to the figures of the local day `day` ("2026-11-22"). */
export interface ActivityChange {
  readonly day: string;
  readonly change: DayActivity;
}

export type VoucherState = "issued" | "reserved" | "used" | "voided" | "expired" | "transferred";

/** What a voucher was bought for: points by lot, what it counted for in its limit, and the key of the piece of stock it took. */
export interface VoucherPayment {
  readonly currency: string;
  readonly points: number;
  readonly spends: readonly LotPart[];
  readonly counter: Pick<CounterChange, "name" | "until"> | null;
  readonly stock: string | null;
  /** The tenant's money, in which owners owe each other for it. */
  readonly money: string;
  /** What owners owed each other for these points, by the version that sold it. */
  readonly dues: readonly Due[];
}

/** A member's own voucher, complete in itself: the reward it came from may change or end. */
export interface VoucherRecord {
  readonly id: string;
  readonly rewardId: string;
  readonly programVersion: number;
  readonly benefit: Benefit;
  readonly terms: Terms;
  readonly borneBy: "store" | "issuer" | "headOffice";
  readonly transferable: boolean;
  readonly state: VoucherState;
  readonly issuedAt: number;
  readonly expiresAt: number | null;
  /** Why the member has it: `reward`, `card`, `birthday`, `tier`, `challenge`, `code`, `received`, `hand`; and which one. */
  readonly origin: { readonly kind: string; readonly ref: string };
  readonly issuerOwnerId: string | null;
  /** The order that reserved or used it. */
  readonly orderId: string | null;
  /** What it was bought for, so that it can be given back for the very points. */
  readonly paid?: VoucherPayment;
  /** Of a full card: the stamps that became it, by lot. */
  readonly stamps?: readonly LotPart[];
  /** Of a reserved one: when the checkout that never ended lets it go (Unix ms). */
  readonly reservedUntil?: number;
}

export interface TierRecord {
  readonly tier: string;
  readonly since: number;
  /** When it is looked at again (Unix ms); null: never by itself. */
  readonly until: number | null;
  readonly warned: boolean;
  /** Set by hand or paid for: kept until its end whatever was spent. */
  readonly fixed: boolean;
  /** When the member must be warned of its loss, unless it is secured by then (Unix ms). */
  readonly warnAt?: number;
  /** In grace: when the tier would have been lost without it. */
  readonly graceFrom?: number;
  /** The order or event that raised it, and what it had raised: given back when nothing justifies it any more. */
  readonly by?: string;
  readonly before?: TierRecord | null;
  /** The voucher that came with it. */
  readonly welcome?: string;
}

/** One side of a debt between owners: `amountMilli` in thousandths of a minor unit. Pairs of owners sum to zero by construction. */
export interface Due {
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly points: number;
  readonly amountMilli: number;
  readonly money: string;
  readonly lot: string | null;
  readonly reason: "redeemed" | "restored" | "issued" | "reversed" | "voucher" | "voucherReturned";
  /** Where the points or the voucher were accepted, or issued; null when no store was there. */
  readonly storeId: string | null;
  readonly issuerStoreId: string | null;
  readonly voucherId?: string;
}

/** What another object must hear of this event. It is told again until it has answered; `id` makes that harmless. */
export interface Duty {
  /** Known to this member alone; what others see is made of it and of who the member is. */
  readonly id: string;
  readonly kind: string;
  readonly ask: unknown;
  /** Duties of one lane are told in the order in which they came. */
  readonly lane?: string;
  /** The intent that this duty takes the place of; when it `must` be there, nothing is written without it. */
  readonly settles?: { readonly intent: string; readonly must: boolean };
}

/** A duty of this kind tells nobody: it gives the intent that it settles more time, `ask.milliseconds` from now. */
export const KEEP_INTENT = "intent.keep";

export interface Effects {
  readonly counters?: readonly CounterChange[];
  readonly activity?: readonly ActivityChange[];
  /** Vouchers as they are after the event. */
  readonly vouchers?: readonly VoucherRecord[];
  /** The tier after the event, when it changed. */
  readonly tier?: TierRecord | null;
  /** Labels after the event, when they changed. */
  readonly tags?: readonly string[];
  readonly segments?: readonly string[];
  /** Facts by name after the event; null forgets one. A household, a referrer, a pointer to whom the member was merged into. */
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly dues?: readonly Due[];
  readonly duties?: readonly Duty[];
}
