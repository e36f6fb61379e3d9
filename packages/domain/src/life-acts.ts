// What people and events do to the life of points: ends put off, expired points given back, deliveries that were waited for.
import type { LifeActs } from "@regulars/contracts/acts-life";
import type { Lot } from "@regulars/contracts/events";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { LotPart } from "@regulars/contracts/events-transfers";
import type { Account, Entry } from "@regulars/contracts/points";
import { addLocalDays } from "./calendar.ts";
import { Draft, side } from "./draft.ts";
import { expireReturned } from "./expiry.ts";
import { refuse, type Decision } from "./refuse.ts";
import type { MemberState, OpenLot } from "./state.ts";

/** One event tells each lot whole; 300 of them stay below a Queue message of 128 KB. */
export const LOTS_PUT_OFF_MAX = 300;

interface When {
  readonly now: number;
  readonly timeZone: string;
}

/** Puts off the end of points that would end before a time: pending and held ones too. Refuses: nothing_to_extend, too_many_items. */
export function decideExtension(
  state: MemberState,
  { currency, endsBefore, days, reason }: LifeActs["points.extend"]["ask"],
  { now, timeZone }: When,
): Decision {
  const ending = [...state.lots.values()].filter(
    ({ lot }) => lot.currency === currency && lot.expiresAt !== null && lot.expiresAt < endsBefore,
  );
  if (ending.length === 0) return refuse("nothing_to_extend", "endsBefore");
  if (ending.length > LOTS_PUT_OFF_MAX) return refuse("too_many_items", "endsBefore", { limit: LOTS_PUT_OFF_MAX });
  const draft = new Draft(state, now);
  for (const { lot } of ending) {
    const from = Math.max(lot.expiresAt ?? now, now);
    draft.putOff(endingAt(lot, addLocalDays(from, days, timeZone)));
  }
  draft.post("extend", ending.flatMap(extended));
  const points = ending.reduce((sum, { available, pending, held }) => sum + available + pending + held, 0);
  return { ok: true, body: { kind: "points.extended", reason, points, ...draft.body([]) } };
}

/** Points of lots that have expired and may be given back, with the lots as they were. */
export type Expired = readonly LotPart[];

/** Gives expired points back into their own lots, which live so many days from now. Refuses: nothing_to_reinstate, too_many_items. */
export function decideReinstatement(
  state: MemberState,
  { days, reason }: Pick<LifeActs["points.reinstate"]["ask"], "days" | "reason">,
  expired: Expired,
  { now, timeZone }: When,
): Decision {
  if (expired.length === 0) return refuse("nothing_to_reinstate", "endedAfter");
  if (expired.length > LOTS_PUT_OFF_MAX) return refuse("too_many_items", "endedAfter", { limit: LOTS_PUT_OFF_MAX });
  const draft = new Draft(state, now);
  const expiresAt = addLocalDays(now, days, timeZone);
  const parts = expired.map(({ lot, points }) => ({ lot: endingAt(lot, expiresAt), points }));
  for (const { lot } of parts) draft.putOff(lot);
  draft.move("restore", parts, "expired", "available");
  const points = parts.reduce((sum, part) => sum + part.points, 0);
  return { ok: true, body: { kind: "points.reinstated", reason, points, ...draft.body([]) } };
}

/** Points that waited for an order's delivery become available. Refuses: order_state_conflict for one that is not paid. */
export function decideDelivery(state: MemberState, order: OrderRecord, now: number): Decision {
  if (order.state === "authorized") return refuse("order_state_conflict", "state", { state: order.state });
  const draft = new Draft(state, now);
  const waiting = [...state.lots.values()].filter(({ lot, pending }) => lot.awaits === order.orderId && pending > 0);
  const parts = waiting.map(({ lot, pending }) => ({ lot, points: pending }));
  draft.move("mature", parts, "pending", "available");
  expireReturned(draft, parts);
  return { ok: true, body: { kind: "points.available", delivered: order.orderId, ...draft.body([]) } };
}

// The end by itself; that of points which follow activity can still be later.
function endingAt(lot: Lot, expiresAt: number): Lot {
  return lot.inactivityDays === undefined ? { ...lot, expiresAt } : { ...lot, expiresAt, ownEnd: expiresAt };
}

// On the statement each account gives and takes the same points of the lot: nothing moves but their end.
function extended({ lot, available, pending, held }: OpenLot): Entry[] {
  const accounts: [Account, number][] = [
    ["available", available],
    ["pending", pending],
    ["held", held],
  ];
  return accounts.flatMap(([account, points]) =>
    points > 0 ? [side(account, lot, -points), side(account, lot, points)] : [],
  );
}
