// Stamp cards as bank statements: available/pending/held of the stamps after each movement, and the vouchers beside them.
import type { ProgramInput } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { makeLine, makeOrder, MemoryLedger } from "./memory-ledger.ts";
import { statementText } from "./statement-text.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;

/** A stamp a cup; ten of them are a free cup. */
const cafe = {
  currencies: [{ id: "stamps" }],
  earning: [{ id: "cup", currency: "stamps", type: "perItem", per: 1, lines: { skus: ["cup"] } }],
  rewards: [{ id: "free-cup", name: { "zh-TW": "免費一杯" }, benefit: { type: "nextItem", buy: 1, price: 0 } }],
  stampCards: [{ id: "card", currency: "stamps", size: 10, reward: "free-cup" }],
} satisfies ProgramInput;

const cups = (quantity: number) => [makeLine({ lineId: "c", sku: "cup", quantity, unitPrice: 6000 })];

function buy(ledger: MemoryLedger, orderId: string, quantity: number, vouchers: string[] = [], now = NOW) {
  const order = makeOrder(now, { orderId, lines: cups(quantity), vouchers });
  const outcome = ledger.call({ do: "order", version: 1, order }, now);
  if ("refused" in outcome) throw new Error(outcome.refused);
}

function refund(ledger: MemoryLedger, orderId: string, quantity: number, now = NOW): void {
  const refundId = `r${ledger.state.sequence}`;
  const lines = [{ lineId: "c", quantity }];
  const outcome = ledger.call({ do: "refund", version: 1, refund: { orderId, refundId, lines } }, now);
  if ("refused" in outcome) throw new Error(outcome.refused);
}

const held = ({ state }: MemoryLedger) => [...state.vouchers.values()].map(({ id, origin }) => `${id} ${origin.ref}`);
const lotsOf = ({ state }: MemoryLedger) =>
  [...state.lots.values()].map(({ lot, available }) => `${lot.id} ${available}`);

test("ten stamps become a voucher at once, the oldest first; the rest stays on the card", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  buy(ledger, "A", 8);
  buy(ledger, "B", 4);
  expect(statementText(ledger, "stamps")).toEqual([
    "earn: available +8 = 8/0/0",
    "earn: available +4 = 12/0/0",
    "exchange: available -10 = 2/0/0",
  ]);
  expect(held(ledger)).toEqual(["vch_3_0 card"]);
  expect(ledger.orders.get("B")?.grants).toMatchObject([{ kind: "card", spends: [{ points: 8 }, { points: 2 }] }]);
});

test("one order fills several cards", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  buy(ledger, "A", 32);
  expect(held(ledger)).toEqual(["vch_2_0 card", "vch_2_1 card", "vch_2_2 card"]);
  expect(statementText(ledger, "stamps").at(-1)).toBe("exchange: available -10 = 2/0/0");
});

test("a refund that needs the stamps undoes the card while its voucher is unused", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  buy(ledger, "A", 8);
  const before = lotsOf(ledger);
  buy(ledger, "B", 4);
  refund(ledger, "B", 1);
  expect(held(ledger)).toEqual(["vch_3_0 card"]);
  refund(ledger, "B", 3);
  expect(statementText(ledger, "stamps").slice(2)).toEqual([
    "exchange: available -10 = 2/0/0",
    "reverse: available -1 = 1/0/0",
    "exchange: available +10 = 11/0/0",
    "reverse: available -3 = 8/0/0",
  ]);
  expect([held(ledger), lotsOf(ledger)]).toEqual([[], before]);
});

test("several cards of one order are undone one by one, as the stamps are missed", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  buy(ledger, "A", 25);
  const left = [1, 5, 1, 10, 8].map((quantity) => {
    refund(ledger, "A", quantity);
    return `${held(ledger).length} cards, ${ledger.state.currencies.get("stamps")?.available} stamps`;
  });
  expect(left).toEqual([
    "2 cards, 4 stamps",
    "1 cards, 9 stamps",
    "1 cards, 8 stamps",
    "0 cards, 8 stamps",
    "0 cards, 0 stamps",
  ]);
});

test("once the voucher is used, the missing stamps are a debt that the next ones pay", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  buy(ledger, "A", 10);
  buy(ledger, "B", 3, ["vch_2_0"]);
  refund(ledger, "A", 10);
  expect(ledger.orders.get("B")).toMatchObject({ payable: 12_000 });
  expect(statementText(ledger, "stamps")).toEqual([
    "earn: available +10 = 10/0/0",
    "exchange: available -10 = 0/0/0",
    "earn: available +3 = 3/0/0",
    "reverse: available -3 = 0/0/0",
    "reverse: available -7 = -7/0/0",
  ]);
  buy(ledger, "C", 8);
  expect(statementText(ledger, "stamps").at(-1)).toBe("earn: available +8 = 1/0/0");
});

