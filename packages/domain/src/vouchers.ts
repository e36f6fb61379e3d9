// Vouchers on a basket: which are used and what each takes off, and how the member's own vouchers follow the order.
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { MemberFacts, OrderRecord, StoredLine, UsedVoucher } from "@regulars/contracts/events-orders";
import { VOUCHERS_PER_ORDER_MAX } from "@regulars/contracts/limits";
import { stayingLines } from "./basket.ts";
import { addLocalDays } from "./calendar.ts";
import { applyAll, bestCombination, conflictOf, type Applied } from "./combination.ts";
import { lateInput } from "./conditions.ts";
import type { Draft } from "./draft.ts";
import { orderFacts } from "./earning-facts.ts";
import type { OrderScene, Prepared } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import type { Refused } from "./refuse.ts";
import { checkTerms, type TermsBasket, type VoucherReason } from "./vouchers-terms.ts";
import { usableOf, wantedOf, type Usable } from "./vouchers-wanted.ts";

export interface VoucherAsk {
  readonly program: CompiledProgram;
  readonly held: readonly VoucherRecord[];
  readonly prepared: Prepared;
  /** Ids of the member's vouchers that must be used. */
  readonly wanted: readonly string[];
  /** Codes that must be used, as typed; undefined: not said. */
  readonly codes: readonly string[] | undefined;
  /** What the order has reserved so far. */
  readonly reserved: readonly UsedVoucher[];
  /** Choose the best legal combination beyond those that are wanted. */
  readonly best: boolean;
  readonly orderId: string | null;
  readonly lines: readonly StoredLine[];
  readonly storeId: string;
  readonly regionId: string;
  readonly ownerId: string;
  readonly currency: string;
  readonly channel: string | null;
  readonly placedAt: number;
  readonly facts: MemberFacts;
  readonly timeZone: string;
  readonly now: number;
}

export interface VoucherChoice {
  readonly ok: true;
  readonly used: readonly UsedVoucher[];
  /** Of the vouchers held, when the best were asked for: those that are not used, each with a code of the reason. */
  readonly rejected: readonly {
    readonly id: string;
    readonly rewardId: string | null;
    readonly reason: VoucherReason;
  }[];
  /** The lines with what vouchers take off each. */
  readonly lines: readonly StoredLine[];
  /** Minor units. */
  readonly value: number;
}

/**
 * What vouchers and codes take off a basket: those that are wanted, all of them, and on request the best that go with them.
 * Refuses what `wantedOf` does.
 */
export function chooseVouchers(ask: VoucherAsk): VoucherChoice | Refused {
  const { wanted, codes, reserved, best, lines } = ask;
  const named = wanted.length > 0 || (codes === undefined ? reserved.length > 0 : codes.length > 0);
  if (!named && (!best || ask.held.length === 0)) return { ok: true, used: [], rejected: [], lines, value: 0 };
  const basket: TermsBasket = {
    ...ask,
    input: lateInput(() => orderFacts({ ...ask, member: ask.facts, paidByPoints: 0 })),
  };
  const found = wantedOf(ask, basket);
  if (!found.ok) return found;
  if (!best) return { ok: true, rejected: [], ...takenBy(applyAll(found.usable, lines), lines) };
  const others = ask.held.filter(({ id }) => !wanted.includes(id));
  const { usable, rejected } = usableAmong(others, basket);
  const most = VOUCHERS_PER_ORDER_MAX - found.usable.length;
  const chosen = bestCombination(lines, found.usable, usable, most);
  const lost = usable
    .filter((one) => !chosen.includes(one))
    .map((one) => ({ id: one.id, rewardId: one.voucher.rewardId, reason: lostTo(one, chosen) }));
  return { ok: true, rejected: [...rejected, ...lost], ...takenBy(applyAll(chosen, lines), lines) };
}

function usableAmong(others: readonly VoucherRecord[], basket: TermsBasket) {
  const usable: Usable[] = [];
  const rejected: { id: string; rewardId: string; reason: VoucherReason }[] = [];
  for (const voucher of others) {
    const met = checkTerms(voucher, basket);
    const candidate = met.ok ? usableOf(voucher, met.places) : null;
    const alone = candidate === null ? [] : applyAll([candidate], basket.lines);
    if (candidate !== null && alone.some(({ value }) => value > 0)) usable.push(candidate);
    else rejected.push({ id: voucher.id, rewardId: voucher.rewardId, reason: met.ok ? "no_value" : met.reason });
  }
  return { usable, rejected };
}

function lostTo(one: Usable, chosen: readonly Usable[]): VoucherReason {
  for (const other of chosen) {
    const conflict = conflictOf(one, other);
    if (conflict !== null) return conflict;
  }
  return chosen.length >= VOUCHERS_PER_ORDER_MAX ? "limit" : "beaten";
}

