// A member's points as they live, for tests that read like a table: orders by day, what is left of lots, and when they end.
import { localDay, localTime } from "./calendar.ts";
import { makeLine, makeOrder, TIME_ZONE, type MemoryLedger } from "./memory-ledger.ts";
import type { ProgramInput } from "@regulars/contracts/program";
import { noonOf } from "./tier-diary.ts";

export const START = noonOf("2026-01-01");
export const earning: ProgramInput["earning"] = [{ id: "base", currency: "points", per: 100, points: 1 }];
/** Points live 30 days. */
export const rolling: ProgramInput = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 30 } }],
  earning,
};

export function orderOf(orderId: string, day: string, net: number, after = 0, redeem: number | null = null) {
  const lines = [makeLine({ lineId: "1", quantity: 1, unitPrice: net })];
  const wish = redeem === null ? null : [{ currency: "points", points: redeem }];
  return makeOrder(noonOf(day) + after, { orderId, lines, redeem: wish });
}

/** A paid order at noon of a day; returns its id. */
export function buy(ledger: MemoryLedger, day: string, net: number, redeem: number | null = null): string {
  const orderId = `o${ledger.orders.size}`;
  const outcome = ledger.call({ do: "order", version: 1, order: orderOf(orderId, day, net, 0, redeem) }, noonOf(day));
  if ("refused" in outcome) throw new Error(outcome.refused);
  return orderId;
}

/** Everything of an order comes back. */
export function refund(ledger: MemoryLedger, day: string, orderId: string): void {
  const outcome = ledger.call(
    { do: "refund", version: 1, refund: { orderId, refundId: "r", lines: null } },
    noonOf(day),
  );
  if ("refused" in outcome) throw new Error(outcome.refused);
}

export const available = ({ state }: MemoryLedger) => state.currencies.get("points")?.available ?? 0;

export const lots = ({ state }: MemoryLedger) =>
  [...state.lots.values()].map(({ lot, available: left }) => `${lot.id} ${lot.expiresAt} ${left}`).join("\n");

/** The local days on which the lots end, or at whose beginning they have. */
export const endsOf = ({ state }: MemoryLedger) =>
  [...state.lots.values()].map(({ lot }) => localDay(lot.expiresAt ?? 0, TIME_ZONE)).sort();

export const noticesOf = ({ events }: MemoryLedger) =>
  events.flatMap(({ at, body }) =>
    body.kind === "points.expiring" ? [`${localDay(at, TIME_ZONE)}: ${body.points} points in ${body.days} days`] : [],
  );

/** The instant of a local time, found by looking at the clock there. */
export function atLocal(text: string, zone: string): number {
  const asUtc = Date.parse(`${text}:00Z`);
  const { year, month, day, hour, minute } = localTime(asUtc, zone);
  const guess = asUtc + (asUtc - Date.UTC(year, month - 1, day, hour, minute));
  const there = localTime(guess, zone);
  return guess + (asUtc - Date.UTC(there.year, there.month - 1, there.day, there.hour, there.minute));
}
