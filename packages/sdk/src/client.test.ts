// The client's promises to its caller, against a server that is a function.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createClient } from "./client.ts";
import type { Fetch } from "./send.ts";

type Sent = { url: string; method: string; headers: Record<string, string>; body?: string };
type Reply = { status: number; body?: unknown; headers?: Record<string, string> } | "down" | "silent";

const memberId = "mbr_00000000000000000000000000";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a call names its route, its key, the test time and the language", async () => {
  const server = makeServer({
    status: 200,
    body: { balances: [], sequence: 3 },
    headers: { "regulars-request-id": "r1" },
  });
  const outcome = await server.client.members.balances(memberId, { testTime: "2026-01-01T00:00:00Z" });
  expect(outcome).toMatchObject({ ok: true, value: { sequence: 3 }, requestId: "r1", attempts: 1 });
  expect(server.sent[0]).toMatchObject({
    url: `https://regulars.test/v1/members/${memberId}/balances`,
    method: "GET",
    headers: {
      authorization: "Bearer rk_live_x",
      "regulars-test-time": "2026-01-01T00:00:00Z",
      "accept-language": "zh-TW",
    },
  });
});

test("an order id is escaped into its path, and no key is made for it", async () => {
  const server = makeServer({ status: 200, body: {} });
  await server.client.orders.put("a/b?c", makeOrder());
  expect(server.sent[0]?.url).toBe("https://regulars.test/v1/orders/a%2Fb%3Fc");
  expect(server.sent[0]?.headers["idempotency-key"]).toBeUndefined();
});

test("a retry carries the same idempotency key and the same body", async () => {
  const server = makeServer(
    "down",
    { status: 503, body: makeProblem("unavailable", 503, "later") },
    { status: 201, body: {} },
  );
  const outcome = await finish(
    server.client.members.adjust(memberId, { currency: "points", points: 5, reason: "sorry" }),
  );
  expect(outcome).toMatchObject({ ok: true, attempts: 3 });
  expect(server.sent).toHaveLength(3);
  const keys = new Set(server.sent.map((request) => request.headers["idempotency-key"]));
  expect(keys.size).toBe(1);
  expect([...keys][0]).toMatch(/^[0-9a-f-]{36}$/);
  expect(outcome.idempotencyKey).toBe([...keys][0]);
  expect(new Set(server.sent.map((request) => request.body)).size).toBe(1);
});

test("two calls never share a made key, and a given key is used as it is", async () => {
  const server = makeServer({ status: 200, body: {} });
  await server.client.members.update(memberId, {});
  await server.client.members.update(memberId, {});
  await server.client.members.update(memberId, {}, { idempotencyKey: "mine" });
  const keys = server.sent.map((request) => request.headers["idempotency-key"]);
  expect(new Set(keys).size).toBe(3);
  expect(keys[2]).toBe("mine");
});

test("a refusal is a value and is not sent again", async () => {
  const problem = makeProblem("insufficient_points", 409, "changed");
  const server = makeServer({ status: 409, body: { ...problem, field: "redeem[0].points" } });
  const outcome = await server.client.orders.put("o1", makeOrder());
  expect(server.sent).toHaveLength(1);
  expect(outcome).toMatchObject({
    ok: false,
    attempts: 1,
    refusal: { code: "insufficient_points", status: 409, field: "redeem[0].points", retry: "changed", requestId: "r9" },
  });
});

test("a 4xx that Regulars did not write is not sent again", async () => {
  const server = makeServer({ status: 407, body: "<html>" });
  const outcome = await server.client.checkout.quote(makeOrder());
  expect(server.sent).toHaveLength(1);
  expect(outcome).toMatchObject({ ok: false, refusal: { code: "unreadable_answer", status: 407, retry: "never" } });
});

