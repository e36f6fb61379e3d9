// A segment on its way to the checkout: who enters it gets what the program promises its members, until they leave it.
import { expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const system = useSystem();

/** An event reaches PostgreSQL within a second; a run and its queue take a few more on a busy machine. */
const SECONDS_MAX = 90;

const program = {
  currencies: [{ id: "points" }],
  earning: [
    { id: "inside", currency: "points", type: "fixed", points: 50, when: "'big-spenders' in member.segments" },
    { id: "tagged", currency: "points", type: "fixed", points: 20, when: "'big' in member.tags" },
    { id: "vip", currency: "points", type: "fixed", points: 7, when: "'vip' in member.tags" },
    { id: "known", currency: "points", type: "fixed", points: 3, when: "member.stage != '' && member.band != ''" },
    { id: "unknown", currency: "points", type: "fixed", points: 1, when: "member.stage == '' && !member.churnRisk" },
  ],
};

const segment = {
  name: "Big spenders",
  definition: { kind: "orders", measure: "spend", window: { lastDays: 30 }, atLeast: 100_000 },
  atCheckout: true,
  autoTag: { tag: "big", daysAfterLeaving: 0 },
};

test("a member of a segment earns by it at the checkout until they leave it, and tags of people stay", async () => {
  expect((await system.call("PUT", "/manage/v1/program", program)).status).toBe(200);
  const saved = await system.call("PUT", "/manage/v1/segments/big-spenders", segment);
  expect([200, 201]).toContain(saved.status);
  const id = await system.makeMember();
  const labels = await system.call(
    "POST",
    `/v1/members/${id}/labels`,
    { tags: ["vip"] },
    { idempotencyKey: uniqueId("l") },
  );
  expect([labels.status, labels.body.tags]).toEqual([200, ["vip"]]);

  const large = await pay(id, 111_000);
  expect(large.rules).toEqual(["unknown", "vip"]);
  await eventually(id, () => system.stack.cron("segmentation"), ["inside", "known", "tagged", "vip"]);
  const small = await pay(id, 1000);
  expect(small.rules).toEqual(["inside", "known", "tagged", "vip"]);

  await giveBack(large.orderId);
  await eventually(id, run, ["known", "vip"]);
  expect((await pay(id, 1000)).rules).toEqual(["known", "vip"]);

  // What was earned inside goes back whole: the order keeps what was known of the member when it was decided.
  await giveBack(small.orderId);
  const balances = await system.call("GET", `/v1/members/${id}/balances`);
  expect(balances.body.balances).toMatchObject([{ currency: "points", available: 10 }]);
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
});

async function pay(memberId: string, unitPrice: number) {
  const orderId = uniqueId("order");
  const order = makeOrder(memberId, { lines: [{ lineId: "1", sku: "tea", quantity: 1, unitPrice }] });
  const paid = await system.call("PUT", `/v1/orders/${orderId}`, order);
  expect(paid.status).toBe(200);
  return { orderId, rules: rulesOf(paid.body.earned) };
}

async function giveBack(orderId: string) {
  const refund = { refundId: uniqueId("refund"), all: true };
  expect((await system.call("POST", `/v1/orders/${orderId}/refunds`, refund)).status).toBe(200);
}

async function run() {
  const answer = await system.call("POST", "/manage/v1/insights/runs", {});
  expect(answer.status).toBe(200);
}

/** Asks for runs until a quote for the member names these rules. */
async function eventually(memberId: string, ask: () => Promise<void>, rules: readonly string[]) {
  const { state: _paid, ...basket } = makeOrder(memberId);
  let seen: string[] = [];
  for (const until = Date.now() + SECONDS_MAX * 1000; Date.now() < until;) {
    await ask();
    const quote = await system.call("POST", "/v1/checkout/quote", basket);
    expect(quote.status).toBe(200);
    seen = rulesOf(quote.body.earn);
    if (String(seen) === String(rules)) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  expect(seen).toEqual(rules);
}

const rulesOf = (earned: readonly { rule: string }[]) => earned.map(({ rule }) => rule).sort();
