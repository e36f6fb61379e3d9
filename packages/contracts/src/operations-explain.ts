// The operation of `/v1` that explains what an order earned.
import { z } from "zod";
import type { Operation } from "./operations.ts";
import { explanation } from "./orders.ts";
import { callerId, memberId } from "./values.ts";

/** Without a member, whoever claimed the order id first is meant. */
export const explanationQuery = z.strictObject({ memberId: memberId.optional() });

export const explainOperations = [
  {
    id: "explainOrder",
    method: "GET",
    path: "/v1/orders/{orderId}/explanation",
    group: "Checkout",
    summary: "Explain what an order earned",
    description:
      "Every rule of the version that decided the order, in order: its condition with the values it saw, base, rate and " +
      "times, what cut it, or why it gave nothing. As it was decided: refunds since then are not in it.",
    scope: "checkout",
    testTime: true,
    parameters: { orderId: callerId },
    query: explanationQuery,
    answer: { status: 200, schema: explanation },
    idempotency: "none",
    refusals: [
      "invalid_member_id",
      "member_not_found",
      "member_erased",
      "order_not_found",
      "store_not_allowed",
      "program_missing",
    ],
  },
] as const satisfies readonly Operation[];
