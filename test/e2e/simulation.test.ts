// A candidate over past orders and on live ones, in the whole running system: figures, one at a time, cancel, crash, shadow.
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import demo from "../../infra/local/demo-program.json" with { type: "json" };
import { makeEnrolled, makeMemberId, makePaid } from "./make-events.ts";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem, type Answer } from "./system.ts";

const system = useSystem();
let owner: pg.Client;
beforeAll(async () => {
  owner = new pg.Client({ connectionString: system.stack.databaseUrl });
  await owner.connect();
});
afterAll(() => owner.end());

/** The demo program with twice the base points: a point is worth NT$1. */
const double = { ...demo, earning: demo.earning.map((rule) => (rule.id === "base" ? { ...rule, points: 2 } : rule)) };
// A Wednesday, so that the weekend's bonus stays out of the figures.
const DAY = "2026-11-18T04:00:00Z";
const WINDOW = { from: "2026-11-18T00:00:00Z", to: "2026-11-19T00:00:00Z" };

async function start(program: object, more: object = {}, key = uniqueId("sim")): Promise<Answer> {
  return system.call("POST", "/manage/v1/simulations", { program, ...WINDOW, ...more }, { idempotencyKey: key });
}

async function result(id: string): Promise<Answer["body"]> {
  return vi.waitFor(
    async () => {
      const { body } = await system.call("GET", `/manage/v1/simulations/${id}`);
      if (body.state === "running" || body.state === undefined) throw new Error(JSON.stringify(body));
      return body;
    },
    { timeout: 120_000, interval: 200 },
  );
}

describe("two members and three orders", () => {
  const members: string[] = [];
  beforeAll(async () => {
    for (const prices of [[37_500, 12_000], [9_900]]) {
      const memberId = await system.makeMember({ testTime: "2026-11-17T04:00:00Z" });
      members.push(memberId);
      for (const unitPrice of prices) {
        const lines = [{ lineId: "1", sku: "tea", quantity: 1, unitPrice }];
        const order = makeOrder(memberId, { placedAt: DAY, lines });
        const answer = await system.call("PUT", `/v1/orders/${uniqueId("o")}`, order, { testTime: DAY });
        expect(answer.status).toBe(200);
      }
    }
    expect(await reconcileUntilEqual(system, 30)).toEqual([]);
  });

  test("a candidate with twice the points gives twice, and says who gains", async () => {
    const started = await start(double);
    expect(started).toMatchObject({ status: 201 });
    const done = await result(started.body.id);
    expect(done).toMatchObject({ state: "done", error: null, progress: { orders: 3, ordersTotal: 3 } });
    expect(done.result).toMatchObject({ members: 2, orders: 3, ordersDiffering: 3, membersFailed: 0, refused: [] });
    const points = done.result.currencies.find(({ currency }: { currency: string }) => currency === "points");
    expect(points).toMatchObject({
      now: { given: 58, outstanding: 58, cost: 5800, liability: 5800 },
      candidate: { given: 116, outstanding: 116, cost: 11_600, liability: 11_600 },
      members: { gain: 2, lose: 0, same: 0, loseMost: [] },
    });
    expect(points.members.gainMost).toEqual([
      { memberId: members[0], now: 49, candidate: 98, difference: 49 },
      { memberId: members[1], now: 9, candidate: 18, difference: 9 },
    ]);
    expect(points.members.deciles).toEqual([9, 9, 9, 9, 9, 49, 49, 49, 49, 49, 49]);
    expect(done.result.rules).toContainEqual({ rule: "base", currency: "points", now: 58, candidate: 116 });
    expect(done.result.examples).toHaveLength(2);
    expect(done.result.examples[0]).toMatchObject({
      memberId: members[0],
      difference: 37,
      now: { earned: [{ rule: "base", points: 37 }, { rule: "stamp" }] },
      candidate: { earned: [{ rule: "base", points: 74 }, { rule: "stamp" }] },
    });
  });

  test("the program in force as its own candidate changes nothing", async () => {
    const { body } = await start(demo);
    const { result: same } = await result(body.id);
    expect(same.ordersDiffering).toBe(0);
    for (const { now, candidate } of same.currencies) expect(candidate).toEqual(now);
  });

  test("the same key gives the same run, and another request under it is refused", async () => {
    const key = uniqueId("same");
    const first = await start(double, {}, key);
    expect((await start(double, {}, key)).body).toEqual(first.body);
    expect(await start(demo, {}, key)).toMatchObject({ status: 422, body: { code: "idempotency_key_reused" } });
    await result(first.body.id);
    expect((await start(double, {}, key)).body).toEqual(first.body);
  });
});

test("a candidate that makes no sense is refused, and a check tells all that is wrong with it", async () => {
  const broken = { ...demo, earning: [{ ...demo.earning[0], currency: "nothing", when: "order.nett > 1" }] };
  const refused = await start(broken);
  expect(refused.status).toBe(422);
  expect(refused.body).toMatchObject({ code: "currency_unknown", field: "program.earning[0].currency" });
  const check = (program: unknown) => system.call("POST", "/manage/v1/program/check", { program });
  expect((await check(broken)).body.problems.map(({ code, field }: never) => `${code} ${field}`)).toEqual([
    "currency_unknown earning[0].currency",
    "invalid_condition earning[0].when",
  ]);
  expect((await check({ currencies: "none" })).body.problems).toMatchObject([
    { code: "wrong_type", field: "currencies" },
  ]);
  expect((await check(double)).body).toEqual({ problems: [] });
  expect((await system.call("GET", "/manage/v1/program")).body.version).toBe(1);
});

test("what is not there is not found", async () => {
  const nowhere = await system.call("GET", "/manage/v1/simulations/sim_00000000000000000000");
  expect(nowhere).toMatchObject({ status: 404, body: { code: "simulation_not_found" } });
});

