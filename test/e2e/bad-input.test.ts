// Whatever a caller sends: a code of its own, the field at fault, nothing changed, and never a 5xx.
import { readFileSync } from "node:fs";
import { REFUSALS, type RefusalCode } from "@regulars/contracts/refusals";
import { beforeAll, expect, test } from "vitest";
import { makeOrder, uniqueId, useSystem, type Request } from "./system.ts";

const system = useSystem();
let memberId = "";
let before: unknown;

beforeAll(async () => {
  memberId = await system.makeMember();
  const gift = { currency: "points", points: 100, reason: "start" };
  await system.call("POST", `/v1/members/${memberId}/adjustments`, gift, { idempotencyKey: "start" });
  before = (await system.call("GET", `/v1/members/${memberId}/statement`)).body;
});

const line = { lineId: "1", sku: "tea", quantity: 1, unitPrice: 1000 };
const order = (more: Record<string, unknown> = {}) => makeOrder(memberId, more);
const put = (rule: string, body: () => unknown, code: RefusalCode, field?: string, how?: Request) =>
  ({ rule, method: "PUT", path: () => `/v1/orders/${uniqueId("bad")}`, body, code, field, how }) as const;
const adjust = (rule: string, body: () => unknown, code: RefusalCode, field?: string, how?: Request) =>
  ({
    rule,
    method: "POST",
    path: () => `/v1/members/${memberId}/adjustments`,
    body,
    code,
    field,
    how: { idempotencyKey: uniqueId("bad"), ...how },
  }) as const;
const gift = (points: unknown) => ({ currency: "points", points, reason: "x" });

