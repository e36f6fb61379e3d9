// Whatever a caller sends to the operations of the loyalty program: a code of its own, the field at fault, nothing changed.
import { createHash } from "node:crypto";
import { BODY_BYTES_MAX } from "@regulars/contracts/limits";
import type { Operation } from "@regulars/contracts/operations";
import { beforeAll, describe, expect, test } from "vitest";
import {
  at,
  everybody,
  have,
  keys,
  makeCalls,
  operationOf,
  operations,
  problem,
  place,
  review,
  sampleOf,
  SAMPLES,
  seen,
  send,
} from "./loyalty-calls.ts";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";
import { orderRows, rows } from "./wrong-calls.ts";

const system = useSystem();
const line = { lineId: "1", sku: "tea", quantity: 1, unitPrice: 1000 };
let before: unknown;

beforeAll(async () => {
  await makeCalls(system);
  before = await everybody();
});

const named = (some: readonly Operation[]) => some.map((operation) => [operation.id, operation] as const);
const ofMember = operations.filter(({ parameters }) => parameters?.["id"] !== undefined);
const withBody = operations.filter(({ body }) => body !== undefined);
const keyed = operations.filter(({ idempotency }) => idempotency === "key");
const timed = operations.filter(({ testTime }) => testTime);

describe("every operation", () => {
  test("has a valid call here", () => {
    expect(Object.keys(SAMPLES).sort()).toEqual(operations.map(({ id }) => id).sort());
  });

  test.each(named(operations))("%s needs a key with its scope", async (_, operation) => {
    expect(seen(await send(operation, { headers: { authorization: "" } }))).toMatchObject(
      problem("key_missing", "Authorization"),
    );
    expect(seen(await send(operation, { key: keys.nothing }))).toMatchObject(problem("scope_missing"));
    if (operation.scope !== "members:read")
      expect(seen(await send(operation, { key: keys.reader }))).toMatchObject(problem("scope_missing"));
  });

  test.each(named(timed))("%s refuses a time that is none, and of a live tenant any", async (_, operation) => {
    expect(seen(await send(operation, { testTime: "tomorrow" }))).toMatchObject(
      problem("invalid_test_time", "Regulars-Test-Time"),
    );
    const live = { key: keys.live, testTime: "2027-01-01T00:00:00Z" };
    expect(seen(await send(operation, live))).toMatchObject(problem("test_time_not_allowed", "Regulars-Test-Time"));
  });

  test.each(named(ofMember))("%s knows no member of another tenant, and none who is gone", async (_, operation) => {
    const to = (id: string) => send(operation, { in: { id } });
    expect(seen(await to("mbr_x"))).toMatchObject(problem("invalid_member_id", "id"));
    expect(seen(await to(at.foreign))).toMatchObject(problem("member_not_found", "id"));
    expect(seen(await to(at.nobody))).toMatchObject(problem("member_not_found", "id"));
    // The pool answers for those who leave it, whatever has become of them; a round is of those who started it.
    if (["leaveHousehold", "finishRound"].includes(operation.id)) return;
    expect(seen(await to(at.erased))).toMatchObject(problem("member_erased"));
    expect(seen(await to(at.merged))).toMatchObject(problem("member_merged"));
  });

  test.each(named(withBody))("%s takes no field that it does not know", async (_, operation) => {
    const body = { ...sampleOf(operation.id).body?.(), surprise: 1 };
    expect(seen(await send(operation, { body }))).toMatchObject(problem("unknown_field", "surprise"));
    expect(seen(await send(operation, { raw: '{"a":' }))).toMatchObject(problem("malformed_json"));
    expect(seen(await send(operation, { raw: "[]" }))).toMatchObject(problem("wrong_type"));
  });

  test.each(named(keyed))("%s needs an idempotency key", async (_, operation) => {
    const without = await send(operation, { idempotencyKey: undefined as never });
    expect(seen(without)).toMatchObject(problem("idempotency_key_missing", "Idempotency-Key"));
    const long = await send(operation, { idempotencyKey: "k".repeat(256) });
    expect(seen(long)).toMatchObject(problem("idempotency_key_invalid", "Idempotency-Key"));
  });
});

