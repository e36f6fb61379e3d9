// Many requests at once under a loyalty program: one key has one effect, and stock, budget and allowance are never exceeded.
import { beforeAll, expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem, type Answer, type Request } from "./system.ts";

const system = useSystem();
const STOCK = 10;
const BUDGET = 1_000;
/** The last order of the budget gets a part: the whole is no multiple of it. */
const LUCKY = 7;

const program = {
  currencies: [{ id: "points" }],
  earning: [
    { id: "review", currency: "points", on: "review", type: "fixed", points: 20 },
    { id: "lucky", currency: "points", type: "fixed", points: LUCKY, channels: ["app"], budget: { points: BUDGET } },
  ],
  tender: { currency: "points", valuePerPoint: 100 },
  tiers: {
    levels: [
      { id: "basic" },
      {
        id: "gold",
        any: [{ spend: 100_000_000 }],
        benefits: { entitlements: [{ id: "ride", name: "機場接送", perYear: 60 }] },
      },
    ],
  },
  rewards: [
    { id: "mug", cost: 5 },
    { id: "last-mug", cost: 5, stock: STOCK },
  ].map(({ cost, ...reward }) => ({
    ...reward,
    name: { "zh-TW": "杯" },
    benefit: { type: "gift", sku: "MUG" },
    cost: { currency: "points", points: cost },
  })),
  sharing: { transfers: [{ currency: "points" }] },
};

beforeAll(async () => {
  expect((await system.call("PUT", "/manage/v1/program", program)).body).toMatchObject({ version: expect.any(Number) });
});

const times = <Value>(count: number, make: (index: number) => Promise<Value>) =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

/** 50 equal requests: the one answer that all of them got. */
async function fifty(path: string, body: object, request: Request = { idempotencyKey: uniqueId("same") }) {
  const answers = await times(50, () => system.call("POST", path, body, request));
  expect(new Set(answers.map((answer) => `${answer.status}${JSON.stringify(answer.body)}`)).size).toBe(1);
  const [answer] = answers as [Answer];
  expect(answer.status, JSON.stringify(answer.body)).toBeLessThan(300);
  return answer.body;
}

async function makeRich(points: number): Promise<string> {
  const memberId = await system.makeMember();
  const body = { currency: "points", points, reason: "start" };
  const request = { idempotencyKey: uniqueId("start") };
  expect((await system.call("POST", `/v1/members/${memberId}/adjustments`, body, request)).status).toBe(201);
  return memberId;
}

async function pointsOf(memberId: string) {
  const { body } = await system.call("GET", `/v1/members/${memberId}/balances`);
  return body.balances.find(({ currency }: { currency: string }) => currency === "points");
}

test("50 equal purchases buy one voucher", async () => {
  const memberId = await makeRich(100);
  const { voucher } = await fifty(`/v1/members/${memberId}/rewards/mug/purchases`, {});
  const { body } = await system.call("GET", `/v1/members/${memberId}/vouchers?all=true`);
  expect(body.vouchers.map(({ id }: { id: string }) => id)).toEqual([voucher.id]);
  expect(await pointsOf(memberId)).toMatchObject({ available: 95 });
});

test("50 equal transfers arrive once", async () => {
  const [sender, receiver] = [await makeRich(100), await makeRich(1)];
  await fifty(`/v1/members/${sender}/transfers`, { to: { id: receiver }, currency: "points", points: 30 });
  await expect.poll(async () => (await pointsOf(receiver)).available, { timeout: 10_000 }).toBe(31);
  expect(await pointsOf(sender)).toMatchObject({ available: 70 });
});

test("50 equal events give points once", async () => {
  const memberId = await makeRich(1);
  const event = { type: "review", key: "r1", data: { stars: 5 } };
  await fifty(`/v1/members/${memberId}/events`, event, {});
  expect(await pointsOf(memberId)).toMatchObject({ available: 21 });
});