const cases = [
  put("malformed JSON", () => undefined, "malformed_json", undefined, { raw: '{"a":' }),
  put("NaN is no JSON", () => undefined, "malformed_json", undefined, { raw: '{"a":NaN}' }),
  put("an unknown field", () => order({ surprise: 1 }), "unknown_field", "surprise"),
  put("a prototype", () => undefined, "unknown_field", "__proto__", { raw: '{"__proto__":{"a":1}}' }),
  put("an unknown field in a line", () => order({ lines: [{ ...line, hue: 1 }] }), "unknown_field", "lines[0].hue"),
  put("a missing field", () => order({ storeId: undefined }), "missing_field", "storeId"),
  put("a float", () => order({ lines: [{ ...line, unitPrice: 1.5 }] }), "not_an_integer", "lines[0].unitPrice"),
  put(
    "a negative price",
    () => order({ lines: [{ ...line, unitPrice: -1 }] }),
    "number_out_of_range",
    "lines[0].unitPrice",
  ),
  put("no units", () => order({ lines: [{ ...line, quantity: 0 }] }), "number_out_of_range", "lines[0].quantity"),
  put(
    "a huge integer",
    () => order({ lines: [{ ...line, quantity: 1e21 }] }),
    "number_out_of_range",
    "lines[0].quantity",
  ),
  put("a text for a number", () => order({ lines: [{ ...line, quantity: "1" }] }), "wrong_type", "lines[0].quantity"),
  put(
    "a discount above the line",
    () => order({ lines: [{ ...line, discount: 1001 }] }),
    "number_out_of_range",
    "lines[0].discount",
  ),
  put("a line id twice", () => order({ lines: [line, line] }), "duplicate_item", "lines"),
  put("no lines", () => order({ lines: [] }), "missing_field", "lines[0]"),
  put(
    "500 lines",
    () => order({ lines: Array.from({ length: 500 }, (_, i) => ({ ...line, lineId: `${i}` })) }),
    "too_many_items",
    "lines",
  ),
  put(
    "10,000 lines",
    () => order({ lines: Array.from({ length: 10_000 }, (_, i) => ({ ...line, lineId: `${i}` })) }),
    "body_too_large",
  ),
  put("a NUL character", () => order({ channel: "a\u0000b" }), "invalid_text", "channel"),
  put("half a character", () => order({ channel: "\ud800" }), "invalid_text", "channel"),
  put("a state nobody knows", () => order({ state: "shipped" }), "invalid_value", "state"),
  put("a date that is none", () => order({ placedAt: "2026-13-01T00:00:00Z" }), "invalid_date", "placedAt"),
  put(
    "tomorrow",
    () => order({ placedAt: new Date(Date.now() + 86_400_000).toISOString() }),
    "placed_at_in_future",
    "placedAt",
  ),
  put("an unknown store", () => order({ storeId: "nowhere" }), "store_unknown", "storeId"),
  put("another currency", () => order({ currency: "USD" }), "money_currency_mismatch", "currency"),
  put(
    "two ways to name a member",
    () => order({ member: { id: memberId, phone: "0912345678" } }),
    "invalid_value",
    "member",
  ),
  put("a bad phone", () => order({ member: { phone: "12345" } }), "invalid_phone", "member.phone"),
  put("a bad email", () => order({ member: { email: "a@b" } }), "invalid_email", "member.email"),
  put("an unknown phone", () => order({ member: { phone: "0955555555" } }), "member_not_found", "member"),
  put(
    "an id of another tenant",
    () => order({ member: { id: `mbr_${"0".repeat(26)}` } }),
    "member_not_found",
    "member.id",
  ),
  put(
    "points that cannot pay",
    () => order({ redeem: [{ currency: "stamps", points: 1 }] }),
    "redeem_not_allowed",
    "redeem[0].currency",
  ),
  put(
    "a wish out of step",
    () => order({ redeem: [{ currency: "points", points: 15 }] }),
    "redeem_step",
    "redeem[0].points",
  ),
  put(
    "too small a wish",
    () => order({ redeem: [{ currency: "points", points: 5 }] }),
    "redeem_below_minimum",
    "redeem[0].points",
  ),
  put(
    "more than half of it in points",
    () => order({ redeem: [{ currency: "points", points: 1000 }] }),
    "redeem_exceeds_share",
    "redeem[0].points",
  ),
  put(
    "more points than there are",
    () => order({ redeem: [{ currency: "points", points: 150 }] }),
    "insufficient_points",
    "redeem[0].points",
  ),
  put("another content type", () => undefined, "media_type_unsupported", "Content-Type", {
    raw: "a=1",
    headers: { "content-type": "text/plain" },
  }),
  put("no key", () => order(), "key_missing", "Authorization", { headers: { authorization: "" } }),
  put("a wrong key", () => order(), "key_invalid", "Authorization", { key: `rk_live_abcdefghijkl_${"A".repeat(43)}` }),
  put("a test time that is none", () => order(), "invalid_test_time", "Regulars-Test-Time", { testTime: "tomorrow" }),
  adjust("no points", () => gift(0), "number_out_of_range", "points"),
  adjust("half a point", () => gift(0.5), "not_an_integer", "points"),
  adjust("too many points", () => gift(1e15), "number_out_of_range", "points"),
  adjust("more than there is", () => gift(-101), "insufficient_points", "points"),
  adjust("an unknown currency", () => ({ ...gift(1), currency: "gold" }), "currency_unknown", "currency"),
  adjust("no idempotency key", () => gift(1), "idempotency_key_missing", "Idempotency-Key", {
    idempotencyKey: undefined as never,
  }),
  adjust("an idempotency key too long", () => gift(1), "idempotency_key_invalid", "Idempotency-Key", {
    idempotencyKey: "k".repeat(256),
  }),
  adjust("a reused key", () => gift(2), "idempotency_key_reused", "Idempotency-Key", { idempotencyKey: "start" }),
];

test.each(cases)("$rule is refused as $code", async ({ method, path, body, code, field, how }) => {
  const answer = await system.call(method, path(), body(), how);
  expect(answer.body).toMatchObject({ code, status: REFUSALS[code].status, type: expect.stringContaining(code) });
  expect(answer.status).toBe(REFUSALS[code].status);
  expect(answer.headers.get("content-type")).toContain("application/problem+json");
  if (field !== undefined) expect(answer.body.field).toBe(field);
  expect(answer.body.requestId).toBe(answer.headers.get("regulars-request-id"));
});

