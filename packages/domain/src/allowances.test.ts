// Allowances of tills without network, worked out like bank statements, and under random histories.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HoldRecord } from "@regulars/contracts/events-orders";
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { decideAllowance, decideAllowanceRelease, leftOf } from "./allowances.ts";
import { makeLine, makeOrder, MemoryLedger } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const SPEND_UNTIL = NOW + 8 * HOUR_MS;
const SETTLE_UNTIL = SPEND_UNTIL + 7 * DAY_MS;

/** A point for every 10.00 paid, for a year; a point pays 1.00. */
const plain = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }, { id: "stamps" }, { id: "gems" }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: [
    { currency: "points", valuePerPoint: 100 },
    { currency: "stamps", valuePerPoint: 100 },
  ],
} satisfies ProgramInput;

describe("an allowance", () => {
  test("is drawn on by several orders, and what is left returns when it is released", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    expect(offline(ledger, "A", { allowanceId, points: 120 })).toBe(null);
    expect(offline(ledger, "B", { allowanceId, points: 100 })).toBe(null);
    expect(release(ledger, allowanceId)).toBe("released");
    expect(statementText(ledger)).toEqual([
      "adjust: available +500 = 500/0/0",
      "hold: available -300, held +300 = 200/0/300",
      "redeem: held -120 = 200/0/180",
      "redeem: held -100 = 200/0/80",
      "release: available +80, held -80 = 280/0/0",
    ]);
    expect(ledger.state.holds.size).toBe(0);
  });

  test("that is used up is closed by the order that takes its last point", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    offline(ledger, "A", { allowanceId, points: 120 });
    offline(ledger, "B", { allowanceId, points: 180 });
    expect(lastHold(ledger)).toMatchObject({ id: allowanceId, state: "captured", points: 300, capturedPoints: 300 });
    expect(offline(ledger, "C", { allowanceId, points: 1 })).toBe("allowance_not_found");
  });

  test("cannot be exceeded, and the balance does not pay for what is beyond it", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    offline(ledger, "A", { allowanceId, points: 200 });
    expect(offline(ledger, "B", { allowanceId, points: 101 })).toBe("allowance_exceeded");
    expect(offline(ledger, "B", { allowanceId, points: 100 })).toBe(null);
    expect(available(ledger)).toBe(200);
  });

  test("is good in its own store, for orders placed until its end, whenever they arrive", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    expect(offline(ledger, "A", { allowanceId, points: 10, storeId: "s2" })).toBe("allowance_store_mismatch");
    const tooLate = SPEND_UNTIL + 301_000;
    expect(offline(ledger, "A", { allowanceId, points: 10, placedAt: tooLate }, tooLate)).toBe("allowance_over");
    const arrives = SETTLE_UNTIL - 1;
    expect(offline(ledger, "A", { allowanceId, points: 10, placedAt: SPEND_UNTIL }, arrives)).toBe(null);
    expect(ledger.orders.get("A")).toMatchObject({ late: true, allowanceId, placedAt: SPEND_UNTIL });
  });

  test("returns what is left by itself once the orders of the till can no longer come", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    offline(ledger, "A", { allowanceId, points: 120 });
    ledger.passTime(SETTLE_UNTIL - 1);
    expect(available(ledger)).toBe(200);
    ledger.passTime(SETTLE_UNTIL);
    expect(available(ledger)).toBe(380);
    expect(lastHold(ledger)).toMatchObject({ state: "lapsed", points: 300, capturedPoints: 120 });
    expect(offline(ledger, "B", { allowanceId, points: 1, placedAt: NOW }, SETTLE_UNTIL)).toBe("allowance_not_found");
  });

  test("gives points that a refund returns to the member, not back to itself", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    offline(ledger, "A", { allowanceId, points: 300 });
    const refund = { orderId: "A", refundId: "r1", lines: null };
    ledger.call({ do: "refund", version: 1, refund }, NOW + HOUR_MS);
    expect(available(ledger)).toBe(500);
    expect(offline(ledger, "B", { allowanceId, points: 1 })).toBe("allowance_not_found");
  });

  test("is not touched by an order that redeems nothing, which may come at any time", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    expect(offline(ledger, "A", { allowanceId, points: 0 })).toBe(null);
    expect(offline(ledger, "B", { allowanceId, points: 0, placedAt: NOW }, SETTLE_UNTIL + DAY_MS)).toBe(null);
    expect(lastHold(ledger)).toMatchObject({ state: "lapsed", capturedPoints: 0 });
  });

  test("is for points that can pay, and that the member has", () => {
    const ledger = makeLedger(500);
    expect(tryIssue(ledger, 501)).toBe("insufficient_points");
    expect(tryIssue(ledger, 1, "gems")).toBe("redeem_not_allowed");
    expect(tryIssue(ledger, 1, "gold")).toBe("currency_unknown");
  });

  test("is drawn on by paid orders only", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    expect(offline(ledger, "A", { allowanceId, points: 10, state: "authorized" })).toBe("allowance_needs_paid");
  });

  test("pays for its own currency only, also for what an authorized order had wished", () => {
    const ledger = makeLedger(500);
    const allowanceId = issue(ledger, 300);
    const wish = { currency: "stamps", points: 5, reason: "gift", storeId: null };
    ledger.call({ do: "adjust", version: 1, wish }, NOW);
    const order = makeOrder(NOW, { state: "authorized", redeem: [{ currency: "stamps", points: 5 }] });
    expect(ledger.call({ do: "order", version: 1, order }, NOW)).toHaveProperty("event");
    const paid = makeOrder(NOW, { allowanceId });
    expect(ledger.call({ do: "order", version: 1, order: paid }, NOW)).toEqual({ refused: "allowance_exceeded" });
    expect(available(ledger)).toBe(200);
  });

  test("pays with points that end while they are set aside", () => {
    const ledger = makeLedger(500);
    const until = NOW + 365 * DAY_MS;
    const allowanceId = issue(ledger, 300, until - HOUR_MS);
    const wish = { allowanceId, points: 300, placedAt: until };
    expect(offline(ledger, "A", wish, until + HOUR_MS)).toBe(null);
    expect(ledger.state.currencies.get("points")).toMatchObject({ held: 0, debt: 0 });
  });
});