test("50 equal allowances set points aside once, under one token", async () => {
  const memberId = await makeRich(100);
  const wish = { currency: "points", points: 60, storeId: "taipei-xinyi", ttlSeconds: 3600 };
  await fifty(`/v1/members/${memberId}/allowances`, wish);
  expect(await pointsOf(memberId)).toMatchObject({ available: 40, held: 60 });
});

test("50 equal settings of a tier set it once, and 50 equal uses of what it entitles to are one", async () => {
  const memberId = await makeRich(1);
  const set = await fifty(`/v1/members/${memberId}/tier`, { tier: "gold", reason: "thanks" });
  expect(set).toMatchObject({ tier: "gold", fixed: true });
  const path = `/v1/members/${memberId}/entitlements/ride/uses`;
  expect(await fifty(path, {})).toMatchObject({ left: 59 });
  const tier = await system.call("GET", `/v1/members/${memberId}/tier`);
  expect(tier.body).toMatchObject({
    tier: "gold",
    entitlements: [{ id: "ride", left: 59 }],
    sequence: set.sequence + 1,
  });
  const uses = await times(70, () => system.call("POST", path, {}, { idempotencyKey: uniqueId("ride") }));
  expect(uses.filter(({ status }) => status === 201)).toHaveLength(59);
  expect(uses.filter(({ body }) => body.code === "entitlement_used_up")).toHaveLength(11);
});

test(`${STOCK} pieces go to ${STOCK} of 30 members`, async () => {
  const members = await times(30, () => makeRich(5));
  const buy = (memberId: string) =>
    system.call("POST", `/v1/members/${memberId}/rewards/last-mug/purchases`, {}, { idempotencyKey: uniqueId("mug") });
  const answers = await Promise.all(members.map(buy));
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(STOCK);
  expect(answers.filter(({ body }) => body.code === "reward_out_of_stock")).toHaveLength(30 - STOCK);
  const left = await Promise.all(members.map(async (memberId) => (await pointsOf(memberId)).available));
  expect(left).toEqual(answers.map(({ status }) => (status === 201 ? 0 : 5)));
});

test(`200 small orders share a budget of ${BUDGET} points to the last one`, async () => {
  const members = await times(20, () => makeRich(1));
  const answers = await times(200, (index) => {
    const order = makeOrder(members[index % members.length] ?? "", { channel: "app" });
    return system.call("PUT", `/v1/orders/${uniqueId("lucky")}`, order);
  });
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const given = answers.flatMap(({ body }) => body.earned.map(({ points }: { points: number }) => points));
  expect(given.reduce((sum, points) => sum + points, 0)).toBe(BUDGET);
  const budget = await system.call("GET", "/manage/v1/budgets/rule/lucky");
  expect(budget.body).toMatchObject({ total: BUDGET, given: BUDGET });
  const balances = await Promise.all(members.map(async (memberId) => (await pointsOf(memberId)).available));
  expect(balances.reduce((sum, points) => sum + points, 0)).toBe(BUDGET + members.length);
});

test("20 orders at once never draw more of an allowance than it has", async () => {
  const memberId = await makeRich(1_000);
  const wish = { currency: "points", points: 100, storeId: "taipei-xinyi", ttlSeconds: 3600 };
  const request = { idempotencyKey: uniqueId("till") };
  const { body } = await system.call("POST", `/v1/members/${memberId}/allowances`, wish, request);
  const allowanceId = body.allowance.id;
  const redeem = [{ currency: "points", points: 15 }];
  const answers = await times(20, () =>
    system.call("PUT", `/v1/orders/${uniqueId("offline")}`, makeOrder(memberId, { redeem, allowanceId })),
  );
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(6);
  expect(new Set(answers.filter(({ status }) => status !== 200).map(({ status }) => status))).toEqual(new Set([409]));
  const path = `/v1/members/${memberId}/allowances/${allowanceId}`;
  expect((await system.call("GET", path)).body.allowance).toMatchObject({ points: 100, spentPoints: 90 });
  expect(await pointsOf(memberId)).toMatchObject({ available: 900, held: 10 });
});

test("PostgreSQL agrees with every member afterwards", async () => {
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
});
