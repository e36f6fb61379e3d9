// Refunds, worked out by hand like bank statements: available/pending/held after each movement.
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { makeLine, makeOrder, MemoryLedger } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;

/** A point for every 10.00 paid, for a year; a point pays 1.00. */
const plain = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: { currency: "points", valuePerPoint: 100 },
} satisfies ProgramInput;

const meal = [
  makeLine({ lineId: "a", quantity: 1, unitPrice: 12_000 }),
  makeLine({ lineId: "b", quantity: 1, unitPrice: 8000 }),
];

test("a partial refund of a discounted line takes back what those units earned", () => {
  const ledger = new MemoryLedger([plain], NOW);
  pay(ledger, { lines: [makeLine({ lineId: "a", quantity: 3, unitPrice: 10_000, discount: 5000 })] });
  const amounts = [refund(ledger, { a: 1 }), refund(ledger, { a: 1 }), refund(ledger, { a: 1 })];
  expect(amounts).toEqual([8333, 8333, 8334]);
  expect(statementText(ledger)).toEqual([
    "earn: available +25 = 25/0/0",
    "reverse: available -9 = 16/0/0",
    "reverse: available -8 = 8/0/0",
    "reverse: available -8 = 0/0/0",
  ]);
});

test("points that paid return in proportion to the lines that come back, and money for the rest", () => {
  const ledger = new MemoryLedger([plain], NOW);
  give(ledger, 100);
  pay(ledger, { lines: meal, redeem: [{ currency: "points", points: 50 }] });
  const amounts = [refund(ledger, { b: 1 }), refund(ledger, null)];
  expect(amounts).toEqual([6000, 9000]);
  expect(statementText(ledger)).toEqual([
    "adjust: available +100 = 100/0/0",
    "redeem: available -50 = 50/0/0",
    "earn: available +15 = 65/0/0",
    "restore: available +20 = 85/0/0",
    "reverse: available -6 = 79/0/0",
    "restore: available +30 = 109/0/0",
    "reverse: available -9 = 100/0/0",
  ]);
});

test("a refund never asks for money, even when a small line would bring a point back", () => {
  const ledger = new MemoryLedger([{ ...plain, tender: { currency: "points", valuePerPoint: 1000 } }], NOW);
  give(ledger, 3);
  const lines = [
    makeLine({ lineId: "a", quantity: 1, unitPrice: 3330 }),
    makeLine({ lineId: "b", quantity: 1, unitPrice: 10 }),
    makeLine({ lineId: "c", quantity: 1, unitPrice: 6660 }),
  ];
  pay(ledger, { lines, redeem: [{ currency: "points", points: 3 }] });
  expect([refund(ledger, { a: 1 }), refund(ledger, { b: 1 }), refund(ledger, { c: 1 })]).toEqual([3330, 10, 3660]);
  expect(balance(ledger)).toBe(3);
});

test("the last units bring back the last points and the last money", () => {
  const ledger = new MemoryLedger([{ ...plain, tender: { currency: "points", valuePerPoint: 9 } }], NOW);
  give(ledger, 100);
  pay(ledger, {
    lines: [makeLine({ lineId: "a", quantity: 7, unitPrice: 143, discount: 101 })],
    redeem: [{ currency: "points", points: 100 }],
  });
  let amount = 0;
  for (let unit = 0; unit < 7; unit += 1) amount += refund(ledger, { a: 1 });
  expect([amount, balance(ledger)]).toEqual([0, 100]);
});

test("points return to the lots they came from, the longest lived first, with their own expiry", () => {
  const ledger = new MemoryLedger([plain], NOW);
  give(ledger, 30, NOW);
  give(ledger, 70, NOW + DAY_MS);
  pay(ledger, { lines: meal, placedAt: NOW + DAY_MS, redeem: [{ currency: "points", points: 50 }] }, NOW + DAY_MS);
  expect(lots(ledger)).toEqual([
    [50, 366],
    [15, 366],
  ]);
  refund(ledger, { b: 1 }, NOW + DAY_MS);
  expect(lots(ledger)).toEqual([
    [70, 366],
    [9, 366],
  ]);
  refund(ledger, null, NOW + DAY_MS);
  expect(lots(ledger)).toEqual([
    [30, 365],
    [70, 366],
  ]);
});

