// Orders, refunds and holds as a member's object stores them. Fields that came later are optional: stored events have none of them.
import type { Lot } from "./events.ts";
import type { CounterChange, DayActivity, Due, TierRecord, VoucherRecord } from "./events-effects.ts";
import type { OrderState } from "./orders.ts";
import type { HoldState } from "./points.ts";

export interface StoredLine {
  readonly lineId: string;
  readonly sku: string;
  readonly category: string | null;
  readonly quantity: number;
  readonly unitPrice: number;
  readonly discount: number;
  readonly kind?: "goods" | "giftCard" | "shipping";
  /** Tax that the line's net contains, in minor units. */
  readonly tax?: number;
  /** What vouchers take off the whole line, in minor units. */
  readonly vouchered?: number;
}

/** The figures behind the points of one rule: `times` × `points` for every `per` of `amount`. */
export interface EarnReason {
  readonly base: "net" | "gross";
  readonly amount: number;
  readonly per: number;
  readonly times: number;
  readonly points: number;
  /** Absent for `perAmount`, as it was before there were others. */
  readonly type?: "perItem" | "fixed" | "perField" | "multiplier";
  /** What was taken from gross, where the rule says it exactly. */
  readonly less?: readonly ("discounts" | "vouchers" | "points" | "tax")[];
  /** Of a multiplier, in hundredths; `amount` is then the points that it multiplies. */
  readonly factor?: number;
  /** What cut it: the order's own limit, a member's cap, or the budget of all; and the points before the cut. */
  readonly cutBy?: "perOrder" | "cap" | "budget";
  readonly uncut?: number;
}

export interface StoredEarn {
  readonly currency: string;
  readonly points: number;
  readonly rule: string;
  readonly lot: string;
  readonly why: EarnReason;
  /** Taken back so far by refunds. */
  readonly reversed: number;
  /** The part of `reversed` that had expired before it could be taken, so that nothing moved for it. */
  readonly reversedExpired: number;
}

/** What an order spent of one lot, with the facts needed to open the lot again. */
export interface StoredSpend {
  readonly lot: Lot;
  readonly points: number;
  readonly restored: number;
}

/** What the decision knew of the member, so that a refund decides by the same facts. */
export interface MemberFacts {
  readonly homeStoreId: string | null;
  readonly source: string | null;
  readonly firstOrder: boolean;
  readonly ordersBefore: number;
  readonly birthdayMonth: boolean;
  readonly enrolledDays: number;
  readonly tier?: string | null;
  readonly tags?: readonly string[];
  readonly segments?: readonly string[];
  /** Local days with a paid order before this one. */
  readonly visits?: number;
  /** Net of all paid orders before this one, less refunds, in minor units. */
  readonly spend?: number;
  readonly birthday?: boolean;
  /** What segmentation has told, if it has: see MemberInsights. */
  readonly stage?: string;
  readonly band?: string;
  readonly churnRisk?: boolean;
}

/** A voucher or code on an order, and what it took off. */
export interface UsedVoucher {
  readonly voucherId: string;
  readonly rewardId: string;
  readonly benefit: string;
  /** Minor units. */
  readonly value: number;
  readonly lines: readonly { readonly lineId: string; readonly value: number }[];
  readonly state: "reserved" | "used" | "returned";
  /** Who bears `value`, as the voucher says; absent: the store that accepted it. */
  readonly borneBy?: "store" | "issuer" | "headOffice";
  readonly issuerOwnerId?: string | null;
  /** Of a code: the campaign and the claim by which its object knows this use. */
  readonly code?: { readonly campaign: string; readonly claim: string };
  /** The voucher as it was before it was used: a refund gives this back. Of a code: what it stood for. */
  readonly voucher?: VoucherRecord;
}

