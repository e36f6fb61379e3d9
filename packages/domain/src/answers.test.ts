// Answers are made from events alone: each shape, and its refusal to speak of another kind of event.
import { expect, test } from "vitest";
import { orderAnswer as orderShape, refundAnswer as refundShape } from "@regulars/contracts/orders";
import { adjustAnswer as adjustShape, holdAnswer as holdShape, statementLine } from "@regulars/contracts/points";
import { adjustAnswer, holdAnswer, orderAnswer, refundAnswer, statementLines } from "./answers.ts";
import { makeOrder, MemoryLedger } from "./memory-ledger.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");

const ledger = new MemoryLedger(
  [
    {
      currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }],
      earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
      tender: { currency: "points", valuePerPoint: 100 },
    },
  ],
  NOW,
);
const enrolled = ledger.events[0]!;
const adjusted = written({
  do: "adjust",
  version: 1,
  wish: { currency: "points", points: 100, reason: "sorry", storeId: "s1" },
});
const held = written({ do: "hold", version: 1, wish: { currency: "points", points: 10, ttlSeconds: 60 } });
const paid = written({
  do: "order",
  version: 1,
  order: makeOrder(NOW, { redeem: [{ currency: "points", points: 60 }] }),
});
const refunded = written({
  do: "refund",
  version: 1,
  refund: { orderId: "A", refundId: "7", lines: [{ lineId: "1", quantity: 1 }] },
});
const cancelled = written({ do: "order", version: 1, order: makeOrder(NOW, { state: "cancelled" }) });

test("answers have the shapes of the contract", () => {
  const answer = orderAnswer(paid);
  const texts = answer.earned.map((one) => ({ ...one, why: "text of the edge" }));
  expect(orderShape.parse({ ...answer, order: { ...answer.order, memberId: MEMBER }, earned: texts })).toBeTruthy();
  const refund = refundAnswer(refunded);
  expect(refundShape.parse({ ...refund, refund: { ...refund.refund, memberId: MEMBER } })).toBeTruthy();
  expect(adjustShape.parse(adjustAnswer(adjusted))).toBeTruthy();
  expect(holdShape.parse(holdAnswer(held))).toBeTruthy();
  for (const line of ledger.events.flatMap(statementLines)) expect(statementLine.parse(line)).toEqual(line);
});

test("an order tells what it earned from which lot, until when, and what is left of it after refunds", () => {
  expect(orderAnswer(paid).earned).toEqual([
    expect.objectContaining({ points: 31, rule: "base", lot: "lot_4_0", expiresAt: "2027-03-01T04:00:00.000Z" }),
  ]);
  expect(orderAnswer(refunded).earned).toEqual([expect.objectContaining({ points: 15 })]);
  expect(orderAnswer(refunded).order.lines[0]).toMatchObject({ quantity: 2, refundedQuantity: 1 });
  expect(orderAnswer(cancelled)).toMatchObject({ earned: [], redeemed: [], order: { state: "cancelled" } });
});

test("a refund tells money, points taken back by rule, and points returned", () => {
  expect(refundAnswer(refunded)).toMatchObject({
    refund: { refundId: "7", orderId: "A", amount: 15_750 },
    reversed: [{ currency: "points", points: 16, rule: "base" }],
    restored: [{ currency: "points", points: 30 }],
  });
});

test("an answer to one kind of event is never made from another", () => {
  expect(() => orderAnswer(adjusted)).toThrow("not about an order");
  expect(() => refundAnswer(paid)).toThrow("not a refund");
  expect(() => adjustAnswer(paid)).toThrow("not an adjustment");
  expect(() => holdAnswer(enrolled)).toThrow("not about a hold");
  expect(statementLines(enrolled)).toEqual([]);
});

test("a statement shows the newest first, each line with its order, rule, lot and balance", () => {
  expect(statementLines(paid).map(({ id, kind, orderId, rule }) => [id, kind, orderId, rule])).toEqual([
    ["txn_4_1", "earn", "A", "base"],
    ["txn_4_0", "redeem", "A", null],
  ]);
  expect(statementLines(adjusted)[0]).toMatchObject({ reason: "sorry", storeId: "s1", lot: "lot_2_0", orderId: null });
});

const MEMBER = `mbr_${"0".repeat(26)}`;

function written(call: Parameters<MemoryLedger["call"]>[0]) {
  const outcome = ledger.call(call, NOW);
  if ("refused" in outcome) throw new Error(outcome.refused);
  return outcome.event;
}