test("a hold that has lapsed cannot be captured, nor one that is spent or voided", async () => {
  const id = await system.makeMember();
  const post = (path: string, body: unknown, testTime?: string) =>
    system.call("POST", `/v1/members/${id}/${path}`, body, {
      idempotencyKey: uniqueId("hold"),
      ...(testTime && { testTime }),
    });
  await post("adjustments", gift(100));
  const [lapsing, spent, voided] = await Promise.all(
    [1, 600, 600].map((ttlSeconds) => post("holds", { currency: "points", points: 10, ttlSeconds })),
  );
  await post(`holds/${spent?.body.hold.id}/capture`, { points: 4 });
  await post(`holds/${voided?.body.hold.id}/void`, {});
  const codes = [];
  for (const hold of [spent, voided]) codes.push((await post(`holds/${hold?.body.hold.id}/capture`, {})).body.code);
  await new Promise((resolve) => setTimeout(resolve, 1100));
  codes.push((await post(`holds/${lapsing?.body.hold.id}/capture`, {})).body.code);
  codes.push((await post("holds/hld_99_0/capture", {})).body.code);
  expect(codes).toEqual(["hold_already_captured", "hold_already_voided", "hold_lapsed", "hold_not_found"]);
  const { body } = await system.call("GET", `/v1/members/${id}/balances`);
  expect(body.balances[0]).toMatchObject({ available: 96, held: 0 });
});

test("a key does only what it may, in the stores it is bound to", async () => {
  const scopes = ["checkout"];
  const till = { name: "till", scopes, storeIds: ["taipei-shilin"] };
  const made = await system.call("POST", "/manage/v1/keys", till, { idempotencyKey: uniqueId("key") });
  const { key } = made.body;
  const scope = await system.call("GET", `/v1/members/${memberId}`, undefined, { key });
  expect([scope.status, scope.body.code]).toEqual([403, "scope_missing"]);
  const store = await system.call("PUT", `/v1/orders/${uniqueId("bad")}`, order(), { key });
  expect([store.status, store.body.code, store.body.field]).toEqual([403, "store_not_allowed", "storeId"]);
  const manage = await system.call("GET", "/manage/v1/program", undefined, { key });
  expect([manage.status, manage.body.code]).toEqual([403, "scope_missing"]);
});

test("nothing of all that has changed the member", async () => {
  expect((await system.call("GET", `/v1/members/${memberId}/statement`)).body).toEqual(before);
});

test("every code is in the OpenAPI document, and every address of it is answered", async () => {
  const { body } = await system.call("GET", "/openapi.json");
  const text = JSON.stringify(body);
  for (const { code } of cases) expect(text).toContain(code);
  expect(body.openapi).toMatch(/^3\.1/);
  for (const [path, item] of Object.entries(body.paths as Record<string, object>)) {
    for (const method of Object.keys(item)) {
      const answer = await system.call(method.toUpperCase(), path.replaceAll(/\{\w+\}/g, "x"), undefined, {
        key: "none",
      });
      expect([200, 401]).toContain(answer.status);
    }
  }
  const docs = await system.call("GET", "/docs");
  expect(docs.headers.get("content-type")).toContain("text/html");
});

test("a tenant that is no sandbox refuses a test time", async () => {
  const { operatorKey } = system.stack;
  const tenant = JSON.parse(readFileSync(new URL("../../infra/local/demo-tenant.json", import.meta.url), "utf8"));
  const live = { ...tenant, name: "Live", sandbox: false };
  const request = { key: operatorKey, idempotencyKey: uniqueId("tenant") };
  const made = await system.call("POST", "/manage/v1/tenants", live, request);
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  const keyed = await system.call(
    "POST",
    "/manage/v1/keys",
    { name: "server", scopes: ["members:read", "members:write"], storeIds: null },
    { key: made.body.manageKey, idempotencyKey: uniqueId("key") },
  );
  const time = { key: keyed.body.key, testTime: "2027-01-01T00:00:00Z" };
  const refused = await system.call("GET", "/v1/members/lookup?phone=0912345678", undefined, time);
  expect([refused.status, refused.body.code]).toEqual([403, "test_time_not_allowed"]);
  // Another tenant's member does not exist here, whatever key is used.
  const foreign = await system.call("GET", `/v1/members/${memberId}`, undefined, { key: keyed.body.key });
  expect([foreign.status, foreign.body.code]).toEqual([404, "member_not_found"]);
});
