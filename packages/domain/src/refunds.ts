// Refunds: spent points return to their lots, and what the refunded lines earned is taken back under the version that decided it.
import type {
  OrderRecord,
  RefundRecord,
  StoredEarn,
  StoredGrant,
  StoredSpend,
  UsedVoucher,
  WalletSpend,
} from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { RefundCommand } from "@regulars/contracts/rpc";
import { ceilShare, returnedOf, stayingLines, totalsOf } from "./basket.ts";
import { fillCards, reopenCards } from "./cards.ts";
import { duesChange, duesOf } from "./clearing.ts";
import { contribute } from "./contribution.ts";
import { Draft } from "./draft.ts";
import { earnedBy } from "./earning.ts";
import { expireReturned } from "./expiry.ts";
import type { OrderMoment, OrderScene } from "./moment.ts";
import { sceneOf } from "./order-blank.ts";
import { undoPlay } from "./play.ts";
import type { CompiledProgram } from "./program.ts";
import { settlePartner } from "./partners.ts";
import { settleReferral } from "./referrals.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { takeable, takeBack } from "./take-back.ts";
import { lowerTier } from "./tiers.ts";
import { vouchersAfterReturn, voucheredOf } from "./vouchers.ts";
import { isNetworkCoin, settleWallets, withdrawEarned } from "./wallets.ts";

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
  const more = refunded.lines.map(({ lineId, quantity }) => [lineId, returnedOf(known.returned, lineId) + quantity]);
  const returned = Object.fromEntries([...Object.entries(known.returned), ...more]);
  const draft = new Draft(state, moment.now);
  const { order, emptied, ...given } = giveBack(draft, program, known, returned, moment);
  const refund: RefundRecord = { refundId: wanted.refundId, lines: refunded.lines, ...given };
  const movements = draft.body(program.currencies.keys());
  const about = { kind: "order.refunded" as const, order, refund };
  return { ok: true, body: { ...about, ...(emptied && { emptied: true as const }), ...movements } };
}

/** Posts everything that follows from `returned` units (in all, by line) having come back. */
export function giveBack(
  draft: Draft,
  program: CompiledProgram,
  known: OrderRecord,
  returned: Readonly<Record<string, number>>,
  moment: RefundMoment,
): { order: OrderRecord; emptied: boolean } & Omit<RefundRecord, "refundId" | "lines"> {
  const staying = stayingLines(known.lines, returned);
  const dueStaying = totalsOf(staying).net - voucheredOf(staying);
  const pointsStaying = stayingPoints(known, dueStaying);
  const paidByPoints = valueOf(pointsStaying);
  const sceneWith = (order: OrderRecord) => sceneOf(program, order, { ...moment, now: draft.now, facts: order.facts });
  // What was spent comes back first, so that it can cover what is taken back.
  const { spends, restored } = restore(draft, known.spends, pointsStaying);
  const { wallets, restored: walletsRestored } = restoreWallets(known.wallets ?? [], pointsStaying);
  let order: OrderRecord = { ...known, returned, spends, ...(known.wallets !== undefined && { wallets }) };
  const vouchers = vouchersAfterReturn(draft, sceneWith(order));
  const backBefore = new Set((known.vouchers ?? []).filter(({ state }) => state === "returned").map(idOf));
  const vouchersBack = vouchers.filter((one) => one.state === "returned" && !backBefore.has(one.voucherId)).map(idOf);
  if (known.vouchers !== undefined) order = { ...order, vouchers };
  const among = new Set(known.earned.map(({ rule }) => rule));
  const basket = { ...known, lines: staying, paidByPoints, member: known.facts, timeZone: moment.timeZone, among };
  const wouldEarn = earnedBy(program, basket);
  const { earned, grants, reversed } = reverse(draft, sceneWith(order), wouldEarn);
  const refunded = known.payable - Math.max(0, dueStaying - paidByPoints);
  order = { ...order, earned, refunded, ...(grants.length > 0 && { grants }) };
  order = unfollow(draft, order, sceneWith);
  settleWallets(draft, known, order);
  const emptied = staying.length === 0 && stayingLines(known.lines, known.returned).length > 0;
  return {
    order,
    emptied,
    amount: refunded - known.refunded,
    reversed,
    restored: [...restored, ...walletsRestored],
    ...(vouchersBack.length > 0 && { vouchers: vouchersBack }),
  };
}

