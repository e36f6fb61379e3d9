import { REFUSALS, type RefusalCode } from "@regulars/contracts/refusals";
import { LANGUAGES } from "@regulars/contracts/messages/catalog";
import { describe, expect, test } from "vitest";
import { refusalOfError } from "./error-boundary.ts";
import { canonicalJson, readIdempotencyKey, requestHash } from "./idempotency.ts";
import { languageOf } from "./language.ts";
import { CATALOGS, earnWhy, placeholders, refusalDetail } from "./message.ts";
import { formatMoney } from "./money.ts";
import { problemResponse, toProblem } from "./problem.ts";
import { makeRateLimiter } from "./rate-limit.ts";
import { startRequest } from "./request-context.ts";
import { hashSecret, readBearer, secretMatches } from "./credential.ts";
import { makeUnroutedResponse } from "./routes.ts";

// The guarantee of the cast: the keys of REFUSALS are its codes.
const codes = Object.keys(REFUSALS) as RefusalCode[];
const headers = (init: Record<string, string> = {}) => new Headers(init);

describe("every refusal is said in every language", () => {
  test.each(codes)("%s", (code) => {
    for (const language of LANGUAGES) {
      const { title, detail } = CATALOGS[language].refusals[code];
      expect(title).not.toBe("");
      expect(placeholders(detail)).toEqual(placeholders(CATALOGS.en.refusals[code].detail));
      expect(refusalDetail({ code }, language)).not.toMatch(/[[\]{}]/);
    }
  });

  test("a detail tells its figures when they are known", () => {
    const facts = { available: 120, currency: "points" };
    expect(refusalDetail({ code: "insufficient_points", facts }, "en")).toBe(
      "The member does not have enough points; available: 120 points.",
    );
    expect(refusalDetail({ code: "insufficient_points" }, "zh-TW")).toBe("會員的點數不足。");
  });

  test("the reason of an earning tells money in major units", () => {
    const reason = { base: "net", amount: 123_400, per: 10_000, times: 12, points: 1 } as const;
    expect(earnWhy(reason, "TWD", "zh-TW")).toBe("每 $100（實付）得 1 點，共 12 次");
    expect(earnWhy({ ...reason, base: "gross" }, "TWD", "en")).toBe(
      "1 points for every NT$100 before discounts, 12 times",
    );
    expect(formatMoney(1999, "USD", "en")).toBe("$19.99");
    expect(formatMoney(1999, "JPY", "en")).toBe("¥1,999");
  });
});

describe("a refusal is answered as a problem document", () => {
  test("with type, title, status, code, detail, field, retry and the request's id", async () => {
    const context = startRequest(headers({ "Accept-Language": "zh-TW", "X-Request-Id": "till-7-0001" }));
    const response = problemResponse({ code: "not_an_integer", field: "lines[0].unitPrice" }, context);
    expect(response.status).toBe(400);
    expect(response.headers.get("Content-Type")).toBe("application/problem+json");
    expect(response.headers.get("Regulars-Request-Id")).toBe("till-7-0001");
    expect(await response.json()).toEqual({
      type: "https://regulars.dev/problems/not_an_integer",
      title: "不是整數",
      status: 400,
      code: "not_an_integer",
      detail: "這個數字必須是整數。",
      field: "lines[0].unitPrice",
      retry: "never",
      requestId: "till-7-0001",
    });
  });

  test("several faults are listed, the first gives the code", () => {
    const problem = toProblem(
      [
        { code: "unknown_field", field: "a" },
        { code: "missing_field", field: "b" },
      ],
      { requestId: "r", language: "en" },
    );
    expect(problem.code).toBe("unknown_field");
    expect(problem.errors?.map(({ field, code }) => `${field} ${code}`)).toEqual([
      "a unknown_field",
      "b missing_field",
    ]);
  });

  test("a refusal that passes later says when to try again", () => {
    const context = startRequest(headers());
    const response = problemResponse({ code: "rate_limited", facts: { retryAfterSeconds: 42 } }, context);
    expect(response.headers.get("Retry-After")).toBe("42");
    expect(problemResponse({ code: "overloaded" }, context).headers.get("Retry-After")).toBe("1");
    expect(problemResponse({ code: "hold_lapsed" }, context).headers.get("Retry-After")).toBeNull();
  });

  test("an unknown error tells nothing, an overloaded object says so", () => {
    expect(refusalOfError(new Error("secret"))).toEqual({ code: "internal_error" });
    expect(refusalOfError(Object.assign(new Error("x"), { overloaded: true }))).toEqual({ code: "overloaded" });
    expect(refusalOfError(Object.assign(new Error("x"), { retryable: true }))).toEqual({ code: "unavailable" });
  });

  test("another method names those that are allowed; another address is not found", async () => {
    const unrouted = makeUnroutedResponse([
      { method: "GET", path: "/v1/members/{id}" },
      { method: "PATCH", path: "/v1/members/{id}" },
    ]);
    const context = startRequest(headers());
    const response = unrouted("/v1/members/mbr_1", context);
    expect([response.status, response.headers.get("Allow")]).toEqual([405, "GET, PATCH"]);
    expect(unrouted("/v1/nothing", context).status).toBe(404);
    expect(unrouted("/v1/members/", context).status).toBe(404);
  });
});

