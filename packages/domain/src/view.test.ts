// Balances at a moment, as a caller sees them.
import { expect, test } from "vitest";
import { MemoryLedger } from "./memory-ledger.ts";
import { availableAt, balancesAt, publicBalance } from "./view.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;

test("a currency that the member never had is listed with zeros", () => {
  const ledger = makeLedger();
  expect(balancesAt(ledger.state, NOW, ["points", "coins"])).toEqual([
    { currency: "points", available: 0, pending: 0, held: 0, expiringNext: null },
    { currency: "coins", available: 0, pending: 0, held: 0, expiringNext: null },
  ]);
  expect(availableAt(ledger.state, "points", NOW)).toBe(0);
});

test("what ends next is the sum of all lots that end at the same instant", () => {
  const ledger = makeLedger();
  give(ledger, 10, NOW);
  give(ledger, 5, NOW);
  give(ledger, 7, NOW + DAY_MS);
  const [now] = balancesAt(ledger.state, NOW, []);
  expect(publicBalance(now!)).toMatchObject({
    available: 22,
    expiringNext: { points: 15, at: "2026-03-11T04:00:00.000Z" },
  });
  const [later] = balancesAt(ledger.state, NOW + 10 * DAY_MS, []);
  expect(publicBalance(later!)).toMatchObject({
    available: 7,
    expiringNext: { points: 7, at: "2026-03-12T04:00:00.000Z" },
  });
  const [end] = balancesAt(ledger.state, NOW + 11 * DAY_MS, []);
  expect(publicBalance(end!)).toMatchObject({ available: 0, expiringNext: null });
});

test("what a void gives back is next to end in the answer to the void itself", () => {
  const ledger = makeLedger();
  give(ledger, 10, NOW);
  ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 10, ttlSeconds: 60 } }, NOW);
  const voided = ledger.call({ do: "void", version: 1, holdId: "hld_3_0" }, NOW);
  expect("event" in voided && "balances" in voided.event.body && voided.event.body.balances).toEqual([
    { currency: "points", available: 10, pending: 0, held: 0, expiringNext: { points: 10, at: NOW + 10 * DAY_MS } },
  ]);
});

function makeLedger() {
  return new MemoryLedger([{ currencies: [{ id: "points", expiry: { type: "rolling", days: 10 } }] }], NOW);
}

function give(ledger: MemoryLedger, points: number, at: number) {
  ledger.call({ do: "adjust", version: 1, wish: { currency: "points", points, reason: "test", storeId: null } }, at);
}