test("points that return to a lot whose time is over end at once", () => {
  const ledger = new MemoryLedger([plain], NOW);
  give(ledger, 100);
  pay(
    ledger,
    { lines: meal, placedAt: NOW + 300 * DAY_MS, redeem: [{ currency: "points", points: 50 }] },
    NOW + 300 * DAY_MS,
  );
  refund(ledger, null, NOW + 400 * DAY_MS);
  expect(statementText(ledger)).toEqual([
    "adjust: available +100 = 100/0/0",
    "redeem: available -50 = 50/0/0",
    "earn: available +15 = 65/0/0",
    "expire: available -50 = 15/0/0",
    "restore: available +50 = 65/0/0",
    "expire: available -50 = 15/0/0",
    "reverse: available -15 = 0/0/0",
  ]);
});

test("what has expired is gone already: a refund does not take it twice", () => {
  const ledger = new MemoryLedger([plain], NOW);
  pay(ledger, { lines: meal });
  refund(ledger, { b: 1 });
  const late = NOW + 400 * DAY_MS;
  give(ledger, 40, late);
  expect(refund(ledger, { a: 1 }, late)).toBe(12_000);
  expect(statementText(ledger)).toEqual([
    "earn: available +20 = 20/0/0",
    "reverse: available -8 = 12/0/0",
    "expire: available -12 = 0/0/0",
    "adjust: available +40 = 40/0/0",
  ]);
});

test("what was spent before a part expired is owed, what expired is not", () => {
  const ledger = new MemoryLedger([plain], NOW);
  pay(ledger, { lines: meal });
  take(ledger, 5);
  refund(ledger, null, NOW + 400 * DAY_MS);
  expect(statementText(ledger)).toEqual([
    "earn: available +20 = 20/0/0",
    "adjust: available -5 = 15/0/0",
    "expire: available -15 = 0/0/0",
    "reverse: available -5 = -5/0/0",
  ]);
});

test("points that were spent already become a debt, which the next points pay", () => {
  const ledger = new MemoryLedger([plain], NOW);
  pay(ledger, { lines: meal });
  take(ledger, 20);
  refund(ledger, null);
  expect(ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 1, ttlSeconds: 60 } }, NOW)).toEqual(
    {
      refused: "insufficient_points",
    },
  );
  pay(ledger, { orderId: "B" });
  expect(statementText(ledger)).toEqual([
    "earn: available +20 = 20/0/0",
    "adjust: available -20 = 0/0/0",
    "reverse: available -20 = -20/0/0",
    "earn: available +37 = 17/0/0",
  ]);
  expect(lots(ledger)).toEqual([[17, 365]]);
});

test("a policy without debt forgives what is not there", () => {
  const ledger = new MemoryLedger([{ ...plain, refund: { debt: "clampToBalance" } }], NOW);
  pay(ledger, { lines: meal });
  take(ledger, 15);
  refund(ledger, null);
  pay(ledger, { orderId: "B" });
  expect(statementText(ledger)).toEqual([
    "earn: available +20 = 20/0/0",
    "adjust: available -15 = 5/0/0",
    "reverse: available -5 = 0/0/0",
    "earn: available +37 = 37/0/0",
  ]);
});

test("points returned by the same refund cover what it takes back, also when their lot was held otherwise", () => {
  const ledger = new MemoryLedger([plain], NOW);
  give(ledger, 100);
  pay(ledger, { lines: meal, redeem: [{ currency: "points", points: 50 }] });
  ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 65, ttlSeconds: 60 } }, NOW);
  refund(ledger, null);
  expect(statementText(ledger).slice(3)).toEqual([
    "hold: available -65, held +65 = 0/0/65",
    "restore: available +50 = 50/0/65",
    "reverse: available -15 = 35/0/65",
  ]);
  expect(ledger.state.currencies.get("points")?.debt).toBe(0);
});

