import { env, exports } from "cloudflare:workers";
import { manageOperations } from "@regulars/contracts/operations-manage";
import { describe, expect, test } from "vitest";
import { app } from "./app.ts";

async function call(method: string, path: string, headers: Record<string, string> = {}, body?: unknown) {
  const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
  const response = await exports.default.fetch(new Request(`https://regulars.test${path}`, init));
  const problem: unknown = await response.json();
  // The guarantee of the cast: every answer of these tests is a problem document.
  return { status: response.status, headers: response.headers, ...(problem as { code: string; field?: string }) };
}

const operator = { Authorization: `Bearer ${env.OPERATOR_KEY}`, "Content-Type": "application/json" };

test("the router takes exactly the operations of the contract", () => {
  const routed = app.routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(routed.toSorted()).toEqual(manageOperations.map(({ method, path }) => `${method} ${path}`).toSorted());
});

describe("nobody manages without a key", () => {
  test.each(manageOperations.map(({ method, path }) => [method, path.replaceAll(/\{\w+\}/g, "x")] as const))(
    "%s %s",
    async (method, path) => {
      expect(await call(method, path)).toMatchObject({ status: 401, code: "key_missing", field: "Authorization" });
      const wrong = { Authorization: "Bearer rk_live_nothing" };
      expect(await call(method, path, wrong)).toMatchObject({ status: 401, code: "key_invalid" });
    },
  );
});

describe("a request that cannot be taken is refused before anything is asked of the database", () => {
  test("a tenant of unknown fields", async () => {
    expect(await call("POST", "/manage/v1/tenants", operator, { colour: "red" })).toMatchObject({
      status: 400,
      code: "missing_field",
      field: "name",
    });
  });

  test("another method, another address", async () => {
    const refused = await call("POST", "/manage/v1/tenant");
    expect([refused.status, refused.code, refused.headers.get("Allow")]).toEqual([405, "method_not_allowed", "GET"]);
    expect(await call("GET", "/manage/v1/nothing")).toMatchObject({ status: 404, code: "route_not_found" });
  });
});

test("while PostgreSQL is away managing is unavailable, and says so", async () => {
  const key = `rk_live_${"a".repeat(12)}_${"A".repeat(43)}`;
  const refused = await call("GET", "/manage/v1/tenant", { Authorization: `Bearer ${key}` });
  expect([refused.status, refused.code, refused.headers.get("Retry-After")]).toEqual([503, "unavailable", "1"]);
});
