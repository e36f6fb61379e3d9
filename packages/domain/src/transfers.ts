// Points and vouchers on their way from one account to another: they leave, and then they arrive or come back.
import type { CounterChange, VoucherRecord } from "@regulars/contracts/events-effects";
import type { MergeRecord, TransferRecord } from "@regulars/contracts/events-more";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { TransferRule } from "@regulars/contracts/program-sharing";
import { periodOf } from "./calendar.ts";
import { Draft } from "./draft.ts";
import { expireReturned } from "./expiry.ts";
import { shortage } from "./holds.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";

/** What a member wants to give; `from` and `to` are the ids of the two accounts. */
export interface TransferWish {
  readonly purpose: TransferRecord["purpose"];
  readonly from: string;
  readonly to: string;
  readonly currency: string | null;
  readonly points: number;
  readonly vouchers: readonly string[];
  readonly note: string | null;
  /** Of a donation. */
  readonly cause?: string | null;
}

/** What leaves the account. */
export interface Sent {
  readonly parts: readonly LotPart[];
  readonly vouchers: readonly VoucherRecord[];
  readonly counted?: readonly CounterChange[];
  readonly merge?: MergeRecord;
}

interface When {
  readonly now: number;
  readonly timeZone: string;
}

/** The duty that carries a transfer to its receiver. */
export const DELIVER = "transfer.deliver";
/** The same between two profiles of one person, whose identities go with it. */
export const DELIVER_MERGE = "merge.deliver";

/**
 * Takes what is given out of the account; it is on its way from then on. Refuses: transfer_to_self, transfer_not_allowed,
 * transfer_limit_reached, insufficient_points, voucher_not_found, voucher_not_transferable.
 */
export function decideSend(state: MemberState, program: CompiledProgram, wish: TransferWish, when: When): Decision {
  if (wish.to === wish.from) return refuse("transfer_to_self", "to");
  const { causes = [] } = program.document.sharing;
  if (wish.purpose === "donation" && !causes.some(({ id }) => id === wish.cause)) {
    return refuse("transfer_not_allowed", "cause");
  }
  const draft = new Draft(state, when.now);
  const points = pointsOf(draft, program, wish, when);
  if (!points.ok) return points;
  const vouchers = vouchersOf(draft, wish);
  if (!vouchers.ok) return vouchers;
  return {
    ok: true,
    body: { kind: "transfer.sent", ...send(draft, state, wish, { ...points, ...vouchers }, program) },
  };
}

/** Posts what leaves, with the duty to deliver it; used by every purpose. */
export function send(
  draft: Draft,
  state: MemberState,
  { purpose, from, to, note }: Pick<TransferWish, "purpose" | "from" | "to" | "note">,
  { parts, vouchers, counted = [], merge }: Sent,
  program: CompiledProgram | null,
) {
  const id = `trf_${from.slice("mbr_".length)}_${state.epoch}_${draft.sequence}`;
  const counts = counted.length > 0 && { counted };
  const merged = merge !== undefined && { merge };
  const transfer: TransferRecord = { id, purpose, from, to, parts, vouchers, note, ...counts, ...merged };
  draft.effects.count(counted);
  const waits = ({ lot, points: count }: LotPart) => (draft.lot(lot.id)?.pending ?? 0) >= count;
  const pending = parts.filter(waits);
  draft.move("transfer", pending, "pending", "transit");
  draft.move(
    "transfer",
    parts.filter((part) => !pending.includes(part)),
    "available",
    "transit",
  );
  for (const voucher of vouchers) draft.effects.putVoucher({ ...voucher, state: "transferred" });
  const kind = merge === undefined ? DELIVER : DELIVER_MERGE;
  draft.effects.require({ id: `deliver/${id}`, kind, ask: { transfer }, ...(merge && { lane: `merge/${to}` }) });
  return { transfer, ...draft.body(program?.currencies.keys() ?? []) };
}

/** Opens what has arrived in the receiver's account, with its end, its issuer and its cost as they were. */
export function decideReceive(state: MemberState, transfer: TransferRecord, now: number): Decision {
  const draft = new Draft(state, now);
  arrive(draft, transfer);
  takeVouchers(draft, transfer);
  return { ok: true, body: { kind: "transfer.received", transfer, ...draft.body([]) } };
}

/** Opens the lots of a transfer; what waits goes on waiting, what has ended on the way ends. */
export function arrive(draft: Draft, transfer: TransferRecord): void {
  const arrived = transfer.parts.map(({ lot: { id, ...facts }, points }): LotPart => {
    const from = { memberId: transfer.from, lot: id };
    return { lot: draft.newLot({ ...facts, points, from }), points };
  });
  land(draft, arrived);
}

/** Issues the vouchers of a transfer under ids of the receiver's own. */
export function takeVouchers(draft: Draft, transfer: TransferRecord): void {
  for (const voucher of transfer.vouchers) {
    const id = `vch_${draft.sequence}_${draft.effects.touchedVouchers}`;
    const origin = { kind: "received", ref: transfer.id };
    draft.effects.putVoucher({ ...voucher, id, state: "issued", orderId: null, origin });
  }
}

