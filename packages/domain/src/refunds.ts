// Refunds: spent points return to their lots, and what the refunded lines earned is taken back under the version that decided it.
import type { OrderRecord, RefundRecord, StoredEarn, StoredSpend } from "@regulars/contracts/events";
import type { RefundCommand } from "@regulars/contracts/rpc";
import { ceilShare, stayingLines, totalsOf } from "./basket.ts";
import { Draft, type LotPart } from "./draft.ts";
import { earnedBy } from "./earning.ts";
import { expireReturned } from "./expiry.ts";
import type { OrderMoment } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";

type RefundMoment = Pick<OrderMoment, "timeZone" | "expiredOf">;

/** Refunds lines of a paid order. Refuses: order_state_conflict, line_unknown, refund_exceeds_order, nothing_to_refund. */
export function decideRefund(
  state: MemberState,
  program: CompiledProgram,
  known: OrderRecord,
  wanted: RefundCommand,
  moment: RefundMoment & { readonly now: number },
): Decision {
  if (known.state === "authorized") return refuse("order_state_conflict", undefined, { state: known.state });
  const refunded = linesOf(known, wanted);
  if (!refunded.ok) return refunded;
  const returned = { ...known.returned };
  for (const { lineId, quantity } of refunded.lines) returned[lineId] = (returned[lineId] ?? 0) + quantity;
  const draft = new Draft(state, moment.now);
  const { order, reversed, restored, amount } = giveBack(draft, program, known, returned, moment);
  const refund: RefundRecord = { refundId: wanted.refundId, lines: refunded.lines, amount, reversed, restored };
  const { transactions, lots } = draft;
  const balances = draft.balances(program.currencies.keys());
  return { ok: true, body: { kind: "order.refunded", order, refund, transactions, lots, balances } };
}

/** Posts everything that follows from `returned` units (in all, by line) having come back. */
export function giveBack(
  draft: Draft,
  program: CompiledProgram,
  known: OrderRecord,
  returned: Readonly<Record<string, number>>,
  moment: RefundMoment,
): { order: OrderRecord; amount: number } & Pick<RefundRecord, "reversed" | "restored"> {
  const staying = stayingLines(known.lines, returned);
  const netStaying = totalsOf(staying).net;
  const pointsStaying = stayingPoints(known, netStaying);
  const paidByPoints = valueOf(pointsStaying);
  // What was spent comes back first, so that it can cover what is taken back.
  const { spends, restored } = restore(draft, known.spends, pointsStaying);
  const wouldEarn = earnedBy(program, {
    ...known,
    lines: staying,
    paidByPoints,
    member: known.facts,
    timeZone: moment.timeZone,
  });
  const { earned, reversed } = reverse(draft, program, known.earned, wouldEarn, moment);
  const refunded = known.payable - Math.max(0, netStaying - paidByPoints);
  const order = { ...known, returned, spends, earned, refunded };
  return { order, amount: refunded - known.refunded, reversed, restored };
}

interface StayingPoints {
  readonly currency: string;
  readonly points: number;
  readonly valuePerPoint: number;
  stay: number;
}

// Points stay in proportion to the net that stays, rounded up, and more of them where fewer would mean that money given
// back by an earlier refund must be asked for again.
function stayingPoints(known: OrderRecord, netStaying: number): StayingPoints[] {
  const staying = known.redeemed.map(({ currency, points, value }) => {
    const stay = netStaying === 0 ? 0 : ceilShare(points, netStaying, known.net);
    return { currency, points, valuePerPoint: value / points, stay };
  });
  for (const part of staying) {
    const missing = netStaying - valueOf(staying) - (known.payable - known.refunded);
    if (missing <= 0) break;
    const before = part.points - restoredOf(known.spends, part.currency);
    part.stay = Math.min(before, part.stay + Math.ceil(missing / part.valuePerPoint));
  }
  return staying;
}

const valueOf = (parts: readonly StayingPoints[]) =>
  parts.reduce((sum, { valuePerPoint, stay }) => sum + valuePerPoint * stay, 0);

const restoredOf = (spends: readonly StoredSpend[], currency: string) =>
  spends.reduce((sum, { lot, restored }) => (lot.currency === currency ? sum + restored : sum), 0);