function takenBy(applied: readonly Applied<Usable>[], lines: readonly StoredLine[]) {
  const off = lines.map(() => 0);
  for (const { cuts } of applied) for (const { place, value } of cuts) off[place] = (off[place] ?? 0) + value;
  const used = applied.map(({ candidate, cuts, value }) => usedOf(candidate, cuts, lines, value));
  const vouchered = lines.map((line, place) => {
    const { vouchered: _before, ...rest } = line;
    const value = off[place] ?? 0;
    return value === 0 ? rest : { ...rest, vouchered: value };
  });
  return { used, lines: vouchered, value: off.reduce((sum, value) => sum + value, 0) };
}

function usedOf(
  { voucher, code }: Usable,
  cuts: Applied<Usable>["cuts"],
  lines: readonly StoredLine[],
  value: number,
): UsedVoucher {
  const { rewardId, benefit, borneBy, issuerOwnerId } = voucher;
  return {
    voucherId: voucher.id,
    rewardId,
    benefit: benefit.type,
    value,
    lines: cuts.map(({ place, value: part }) => ({ lineId: lines[place]?.lineId ?? "", value: part })),
    state: "used",
    borneBy,
    issuerOwnerId,
    ...(code !== undefined && { code }),
    voucher: issued(voucher),
  };
}

/** A voucher as it is when no order has it. */
function issued(voucher: VoucherRecord): VoucherRecord {
  const { reservedUntil: _until, ...rest } = voucher;
  return { ...rest, state: "issued", orderId: null };
}

/** The same, or expired when its time is over. */
function givenBack(voucher: VoucherRecord, now: number): VoucherRecord {
  const over = voucher.expiresAt !== null && voucher.expiresAt <= now;
  return over ? { ...issued(voucher), state: "expired" } : issued(voucher);
}

/**
 * Moves the vouchers on an order to where the order stands: the member's own at once; of a code, its object is told. One
 * that the order let go in the meantime, because its time was over, is left to whoever has it now.
 */
export function settleVouchers(
  draft: Draft,
  used: readonly UsedVoucher[],
  to: "reserved" | "used" | "issued",
  { order, now, program }: OrderScene,
): void {
  for (const one of used) {
    if (one.code !== undefined) tellCode(draft, order, one.code, to === "issued" ? "released" : to);
    const voucher = one.code === undefined ? draft.effects.voucher(one.voucherId) : undefined;
    if (voucher === undefined) continue;
    if (to === "issued") {
      if (voucher.orderId === order.orderId) draft.effects.putVoucher(givenBack(voucher, now));
      continue;
    }
    const taken: VoucherRecord = { ...issued(voucher), state: to, orderId: order.orderId };
    const reservedUntil = now + program.document.holdTimeoutSeconds * 1000;
    draft.effects.putVoucher(to === "reserved" ? { ...taken, reservedUntil } : taken);
  }
}

/**
 * The vouchers of an order once `scene.order.returned` units have come back. A voucher returns when nothing is left of the
 * lines it took something off, or of the whole order when it took nothing off any; under the policy of its own terms.
 */
export function vouchersAfterReturn(draft: Draft, scene: OrderScene): readonly UsedVoucher[] {
  const { order } = scene;
  const staying = new Set(stayingLines(order.lines, order.returned).map(({ lineId }) => lineId));
  return (order.vouchers ?? []).map((one) => {
    const isLeft = one.lines.length === 0 ? staying.size > 0 : one.lines.some(({ lineId }) => staying.has(lineId));
    const policy = one.voucher?.terms.onRefund ?? { type: "return" as const };
    if (one.state !== "used" || isLeft || policy.type === "keepUsed" || one.voucher === undefined) return one;
    if (one.code === undefined) {
      const days = policy.type === "extend" ? policy.days : 0;
      draft.effects.putVoucher(givenBack(livingAtLeast(one.voucher, days, scene), scene.now));
    } else {
      tellCode(draft, order, one.code, "released");
    }
    return { ...one, state: "returned" };
  });
}

function livingAtLeast(voucher: VoucherRecord, days: number, { now, timeZone }: OrderScene): VoucherRecord {
  if (days === 0 || voucher.expiresAt === null) return voucher;
  return { ...voucher, expiresAt: Math.max(voucher.expiresAt, addLocalDays(now, days, timeZone)) };
}

// The duty's id says the state, so each is told once; the lane keeps them in order.
function tellCode(
  draft: Draft,
  { orderId }: OrderRecord,
  { campaign, claim }: NonNullable<UsedVoucher["code"]>,
  state: "reserved" | "used" | "released",
): void {
  const ask = { campaign, claim, state };
  draft.effects.require({ id: `code/${orderId}/${claim}/${state}`, kind: "code.settle", ask, lane: `code/${claim}` });
}

/** What vouchers take off lines in all, in minor units. */
export function voucheredOf(lines: readonly StoredLine[]): number {
  return lines.reduce((sum, { vouchered = 0 }) => sum + vouchered, 0);
}

/** Ids of the vouchers that an order had reserved. */
export const reservedOf = (order: OrderRecord | null): readonly string[] =>
  (order?.vouchers ?? []).filter(({ code }) => code === undefined).map(({ voucherId }) => voucherId);
