// Baskets, quotes, orders and refunds: what a storefront or a till sends during checkout, and what it gets back.
import { z } from "zod";
import { CURRENCIES_MAX, MONEY_MAX, ORDER_LINES_MAX, VOUCHERS_PER_ORDER_MAX } from "./limits.ts";
import { memberReference } from "./members.ts";
import { balance } from "./points.ts";
import { callerId, instant, memberId, money, moneyCurrency, points, quantity, slug, text } from "./values.ts";

/** One line; `discount` is the whole line's, not a unit's, and at most quantity × unit price. */
export const orderLine = z
  .strictObject({
    lineId: callerId,
    sku: callerId,
    category: text().optional(),
    quantity,
    unitPrice: money,
    discount: money.optional(),
    /** Shipping and gift cards are lines of their own; rules count them only when they say so. */
    kind: z.enum(["goods", "giftCard", "shipping"]).optional(),
    /** The tax that the line's amount contains. */
    tax: money.optional(),
  })
  .refine((line) => (line.discount ?? 0) <= line.quantity * line.unitPrice, {
    path: ["discount"],
    params: { code: "number_out_of_range" },
  });

const lines = z
  .array(orderLine)
  .min(1)
  .max(ORDER_LINES_MAX)
  .refine((all) => new Set(all.map((line) => line.lineId)).size === all.length, {
    params: { code: "duplicate_item" },
  })
  // Every sum of an order stays an exact integer, here and in PostgreSQL.
  .refine((all) => all.reduce((sum, line) => sum + line.quantity * line.unitPrice, 0) <= MONEY_MAX, {
    params: { code: "number_out_of_range" },
  });

/** `wallet`: whose account pays, when it is not the member's own. */
export const redeemRequest = z.strictObject({ currency: slug, points, wallet: z.literal("household").optional() });

const distinct = (all: readonly string[]) => new Set(all).size === all.length;

const redeem = z
  .array(redeemRequest)
  .max(CURRENCIES_MAX)
  .refine((all) => new Set(all.map((one) => one.currency)).size === all.length, {
    params: { code: "duplicate_item" },
  });

const basket = {
  member: memberReference,
  storeId: slug,
  currency: moneyCurrency,
  lines,
  channel: text().optional(),
  redeem: redeem.optional(),
  /** Vouchers of the member that are to be used; an order refuses as a whole when one of them cannot be. */
  vouchers: z
    .array(callerId)
    .max(VOUCHERS_PER_ORDER_MAX)
    .refine(distinct, { params: { code: "duplicate_item" } })
    .optional(),
  /** Codes that the shopper brought. */
  codes: z
    .array(text(40))
    .max(VOUCHERS_PER_ORDER_MAX)
    .refine(distinct, { params: { code: "duplicate_item" } })
    .optional(),
  /** The code of a partner (KOL or KOC) who brought this order. */
  partnerCode: text(40).optional(),
};

export const quoteRequest = z.strictObject({
  ...basket,
  placedAt: instant.optional(),
  /** Choose the best legal combination of the member's vouchers, besides those that are named. */
  bestVouchers: z.boolean().optional(),
  /** Say of every rule why it gives what it gives. */
  explain: z.boolean().optional(),
});

export const orderState = z.enum(["authorized", "paid", "cancelled"]);

export const putOrder = z.strictObject({
  ...basket,
  state: orderState,
  placedAt: instant,
  enrol: z.boolean().optional(),
  /** The id of a till's allowance, for an order placed without network. */
  allowanceId: callerId.optional(),
});

export const refundRequest = z
  .strictObject({
    refundId: callerId,
    lines: z
      .array(z.strictObject({ lineId: callerId, quantity }))
      .min(1)
      .max(ORDER_LINES_MAX)
      .refine((all) => new Set(all.map((line) => line.lineId)).size === all.length, {
        params: { code: "duplicate_item" },
      })
      .optional(),
    all: z.literal(true).optional(),
    memberId: memberId.optional(),
  })
  .refine((refund) => (refund.lines === undefined) !== (refund.all === undefined), {
    path: ["lines"],
    params: { code: "missing_field" },
  });

/** What one rule gives, and why: the figures behind it as text in the caller's language. */
export const earned = z.strictObject({
  currency: slug,
  points: z.int(),
  rule: slug,
  why: z.string(),
  lot: z.string().optional(),
  availableAt: instant.optional(),
  expiresAt: instant.nullable().optional(),
});

export const redeemed = z.strictObject({ currency: slug, points: z.int(), value: money });

/** A voucher as a basket sees it: what it takes off, or why it cannot. */
const appliedVoucher = z.strictObject({ id: callerId, rewardId: slug, value: money });
const rejectedVoucher = z.strictObject({ id: callerId, rewardId: slug.nullable(), reason: z.string() });

