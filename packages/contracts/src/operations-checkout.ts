// The operations of checkout: quote a basket, put an order, refund it, read it.
import { z } from "zod";
import type { Operation } from "./operations.ts";
import { orderAnswer, putOrder, quote, quoteRequest, refundAnswer, refundRequest } from "./orders.ts";
import type { RefusalCode } from "./refusals.ts";
import { callerId, memberId } from "./values.ts";

/** Without a member, whoever claimed the order id first is meant. */
export const orderQuery = z.strictObject({ memberId: memberId.optional() });

const OF_A_MEMBER: readonly RefusalCode[] = ["invalid_member_id", "member_not_found", "member_erased"];
const OF_VOUCHERS: readonly RefusalCode[] = [
  "voucher_not_found",
  "voucher_not_applicable",
  "voucher_already_used",
  "voucher_expired",
  "code_not_usable",
];
const OF_A_BASKET: readonly RefusalCode[] = [
  ...OF_A_MEMBER,
  "invalid_phone",
  "invalid_email",
  "store_unknown",
  "store_not_allowed",
  "program_missing",
  "currency_unknown",
  "money_currency_mismatch",
  "redeem_not_allowed",
  "redeem_step",
  "redeem_below_minimum",
  "redeem_exceeds_share",
  "placed_at_in_future",
  ...OF_VOUCHERS,
];

export const checkoutOperations = [
  {
    id: "quoteCheckout",
    method: "POST",
    path: "/v1/checkout/quote",
    group: "Checkout",
    summary: "Quote a basket: what it earns, what can be spent, what is left to pay",
    description: "Writes nothing. `member` names exactly one of `id`, `phone`, `email`, `line`, `card`.",
    scope: "checkout",
    testTime: true,
    body: quoteRequest,
    answer: { status: 200, schema: quote },
    idempotency: "none",
    refusals: [...OF_A_BASKET, "insufficient_points"],
  },
  {
    id: "putOrder",
    method: "PUT",
    path: "/v1/orders/{orderId}",
    group: "Checkout",
    summary: "State what became of an order",
    description:
      "`authorized` sets the redeemed points aside; `paid` spends them and earns in one step; `cancelled` releases them, " +
      "or takes everything back when the order was paid. The same id and body give the same answer; a later state is " +
      "accepted, an earlier one is refused. `enrol` makes a member of an identity that nobody has.",
    scope: "checkout",
    testTime: true,
    parameters: { orderId: callerId },
    body: putOrder,
    answer: { status: 200, schema: orderAnswer },
    idempotency: "own-id",
    refusals: [
      ...OF_A_BASKET,
      "insufficient_points",
      "order_state_conflict",
      "order_taken",
      "identity_taken",
      "allowance_needs_paid",
      "allowance_not_found",
      "allowance_store_mismatch",
      "allowance_over",
      "allowance_exceeded",
    ],
  },
  {
    id: "refundOrder",
    method: "POST",
    path: "/v1/orders/{orderId}/refunds",
    group: "Checkout",
    summary: "Take lines of an order back, or all that is left",
    description:
      "Takes back what the order earned beyond what the lines that stay would have earned, under the version of the " +
      "program that decided the order; spent points return to their lots. Send `lines` or `all: true`. `refundId` is the key of this write.",
    scope: "checkout",
    testTime: true,
    parameters: { orderId: callerId },
    body: refundRequest,
    answer: { status: 200, schema: refundAnswer },
    idempotency: "own-id",
    refusals: [
      ...OF_A_MEMBER,
      "order_not_found",
      "store_not_allowed",
      "order_state_conflict",
      "line_unknown",
      "refund_exceeds_order",
      "nothing_to_refund",
    ],
  },
  {
    id: "getOrder",
    method: "GET",
    path: "/v1/orders/{orderId}",
    group: "Checkout",
    summary: "Read an order",
    scope: "checkout",
    testTime: true,
    parameters: { orderId: callerId },
    query: orderQuery,
    answer: { status: 200, schema: orderAnswer },
    idempotency: "none",
    refusals: [...OF_A_MEMBER, "order_not_found", "store_not_allowed"],
  },
] as const satisfies readonly Operation[];