test("Retry-After is honoured before the next attempt", async () => {
  const limited = makeProblem("rate_limited", 429, "later");
  const server = makeServer({ status: 429, body: limited, headers: { "retry-after": "7" } }, { status: 200, body: {} });
  const call = server.client.members.get(memberId);
  await vi.advanceTimersByTimeAsync(6_999);
  expect(server.sent).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(2);
  expect(server.sent).toHaveLength(2);
  expect((await call).ok).toBe(true);
});

test("a server that asks for more than a minute is not waited for", async () => {
  const limited = makeProblem("rate_limited", 429, "later");
  const server = makeServer({ status: 429, body: limited, headers: { "retry-after": "3600" } });
  const outcome = await server.client.members.get(memberId);
  expect(server.sent).toHaveLength(1);
  expect(outcome).toMatchObject({ ok: false, refusal: { code: "rate_limited", retryAfterMs: 3_600_000 } });
});

test("an attempt that takes too long is aborted, also when fetch ignores its signal", async () => {
  const server = makeServer("silent");
  const call = server.client.members.get(memberId, { timeoutMs: 50, retries: 1 });
  const outcome = await finish(call);
  expect(outcome).toMatchObject({ ok: false, attempts: 2, refusal: { code: "timeout", status: 0, retry: "later" } });
  expect(server.signals.every((signal) => signal.aborted)).toBe(true);
});

test("a network that stays down ends as a refusal after all attempts", async () => {
  const server = makeServer("down");
  const outcome = await finish(server.client.members.get(memberId));
  expect(outcome).toMatchObject({
    ok: false,
    attempts: 5,
    refusal: { code: "unreachable", detail: "connection refused" },
  });
});

test("a caller's signal ends the call and its retries", async () => {
  const server = makeServer("down");
  const controller = new AbortController();
  const call = server.client.members.get(memberId, { signal: controller.signal, retries: 100 });
  await vi.advanceTimersByTimeAsync(1_000);
  controller.abort();
  expect(await call).toMatchObject({ ok: false, refusal: { code: "aborted", retry: "never" } });
});

test("the statement is walked page by page", async () => {
  const page = (nextCursor: string | null) => ({ status: 200, body: { transactions: [], nextCursor, sequence: 9 } });
  const server = makeServer(page("c1"), page("c2"), page(null));
  const seen = [];
  for await (const outcome of server.client.members.statementPages(memberId, { limit: 100 })) seen.push(outcome.ok);
  expect(seen).toEqual([true, true, true]);
  expect(server.sent.map((request) => new URL(request.url).search)).toEqual([
    "?limit=100",
    "?limit=100&cursor=c1",
    "?limit=100&cursor=c2",
  ]);
});

/** Answers with the replies in order; the last one repeats. */
function makeServer(...replies: Reply[]) {
  const sent: Sent[] = [];
  const signals: AbortSignal[] = [];
  const fetch: Fetch = async (url, { signal, ...init }) => {
    const reply = replies[Math.min(sent.length, replies.length - 1)];
    sent.push({ url, ...init });
    signals.push(signal);
    if (reply === undefined || reply === "silent") return await new Promise(() => {});
    if (reply === "down") throw new TypeError("connection refused");
    const { status, body, headers = {} } = reply;
    return new Response(typeof body === "string" ? body : JSON.stringify(body), { status, headers });
  };
  const client = createClient({ url: "https://regulars.test/", key: "rk_live_x", language: "zh-TW", fetch });
  return { client, sent, signals };
}

function makeOrder() {
  return {
    member: { id: memberId },
    storeId: "s1",
    currency: "TWD",
    lines: [{ lineId: "1", sku: "tea", quantity: 1, unitPrice: 100 }],
    state: "paid" as const,
    placedAt: "2026-01-01T00:00:00Z",
  };
}

function makeProblem(code: string, status: number, retry: string) {
  return { type: `https://regulars.test/problems/${code}`, title: code, status, code, retry, requestId: "r9" };
}

async function finish<Value>(call: Promise<Value>): Promise<Value> {
  await vi.runAllTimersAsync();
  return await call;
}
