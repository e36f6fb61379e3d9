// Answers made from stored events alone, so that the same key gets the same answer for ever.
import type { EventBody, MemberEvent, StoredBalance } from "@regulars/contracts/events";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { OrderAnswer, RefundAnswer } from "@regulars/contracts/orders";
import type { AdjustAnswer, HoldAnswer, StatementLine } from "@regulars/contracts/points";
import type { LedgerOrder, ReasonedEarn } from "@regulars/contracts/rpc";
import { returnedOf } from "./basket.ts";
import { publicBalance } from "./view.ts";

/** The answer to a PUT of an order, or to a look at it with the balances of now. */
export function orderAnswer(event: MemberEvent, balances?: readonly StoredBalance[]): LedgerOrder {
  const { body } = event;
  if (!("order" in body)) throw new Error(`event ${event.sequence} is not about an order`);
  const { order } = body;
  const open = order.state === "paid";
  return {
    order: publicOrder(order, event.memberId),
    earned: open ? order.earned.map((one) => earnedOf(one, body)) : [],
    redeemed: order.state === "cancelled" ? [] : order.redeemed.map(redeemedOf),
    vouchers: (order.vouchers ?? []).map(({ voucherId: id, rewardId, value, state }) => ({
      id,
      rewardId,
      value,
      state,
    })),
    issued: issuedOf(body),
    tier: tierAfter(body, order),
    balances: (balances ?? body.balances).map(publicBalance),
    programVersion: order.programVersion,
    sequence: event.sequence,
  };
}

/** The answer to a refund. */
export function refundAnswer(event: MemberEvent): RefundAnswer {
  const { body, memberId, at, sequence } = event;
  if (body.kind !== "order.refunded") throw new Error(`event ${sequence} is not a refund`);
  const { refundId, lines, amount, reversed, restored, vouchers = [] } = body.refund;
  const { orderId } = body.order;
  return {
    refund: { refundId, orderId, memberId, lines: [...lines], amount, at: iso(at) },
    reversed: [...reversed],
    restored: [...restored],
    vouchers: [...vouchers],
    balances: body.balances.map(publicBalance),
    sequence,
  };
}

/** The answer to an adjustment. */
export function adjustAnswer(event: MemberEvent): AdjustAnswer {
  const { body, at, sequence } = event;
  if (body.kind !== "points.adjusted") throw new Error(`event ${sequence} is not an adjustment`);
  const { id, currency, points, reason } = body.adjustment;
  const adjustment = { id, currency, points, reason, at: iso(at) };
  return { adjustment, balances: body.balances.map(publicBalance), sequence };
}

/** The answer to placing, capturing or voiding a hold. */
export function holdAnswer(event: MemberEvent): HoldAnswer {
  const { body, sequence } = event;
  if (!("hold" in body)) throw new Error(`event ${sequence} is not about a hold`);
  const { id, currency, points, capturedPoints, state, lapsesAt } = body.hold;
  const hold = { id, currency, points, capturedPoints, state, lapsesAt: iso(lapsesAt) };
  return { hold, balances: body.balances.map(publicBalance), sequence };
}

/** The transactions of an event as a statement shows them, newest first. */
export function statementLines(event: MemberEvent): StatementLine[] {
  const { body } = event;
  if (!("transactions" in body)) return [];
  const order = "order" in body ? body.order : null;
  const adjustment = body.kind === "points.adjusted" ? body.adjustment : null;
  const activity = body.kind === "activity.recorded" || body.kind === "activity.reversed" ? body.record : null;
  return body.transactions
    .map((transaction, place) => ({
      id: `txn_${event.sequence}_${place}`,
      sequence: event.sequence,
      at: iso(event.at),
      kind: transaction.kind,
      entries: [...transaction.entries],
      orderId: order?.orderId ?? ("hold" in body ? body.hold.orderId : null),
      storeId: order?.storeId ?? adjustment?.storeId ?? activity?.storeId ?? null,
      rule: transaction.rule ?? null,
      lot: transaction.entries.find((entry) => entry.lot !== undefined)?.lot ?? null,
      reason: adjustment?.reason ?? null,
      balanceAfter: [...transaction.after],
    }))
    .toReversed();
}

function publicOrder(order: OrderRecord, memberId: string): OrderAnswer["order"] {
  const { orderId, state, storeId, currency, channel, gross, net, payable, undone } = order;
  return {
    id: orderId,
    memberId,
    state,
    storeId,
    currency,
    channel,
    placedAt: iso(order.placedAt),
    lines: order.lines.map((line) => ({ ...line, refundedQuantity: returnedOf(order.returned, line.lineId) })),
    gross,
    net,
    payable,
    late: order.late ?? false,
    undone,
  };
}

function tierAfter(body: EventBody, order: OrderRecord): string | null {
  const changed = "tier" in body ? body.tier : undefined;
  return changed === undefined ? (order.facts.tier ?? null) : (changed?.tier ?? null);
}

const redeemedOf = ({ currency, points, value }: OrderRecord["redeemed"][number]) => ({ currency, points, value });

// Vouchers that came to the member with this very event.
function issuedOf(body: EventBody): LedgerOrder["issued"] {
  const vouchers = "vouchers" in body && Array.isArray(body.vouchers) ? (body.vouchers as VoucherRecord[]) : [];
  return vouchers
    .filter(({ state, orderId, id }) => state === "issued" && orderId === null && isNew(body, id))
    .map(({ id, rewardId, origin }) => ({ id, rewardId, kind: origin.kind }));
}

const isNew = (body: EventBody, voucherId: string) =>
  "order" in body && (body.order.grants ?? []).some((grant) => grant.voucherId === voucherId && !grant.undone);

function earnedOf(one: OrderRecord["earned"][number], body: EventBody): ReasonedEarn {
  const { currency, points, rule, why, lot } = one;
  const opened = "lots" in body ? body.lots.find(({ id }) => id === lot) : undefined;
  const life = opened && {
    availableAt: iso(opened.availableAt),
    expiresAt: opened.expiresAt === null ? null : iso(opened.expiresAt),
  };
  return { currency, points: points - one.reversed, rule, why, lot, ...life };
}

const iso = (instant: number) => new Date(instant).toISOString();