function linesOf(known: OrderRecord, wanted: RefundCommand): { ok: true; lines: RefundRecord["lines"] } | Refused {
  const left = new Map(known.lines.map((line) => [line.lineId, line.quantity - (known.returned[line.lineId] ?? 0)]));
  const nothingLeft = known.state === "cancelled" || [...left.values()].every((quantity) => quantity === 0);
  if (nothingLeft) return refuse("nothing_to_refund");
  if (wanted.lines === null) {
    const lines = [...left].flatMap(([lineId, quantity]) => (quantity > 0 ? [{ lineId, quantity }] : []));
    return { ok: true, lines };
  }
  for (const [index, { lineId, quantity }] of wanted.lines.entries()) {
    const most = left.get(lineId);
    if (most === undefined) return refuse("line_unknown", `lines[${index}].lineId`);
    if (quantity > most) return refuse("refund_exceeds_order", `lines[${index}].quantity`, { left: most });
  }
  return { ok: true, lines: wanted.lines };
}

function restore(
  draft: Draft,
  spends: readonly StoredSpend[],
  targets: readonly { currency: string; points: number; stay: number }[],
): { spends: StoredSpend[]; restored: RefundRecord["restored"] } {
  const after = spends.map((spend) => ({ ...spend }));
  const restored: { currency: string; points: number }[] = [];
  for (const { currency, points, stay } of targets) {
    const own = after.filter(({ lot }) => lot.currency === currency);
    let left = points - stay - restoredOf(own, currency);
    const parts: LotPart[] = [];
    // The last spent lot, which lives longest, is filled first.
    for (const spend of own.toReversed()) {
      const part = Math.min(left, spend.points - spend.restored);
      if (part <= 0) continue;
      left -= part;
      spend.restored += part;
      draft.reopen(spend.lot);
      parts.push({ lot: spend.lot, points: part });
    }
    draft.move("restore", parts, "redeemed", "available");
    expireReturned(draft, parts);
    const moved = parts.reduce((sum, part) => sum + part.points, 0);
    if (moved > 0) restored.push({ currency, points: moved });
  }
  return { spends: after, restored };
}

function reverse(
  draft: Draft,
  program: CompiledProgram,
  earned: readonly StoredEarn[],
  wouldEarn: readonly { rule: string; points: number }[],
  moment: RefundMoment,
): { earned: StoredEarn[]; reversed: RefundRecord["reversed"] } {
  const reversed: { currency: string; points: number; rule: string }[] = [];
  const after = earned.map((one) => {
    const stays = wouldEarn.find(({ rule }) => rule === one.rule)?.points ?? 0;
    // A condition may favour the smaller basket; what was taken back stays taken back.
    const target = Math.max(one.reversed, one.points - stays);
    const { moved, expired } = takeBack(draft, program, one, target - one.reversed, moment);
    if (moved > 0) reversed.push({ currency: one.currency, points: moved, rule: one.rule });
    return { ...one, reversed: target, reversedExpired: one.reversedExpired + expired };
  });
  return { earned: after, reversed };
}

// From the lot that earned them; what has expired there is gone already; then other lots; then debt, if the policy allows.
function takeBack(
  draft: Draft,
  program: CompiledProgram,
  one: StoredEarn,
  points: number,
  moment: RefundMoment,
): { moved: number; expired: number } {
  if (points === 0) return { moved: 0, expired: 0 };
  const open = draft.lot(one.lot);
  const pending = Math.min(points, open?.pending ?? 0);
  const own = Math.min(points - pending, open?.available ?? 0);
  if (open !== undefined) {
    draft.move("reverse", [{ lot: open.lot, points: pending }], "pending", "issued", one.rule);
    draft.move("reverse", [{ lot: open.lot, points: own }], "available", "issued", one.rule);
  }
  let left = points - pending - own;
  const expired = left === 0 ? 0 : Math.min(left, moment.expiredOf(one.lot) - one.reversedExpired);
  left -= expired;
  const others = draft.allocate(one.currency, left);
  draft.move("reverse", others, "available", "issued", one.rule);
  left -= others.reduce((sum, part) => sum + part.points, 0);
  const forgiven = program.document.refund.debt === "clampToBalance" ? left : 0;
  left -= forgiven;
  if (left > 0) draft.post("reverse", overdraft(one.currency, left), one.rule);
  return { moved: points - expired - forgiven, expired };
}

function overdraft(currency: string, points: number) {
  return [
    { account: "available" as const, currency, points: -points },
    { account: "issued" as const, currency, points },
  ];
}