test("a full refund leaves everything as before, also when the stamps have ended in the meantime", () => {
  const ending = { ...cafe, currencies: [{ id: "stamps", expiry: { type: "rolling" as const, days: 30 } }] };
  const ledger = new MemoryLedger([ending], NOW);
  buy(ledger, "A", 12);
  const at = NOW + 40 * DAY_MS;
  ledger.passTime(at);
  refund(ledger, "A", 12, at);
  expect(statementText(ledger, "stamps")).toEqual([
    "earn: available +12 = 12/0/0",
    "exchange: available -10 = 2/0/0",
    "expire: available -2 = 0/0/0",
    "exchange: available +10 = 10/0/0",
    "reverse: available -10 = 0/0/0",
  ]);
  expect([ledger.state.vouchers.size, ledger.state.lots.size]).toEqual([0, 0]);
  expect(ledger.state.currencies.get("stamps")?.debt).toBe(0);
});

test("stamps given by hand fill a card too, and a member with no room for a voucher keeps them", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  const wish = { currency: "stamps", points: 5010, reason: "sorry", storeId: null };
  ledger.call({ do: "adjust", version: 1, wish }, NOW);
  expect(ledger.state.vouchers.size).toBe(500);
  expect(ledger.state.currencies.get("stamps")?.available).toBe(10);
});

test("stamps that wait fill the card when they become available, and a refund undoes that too", () => {
  const waiting = { ...cafe, currencies: [{ id: "stamps", pendingDays: 3 }] };
  const ledger = new MemoryLedger([waiting], NOW);
  buy(ledger, "A", 10);
  ledger.passTime(NOW + 3 * DAY_MS);
  expect(held(ledger)).toEqual(["vch_3_0 card"]);
  refund(ledger, "A", 4, NOW + 4 * DAY_MS);
  expect(statementText(ledger, "stamps")).toEqual([
    "earn: pending +10 = 0/10/0",
    "mature: available +10, pending -10 = 10/0/0",
    "exchange: available -10 = 0/0/0",
    "exchange: available +10 = 10/0/0",
    "reverse: available -4 = 6/0/0",
  ]);
  expect(held(ledger)).toEqual([]);
});

test("the refund of an order whose stamps a later one used up undoes that card", () => {
  const ledger = new MemoryLedger([cafe], NOW);
  buy(ledger, "A", 8);
  buy(ledger, "B", 4);
  refund(ledger, "A", 8);
  expect(held(ledger)).toEqual([]);
  expect(lotsOf(ledger)).toEqual(["lot_3_0 4"]);
  refund(ledger, "B", 4);
  expect(lotsOf(ledger)).toEqual([]);
});

test("a refund opens every card that holds stamps of its own lot, not only as many as bring back enough stamps", () => {
  const words = { "zh-TW": "飲品" };
  const ledger = new MemoryLedger(
    [
      {
        currencies: [{ id: "stamps" }],
        earning: [
          { id: "cup", currency: "stamps", type: "perItem", lines: { categories: ["drink"] } },
          { id: "visit", currency: "stamps", type: "fixed", points: 1 },
        ],
        rewards: [{ id: "free", name: words, benefit: { type: "amountOff", amount: 100 } }],
        stampCards: [{ id: "card", currency: "stamps", size: 4, reward: "free" }],
      },
    ],
    NOW,
  );
  const pay = (orderId: string, quantity: number) => {
    const lines = [makeLine({ category: "drink", quantity })];
    ledger.call({ do: "order", version: 1, order: makeOrder(NOW, { orderId, lines }) }, NOW);
  };
  const stamps = () => [...ledger.state.lots.values()].map(({ lot, available }) => `${lot.rule} ${available}`);
  pay("before", 2);
  expect(stamps()).toEqual(["cup 2", "visit 1"]);
  // 3 + 5 stamps fill two cards; the first holds one of the four of this order, the second the other three.
  pay("A", 4);
  expect([stamps(), ledger.state.vouchers.size]).toEqual([[], 2]);
  ledger.call({ do: "refund", version: 1, refund: { orderId: "A", refundId: "r", lines: null } }, NOW);
  expect([stamps(), ledger.state.vouchers.size]).toEqual([["cup 2", "visit 1"], 0]);
});
