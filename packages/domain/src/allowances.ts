// Tills without network: an allowance is a hold that orders draw on, part by part, until it is used up or over.
import type { AllowanceHold } from "@regulars/contracts/acts-tills";
import type { EventBody } from "@regulars/contracts/events";
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import { CLOCK_TOLERANCE_SECONDS } from "@regulars/contracts/limits";
import type { OrderCommand, RedeemWish } from "@regulars/contracts/rpc";
import { Draft } from "./draft.ts";
import { captureHold, partsOf, shortage } from "./holds.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import type { Redeemed } from "./tender.ts";

export interface AllowanceWish {
  readonly currency: string;
  readonly points: number;
  readonly storeId: string;
  /** Unix ms: orders may be placed until then, and arrive until `settleUntil`. */
  readonly spendUntil: number;
  readonly settleUntil: number;
}

/** Sets points aside for a till. Refuses: currency_unknown, redeem_not_allowed, insufficient_points. */
export function decideAllowance(
  state: MemberState,
  program: CompiledProgram,
  wish: AllowanceWish,
  now: number,
): Decision {
  const { currency, points, storeId, spendUntil, settleUntil } = wish;
  const rule = program.currencies.get(currency);
  if (rule === undefined) return refuse("currency_unknown", "currency", { currency });
  // A network's coins are not in this object, so nothing of them can be set aside here.
  if (!program.tenders.has(currency) || rule.network !== undefined) {
    return refuse("redeem_not_allowed", "currency", { currency });
  }
  const draft = new Draft(state, now);
  const parts = draft.allocate(currency, points);
  const short = shortage(parts, points, "points");
  if (short !== null) return short;
  const held = draft.newHold({ currency, points, lapsesAt: settleUntil, orderId: null }, parts);
  draft.move("hold", parts, "available", "held");
  const hold = { ...held, allowance: { storeId, spendUntil, issuedAt: now } };
  return { ok: true, body: allowanceEvent("hold.placed", draft, program, hold) };
}

/** Gives back what is left of an open allowance. It ends as captured when orders have drawn on it, otherwise as voided. */
export function decideAllowanceRelease(
  state: MemberState,
  program: CompiledProgram,
  hold: HoldRecord,
  now: number,
): Decision {
  const draft = new Draft(state, now);
  captureHold(draft, hold, 0);
  const kind = hold.capturedPoints > 0 ? "hold.captured" : "hold.voided";
  const closed: HoldRecord = { ...hold, state: hold.capturedPoints > 0 ? "captured" : "voided", parts: [] };
  return { ok: true, body: allowanceEvent(kind, draft, program, closed) };
}

export interface Drawn {
  readonly ok: true;
  readonly parts: readonly LotPart[];
  readonly closed: readonly HoldRecord[];
  /** The allowance with what is left of it. */
  readonly placed: readonly HoldRecord[];
  /** Wishes that the balance must pay. */
  readonly rest: readonly Redeemed[];
}

/**
 * Takes the wishes of an offline order from its allowance, and from nothing else: the till could see no balance, so what is
 * beyond the allowance is refused. Without an allowance the balance pays everything. Refuses: allowance_not_found,
 * allowance_store_mismatch, allowance_over, allowance_exceeded.
 */
export function drawAllowance(
  draft: Draft,
  state: MemberState,
  wanted: OrderCommand,
  redeemed: readonly Redeemed[],
): Drawn | Refused {
  const { allowanceId, storeId, placedAt } = wanted;
  const nothing = { ok: true as const, parts: [], closed: [], placed: [] };
  if (allowanceId === undefined) return { ...nothing, rest: redeemed };
  if (redeemed.length === 0 && (wanted.redeem ?? []).length === 0) return { ...nothing, rest: [] };
  const hold = state.holds.get(allowanceId);
  if (hold?.allowance === undefined) return refuse("allowance_not_found", "allowanceId");
  const { allowance } = hold;
  if (allowance.storeId !== storeId) {
    return refuse("allowance_store_mismatch", "storeId", { storeId: allowance.storeId });
  }
  if (placedAt > allowance.spendUntil + CLOCK_TOLERANCE_SECONDS * 1000) {
    return refuse("allowance_over", "placedAt", { spendUntil: new Date(allowance.spendUntil).toISOString() });
  }
  const left = leftOf(hold);
  // What was said now, or else what had been said when the order was authorized.
  const wishes: readonly RedeemWish[] = wanted.redeem ?? redeemed;
  const place = wishes.findIndex((wish) => wish.wallet !== undefined || wish.currency !== hold.currency);
  if (place >= 0) return refuse("allowance_exceeded", `redeem[${place}].points`, { left: 0 });
  const points = redeemed.reduce((sum, wish) => sum + wish.points, 0);
  if (points > left) return refuse("allowance_exceeded", "redeem[0].points", { left });
  const { drawn, parts } = drawParts(draft, hold, points);
  const capturedPoints = hold.capturedPoints + points;
  const after: HoldRecord = { ...hold, capturedPoints, parts };
  return points === left
    ? { ...nothing, parts: drawn, closed: [{ ...after, state: "captured" }], rest: [] }
    : { ...nothing, parts: drawn, placed: [after], rest: [] };
}

/** Points that orders can still draw on an open hold. */
export function leftOf(hold: HoldRecord): number {
  return hold.parts.reduce((sum, part) => sum + part.points, 0);
}

/** Whether a hold is a till's allowance. */
export const isAllowance = (hold: HoldRecord): hold is AllowanceHold => hold.allowance !== undefined;

function drawParts(draft: Draft, hold: HoldRecord, points: number) {
  const drawn: LotPart[] = [];
  const parts: HoldRecord["parts"][number][] = [];
  let open = points;
  for (const { lot, points: held } of partsOf(draft, hold)) {
    const part = Math.min(held, open);
    open -= part;
    if (part > 0) drawn.push({ lot, points: part });
    if (held > part) parts.push({ lot: lot.id, points: held - part });
  }
  draft.move("redeem", drawn, "held", "redeemed");
  return { drawn, parts };
}

function allowanceEvent(
  kind: "hold.placed" | "hold.captured" | "hold.voided",
  draft: Draft,
  program: CompiledProgram,
  hold: HoldRecord,
): EventBody {
  return { kind, hold, ...draft.body(program.currencies.keys()) };
}