test("points that are still pending are taken from what is pending", () => {
  const ledger = new MemoryLedger([{ ...plain, currencies: [{ id: "points", pendingDays: 14 }] }], NOW);
  give(ledger, 10);
  pay(ledger, { lines: meal });
  refund(ledger, { b: 1 }, NOW + DAY_MS);
  refund(ledger, { a: 1 }, NOW + 20 * DAY_MS);
  expect(statementText(ledger)).toEqual([
    "adjust: available +10 = 10/0/0",
    "earn: pending +20 = 10/20/0",
    "reverse: pending -8 = 10/12/0",
    "mature: available +12, pending -12 = 22/0/0",
    "reverse: available -12 = 10/0/0",
  ]);
});

test("a condition that the smaller basket no longer meets takes back all of its points", () => {
  const earning = [
    { id: "big", currency: "points", per: 1000, points: 1, when: "order.quantity >= 3" },
    { id: "small", currency: "points", per: 1000, points: 5, when: "order.quantity <= 2" },
  ];
  const ledger = new MemoryLedger([{ ...plain, earning }], NOW);
  pay(ledger, { lines: [makeLine({ lineId: "a", quantity: 3, unitPrice: 10_000 })] });
  refund(ledger, { a: 1 });
  expect(statementText(ledger)).toEqual(["earn: available +30 = 30/0/0", "reverse: available -30 = 0/0/0"]);
});

test("a condition that favours a smaller basket gives nothing back of what was taken", () => {
  const earning = [{ id: "odd", currency: "points", per: 1000, points: 1, when: "order.quantity != 2" }];
  const ledger = new MemoryLedger([{ ...plain, earning }], NOW);
  pay(ledger, { lines: [makeLine({ lineId: "a", quantity: 3, unitPrice: 10_000 })] });
  for (let unit = 0; unit < 3; unit += 1) refund(ledger, { a: 1 });
  expect(statementText(ledger)).toEqual(["earn: available +30 = 30/0/0", "reverse: available -30 = 0/0/0"]);
});

test("a refund after the rule was changed, and after it was deleted, takes back what those lines earned", () => {
  const changed = { ...plain, earning: [{ ...plain.earning[0]!, per: 10, points: 99 }] };
  const ledger = new MemoryLedger([plain, changed, { ...plain, earning: [] }], NOW);
  pay(ledger, { lines: meal });
  refund(ledger, { b: 1 }, NOW, 2);
  refund(ledger, { a: 1 }, NOW, 3);
  expect(statementText(ledger)).toEqual([
    "earn: available +20 = 20/0/0",
    "reverse: available -8 = 12/0/0",
    "reverse: available -12 = 0/0/0",
  ]);
});

test("fixed expiry at the end of next year, a point for every 10 dollars: the remainder is dropped both ways", () => {
  const expiry = { type: "fixed", monthDay: "12-31", yearsAhead: 1 } as const;
  const ledger = new MemoryLedger([{ ...plain, currencies: [{ id: "points", expiry }] }], NOW);
  pay(ledger, {
    lines: [
      makeLine({ lineId: "a", quantity: 1, unitPrice: 19_900 }),
      makeLine({ lineId: "b", quantity: 1, unitPrice: 9_990 }),
    ],
  });
  refund(ledger, { b: 1 });
  ledger.passTime(Date.parse("2027-12-31T15:59:59Z"));
  ledger.passTime(Date.parse("2027-12-31T16:00:00Z"));
  expect(statementText(ledger)).toEqual([
    "earn: available +29 = 29/0/0",
    "reverse: available -10 = 19/0/0",
    "expire: available -19 = 0/0/0",
  ]);
});