describe("late orders", () => {
  const fiveDays: ProgramInput = { ...plain, currencies: [{ id: "points", expiry: { type: "rolling", days: 5 } }] };
  const richer: ProgramInput = { ...plain, earning: [{ id: "base", currency: "points", per: 1000, points: 3 }] };

  test("are decided by the version in force when they were placed, and marked late", () => {
    const ledger = new MemoryLedger([plain, richer], NOW);
    const order = makeOrder(NOW, { orderId: "A", lines: [makeLine({ quantity: 1, unitPrice: 10_000 })] });
    ledger.call({ do: "order", version: 1, order }, NOW + DAY_MS);
    expect(available(ledger)).toBe(10);
    expect(ledger.orders.get("A")).toMatchObject({ late: true, programVersion: 1 });
  });

  test("earn points that end as if they had come in time, and at once when their time is over", () => {
    const ledger = new MemoryLedger([fiveDays], NOW);
    const lines = [makeLine({ quantity: 1, unitPrice: 10_000 })];
    ledger.call({ do: "order", version: 1, order: makeOrder(NOW, { orderId: "A", lines }) }, NOW + 4 * DAY_MS);
    ledger.call({ do: "order", version: 1, order: makeOrder(NOW, { orderId: "B", lines }) }, NOW + 6 * DAY_MS);
    expect(statementText(ledger)).toEqual([
      "earn: available +10 = 10/0/0",
      "expire: available -10 = 0/0/0",
      "earn: available +10 = 10/0/0",
      "expire: available -10 = 0/0/0",
    ]);
  });
});

