// Orders at checkout: authorized holds, paid captures and earns at once, cancelled gives everything back.
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { makeOrder, MemoryLedger } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const program: ProgramInput = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: { currency: "points", valuePerPoint: 100 },
};
const redeem = (points: number) => [{ currency: "points", points }];

test("an order that pays with points earns on the rest, in one step", () => {
  const ledger = makeLedger(100);
  put(ledger, { redeem: redeem(60) });
  expect(statementText(ledger).slice(1)).toEqual(["redeem: available -60 = 40/0/0", "earn: available +31 = 71/0/0"]);
  expect(ledger.orders.get("A")).toMatchObject({ gross: 37_500, net: 37_500, payable: 31_500 });
});

test("what is held for an order cannot be spent by another", () => {
  const ledger = makeLedger(100);
  put(ledger, { state: "authorized", redeem: redeem(60) });
  expect(put(ledger, { orderId: "B", redeem: redeem(41) })).toBe("insufficient_points");
  expect(put(ledger, { orderId: "B", redeem: redeem(40) })).toBeNull();
});

test.each([
  ["says nothing of points", null, ["redeem: held -60 = 40/0/0", "earn: available +31 = 71/0/0"]],
  [
    "takes fewer",
    redeem(20),
    ["redeem: held -20 = 40/0/40", "release: available +40, held -40 = 80/0/0", "earn: available +35 = 115/0/0"],
  ],
  ["takes none", [], ["release: available +60, held -60 = 100/0/0", "earn: available +37 = 137/0/0"]],
  [
    "takes more",
    redeem(80),
    ["redeem: held -60 = 40/0/0", "redeem: available -20 = 20/0/0", "earn: available +29 = 49/0/0"],
  ],
] as [string, OrderCommand["redeem"], string[]][])(
  "a paid order that was authorized with 60 points and %s",
  (_, wanted, lines) => {
    const ledger = makeLedger(100);
    put(ledger, { state: "authorized", redeem: redeem(60) });
    expect(put(ledger, { redeem: wanted })).toBeNull();
    expect(statementText(ledger).slice(2)).toEqual(lines);
    expect(ledger.state.holds.size).toBe(0);
  },
);

test("a payment that comes after the hold lapsed takes the points again, if they are still there", () => {
  const ledger = makeLedger(100);
  put(ledger, { state: "authorized", redeem: redeem(60) });
  expect(put(ledger, {}, NOW + 900_000)).toBeNull();
  expect(statementText(ledger).slice(2)).toEqual([
    "release: available +60, held -60 = 100/0/0",
    "redeem: available -60 = 40/0/0",
    "earn: available +31 = 71/0/0",
  ]);
});

test("a refused payment leaves the hold as it was", () => {
  const ledger = makeLedger(100);
  put(ledger, { state: "authorized", redeem: redeem(60) });
  expect(put(ledger, { redeem: redeem(101) })).toBe("insufficient_points");
  expect(ledger.state.currencies.get("points")).toMatchObject({ available: 40, held: 60 });
  expect(ledger.state.holds.size).toBe(1);
});

test("a cancelled order gives its held points back, and one that nobody knew is only remembered", () => {
  const ledger = makeLedger(100);
  put(ledger, { state: "authorized", redeem: redeem(60) });
  put(ledger, { state: "cancelled" });
  put(ledger, { orderId: "B", state: "cancelled", redeem: redeem(999) });
  expect(statementText(ledger).slice(2)).toEqual(["release: available +60, held -60 = 100/0/0"]);
  expect(put(ledger, { orderId: "B" })).toBe("order_state_conflict");
});

test.each([
  ["authorized", "authorized"],
  ["paid", "authorized"],
  ["paid", "paid"],
  ["cancelled", "authorized"],
  ["cancelled", "paid"],
  ["cancelled", "cancelled"],
] as const)("an order that is %s cannot become %s", (is, wanted) => {
  const ledger = makeLedger(0);
  put(ledger, { state: is });
  expect(put(ledger, { state: wanted })).toBe("order_state_conflict");
});

test("an order is decided by the version that authorized it, and by what was known of the member then", () => {
  const earning = [{ id: "first", currency: "points", per: 1000, points: 2, when: "member.firstOrder" }];
  const ledger = new MemoryLedger(
    [
      { ...program, earning },
      { ...program, earning: [] },
    ],
    NOW,
  );
  put(ledger, { state: "authorized" });
  put(ledger, { orderId: "B" }, NOW, 2);
  put(ledger, {}, NOW, 2);
  expect(statementText(ledger)).toEqual(["earn: available +74 = 74/0/0"]);
  expect(ledger.orders.get("A")).toMatchObject({ programVersion: 1, facts: { firstOrder: true } });
});

test("points count from when the order was placed: a late upload has less time left, and may have none", () => {
  const ledger = makeLedger(0);
  put(ledger, { placedAt: NOW - 100 * 86_400_000 });
  expect(ledger.state.currencies.get("points")!.spendable[0]!.lot.expiresAt).toBe(NOW + 265 * 86_400_000);
  put(ledger, { orderId: "B", placedAt: NOW - 400 * 86_400_000 });
  expect(statementText(ledger)).toEqual([
    "earn: available +37 = 37/0/0",
    "earn: available +37 = 74/0/0",
    "expire: available -37 = 37/0/0",
  ]);
});

test("a till whose clock runs ahead earns at once all the same", () => {
  const ledger = makeLedger(0);
  put(ledger, { placedAt: NOW + 60_000 });
  expect(statementText(ledger)).toEqual(["earn: available +37 = 37/0/0"]);
});

test("an order that belongs to another member is undone, with its reason, and its ledger is as before", () => {
  const ledger = makeLedger(100);
  const before = JSON.stringify(ledger.state.currencies.get("points"));
  put(ledger, { redeem: redeem(60) });
  ledger.call({ do: "undo", version: 1, orderId: "A" }, NOW);
  expect(ledger.events.at(-1)!.body).toMatchObject({
    kind: "order.undone",
    order: { state: "cancelled", undone: "order_id_conflict" },
  });
  expect(JSON.stringify(ledger.state.currencies.get("points"))).toBe(before);
});

function makeLedger(points: number) {
  const ledger = new MemoryLedger([program], NOW);
  const wish = { currency: "points", points, reason: "gift", storeId: null };
  if (points > 0) ledger.call({ do: "adjust", version: 1, wish }, NOW);
  return ledger;
}

function put(ledger: MemoryLedger, more: Partial<OrderCommand>, now = NOW, version = 1) {
  const outcome = ledger.call({ do: "order", version, order: makeOrder(NOW, more) }, now);
  return "refused" in outcome ? outcome.refused : null;
}