// What a paid order had brought besides points follows the lines that stay.
function unfollow(draft: Draft, given: OrderRecord, sceneWith: (order: OrderRecord) => OrderScene): OrderRecord {
  let order: OrderRecord = { ...given, ...contribute(draft, sceneWith(given)) };
  order = { ...order, ...undoPlay(draft, sceneWith(order)) };
  const scene = sceneWith(order);
  const takenBack = lowerTier(draft, scene);
  if (order.grants !== undefined && takenBack.length > 0) order = { ...order, grants: undone(order.grants, takenBack) };
  // Stamps that came back with a reopened card may fill another one.
  const filled = fillCards(draft, scene);
  if (filled.length > 0) order = { ...order, grants: [...(order.grants ?? []), ...filled] };
  const referral = settleReferral(draft, scene);
  if (referral !== undefined) order = { ...order, referral };
  const partnerPoints = settlePartner(draft, scene);
  if (partnerPoints !== undefined) order = { ...order, partnerPoints };
  const dues = duesOf(scene.program, order);
  draft.effects.owe(duesChange(order.dues ?? [], dues));
  return order.dues === undefined && dues.length === 0 ? order : { ...order, dues };
}

const undone = (grants: readonly StoredGrant[], voucherIds: readonly string[]) =>
  grants.map((grant) => (voucherIds.includes(grant.voucherId ?? "") ? { ...grant, undone: true } : grant));

const idOf = ({ voucherId }: UsedVoucher) => voucherId;

interface StayingPoints {
  readonly currency: string;
  readonly points: number;
  readonly valuePerPoint: number;
  stay: number;
}

// Points stay in proportion to the net that stays, rounded up, and more of them where fewer would mean that money given
// back by an earlier refund must be asked for again.
function stayingPoints(known: OrderRecord, dueStaying: number): StayingPoints[] {
  const due = known.net - voucheredOf(known.lines);
  const staying = known.redeemed.map(({ currency, points, value }) => {
    const stay = dueStaying === 0 ? 0 : ceilShare(points, dueStaying, due);
    return { currency, points, valuePerPoint: value / points, stay };
  });
  for (const part of staying) {
    const missing = dueStaying - valueOf(staying) - (known.payable - known.refunded);
    if (missing <= 0) break;
    const before =
      part.points - restoredOf(known.spends, part.currency) - walletRestoredOf(known.wallets, part.currency);
    part.stay = Math.min(before, part.stay + Math.ceil(missing / part.valuePerPoint));
  }
  return staying;
}

const valueOf = (parts: readonly StayingPoints[]) =>
  parts.reduce((sum, { valuePerPoint, stay }) => sum + valuePerPoint * stay, 0);

const restoredOf = (spends: readonly StoredSpend[], currency: string) =>
  spends.reduce((sum, { lot, restored }) => (lot.currency === currency ? sum + restored : sum), 0);

function linesOf(known: OrderRecord, wanted: RefundCommand): { ok: true; lines: RefundRecord["lines"] } | Refused {
  const left = new Map(
    known.lines.map((line) => [line.lineId, line.quantity - returnedOf(known.returned, line.lineId)]),
  );
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

/** Puts points back into the lots that they came from, up to what stays spent; the lot that lives longest first. */
export function restore(
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

// A wallet's points come back in its own object; here only how many.
function restoreWallets(
  wallets: readonly WalletSpend[],
  targets: readonly StayingPoints[],
): { wallets: readonly WalletSpend[]; restored: RefundRecord["restored"] } {
  const restored: { currency: string; points: number }[] = [];
  const after = wallets.map((spend) => {
    const stay = targets.find(({ currency }) => currency === spend.currency)?.stay ?? 0;
    const more = spend.points - stay - spend.restored;
    if (more <= 0) return spend;
    restored.push({ currency: spend.currency, points: more });
    return { ...spend, restored: spend.restored + more };
  });
  return { wallets: after, restored };
}

const walletRestoredOf = (wallets: readonly WalletSpend[] = [], currency: string) =>
  wallets.reduce((sum, spend) => (spend.currency === currency ? sum + spend.restored : sum), 0);

function reverse(
  draft: Draft,
  scene: OrderScene,
  wouldEarn: readonly { rule: string; points: number }[],
): { earned: StoredEarn[]; grants: readonly StoredGrant[]; reversed: RefundRecord["reversed"] } {
  const { program, order } = scene;
  const reversed: { currency: string; points: number; rule: string }[] = [];
  let grants = order.grants ?? [];
  const earned = order.earned.map((one) => {
    const stays = wouldEarn.find(({ rule }) => rule === one.rule)?.points ?? 0;
    // A condition may favour the smaller basket; what was taken back stays taken back.
    const target = Math.max(one.reversed, one.points - stays);
    const points = target - one.reversed;
    if (points > 0 && isNetworkCoin(program, one.currency)) {
      withdrawEarned(draft, scene, one, points);
      reversed.push({ currency: one.currency, points, rule: one.rule });
      return { ...one, reversed: target };
    }
    const missing = points - takeable(draft, one);
    if (missing > 0) grants = reopenCards(draft, grants, { currency: one.currency, missing, lot: one.lot });
    const { moved, expired } = takeBack(draft, program, one, points, scene);
    if (moved > 0) reversed.push({ currency: one.currency, points: moved, rule: one.rule });
    return { ...one, reversed: target, reversedExpired: one.reversedExpired + expired };
  });
  return { earned, grants, reversed };
}