describe("a run over 3,000 members", () => {
  const MEMBERS = 3000;
  const FROM = Date.UTC(2025, 2, 1, 4);
  const window = { from: new Date(FROM).toISOString(), to: new Date(FROM + 86_400_000).toISOString() };

  // Straight into PostgreSQL: a simulation reads nothing else.
  beforeAll(async () => {
    for (let first = 0; first < MEMBERS; first += 500) {
      const events = Array.from({ length: 500 }, (_, index) => pastOf(first + index)).flat();
      await owner.query("begin");
      await owner.query("select set_config('app.tenant_id', $1, true)", [system.stack.tenantId]);
      await owner.query("select project_events($1, '[]')", [events.map((event) => JSON.stringify(event)).join("\n")]);
      await owner.query("commit");
    }
  });

  function pastOf(number: number) {
    const options = { memberId: makeMemberId(100_000 + number), at: FROM + number };
    const price = 10_000 + (number % 97) * 1000;
    const line = (lineId: string) => ({
      lineId,
      sku: "tea",
      category: null,
      quantity: 1,
      unitPrice: price,
      discount: 0,
    });
    return [
      makeEnrolled({ ...options, sequence: 1 }),
      ...[2, 3, 4].map((sequence) =>
        makePaid({
          ...options,
          sequence,
          orderId: `o-${number}-${sequence}`,
          points: price / 1000,
          lines: [line("1")],
          placedAt: FROM,
        }),
      ),
    ].map(({ tenantId: _tenant, member: _member, ...event }) => event);
  }

  test("killed again and again it ends as it does undisturbed", async () => {
    const calm = await start(double, window);
    const undisturbed = await result(calm.body.id);
    expect(undisturbed.result).toMatchObject({ members: MEMBERS, orders: MEMBERS * 3, membersFailed: 0 });
    const started = await start(double, window);
    const seen: number[] = [];
    for (let kill = 0; kill < 5; kill += 1) {
      const { body } = await vi.waitFor(
        async () => {
          const answer = await system.call("GET", `/manage/v1/simulations/${started.body.id}`);
          if (!(answer.body.progress?.orders > (seen.at(-1) ?? 0))) throw new Error("no progress yet");
          return answer;
        },
        { timeout: 30_000, interval: 5 },
      );
      if (body.state !== "running") break;
      seen.push(body.progress.orders);
      await system.stack.crash();
    }
    const disturbed = await result(started.body.id);
    console.log(`orders done at each kill: ${seen.join(", ")} of ${MEMBERS * 3}`);
    expect(seen.length).toBeGreaterThan(1);
    expect(disturbed.result).toEqual(undisturbed.result);
  });

  test("one runs at a time, and a cancelled one makes room", async () => {
    const { body } = await start(double, window);
    expect(await start(demo, window)).toMatchObject({
      status: 409,
      body: { code: "simulation_running" },
    });
    const cancelled = await system.call("DELETE", `/manage/v1/simulations/${body.id}`);
    expect(cancelled).toMatchObject({ status: 200, body: { state: "cancelled", result: null } });
    const next = await start(demo, { ...window, sample: 0.1 });
    expect(next.status).toBe(201);
    const sampled = await result(next.body.id);
    expect(sampled.state).toBe("done");
    expect(sampled.result.members).toBeGreaterThan(MEMBERS / 20);
    expect(sampled.result.members).toBeLessThan(MEMBERS / 5);
    expect((await system.call("GET", `/manage/v1/simulations/${body.id}`)).body.state).toBe("cancelled");
  });
});

test("a shadow sees each live order once, gives nothing, and reports what it would have given", async () => {
  const begun = await system.call("PUT", "/manage/v1/program/shadow", { program: double });
  expect(begun).toMatchObject({ status: 200, body: { endedAt: null } });
  expect((await system.call("PUT", "/manage/v1/program/shadow", { program: double })).body).toEqual(begun.body);
  // A new isolate has not heard that there was none.
  await system.stack.crash();
  const memberId = await system.makeMember({ testTime: "2026-11-17T04:00:00Z" });
  for (const unitPrice of [37_500, 12_000, 500]) {
    const lines = [{ lineId: "1", sku: "tea", quantity: 1, unitPrice }];
    const order = makeOrder(memberId, { placedAt: DAY, lines });
    expect((await system.call("PUT", `/v1/orders/${uniqueId("s")}`, order, { testTime: DAY })).status).toBe(200);
  }
  const report = () => system.call("GET", "/manage/v1/program/shadow/report?from=2026-11-18&to=2026-11-18");
  await vi.waitFor(async () => expect((await report()).body.orders).toBe(3), { timeout: 60_000, interval: 500 });
  const { body } = await report();
  expect(body).toMatchObject({
    shadow: { id: begun.body.id },
    orders: 3,
    ordersDiffering: 2,
    days: [{ day: "2026-11-18", orders: 3, differing: 2 }],
    rules: [
      { rule: "base", currency: "points", now: 49, candidate: 98, ordersDiffering: 2 },
      { rule: "stamp", currency: "stamps", now: 1, candidate: 1, ordersDiffering: 0 },
    ],
  });
  expect(body.examples).toHaveLength(2);
  expect((await system.call("GET", `/v1/members/${memberId}/balances`)).body.balances).toContainEqual(
    expect.objectContaining({ currency: "points", available: 49 }),
  );
  const ended = await system.call("DELETE", "/manage/v1/program/shadow");
  expect(ended.body.endedAt).not.toBeNull();
  expect((await system.call("GET", "/manage/v1/program/shadow/report?from=2026-11-19")).body.orders).toBe(0);
});
