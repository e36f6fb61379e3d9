// Events about what members have beside points, valid by default, for tests of the projection.
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import type { Effects, TierRecord, VoucherRecord } from "@regulars/contracts/events-effects";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { terms } from "@regulars/contracts/program-rewards";
import { makeAdjusted, makePaid, makeRefunded, type EventOptions, type OrderOptions } from "./make-events.ts";

const AT = Date.UTC(2026, 2, 1, 4);
const NO_MOVEMENTS = { transactions: [], lots: [], balances: [] };

export const makeVoucher = (id: string, more: Partial<VoucherRecord> = {}): VoucherRecord => ({
  id,
  rewardId: "coffee",
  programVersion: 1,
  benefit: { type: "amountOff", amount: 300 },
  terms: terms.parse({}),
  borneBy: "store",
  transferable: true,
  state: "issued",
  issuedAt: AT,
  expiresAt: null,
  origin: { kind: "reward", ref: "coffee" },
  issuerOwnerId: null,
  orderId: null,
  ...more,
});

export const makeTier = (tier: string, more: Partial<TierRecord> = {}): TierRecord => ({
  tier,
  since: AT,
  until: null,
  warned: false,
  fixed: false,
  ...more,
});

/** A paid order with what came of it beside points. */
export function makePaidWith(
  options: OrderOptions,
  order: Partial<OrderRecord>,
  effects: Effects & { readonly kind?: "order.authorized" | "order.paid" } = {},
): MemberEvent {
  const paid = makePaid(options);
  if (paid.body.kind !== "order.paid") throw new Error("not an order");
  return { ...paid, body: { ...paid.body, ...effects, order: { ...paid.body.order, ...order } } };
}

/** Its full refund. */
export function makeRefundedWith(
  options: OrderOptions & { readonly paidSequence: number },
  order: Partial<OrderRecord>,
  effects: Effects,
): MemberEvent {
  const refunded = makeRefunded(options);
  if (refunded.body.kind !== "order.refunded") throw new Error("not a refund");
  return { ...refunded, body: { ...refunded.body, ...effects, order: { ...refunded.body.order, ...order } } };
}

/** Any event beside orders. */
export function makeOther(
  options: EventOptions,
  body: { readonly kind: EventBody["kind"] } & Readonly<Record<string, unknown>>,
): MemberEvent {
  const event = makeAdjusted({ ...options, points: 1 });
  // The caller gives what this kind of event carries; the projection reads it by name.
  return { ...event, body: { ...NO_MOVEMENTS, ...body } as unknown as EventBody };
}
