// Events about what members have beside points, valid by default, for tests of the projection.
import type { EventBody, MemberEvent } from "@regulars/contracts/events";
import type { Effects, TierRecord, VoucherRecord } from "@regulars/contracts/events-effects";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { terms } from "@regulars/contracts/program-rewards";
import {
  makeAdjusted,
  makeEnrolled,
  makeLine,
  makeMemberId,
  makePaid,
  makeRefunded,
  TENANT,
  type EventOptions,
  type OrderOptions,
} from "./make-events.ts";

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

const used = { voucherId: "vch_2_0", rewardId: "coffee", benefit: "amountOff", value: 300, lines: [] };
const code = { voucherId: "SPRING", rewardId: "tea", benefit: "percentOff", value: 50, lines: [] };
const claimed = { ...code, state: "used" as const, code: { campaign: "spring", claim: "o-1" } };
export const transfer = {
  id: "trf_1",
  purpose: "gift",
  from: makeMemberId(1),
  to: makeMemberId(2),
  parts: [
    { lot: { id: "lot_4_0", currency: "points" }, points: 3 },
    { lot: { id: "lot_4_1", currency: "points" }, points: 2 },
  ],
  vouchers: [],
  note: null,
};
const bonus = { currency: "points", points: 50, rule: "referral", reversed: 0 };
const review = { type: "review", key: "r-1", data: {}, storeId: null, at: 0, programVersion: 1, reversedAt: null };
const grant = { kind: "card", ref: "ten", voucherId: "vch_4_0", spends: [], undone: false } as const;
const earned = [{ currency: "points", points: 5, reversed: 0 }];

/** The lot of the order of event 4 with an end that was put off. */
const put = (year: number) => ({
  id: "lot_4_0",
  currency: "points",
  points: 10,
  storeId: "taipei",
  rule: "base",
  availableAt: 0,
  expiresAt: Date.UTC(year, 0, 1),
});

/** A voucher bought, used and given back; a tier reached and lost; and everything else once or twice. */
export function makeHistory(memberId = makeMemberId(1), tenantId = TENANT): MemberEvent[] {
  const issued = makeVoucher("vch_2_0");
  const lines = [{ ...makeLine("1"), vouchered: 350 }];
  const grants = [{ ...grant, earned: earned as never }];
  const order = { vouchers: [{ ...used, state: "used" as const }, claimed], grants, lines, late: true as const };
  const back = { ...order, vouchers: [{ ...used, state: "returned" as const }, claimed] };
  const paid = { orderId: "o-1", points: 10, memberId, tenantId };
  const referral = { id: "o-of-another", referrerId: memberId, refereeId: makeMemberId(3) };
  const taken = [{ currency: "points", points: 5, reversed: 5 }];
  const at = (sequence: number) => ({ sequence, memberId, tenantId });
  return [
    makeEnrolled(at(1)),
    makeOther(at(2), { kind: "voucher.issued", voucher: issued, reason: null, vouchers: [issued] }),
    makePaidWith(
      { ...paid, sequence: 3, orderId: "o-0" },
      { state: "authorized", vouchers: [{ ...used, state: "reserved" }] },
      { kind: "order.authorized", vouchers: [{ ...issued, state: "reserved", orderId: "o-0" }] },
    ),
    makePaidWith({ ...paid, sequence: 4, orderId: "o-0" }, {}, { vouchers: [issued] }),
    makePaidWith(
      { ...paid, sequence: 5 },
      { ...order, partner: "KOL1" },
      { vouchers: [{ ...issued, state: "used", orderId: "o-1" }], tier: makeTier("gold"), tags: ["vip"] },
    ),
    makeRefundedWith({ ...paid, sequence: 6, paidSequence: 5 }, back, { vouchers: [issued], tier: null }),
    makeOther(at(7), {
      kind: "tier.changed",
      from: null,
      to: "silver",
      cause: "hand",
      tier: makeTier("silver", { fixed: true, until: Date.UTC(2027, 0, 1) }),
    }),
    makeOther(at(8), { kind: "activity.recorded", record: { ...review, earned, grants: [order.grants[0]] } }),
    makeOther(at(9), { kind: "transfer.sent", transfer }),
    makeOther(at(10), { kind: "transfer.settled", transfer }),
    makeOther(at(11), { kind: "referral.rewarded", referral: { ...referral, earned: bonus } }),
    makeOther(at(12), { kind: "facts.set", facts: { household: { id: "h" } }, segments: ["loyal"] }),
    makeOther(at(13), { kind: "facts.set", facts: { household: null }, tags: [] }),
    makeOther(at(14), { kind: "referral.reversed", referral: { ...referral, earned: { ...bonus, reversed: 50 } } }),
    makeOther(at(17), { kind: "activity.recorded", record: { ...review, key: "r-2", earned, grants: [] } }),
    makeOther(at(18), {
      kind: "activity.reversed",
      record: { ...review, key: "r-2", earned: taken, grants: [], reversedAt: 9 },
    }),
    makeOther(at(15), { kind: "points.extended", reason: "closed for a month", points: 10, lots: [put(2027)] }),
    makeOther(at(16), { kind: "points.extended", reason: "and another", points: 10, lots: [put(2028)] }),
  ];
}
