// A till without network, events beside orders and a timed game through the public API; answers have the shapes they promise.
import { eventAnswer, eventReversal, gameRound, progress } from "@regulars/contracts/activities";
import { allowanceAnswer, allowanceKeys, issuedAllowance } from "@regulars/contracts/tills";
import { OfflineAllowance, verifyAllowance } from "@regulars/sdk";
import { beforeAll, expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
const MORNING = "2027-07-01T02:00:00Z";
const later = (seconds: number) => new Date(Date.parse(MORNING) + seconds * 1000).toISOString();
const zh = { "accept-language": "zh-TW" };

const program = {
  currencies: [{ id: "points" }],
  earning: [
    { id: "welcome", currency: "points", on: "enrolled", type: "fixed", points: 300 },
    { id: "profile", currency: "points", on: "profile_completed", type: "fixed", perField: { birthday: 30 } },
    { id: "review", currency: "points", on: "review", type: "fixed", points: 20, caps: [{ period: "day", times: 2 }] },
    { id: "score", currency: "points", on: "game_score", per: 10 },
  ],
  tender: { currency: "points", valuePerPoint: 100 },
  play: {
    challenges: [
      {
        id: "critic",
        counts: "event",
        event: "review",
        times: 3,
        period: "month",
        prize: { points: { currency: "points", points: 50 }, badge: "critic" },
      },
    ],
    games: [{ id: "catch", minSeconds: 5, maxSeconds: 60, maxScore: 500, maxScorePerSecond: 20, roundsPerDay: 1 }],
  },
};

beforeAll(async () => {
  expect((await system.call("PUT", "/manage/v1/program", program)).body).toMatchObject({ version: expect.any(Number) });
});

test("a till spends offline what it was allowed, settles later, and can never exceed it", async () => {
  const id = await system.makeMember({ testTime: MORNING });
  const wish = { currency: "points", points: 200, storeId: "taipei-xinyi", ttlSeconds: 28_800 };
  const issue = () =>
    system.call("POST", `/v1/members/${id}/allowances`, wish, { idempotencyKey: "till-1", testTime: MORNING });
  const issued = issuedAllowance.parse((await issue()).body);
  expect((await issue()).body).toEqual(issued);
  const keys = allowanceKeys.parse((await system.call("GET", "/v1/allowance-keys")).body);
  const verdict = await verifyAllowance(issued.token, keys, Date.parse(MORNING), { storeId: "taipei-xinyi" });
  if (!verdict.ok) throw new Error(verdict.fault);
  const till = new OfflineAllowance(verdict.allowance);
  const orders = [120, 80].map((points, place) => {
    const orderId = uniqueId("offline");
    const spent = till.spend({ orderId, points, now: Date.parse(later(60 * place)) });
    if (!spent.ok) throw new Error(spent.reason);
    const redeem = [{ currency: "points", points }];
    const body = makeOrder(id, { placedAt: later(60 * place), redeem, allowanceId: spent.allowanceId });
    return { orderId, body };
  });
  expect(till.spend({ orderId: "more", points: 1, now: Date.parse(MORNING) }).ok).toBe(false);

  const nextDay = { testTime: later(86_400) };
  for (const { orderId, body } of orders) {
    const put = await system.call("PUT", `/v1/orders/${orderId}`, body, nextDay);
    expect(put.body).toMatchObject({ order: { late: true, state: "paid" } });
    expect((await system.call("PUT", `/v1/orders/${orderId}`, body, nextDay)).body).toEqual(put.body);
  }
  const copied = { ...orders[0]!.body, redeem: [{ currency: "points", points: 1 }] };
  const beyond = await system.call("PUT", `/v1/orders/${uniqueId("copy")}`, copied, nextDay);
  expect([beyond.status, beyond.body.code]).toEqual([404, "allowance_not_found"]);
  const at = `/v1/members/${id}/allowances/${issued.allowance.id}`;
  const read = allowanceAnswer.parse((await system.call("GET", at, undefined, nextDay)).body);
  expect(read.allowance).toMatchObject({ state: "captured", points: 200, spentPoints: 200 });
  const refund = { refundId: "1", all: true };
  await system.call("POST", `/v1/orders/${orders[1]!.orderId}/refunds`, refund, nextDay);
  const { balances } = (await system.call("GET", `/v1/members/${id}/balances`, undefined, nextDay)).body;
  expect(balances).toMatchObject([{ available: 180, held: 0 }]);
});

test("an allowance that is released gives back what is left", async () => {
  const id = await system.makeMember({ testTime: MORNING });
  const wish = { currency: "points", points: 200, storeId: "taipei-xinyi", ttlSeconds: 60 };
  const post = (path: string, body: object, idempotencyKey: string) =>
    system.call("POST", `/v1/members/${id}/${path}`, body, { idempotencyKey, testTime: MORNING });
  const { allowance } = (await post("allowances", wish, "a")).body;
  const released = allowanceAnswer.parse((await post(`allowances/${allowance.id}/release`, {}, "b")).body);
  expect([released.allowance.state, released.balances[0]?.available]).toEqual(["voided", 300]);
  expect((await post(`allowances/${allowance.id}/release`, {}, "c")).body.code).toBe("allowance_closed");
  expect((await post(`allowances/hld_9_9/release`, {}, "d")).body.code).toBe("allowance_not_found");
  const gold = { ...wish, currency: "gold" };
  expect((await post("allowances", gold, "e")).body).toMatchObject({ code: "currency_unknown", field: "currency" });
  expect((await post("allowances", { ...wish, points: 301 }, "f")).body.code).toBe("insufficient_points");
  expect((await post("allowances", { ...wish, storeId: "moon" }, "g")).body.code).toBe("store_unknown");
});

test("events give points with a reason, complete challenges, and can be taken back", async () => {
  const id = await system.makeMember({ testTime: MORNING });
  const profile = { birthday: "1990-02-28" };
  await system.call("PATCH", `/v1/members/${id}`, { profile }, { idempotencyKey: "profile", testTime: MORNING });
  const tell = (key: string, more = {}) => {
    const event = { type: "review", key, data: { stars: 5, text: true }, storeId: "taipei-xinyi", ...more };
    return system.call("POST", `/v1/members/${id}/events`, event, { testTime: MORNING, headers: zh });
  };
  const first = await tell("r1");
  expect(first.status).toBe(201);
  expect(eventAnswer.parse(first.body)).toMatchObject({
    earned: [{ rule: "review", points: 20, why: expect.any(String) }],
  });
  expect((await tell("r1")).body).toEqual(first.body);
  const changed = await tell("r1", { data: { stars: 1 } });
  expect([changed.status, changed.body.code]).toEqual([422, "idempotency_key_reused"]);
  await tell("r2");
  const third = eventAnswer.parse((await tell("r3")).body);
  expect(third).toMatchObject({ earned: [], completed: ["critic"], balances: [{ available: 420 }] });
  expect((await tell("x", { type: "enrolled" })).body.code).toBe("event_type_reserved");

  const progressed = progress.parse(
    (await system.call("GET", `/v1/members/${id}/progress`, undefined, { testTime: MORNING })).body,
  );
  expect(progressed.challenges).toMatchObject([{ id: "critic", count: 3, completed: true }]);
  expect(progressed.badges).toMatchObject([{ id: "critic", by: ["critic"] }]);

  const at = `/v1/members/${id}/events/review/r1`;
  const reversal = await system.call("POST", `${at}/reversal`, {}, { testTime: MORNING });
  expect(eventReversal.parse(reversal.body)).toMatchObject({
    reversed: [
      { rule: "review", points: 20 },
      { rule: "critic", points: 50 },
    ],
    balances: [{ available: 350 }],
  });
  expect((await system.call("POST", `${at}/reversal`, {}, { testTime: MORNING })).body).toEqual(reversal.body);
  const read = eventAnswer.parse((await system.call("GET", at, undefined, { testTime: MORNING })).body);
  expect(read.event.reversedAt).not.toBe(null);
  const missing = await system.call("GET", `/v1/members/${id}/events/review/r9`, undefined, { testTime: MORNING });
  expect([missing.status, missing.body.code]).toEqual([404, "event_not_found"]);
});

test("a game is started, played in a plausible time, and finished once", async () => {
  const id = await system.makeMember({ testTime: MORNING });
  const rounds = `/v1/members/${id}/games/catch/rounds`;
  const start = (idempotencyKey: string) => system.call("POST", rounds, {}, { idempotencyKey, testTime: MORNING });
  const round = gameRound.parse((await start("one")).body);
  expect(gameRound.parse((await start("one")).body)).toEqual(round);
  const finish = (score: number, seconds: number, token = round.token) =>
    system.call("POST", `${rounds}/finish`, { token, score }, { testTime: later(seconds) });
  expect((await finish(100, 10, `${round.token}x`)).body.code).toBe("game_token_invalid");
  const done = await finish(100, 10);
  expect(eventAnswer.parse(done.body)).toMatchObject({ event: { type: "game_score" }, earned: [{ points: 10 }] });
  expect((await finish(100, 20)).body).toEqual(done.body);
  expect((await finish(101, 20)).body.code).toBe("idempotency_key_reused");
  expect((await start("two")).body.code).toBe("game_rounds_used");
  const lost = await system.call(
    "POST",
    `/v1/members/${id}/games/chess/rounds`,
    {},
    { idempotencyKey: "x", testTime: MORNING },
  );
  expect([lost.status, lost.body.code]).toEqual([404, "game_not_found"]);
});

test("PostgreSQL agrees with every object afterwards", async () => {
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
});
