// Baskets, quotes, orders and refunds: what a storefront or a till sends during checkout, and what it gets back.
import { z } from "zod";
import { CURRENCIES_MAX, ORDER_LINES_MAX } from "./limits.ts";
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
  });

export const redeemRequest = z.strictObject({ currency: slug, points });

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
};

export const quoteRequest = z.strictObject({ ...basket, placedAt: instant.optional() });

export const orderState = z.enum(["authorized", "paid", "cancelled"]);

export const putOrder = z.strictObject({
  ...basket,
  state: orderState,
  placedAt: instant,
  enrol: z.boolean().optional(),
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

export const quote = z.strictObject({
  memberId,
  earn: z.array(earned),
  redeemable: z.array(z.strictObject({ currency: slug, maxPoints: z.int(), value: money })),
  redeem: z.array(redeemed),
  gross: money,
  net: money,
  payable: money,
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
      refundedQuantity: z.int(),
    }),
  ),
  gross: money,
  net: money,
  payable: money,
  undone: z.enum(["order_id_conflict"]).nullable(),
});

export const orderAnswer = z.strictObject({
  order,
  earned: z.array(earned),
  redeemed: z.array(redeemed),
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
  balances: z.array(balance),
  sequence: z.int(),
});

export type Earned = z.output<typeof earned>;
export type OrderLine = z.output<typeof orderLine>;
export type QuoteRequest = z.output<typeof quoteRequest>;
export type PutOrder = z.output<typeof putOrder>;
export type RefundRequest = z.output<typeof refundRequest>;
export type OrderState = z.output<typeof orderState>;
export type Quote = z.output<typeof quote>;
export type OrderAnswer = z.output<typeof orderAnswer>;
export type RefundAnswer = z.output<typeof refundAnswer>;