/**
 * Why a rule gives nothing: its condition is false; the order lies outside its time, stores or channels, the member outside
 * its tiers; no line counts; the lines come to less than its rate; a multiplier found nothing to multiply; a better rule of
 * its group won, or an exclusive one shut it out; its cap, or the budget of all, is used up.
 */
export const NOTHING_REASONS = [
  "condition",
  "not_in_force",
  "store",
  "channel",
  "tier",
  "no_lines",
  "below_rate",
  "no_points",
  "beaten",
  "excluded",
  "cap",
  "budget",
] as const;

/** One rule of the program over this basket. */
const explainedRule = z.strictObject({
  rule: slug,
  currency: slug,
  outcome: z.enum(["earned", "nothing"]),
  points: z.int(),
  /** Why it gives nothing; null when it gives something. */
  reason: z.enum(NOTHING_REASONS).nullable(),
  /** The figures, or the reason for nothing, in the caller's language. */
  why: z.string(),
  condition: z.string().nullable(),
  /** What the condition saw, by the names it uses. */
  saw: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  base: money.nullable(),
  per: z.int().nullable(),
  times: z.int().nullable(),
  cut: z.strictObject({ by: z.enum(["perOrder", "cap", "budget"]), from: z.int(), to: z.int() }).nullable(),
});

export const explanation = z.strictObject({ programVersion: z.int(), rules: z.array(explainedRule) });

/** Where the member stands on the way to the next tier. */
export const tierProgress = z.strictObject({
  tier: slug.nullable(),
  until: instant.nullable(),
  next: slug.nullable(),
  /** What is missing for the next tier, by measure; and what this basket would add. */
  missing: z.array(z.strictObject({ measure: z.string(), have: z.int(), need: z.int() })),
  freeShipping: z.boolean(),
});

export const quote = z.strictObject({
  memberId,
  earn: z.array(earned),
  redeemable: z.array(z.strictObject({ currency: slug, maxPoints: z.int(), value: money })),
  redeem: z.array(redeemed),
  gross: money,
  net: money,
  payable: money,
  vouchers: z.strictObject({ applied: z.array(appliedVoucher), rejected: z.array(rejectedVoucher), value: money }),
  tier: tierProgress.nullable(),
  explanation: explanation.nullable(),
  balances: z.array(balance),
  programVersion: z.int(),
});

export const order = z.strictObject({
  id: callerId,
  memberId,
  state: orderState,
  storeId: slug,
  currency: moneyCurrency,
  channel: z.string().nullable(),
  placedAt: instant,
  lines: z.array(
    z.strictObject({
      lineId: callerId,
      sku: callerId,
      category: z.string().nullable(),
      quantity,
      unitPrice: money,
      discount: money,
      kind: z.enum(["goods", "giftCard", "shipping"]).optional(),
      tax: money.optional(),
      vouchered: money.optional(),
      refundedQuantity: z.int(),
    }),
  ),
  late: z.boolean(),
  gross: money,
  net: money,
  payable: money,
  undone: z.enum(["order_id_conflict"]).nullable(),
});

export const orderAnswer = z.strictObject({
  order,
  earned: z.array(earned),
  redeemed: z.array(redeemed),
  vouchers: z.array(
    z.strictObject({ id: callerId, rewardId: slug, value: money, state: z.enum(["reserved", "used", "returned"]) }),
  ),
  /** Vouchers that this order has brought: full stamp cards, challenges, a new tier. */
  issued: z.array(z.strictObject({ id: callerId, rewardId: slug, kind: z.string() })),
  tier: slug.nullable(),
  balances: z.array(balance),
  programVersion: z.int(),
  sequence: z.int(),
});

const moved = z.strictObject({ currency: slug, points: z.int(), rule: slug.optional() });

export const refundAnswer = z.strictObject({
  refund: z.strictObject({
    refundId: callerId,
    orderId: callerId,
    memberId,
    lines: z.array(z.strictObject({ lineId: callerId, quantity })),
    /** Money to give back: the refunded lines' net less the value of the points that return. */
    amount: money,
    at: instant,
  }),
  reversed: z.array(moved),
  restored: z.array(moved),
  /** Vouchers that came back to the member. */
  vouchers: z.array(callerId),
  balances: z.array(balance),
  sequence: z.int(),
});

export type Earned = z.output<typeof earned>;
export type OrderLine = z.output<typeof orderLine>;
export type QuoteRequest = z.output<typeof quoteRequest>;
export type PutOrder = z.output<typeof putOrder>;
export type RefundRequest = z.output<typeof refundRequest>;
export type Explanation = z.output<typeof explanation>;
export type ExplainedRule = Explanation["rules"][number];
export type TierProgress = z.output<typeof tierProgress>;
export type OrderState = z.output<typeof orderState>;
export type Quote = z.output<typeof quote>;
export type OrderAnswer = z.output<typeof orderAnswer>;
export type RefundAnswer = z.output<typeof refundAnswer>;