/** Stamps that this order turned into a voucher, or a prize that it completed. */
export interface StoredGrant {
  readonly kind: "card" | "challenge" | "streak" | "badge" | "tier";
  readonly ref: string;
  readonly voucherId: string | null;
  readonly spends: readonly StoredSpend[];
  /** Points given as a prize. */
  readonly earned: readonly StoredEarn[];
  readonly undone: boolean;
}

/** What an order spent of an account that is not the member's own: a network's coins, a household's pool. */
export interface WalletSpend {
  /** The object that keeps it: tenant or network, and its member id. */
  readonly tenantId: string;
  readonly memberId: string;
  readonly currency: string;
  readonly points: number;
  readonly value: number;
  readonly holdId: string;
  readonly restored: number;
}

/** An order in another object that spends or earns points of this account. */
export interface Elsewhere {
  readonly tenantId: string;
  readonly memberId: string;
  readonly orderId: string;
  readonly storeId: string;
  readonly ownerId: string;
  /** Of the money that is paid there. */
  readonly money: string;
}

/** An order as the member's object knows it after the event that carries it. */
export interface OrderRecord {
  readonly orderId: string;
  readonly state: OrderState;
  readonly storeId: string;
  readonly regionId: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly channel: string | null;
  readonly placedAt: number;
  readonly programVersion: number;
  readonly lines: readonly StoredLine[];
  readonly facts: MemberFacts;
  readonly gross: number;
  readonly net: number;
  readonly payable: number;
  readonly redeemed: readonly {
    readonly currency: string;
    readonly points: number;
    readonly value: number;
    readonly wallet?: "household";
  }[];
  readonly holds: readonly string[];
  readonly spends: readonly StoredSpend[];
  readonly earned: readonly StoredEarn[];
  /** Units given back so far, by line. */
  readonly returned: Readonly<Record<string, number>>;
  /** Money given back so far. */
  readonly refunded: number;
  readonly undone: "order_id_conflict" | null;
  /** It arrived more than LATE_ORDER_SECONDS after it was placed. */
  readonly late?: true;
  readonly vouchers?: readonly UsedVoucher[];
  readonly grants?: readonly StoredGrant[];
  /** Challenges that the order counts towards, as long as its lines stay. */
  readonly played?: readonly string[];
  readonly wallets?: readonly WalletSpend[];
  /** What each rule with a cap or a budget had room for when the order was decided: a refund keeps within it. */
  readonly rooms?: Readonly<Record<string, number>>;
  /** What the order counts for now, and on which local day: a refund posts the difference. */
  readonly counted?: readonly CounterChange[];
  readonly activity?: { readonly day: string; readonly figures: DayActivity };
  /** The member's tier before this order raised it. */
  readonly tierBefore?: TierRecord | null;
  /** Dues still standing for this order. */
  readonly dues?: readonly Due[];
  readonly partner?: string;
  readonly referral?: { readonly referrerId: string; readonly given: boolean };
  /** Points that stand for the partner whose code was given, who is a member. */
  readonly partnerPoints?: number;
  /** Of an order of a till that had no network: the allowance it drew on. */
  readonly allowanceId?: string;
}

export interface RefundRecord {
  readonly refundId: string;
  readonly lines: readonly { readonly lineId: string; readonly quantity: number }[];
  readonly amount: number;
  readonly reversed: readonly { readonly currency: string; readonly points: number; readonly rule: string }[];
  readonly restored: readonly { readonly currency: string; readonly points: number }[];
  /** Vouchers that this refund gave back. */
  readonly vouchers?: readonly string[];
}

export interface HoldRecord {
  readonly id: string;
  readonly currency: string;
  readonly points: number;
  readonly capturedPoints: number;
  readonly state: HoldState;
  readonly lapsesAt: number;
  readonly orderId: string | null;
  readonly parts: readonly { readonly lot: string; readonly points: number }[];
  /** Of a till's allowance: until when orders may be placed on it, and where. */
  readonly allowance?: { readonly storeId: string; readonly spendUntil: number; readonly issuedAt: number };
}
