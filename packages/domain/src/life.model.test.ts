// Points that follow activity under random orders, refunds, extensions and passing time, against a naive rule for their end.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { dayPlus, localDay, startOfLocalDay } from "./calendar.ts";
import { PromiseKeeper } from "./ledger-promises.ts";
import { decideExtension } from "./life-acts.ts";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { writeSnapshot } from "./snapshot.ts";

const START = Date.parse("2026-01-01T04:00:00Z");
const HOUR_MS = 3_600_000;
const IDLE_DAYS = 20;

const program: ProgramInput = {
  currencies: [
    { id: "points", expiry: { type: "inactivity", days: IDLE_DAYS }, noticeDays: [7, 1] },
    { id: "coins", expiry: { type: "rolling", days: 25 } },
  ],
  earning: [
    { id: "base", currency: "points", per: 100, points: 1 },
    { id: "coin", currency: "coins", per: 500, points: 1 },
  ],
  tender: { currency: "points", valuePerPoint: 10 },
};

const steps = fc.array(
  fc.record({
    hours: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 60 }) }, fc.integer({ min: 100, max: 900 })),
    late: fc.constantFrom(0, 0, 30, 300),
    net: fc.integer({ min: 0, max: 3_000 }),
    redeem: fc.constantFrom(0, 0, 0, 4, 20),
    what: fc.constantFrom("order", "order", "order", "order", "refund", "extend", "pass"),
    place: fc.nat(20),
  }),
  { maxLength: 25, size: "max" },
);

class Life {
  readonly ledger = new MemoryLedger([program], START);
  readonly keeper = new PromiseKeeper();
  readonly open: string[] = [];
  now = START;

  live({ hours, late, net, redeem, what, place }: Step): void {
    this.now += hours * HOUR_MS;
    if (what === "order") this.order(net, redeem, late);
    if (what === "refund" && this.open.length > 0) this.refund(this.open.splice(place % this.open.length, 1)[0]!);
    if (what === "extend") this.extend();
    this.ledger.passTime(this.now);
    this.observe();
  }

  order(net: number, redeem: number, late = 0): string | null {
    const orderId = `o${this.ledger.events.length}`;
    const lines = [makeLine({ lineId: "1", quantity: 1, unitPrice: net })];
    const wish = redeem > 0 ? [{ currency: "points", points: redeem }] : null;
    const order = makeOrder(this.now - late * HOUR_MS, { orderId, lines, redeem: wish });
    if ("refused" in this.ledger.call({ do: "order", version: 1, order }, this.now)) return null;
    this.open.push(orderId);
    return orderId;
  }

  refund(orderId: string): void {
    this.ledger.call({ do: "refund", version: 1, refund: { orderId, refundId: "r", lines: null } }, this.now);
  }

  extend(): void {
    const ask = { currency: "points", endsBefore: this.now + 10 * 24 * HOUR_MS, days: 9, reason: "test" };
    this.ledger.decide((state, _, now) => decideExtension(state, ask, { now, timeZone: TIME_ZONE }), this.now);
  }

  observe(): void {
    for (const event of this.ledger.events.slice(this.keeper.folded.sequence)) this.keeper.observe(event);
  }

  /** The end that activity gives, found from the orders themselves. */
  idleEnd(): number {
    const days = [...this.ledger.orders.values()]
      .filter(({ state, lines, returned }) => state === "paid" && lines.some((line) => !returned[line.lineId]))
      .map(({ placedAt }) => localDay(placedAt, TIME_ZONE))
      .sort();
    const last = days.at(-1);
    return last === undefined ? 0 : startOfLocalDay(dayPlus(last, IDLE_DAYS + 1), TIME_ZONE);
  }
}

type Step = typeof steps extends fc.Arbitrary<(infer One)[]> ? One : never;

test("every end is the later of the lot's own and what activity gives, in spending order, and the promises hold", () => {
  let moved = 0;
  fc.assert(
    fc.property(steps, (history) => {
      const life = new Life();
      for (const step of history) {
        life.live(step);
        const { state } = life.ledger;
        for (const { lot } of state.lots.values()) {
          if (lot.inactivityDays === undefined) continue;
          expect(lot.expiresAt).toBe(Math.max(lot.ownEnd ?? 0, life.idleEnd()));
          if (lot.expiresAt !== lot.ownEnd) moved += 1;
        }
        for (const { spendable } of state.currencies.values()) {
          const ends = spendable.map(({ lot }) => lot.expiresAt ?? Infinity);
          expect(ends).toEqual([...ends].sort((one, other) => one - other));
        }
      }
      life.observe();
      expect(writeSnapshot(life.keeper.folded)).toBe(writeSnapshot(life.ledger.state));
    }),
    { numRuns: 1000 },
  );
  expect(moved).toBeGreaterThan(500);
});

test("an order that is refunded at once leaves every lot and every end as it was", () => {
  fc.assert(
    fc.property(steps, fc.integer({ min: 0, max: 3_000 }), fc.integer({ min: 0, max: 30 }), (history, net, redeem) => {
      const life = new Life();
      for (const step of history) life.live(step);
      const before = lotsOf(life);
      const orderId = life.order(net, redeem);
      if (orderId === null) return;
      life.refund(orderId);
      life.observe();
      expect(lotsOf(life)).toEqual(before);
    }),
    { numRuns: 500 },
  );
});

test("how often the clock looks changes no end", () => {
  const looks = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 10 });
  fc.assert(
    fc.property(steps, looks, (history, hours) => {
      const often = new Life();
      const once = new Life();
      for (const step of history) often.live(step);
      for (const step of history) once.live(step);
      for (const step of hours) often.ledger.passTime((often.now += step * HOUR_MS));
      once.ledger.passTime(often.now);
      expect(lotsOf(once)).toEqual(lotsOf(often));
    }),
    { numRuns: 300 },
  );
});

/** What stays of each lot and when it ends, whatever event told of it last. */
function lotsOf({ ledger }: Life): string[] {
  return [...ledger.state.lots.values()]
    .map(({ lot, available, pending, held }) => [lot.id, lot.expiresAt, available, pending, held].join(" "))
    .sort();
}
