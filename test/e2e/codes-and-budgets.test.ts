// A budget that many members want at once, through the whole system and across a crash; and a million codes made at once.
import { beforeAll, expect, test } from "vitest";
import { makeOrder, uniqueId, useSystem, type Answer } from "./system.ts";

/** 10,000 and a million points with BUDGET_MEMBERS=10000, which takes minutes; the same fight with fewer by default. */
const MEMBERS = Number(process.env["BUDGET_MEMBERS"] ?? 400);
/** More is wanted than there is: every order would give 150 of 100 a member. */
const POINTS_EACH = 150;
const BUDGET = MEMBERS * 100;
const AT_ONCE = 200;

const system = useSystem();

const program = (budget: string) => ({
  currencies: [{ id: "points" }],
  earning: [{ id: budget, currency: "points", type: "fixed", points: POINTS_EACH, budget: { points: BUDGET } }],
  rewards: [{ id: "off", name: { "zh-TW": "折抵" }, benefit: { type: "amountOff", amount: 1000 } }],
  codes: [{ id: "flyer", reward: "off", type: "unique" }],
});

const publish = async (budget: string) => {
  const published = await system.call("PUT", "/manage/v1/program", program(budget));
  expect(published.status).toBe(200);
};

/** Runs calls with some hundred open at once. */
async function runAll<Item>(items: readonly Item[], call: (item: Item) => Promise<void>) {
  const queue = [...items];
  const worker = async () => {
    for (let item = queue.pop(); item !== undefined; item = queue.pop()) await call(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

const members: string[] = [];

beforeAll(async () => {
  await runAll(
    Array.from({ length: MEMBERS }, (_, index) => index),
    async () => {
      members.push(await system.makeMember());
    },
  );
}, 900_000);

const pointsIn = (answer: Answer): number =>
  answer.body.earned.reduce((sum: number, { points }: { points: number }) => sum + points, 0);

test(`${MEMBERS} members at once are given exactly the ${BUDGET} points there are`, async () => {
  await publish("fought");
  let sum = 0;
  const since = performance.now();
  await runAll(members, async (memberId) => {
    const answer = await system.call("PUT", `/v1/orders/${uniqueId("fought")}`, makeOrder(memberId));
    expect(answer.status).toBe(200);
    sum += pointsIn(answer);
  });
  console.log(`${MEMBERS} orders under one budget in ${Math.round(performance.now() - since)} ms`);
  expect(sum).toBe(BUDGET);
}, 900_000);

test("a crash in the middle loses no point of a budget and gives none twice", async () => {
  await publish("crashed");
  const orders = members.map((memberId) => ({ path: `/v1/orders/${uniqueId("crashed")}`, body: makeOrder(memberId) }));
  const given = new Map<string, number>();
  const put = async ({ path, body }: (typeof orders)[number]) => {
    const answer = await system.call("PUT", path, body).catch(() => null);
    if (answer?.status === 200) given.set(path, pointsIn(answer));
  };
  const first = runAll(orders, put);
  await new Promise((resolve) => setTimeout(resolve, 500));
  await system.stack.crash();
  await first;
  const before = new Map(given);
  for (let round = 0; given.size < orders.length && round < 20; round += 1) {
    await runAll(
      orders.filter(({ path }) => !given.has(path)),
      put,
    );
  }
  // Asked again, every order answers what it answered.
  await runAll(orders, put);
  for (const [path, points] of before) expect(given.get(path)).toBe(points);
  expect([...given.values()].reduce((sum, points) => sum + points, 0)).toBe(BUDGET);
}, 900_000);

test("a million codes are made at once, read to the last, used once and voided", async () => {
  const batchOf = (key: string) =>
    system.call("POST", "/manage/v1/code-batches", { campaign: "flyer", count: 1_000_000 }, { idempotencyKey: key });
  const key = uniqueId("batch");
  const since = performance.now();
  const made = await batchOf(key);
  expect(made).toMatchObject({ status: 201, body: { campaign: "flyer", count: 1_000_000 } });
  const madeMs = Math.round(performance.now() - since);
  const { id } = made.body;
  expect((await batchOf(key)).body).toEqual(made.body);
  const file = await system.call("GET", `/manage/v1/code-batches/${id}/codes.csv`);
  console.log(`1,000,000 codes: made in ${madeMs} ms, downloaded by ${Math.round(performance.now() - since)} ms`);
  const codes = String(file.body)
    .trim()
    .split("\r\n")
    .slice(1)
    .map((row) => row.split(",")[1] ?? "");
  expect(codes).toHaveLength(1_000_000);
  expect(new Set(codes).size).toBe(1_000_000);
  const page = await system.call("GET", `/manage/v1/code-batches/${id}/codes?from=999000&limit=1000`);
  expect(page.body).toMatchObject({ made: 1_000_000, count: 1_000_000, nextFrom: null });
  expect(page.body.codes.at(-1)).toEqual({ number: 999_999, code: codes[999_999] });

  const [one = "", other = "", third = ""] = codes.slice(500_000);
  const pay = (code: string) =>
    system.call("PUT", `/v1/orders/${uniqueId("code")}`, makeOrder(members[0] ?? "", { codes: [code] }));
  expect(await pay(one)).toMatchObject({ status: 200, body: { order: { payable: 36_000 } } });
  const voided = await system.call("POST", `/manage/v1/code-batches/${id}/voids`, { codes: [other, one, "NONE"] });
  expect(voided.body.codes.map(({ state }: { state: string }) => state)).toEqual(["voided", "used", "unknown"]);
  for (const code of [one, other])
    expect(await pay(code)).toMatchObject({ status: 422, body: { code: "code_not_usable" } });
  expect(await pay(third)).toMatchObject({ status: 200 });
  const usage = await system.call("GET", `/manage/v1/code-batches/${id}`);
  expect(usage.body).toMatchObject({ used: 2, reserved: 0, voided: 1 });
}, 900_000);