/** The sender's end when the receiver has it. */
export function decideSettled(state: MemberState, transfer: TransferRecord, now: number): Decision {
  return { ok: true, body: { kind: "transfer.settled", transfer, ...new Draft(state, now).body([]) } };
}

/**
 * The sender's end when the receiver will never have it: everything is as before, except what time itself has ended. `undo`
 * puts back what has left beside lots and vouchers.
 */
export function decideReturned(
  state: MemberState,
  transfer: TransferRecord,
  now: number,
  undo: (draft: Draft, transfer: TransferRecord) => void,
): Decision {
  const draft = new Draft(state, now);
  for (const { lot } of transfer.parts) draft.reopen(lot);
  land(draft, transfer.parts);
  for (const voucher of transfer.vouchers) draft.effects.putVoucher(voucher);
  undo(draft, transfer);
  draft.effects.count((transfer.counted ?? []).map((change) => ({ ...change, by: -change.by })));
  return { ok: true, body: { kind: "transfer.returned", transfer, ...draft.body([]) } };
}

/** Lots of one transfer: its event tells each three times, which is 1.5 MB of the 2 MB that a row may have. */
export const LOTS_SENT_MAX = 3_000;

/** A late return is looked up in its counter for so long after the period. */
const COUNTER_KEPT_MS = 400 * 86_400_000;

function pointsOf(
  draft: Draft,
  program: CompiledProgram,
  wish: TransferWish,
  when: When,
): ({ ok: true } & Pick<Sent, "parts" | "counted">) | Refused {
  const { currency, points } = wish;
  if (currency === null) return { ok: true, parts: [], counted: [] };
  if (wish.purpose === "pool") return pooled(draft, program, currency, points);
  const rule = program.document.sharing.transfers.find((one) => one.currency === currency);
  if (rule === undefined) return refuse("transfer_not_allowed", "currency", { currency });
  const limited = limitsOf(draft, rule, points, when);
  if (!limited.ok) return limited;
  const parts = sentParts(draft, currency, points);
  return parts.ok ? { ...limited, parts: parts.parts } : parts;
}

// Among themselves a household has no limits.
function pooled(draft: Draft, program: CompiledProgram, currency: string, points: number) {
  const { household } = program.document.sharing;
  if (!household?.currencies.includes(currency)) return refuse("transfer_not_allowed", "currency", { currency });
  const parts = sentParts(draft, currency, points);
  return parts.ok ? { ...parts, counted: [] } : parts;
}

function sentParts(draft: Draft, currency: string, points: number) {
  const parts = draft.allocate(currency, points);
  const short = shortage(parts, points, "points");
  if (short !== null && !short.ok) return short;
  if (parts.length > LOTS_SENT_MAX) return refuse("too_many_items", "points", { limit: LOTS_SENT_MAX });
  return { ok: true as const, parts };
}

function limitsOf(
  draft: Draft,
  rule: TransferRule,
  points: number,
  when: When,
): { ok: true; counted: readonly CounterChange[] } | Refused {
  const { minPoints, maxPoints, perMember, currency } = rule;
  if (points < minPoints || points > (maxPoints ?? points)) {
    return refuse("transfer_not_allowed", "points", { minPoints, ...(maxPoints !== undefined && { maxPoints }) });
  }
  if (perMember === undefined) return { ok: true, counted: [] };
  const { key, endsAt } = periodOf(when.now, perMember.period, when.timeZone);
  const name = `sharing/${currency}/${key}`;
  const left = perMember.points - draft.effects.counter(name);
  if (points > left) return refuse("transfer_limit_reached", "points", { left: Math.max(0, left) });
  const until = endsAt === null ? null : endsAt + COUNTER_KEPT_MS;
  return { ok: true, counted: [{ name, by: points, until }] };
}

function vouchersOf(draft: Draft, wish: TransferWish): { ok: true; vouchers: readonly VoucherRecord[] } | Refused {
  const vouchers: VoucherRecord[] = [];
  for (const [place, id] of wish.vouchers.entries()) {
    const voucher = draft.effects.voucher(id);
    const field = `vouchers[${place}]`;
    if (voucher === undefined) return refuse("voucher_not_found", field);
    const isOver = voucher.expiresAt !== null && voucher.expiresAt <= draft.now;
    if (voucher.state !== "issued" || isOver || !voucher.transferable) return refuse("voucher_not_transferable", field);
    vouchers.push(voucher);
  }
  return { ok: true, vouchers };
}

// What waited goes on waiting where it lands; what has ended on the way ends there.
function land(draft: Draft, parts: readonly LotPart[]): void {
  const waits = ({ lot }: LotPart) => lot.availableAt > draft.now;
  draft.move("transfer", parts.filter(waits), "transit", "pending");
  const arrived = parts.filter((part) => !waits(part));
  draft.move("transfer", arrived, "transit", "available");
  expireReturned(draft, arrived);
}
