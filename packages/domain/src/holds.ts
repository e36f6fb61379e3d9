// Holds: points set aside for an unfinished checkout; a hold resolves once, and captured plus released equals held.
import type { EventBody } from "@regulars/contracts/events";
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import { Draft } from "./draft.ts";
import { expireReturned } from "./expiry.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";

/** Sets points aside. Refuses: currency_unknown, insufficient_points. */
export function decideHold(
  state: MemberState,
  program: CompiledProgram,
  wish: { currency: string; points: number; ttlSeconds: number },
  now: number,
): Decision {
  if (!program.currencies.has(wish.currency)) return refuse("currency_unknown", "currency");
  const draft = new Draft(state, now);
  const parts = draft.allocate(wish.currency, wish.points);
  const short = shortage(parts, wish.points, "points");
  if (short !== null) return short;
  const lapsesAt = now + wish.ttlSeconds * 1000;
  const { currency, points } = wish;
  const hold = draft.newHold({ currency, points, lapsesAt, orderId: null }, parts);
  draft.move("hold", parts, "available", "held");
  return { ok: true, body: holdEvent("hold.placed", draft, program, hold) };
}

/** Redeems all or part of a hold and releases the rest. Refuses: capture_exceeds_hold. The hold must be open. */
export function decideCapture(
  state: MemberState,
  program: CompiledProgram,
  hold: HoldRecord,
  points: number | null,
  now: number,
): Decision {
  const captured = points ?? hold.points;
  if (captured > hold.points) return refuse("capture_exceeds_hold", "points", { held: hold.points });
  const draft = new Draft(state, now);
  captureHold(draft, hold, captured);
  const closed: HoldRecord = { ...hold, state: "captured", capturedPoints: captured };
  return { ok: true, body: holdEvent("hold.captured", draft, program, closed) };
}

/** Releases a hold. The hold must be open. */
export function decideVoid(state: MemberState, program: CompiledProgram, hold: HoldRecord, now: number): Decision {
  const draft = new Draft(state, now);
  captureHold(draft, hold, 0);
  return { ok: true, body: holdEvent("hold.voided", draft, program, { ...hold, state: "voided" }) };
}

/** Redeems the first `points` of a hold and releases the rest; returns the parts that were redeemed. */
export function captureHold(draft: Draft, hold: HoldRecord, points: number): readonly LotPart[] {
  const captured: LotPart[] = [];
  const released: LotPart[] = [];
  let left = points;
  for (const { lot, points: held } of partsOf(draft, hold)) {
    const part = Math.min(held, left);
    left -= part;
    if (part > 0) captured.push({ lot, points: part });
    if (held > part) released.push({ lot, points: held - part });
  }
  draft.move("redeem", captured, "held", "redeemed");
  draft.move("release", released, "held", "available");
  expireReturned(draft, released);
  return captured;
}

/** The parts of a hold with the facts of their lots. */
export function partsOf(draft: Draft, hold: HoldRecord): readonly LotPart[] {
  return hold.parts.map(({ lot, points }) => {
    const open = draft.lot(lot);
    if (open === undefined) throw new Error(`hold ${hold.id} names lot ${lot}, which is not open`);
    return { lot: open.lot, points };
  });
}

/** The refusal when `parts` do not add up to `points`, or null. */
export function shortage(parts: readonly LotPart[], points: number, field: string): Decision | null {
  const found = parts.reduce((sum, part) => sum + part.points, 0);
  return found === points ? null : refuse("insufficient_points", field, { available: found, requested: points });
}

function holdEvent(
  kind: "hold.placed" | "hold.captured" | "hold.voided",
  draft: Draft,
  program: CompiledProgram,
  hold: HoldRecord,
): EventBody {
  const balances = draft.balances(program.currencies.keys());
  return { kind, hold, transactions: draft.transactions, lots: draft.lots, balances };
}