test.each(rows)("$id: $rule is refused as $code", async ({ id, wrong, code, field }) => {
  expect(seen(await send(operationOf(id), wrong()))).toMatchObject(problem(code, field));
});

test.each(orderRows)("an order with $rule is refused as $code", async ({ more, code, field }) => {
  expect(seen(await place.pay(at.member, uniqueId("bad"), more()))).toMatchObject(problem(code, field));
});

test("a body of more than 64 KB is not read", async () => {
  const data = { text: "x".repeat(BODY_BYTES_MAX) };
  expect(seen(await send(operationOf("recordEvent"), { body: { ...review, data } }))).toMatchObject(
    problem("body_too_large"),
  );
});

test.each(["paid", "cancelled"])(
  "a till takes no order of another store over by saying it is %s here",
  async (state) => {
    const here = { storeId: "taipei-shilin", state };
    for (const order of [have.order, have.authorized]) {
      const answer = await place.call("PUT", `/v1/orders/${order}`, makeOrder(at.member, here), { key: keys.till });
      expect(seen(answer)).toMatchObject(problem("store_not_allowed", "orderId"));
    }
  },
);

test("the account of a household is nobody who could be erased", async () => {
  const erased = await place.call("DELETE", `/v1/members/${at.pool}`);
  expect(seen(erased)).toMatchObject(problem("member_not_found", "id"));
});

test("nothing of all that has changed anybody", async () => {
  expect(await everybody()).toEqual(before);
});

test("lines may have any name", async () => {
  const member = await system.makeMember();
  const names = ["constructor", "toString", "__proto__", "hasOwnProperty"];
  const order = uniqueId("names");
  const paid = await place.pay(member, order, { lines: names.map((lineId) => ({ ...line, lineId })) });
  expect(paid.body.order?.lines).toMatchObject(names.map((lineId) => ({ lineId, refundedQuantity: 0 })));
  const refund = (lineId: string) =>
    place.call("POST", `/v1/orders/${order}/refunds`, {
      refundId: lineId,
      lines: [{ lineId, quantity: 1 }],
      memberId: member,
    });
  for (const name of names) expect((await refund(name)).body.refund?.amount).toBe(1000);
  expect((await place.call("GET", `/v1/members/${member}/balances`)).body.balances[0]).toMatchObject({ available: 0 });
});

test("the largest order that a till can send, and its refund, reach PostgreSQL", async () => {
  const member = await place.enrol("0913000001");
  const lines = Array.from({ length: 200 }, (_, n) => ({ ...line, lineId: longName(n, 100), sku: longName(n, 70) }));
  const issue = () => place.write("POST", `/v1/members/${member}/vouchers`, { rewardId: "gift", reason: "large" });
  const vouchers: string[] = [];
  for (let held = 0; held < 30; held += 1) vouchers.push((await issue()).voucher.id);
  const order = longName(0, 100);
  const paid = await place.pay(member, order, { lines, vouchers });
  expect(paid.body).toMatchObject({ order: { gross: 200_000, payable: 170_000 }, vouchers: { length: 30 } });
  const refund = { refundId: longName(1, 100), all: true, memberId: member };
  expect((await place.call("POST", `/v1/orders/${order}/refunds`, refund)).body.refund?.amount).toBe(170_000);
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
});

/** A name of so many letters that no packing makes much shorter. */
function longName(seed: number, length: number): string {
  let text = "";
  for (let part = 0; text.length < length; part += 1) {
    text += createHash("sha256").update(`${length}/${seed}/${part}`).digest("base64url");
  }
  return text.slice(0, length);
}
