// What a member has at a moment: balances as they would be once time has done its work, without moving anything.
import type { StoredBalance } from "@regulars/contracts/events";
import type { Balance } from "@regulars/contracts/points";
import { Draft } from "./draft.ts";
import { nextDueAt } from "./settle.ts";
import type { CurrencyState, MemberState } from "./state.ts";

/** Balances at `now` of every currency that the member or `listed` has. */
export function balancesAt(state: MemberState, now: number, listed: Iterable<string>): StoredBalance[] {
  if (nextDueAt(state) > now) return new Draft(state, now).balances(listed);
  const ids = new Set([...listed, ...state.currencies.keys()]);
  return [...ids].map((id) => figuresAt(state, id, now));
}

/** Points of a currency that can be spent at `now`. */
export function availableAt(state: MemberState, currency: string, now: number): number {
  if (nextDueAt(state) > now) return state.currencies.get(currency)?.available ?? 0;
  return figuresAt(state, currency, now).available;
}

/** A stored balance in the public shape. */
export function publicBalance({ expiringNext, ...figures }: StoredBalance): Balance {
  const next = expiringNext && { points: expiringNext.points, at: new Date(expiringNext.at).toISOString() };
  return { ...figures, expiringNext: next };
}

function figuresAt(state: MemberState, id: string, now: number): StoredBalance {
  const currency = state.currencies.get(id);
  let available = 0 - (currency?.debt ?? 0);
  let pending = 0;
  let held = 0;
  const ending = new Map<number, number>();
  for (const [lotId, points] of currency === undefined ? [] : spendableThen(state, id, currency, now)) {
    const expiresAt = state.lots.get(lotId)?.lot.expiresAt ?? null;
    if (expiresAt !== null && expiresAt <= now) continue;
    available += points;
    if (expiresAt !== null) ending.set(expiresAt, (ending.get(expiresAt) ?? 0) + points);
  }
  for (const open of currency?.maturing ?? []) if (open.lot.availableAt > now) pending += open.pending;
  for (const hold of state.holds.values()) if (hold.currency === id && hold.lapsesAt > now) held += hold.points;
  const at = Math.min(...ending.keys());
  return { currency: id, available, pending, held, expiringNext: soonest(at, ending.get(at)) };
}

const soonest = (at: number, points: number | undefined) => (points === undefined ? null : { at, points });

// Points by lot that are available at `now`: those that are, those that have matured, and those whose hold has lapsed.
function spendableThen(state: MemberState, id: string, currency: CurrencyState, now: number): Map<string, number> {
  const points = new Map<string, number>();
  const add = (lot: string, more: number) => points.set(lot, (points.get(lot) ?? 0) + more);
  for (const open of currency.spendable) add(open.lot.id, open.available);
  for (const open of currency.maturing) if (open.lot.availableAt <= now) add(open.lot.id, open.pending);
  for (const hold of state.holds.values()) {
    if (hold.currency === id && hold.lapsesAt <= now) for (const part of hold.parts) add(part.lot, part.points);
  }
  return points;
}
