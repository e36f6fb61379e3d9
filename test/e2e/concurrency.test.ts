// Many requests at once on one member: one key has one effect, and a balance is never spent twice.
import { expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const system = useSystem();

test("50 concurrent requests with one key have one effect and 50 equal answers", async () => {
  const memberId = await system.makeMember();
  const idempotencyKey = uniqueId("gift");
  const gift = { currency: "points", points: 100, reason: "goodwill" };
  const path = `/v1/members/${memberId}/adjustments`;
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => system.call("POST", path, gift, { idempotencyKey })),
  );
  expect(new Set(answers.map(({ status, body }) => `${status}${JSON.stringify(body)}`)).size).toBe(1);
  expect(await pointsOf(memberId)).toMatchObject({ available: 100 });
});

test("50 concurrent puts of one order earn once", async () => {
  const memberId = await system.makeMember();
  const order = makeOrder(memberId, { placedAt: "2026-11-18T04:00:00Z" });
  const path = `/v1/orders/${uniqueId("order")}`;
  const answers = await Promise.all(Array.from({ length: 50 }, () => system.call("PUT", path, order)));
  expect(new Set(answers.map(({ status, body }) => `${status}${JSON.stringify(body)}`)).size).toBe(1);
  expect(await pointsOf(memberId)).toMatchObject({ available: 37 });
});

test("50 concurrent enrolments with one key make one member", async () => {
  const idempotencyKey = uniqueId("enrol");
  const body = { identities: [{ type: "card", value: uniqueId("card") }] };
  const answers = await Promise.all(
    Array.from({ length: 50 }, () => system.call("POST", "/v1/members", body, { idempotencyKey })),
  );
  expect(new Set(answers.map(({ status, body: { id } }) => `${status}${id}`)).size).toBe(1);
});

test("20 people claim one phone at once and one of them gets it", async () => {
  const identities = [{ type: "phone", value: "0987000111" }];
  const answers = await Promise.all(
    Array.from({ length: 20 }, () =>
      system.call("POST", "/v1/members", { identities }, { idempotencyKey: uniqueId("claim") }),
    ),
  );
  expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
  const refused = answers.filter(({ status }) => status !== 201);
  expect(refused.every(({ body }) => body.code === "identity_taken")).toBe(true);
});

test("200 concurrent redemptions of one balance never take it below zero", async () => {
  const memberId = await system.makeMember();
  const gift = { currency: "points", points: 1000, reason: "start" };
  await system.call("POST", `/v1/members/${memberId}/adjustments`, gift, { idempotencyKey: uniqueId("gift") });
  const redeem = [{ currency: "points", points: 30 }];
  const lines = [{ lineId: "1", sku: "tea", quantity: 1, unitPrice: 6000 }];
  const answers = await Promise.all(
    Array.from({ length: 200 }, () =>
      system.call("PUT", `/v1/orders/${uniqueId("spend")}`, makeOrder(memberId, { redeem, lines, ...onWeekday })),
    ),
  );
  const paid = answers.filter(({ status }) => status === 200).length;
  const refused = answers.filter(({ body }) => body.code === "insufficient_points").length;
  expect(paid + refused).toBe(200);
  // Each order spends 30 and earns 3 on what is left to pay; whatever the interleaving, the sum must be exact.
  const points = await pointsOf(memberId);
  expect(points.available).toBe(1000 - paid * 27);
  expect(points.available).toBeGreaterThanOrEqual(0);
  expect(points.available).toBeLessThan(30);
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
});

const onWeekday = { placedAt: "2026-11-18T04:00:00Z" };

async function pointsOf(memberId: string) {
  const { body } = await system.call("GET", `/v1/members/${memberId}/balances`);
  return body.balances.find((balance: { currency: string }) => balance.currency === "points");
}