test("what an order spent of a cancelled hold and what it earned both go back when it is cancelled", () => {
  const ledger = new MemoryLedger([plain], NOW);
  give(ledger, 60);
  const order = makeOrder(NOW, { lines: meal, redeem: [{ currency: "points", points: 50 }] });
  ledger.call({ do: "order", version: 1, order: { ...order, state: "authorized" } }, NOW);
  ledger.call({ do: "order", version: 1, order }, NOW);
  ledger.call({ do: "order", version: 1, order: { ...order, state: "cancelled" } }, NOW);
  expect(statementText(ledger)).toEqual([
    "adjust: available +60 = 60/0/0",
    "hold: available -50, held +50 = 10/0/50",
    "redeem: held -50 = 10/0/0",
    "earn: available +15 = 25/0/0",
    "restore: available +50 = 75/0/0",
    "reverse: available -15 = 60/0/0",
  ]);
  expect(lots(ledger)).toEqual([[60, 365]]);
});

test.each([
  ["an order nobody knows", "Z", { a: 1 }, "order_not_found"],
  ["a line that the order does not have", "A", { z: 1 }, "line_unknown"],
  ["more units than there were", "A", { a: 2 }, "refund_exceeds_order"],
] as const)("a refund of %s is refused", (_, orderId, lines, code) => {
  const ledger = new MemoryLedger([plain], NOW);
  pay(ledger, { lines: meal });
  const parts = Object.entries(lines).map(([lineId, quantity]) => ({ lineId, quantity }));
  expect(ledger.call({ do: "refund", version: 1, refund: { orderId, refundId: "1", lines: parts } }, NOW)).toEqual({
    refused: code,
  });
});

test("what came back cannot come back again, and what was only authorized or cancelled cannot come back at all", () => {
  const ledger = new MemoryLedger([plain], NOW);
  const again = (orderId: string) =>
    ledger.call({ do: "refund", version: 1, refund: { orderId, refundId: "9", lines: null } }, NOW);
  pay(ledger, { lines: meal });
  refund(ledger, null);
  expect(again("A")).toEqual({ refused: "nothing_to_refund" });
  ledger.call({ do: "order", version: 1, order: makeOrder(NOW, { orderId: "B", state: "authorized" }) }, NOW);
  expect(again("B")).toEqual({ refused: "order_state_conflict" });
  ledger.call({ do: "order", version: 1, order: makeOrder(NOW, { orderId: "B", state: "cancelled" }) }, NOW);
  expect(again("B")).toEqual({ refused: "nothing_to_refund" });
});

function pay(ledger: MemoryLedger, more: Partial<OrderCommand>, now = NOW) {
  const outcome = ledger.call({ do: "order", version: 1, order: makeOrder(now, more) }, now);
  if ("refused" in outcome) throw new Error(outcome.refused);
}

/** Refunds units of lines, or everything that is left; returns the money to give back. */
function refund(ledger: MemoryLedger, units: Record<string, number> | null, now = NOW, version = 1): number {
  const lines = units && Object.entries(units).map(([lineId, quantity]) => ({ lineId, quantity }));
  const outcome = ledger.call({ do: "refund", version, refund: { orderId: "A", refundId: "1", lines } }, now);
  if ("refused" in outcome || outcome.event.body.kind !== "order.refunded") throw new Error("refused");
  return outcome.event.body.refund.amount;
}

function give(ledger: MemoryLedger, points: number, now = NOW) {
  ledger.call({ do: "adjust", version: 1, wish: { currency: "points", points, reason: "gift", storeId: null } }, now);
}

const take = (ledger: MemoryLedger, points: number) => give(ledger, -points);

const balance = (ledger: MemoryLedger) => ledger.state.currencies.get("points")?.available;

/** Points and days of life of each lot that can be spent, in spending order. */
function lots(ledger: MemoryLedger) {
  const { spendable } = ledger.state.currencies.get("points")!;
  return spendable.map(({ lot, available }) => [available, (lot.expiresAt! - NOW) / DAY_MS]);
}