describe("whatever tills send", () => {
  const happening = fc.oneof(
    fc.record({ do: fc.constant("order" as const), points: fc.nat(150), allowance: fc.nat(2), hours: fc.nat(30) }),
    fc.record({ do: fc.constant("refund" as const), order: fc.nat(8), units: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ do: fc.constant("cancel" as const), order: fc.nat(8) }),
    fc.record({ do: fc.constant("issue" as const), points: fc.integer({ min: 1, max: 200 }) }),
    fc.record({ do: fc.constant("release" as const), allowance: fc.nat(2) }),
    fc.record({ do: fc.constant("wait" as const), hours: fc.integer({ min: 1, max: 100 }) }),
  );

  test("no allowance is exceeded, every point is in one place, and in the end nothing stays set aside", () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 40 }), (history) => {
        const ledger = makeLedger(600, { type: "never" });
        const allowances: string[] = [];
        const issued = new Map<string, number>();
        const drawn = new Map<string, number>();
        let [now, orders] = [NOW, 0];
        for (const one of history) {
          if (one.do === "wait") now += one.hours * HOUR_MS;
          if (one.do === "issue" && tryIssue(ledger, one.points, "points", now) === null) {
            const { id } = lastHold(ledger);
            allowances.push(id);
            issued.set(id, one.points);
          }
          const chosen = "allowance" in one ? allowances.at(-1 - one.allowance) : undefined;
          if (one.do === "release" && chosen !== undefined) release(ledger, chosen, now);
          if (one.do === "order" && chosen !== undefined) {
            const wish = { allowanceId: chosen, points: one.points, placedAt: now - one.hours * HOUR_MS };
            const refused = offline(ledger, `o${(orders += 1)}`, wish, now);
            if (refused === null) drawn.set(chosen, (drawn.get(chosen) ?? 0) + one.points);
          }
          if (one.do === "refund") {
            const lines = [{ lineId: "1", quantity: one.units }];
            const refund = { orderId: `o${one.order}`, refundId: `r${ledger.state.sequence}`, lines };
            ledger.call({ do: "refund", version: 1, refund }, now);
          }
          const known = one.do === "cancel" ? ledger.orders.get(`o${one.order}`) : undefined;
          if (known !== undefined) {
            const order = makeOrder(known.placedAt, { orderId: known.orderId, state: "cancelled" });
            ledger.call({ do: "order", version: 1, order }, now);
          }
          for (const [id, points] of drawn) expect(points).toBeLessThanOrEqual(issued.get(id) ?? 0);
          expect(spent(ledger) + available(ledger) + held(ledger)).toBe(600);
          for (const hold of ledger.state.holds.values()) {
            expect(leftOf(hold)).toBe((issued.get(hold.id) ?? 0) - (drawn.get(hold.id) ?? 0));
          }
        }
        ledger.passTime(now + 100 * DAY_MS);
        expect([held(ledger), spent(ledger) + available(ledger)]).toEqual([0, 600]);
      }),
      { numRuns: 300 },
    );
  });
});

function makeLedger(
  points: number,
  expiry: NonNullable<ProgramInput["currencies"][number]["expiry"]> = { type: "rolling", days: 365 },
) {
  const currencies = [{ id: "points", expiry }, { id: "stamps" }, { id: "gems" }];
  const ledger = new MemoryLedger([{ ...plain, currencies, earning: [] }], NOW);
  ledger.call({ do: "adjust", version: 1, wish: { currency: "points", points, reason: "gift", storeId: null } }, NOW);
  return ledger;
}

function issue(ledger: MemoryLedger, points: number, now = NOW): string {
  expect(tryIssue(ledger, points, "points", now)).toBe(null);
  return lastHold(ledger).id;
}

function tryIssue(ledger: MemoryLedger, points: number, currency = "points", now = NOW) {
  const spendUntil = now + 8 * HOUR_MS;
  const wish = { currency, points, storeId: "s1", spendUntil, settleUntil: spendUntil + 7 * DAY_MS };
  const outcome = ledger.decide((state, program, at) => decideAllowance(state, program, wish, at), now);
  return "refused" in outcome ? outcome.refused : null;
}

function release(ledger: MemoryLedger, holdId: string, now = NOW): "released" | "closed" {
  const hold = ledger.state.holds.get(holdId);
  ledger.passTime(now);
  if (hold === undefined || !ledger.state.holds.has(holdId)) return "closed";
  ledger.decide((state, program, at) => decideAllowanceRelease(state, program, hold, at), now);
  return "released";
}

interface Offline {
  readonly allowanceId: string;
  readonly points: number;
  readonly placedAt?: number;
  readonly storeId?: string;
  readonly state?: OrderCommand["state"];
}

// Four units at 100.00: enough to pay with what any allowance has.
function offline(ledger: MemoryLedger, orderId: string, wish: Offline, now = NOW) {
  const { allowanceId, points, placedAt = NOW, storeId = "s1", state = "paid" } = wish;
  const redeem = points === 0 ? null : [{ currency: "points", points }];
  const lines = [makeLine({ quantity: 4, unitPrice: 10_000 })];
  const order = makeOrder(placedAt, { orderId, state, storeId, redeem, lines, allowanceId });
  const outcome = ledger.call({ do: "order", version: 1, order }, now);
  return "refused" in outcome ? outcome.refused : null;
}

function lastHold({ events }: MemoryLedger): HoldRecord {
  for (const { body } of events.toReversed()) {
    if ("hold" in body) return body.hold;
    if ("closedHolds" in body && body.closedHolds[0] !== undefined) return body.closedHolds[0];
  }
  throw new Error("no hold");
}

const available = ({ state }: MemoryLedger) => state.currencies.get("points")?.available ?? 0;
const held = ({ state }: MemoryLedger) => state.currencies.get("points")?.held ?? 0;

function spent({ orders }: MemoryLedger): number {
  const spends = [...orders.values()].flatMap((order) => order.spends);
  return spends.reduce((sum, { points, restored }) => sum + points - restored, 0);
}