test("the caller's preferred language is taken, else the tenant's", () => {
  expect(languageOf(null, "zh-TW")).toBe("zh-TW");
  expect(languageOf("fr, de;q=0.5", "zh-CN")).toBe("zh-CN");
  expect(languageOf("fr, en;q=0.5, zh-CN;q=0.9", "zh-TW")).toBe("zh-CN");
  expect(languageOf("zh-Hant-TW", "en")).toBe("zh-TW");
  expect(languageOf("zh-Hans", "en")).toBe("zh-CN");
  expect(languageOf("zh;q=nonsense, en;q=0.1", "zh-TW")).toBe("en");
});

test("a request id that is not sane is replaced", () => {
  expect(startRequest(headers({ "X-Request-Id": "<script>" })).requestId).toMatch(/^req_[0-9a-f-]{36}$/);
});

describe("a write needs a key", () => {
  const read = (key?: string) => {
    const found = readIdempotencyKey(headers(key === undefined ? {} : { "Idempotency-Key": key }));
    return found.ok ? found.key : found.refusal.code;
  };
  test.each([
    [undefined, "idempotency_key_missing"],
    ["", "idempotency_key_invalid"],
    ["k".repeat(256), "idempotency_key_invalid"],
    ["caf\u00e9", "idempotency_key_invalid"],
    ["k".repeat(255), "k".repeat(255)],
    ["till 7/0001", "till 7/0001"],
  ])("%s", (key, expected) => expect(read(key)).toBe(expected));

  test("the order of fields does not make another request; the operation does", () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: "x" }], a: null })).toBe(`{"a":null,"b":[1,{"c":"x"}]}`);
    expect(requestHash("adjust", { a: 1, b: 2 })).toBe(requestHash("adjust", { b: 2, a: 1 }));
    expect(requestHash("adjust", { a: 1 })).not.toBe(requestHash("hold", { a: 1 }));
  });
});

test("a key may make so many requests in a minute and no more", () => {
  const limiter = makeRateLimiter();
  const taken = Array.from({ length: 3 }, () => limiter.take("key", 2, 1000));
  expect(taken.map(({ allowed, remaining }) => [allowed, remaining])).toEqual([
    [true, 1],
    [true, 0],
    [false, 0],
  ]);
  expect(limiter.take("key", 2, 31_000).resetSeconds).toBe(30);
  expect(limiter.take("other", 2, 1000).allowed).toBe(true);
  expect(limiter.take("key", 2, 61_000).allowed).toBe(true);
});

test("a secret is recognised by its hash alone", () => {
  expect(secretMatches("secret", hashSecret("secret"))).toBe(true);
  expect(secretMatches("Secret", hashSecret("secret"))).toBe(false);
  expect(secretMatches("secret", "")).toBe(false);
  expect(readBearer(headers({ Authorization: "bearer abc" }))).toBe("abc");
  expect(readBearer(headers({ Authorization: "Basic abc" }))).toBeNull();
  expect(readBearer(headers({ Authorization: "Bearer " }))).toBeNull();
});
