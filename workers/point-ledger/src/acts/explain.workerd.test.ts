// Explanations of orders, as the member's object gives them long after the checkout.
import { evictDurableObject } from "cloudflare:test";
import type { LedgerExplanation } from "@regulars/contracts/rpc";
import { beforeAll, expect, test } from "vitest";
import {
  makeMember,
  makeOrder,
  NOW,
  type Context,
  publishPrograms,
  refusalOf,
  tenantId,
  valueOf,
  writing,
} from "../make-member.ts";

const currencies = [{ id: "points" }];

beforeAll(async () => {
  await publishPrograms(tenantId, [
    {
      currencies,
      earning: [
        { id: "base", currency: "points", per: 1000, caps: [{ period: "day", points: 50 }] },
        { id: "day8", currency: "points", type: "multiplier", factor: 2, when: "now.day == 8 || order.net > 90000" },
        { id: "first", currency: "points", type: "fixed", points: 100, when: "member.firstOrder" },
      ],
    },
    { currencies, earning: [{ id: "other", currency: "points", per: 1 }] },
  ]);
});

test("why 63? Each rule of the version that decided the order says what it saw, also after refunds and a new version", async () => {
  const { ledger, at } = await makeMember();
  valueOf(await ledger().putOrder(writing(at, "o/A/paid"), makeOrder({ orderId: "A" })));
  const second = valueOf(await ledger().putOrder(writing(at, "o/B/paid"), makeOrder({ orderId: "B" })));
  expect(second.earned.map(({ rule, points }) => `${rule} ${points}`)).toEqual(["base 13"]);
  valueOf(await ledger().refundOrder(writing(at, "o/A/r/1"), { orderId: "A", refundId: "1", lines: null }));
  await evictDurableObject(ledger());
  const later = { ...at, now: NOW + 86_400_000, currentVersion: 2 };
  const { programVersion, rules } = await explained(ledger(), later, "B");
  expect(programVersion).toBe(1);
  expect(rules.map(({ rule, points, reason, saw, cut }) => ({ rule, points, reason, saw, cut }))).toEqual([
    { rule: "base", points: 13, reason: null, saw: {}, cut: { by: "cap", from: 37, to: 13 } },
    { rule: "day8", points: 0, reason: "condition", saw: { "now.day": 1, "order.net": 37_500 }, cut: null },
    { rule: "first", points: 0, reason: "condition", saw: { "member.firstOrder": false }, cut: null },
  ]);
});

test("a quote explains the basket by the same rules as the order that follows it", async () => {
  const { ledger, at } = await makeMember();
  const basket = makeOrder({ orderId: "C" });
  const quote = valueOf(await ledger().quote(at, { ...basket, explain: true }));
  valueOf(await ledger().putOrder(writing(at, "o/C/paid"), basket));
  const order = await explained(ledger(), at, "C");
  expect(quote.explanation).toEqual(order);
  expect(order.rules.map(({ rule, points }) => `${rule} ${points}`)).toEqual(["base 37", "day8 0", "first 100"]);
});

test("an order that is not there is not explained", async () => {
  const { ledger, at } = await makeMember();
  expect(refusalOf(await ledger().look(at, "order.explain", { orderId: "X" }))).toBe("order_not_found");
});

// The stub's type forgets which look was asked; this one answers with an explanation.
async function explained(ledger: Ledger, at: Context, orderId: string): Promise<LedgerExplanation> {
  return valueOf(await ledger.look(at, "order.explain", { orderId })) as LedgerExplanation;
}

type Ledger = ReturnType<Awaited<ReturnType<typeof makeMember>>["ledger"]>;
