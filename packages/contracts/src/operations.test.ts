import { describe, expect, test } from "vitest";
import { operations, refusalsOf } from "./operations.ts";
import { REFUSALS, type RefusalCode } from "./refusals.ts";

describe("the table of operations", () => {
  test("names every operation and every address once", () => {
    const ids = operations.map(({ id }) => id);
    const addresses = operations.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test("gives every parameter of a path its shape, and no other", () => {
    for (const { path, parameters = {} } of operations) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      expect(Object.keys(parameters)).toEqual(named);
    }
  });

  test("asks for an idempotency key on every member's write that the caller's own id does not name", () => {
    const writes = operations.filter(({ method, path }) => method !== "GET" && path.startsWith("/v1/"));
    const unnamed = writes.filter(({ idempotency }) => idempotency === "none").map(({ id }) => id);
    expect(unnamed).toEqual(["quoteCheckout"]);
  });

  test("asks for a key with a scope everywhere but for the health of the API", () => {
    expect(operations.filter(({ scope }) => scope === null).map(({ path }) => path)).toEqual(["/healthz"]);
  });

  test("has a place for every refusal but the one outside all operations", () => {
    const given = new Set(operations.flatMap(refusalsOf));
    // The guarantee of the cast: the keys of REFUSALS are its codes.
    const missing = (Object.keys(REFUSALS) as RefusalCode[]).filter((code) => !given.has(code));
    expect(missing).toEqual(["route_not_found"]);
  });
});
