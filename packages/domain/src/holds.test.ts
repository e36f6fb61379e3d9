// Holds: points set aside once, resolved once, and nothing of them lost.
import { expect, test } from "vitest";
import { MemoryLedger } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;

test("a held point cannot be spent twice", () => {
  const ledger = makeLedger();
  hold(ledger, 60);
  expect(hold(ledger, 41)).toEqual({ refused: "insufficient_points" });
  expect(take(ledger, 41)).toEqual({ refused: "insufficient_points" });
  expect(take(ledger, 40)).toHaveProperty("event");
});

test("what is captured and what is released add up to what was held", () => {
  const ledger = makeLedger();
  hold(ledger, 60);
  resolve(ledger, 25);
  expect(statementText(ledger).slice(1)).toEqual([
    "hold: available -60, held +60 = 40/0/60",
    "redeem: held -25 = 40/0/35",
    "release: available +35, held -35 = 75/0/0",
  ]);
});

test.each([
  ["captured", (ledger: MemoryLedger) => resolve(ledger, null), "hold_already_captured"],
  ["voided", (ledger: MemoryLedger) => void_(ledger), "hold_already_voided"],
  ["lapsed", (ledger: MemoryLedger) => ledger.passTime(NOW + 60_000), "hold_lapsed"],
] as const)("a hold that is %s cannot be captured or voided again", (_, how, code) => {
  const ledger = makeLedger();
  hold(ledger, 60);
  how(ledger);
  expect([resolve(ledger, 1, NOW + 60_000), void_(ledger, NOW + 60_000)]).toEqual([
    { refused: code },
    { refused: code },
  ]);
});

test("a hold lapses at its instant: a capture just before still counts", () => {
  const early = makeLedger();
  hold(early, 60);
  expect(resolve(early, null, NOW + 59_999)).toHaveProperty("event");
  const late = makeLedger();
  hold(late, 60);
  expect(resolve(late, null, NOW + 60_000)).toEqual({ refused: "hold_lapsed" });
});

test("no more can be captured than is held", () => {
  const ledger = makeLedger();
  hold(ledger, 60);
  expect(resolve(ledger, 61)).toEqual({ refused: "capture_exceeds_hold" });
  expect(ledger.state.holds.size).toBe(1);
});

test("a hold keeps its points beyond their expiry; what it releases then is gone", () => {
  const ledger = makeLedger();
  hold(ledger, 60, 20 * 86_400);
  resolve(ledger, 25, NOW + 15 * DAY_MS);
  expect(statementText(ledger).slice(2)).toEqual([
    "expire: available -40 = 0/0/60",
    "redeem: held -25 = 0/0/35",
    "release: available +35, held -35 = 35/0/0",
    "expire: available -35 = 0/0/0",
  ]);
});

test("a hold takes first what ends first", () => {
  const ledger = makeLedger();
  ledger.call(
    { do: "adjust", version: 2, wish: { currency: "points", points: 10, reason: "gift", storeId: null } },
    NOW,
  );
  hold(ledger, 15);
  expect([...ledger.state.holds.values()][0]!.parts).toEqual([
    { lot: "lot_3_0", points: 10 },
    { lot: "lot_2_0", points: 5 },
  ]);
});

test("the hold of an order is the order's alone", () => {
  const ledger = makeLedger();
  expect(resolve(ledger, null)).toEqual({ refused: "hold_not_found" });
  expect(ledger.call({ do: "hold", version: 1, wish: { currency: "stars", points: 1, ttlSeconds: 1 } }, NOW)).toEqual({
    refused: "currency_unknown",
  });
});

/** 100 points that end in ten days; under version 2 they would end in five. */
function makeLedger() {
  const programs = [10, 5].map((days) => ({
    currencies: [{ id: "points", expiry: { type: "rolling" as const, days } }],
  }));
  const ledger = new MemoryLedger(programs, NOW);
  take(ledger, -100);
  return ledger;
}

function take(ledger: MemoryLedger, points: number) {
  return ledger.call(
    { do: "adjust", version: 1, wish: { currency: "points", points: -points, reason: "test", storeId: null } },
    NOW,
  );
}

function hold(ledger: MemoryLedger, points: number, ttlSeconds = 60) {
  return ledger.call({ do: "hold", version: 1, wish: { currency: "points", points, ttlSeconds } }, NOW);
}

const resolve = (ledger: MemoryLedger, points: number | null, now = NOW) =>
  ledger.call({ do: "capture", version: 1, holdId: "hld_3_0", points }, now);

const void_ = (ledger: MemoryLedger, now = NOW) => ledger.call({ do: "void", version: 1, holdId: "hld_3_0" }, now);
