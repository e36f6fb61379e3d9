// Adjustments by hand: what is given is a lot of its own, what is taken comes from the lots that end first.
import { expect, test } from "vitest";
import { MemoryLedger } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;
const currencies = [{ id: "points", pendingDays: 14, expiry: { type: "rolling" as const, days: 10 } }];

test("points given by hand do not wait, and live as long as earned ones", () => {
  const ledger = new MemoryLedger([{ currencies }], NOW);
  adjust(ledger, 30);
  expect(statementText(ledger)).toEqual(["adjust: available +30 = 30/0/0"]);
  expect(ledger.state.lots.get("lot_2_0")).toMatchObject({
    lot: { expiresAt: NOW + 10 * DAY_MS, rule: null, storeId: "s1" },
  });
});

test("points are taken from the lots that end first, then from the oldest", () => {
  const ledger = new MemoryLedger(
    [
      { currencies },
      { currencies: [{ id: "points" }] },
      { currencies: [{ id: "points", expiry: { type: "rolling", days: 5 } }] },
    ],
    NOW,
  );
  for (const version of [2, 1, 1, 3]) adjust(ledger, 10, version);
  adjust(ledger, -25);
  const left = [...ledger.state.lots.values()].map(({ lot, available }) => [lot.id, available]);
  expect(left).toEqual([
    ["lot_2_0", 10],
    ["lot_4_0", 5],
  ]);
});

test("more than there is cannot be taken, and a unit that the program does not have cannot be moved", () => {
  const ledger = new MemoryLedger([{ currencies }], NOW);
  adjust(ledger, 30);
  expect(adjust(ledger, -31)).toEqual({ refused: "insufficient_points" });
  expect(adjust(ledger, 1, 1, "stars")).toEqual({ refused: "currency_unknown" });
  expect(ledger.events.length).toBe(2);
});

function adjust(ledger: MemoryLedger, points: number, version = 1, currency = "points") {
  return ledger.call({ do: "adjust", version, wish: { currency, points, reason: "test", storeId: "s1" } }, NOW);
}
