import { program } from "@regulars/contracts/program";
import { describe, expect, test } from "vitest";
import { readPlace, writePlace } from "./page-place.ts";
import { checkProgram } from "./program-check.ts";
import { deriveKey, deriveTenantId, fullKey } from "./secrets.ts";
import { jurisdictionOf, parseKey } from "@regulars/contracts/directory";

const points = { id: "points" };
const rule = { id: "base", currency: "points", per: 100, points: 1 };
const faults = (document: object) =>
  checkProgram(program.parse({ currencies: [points], ...document })).map(({ code, field }) => `${code} ${field}`);

describe("a program is published only when it makes sense", () => {
  test.each([
    ["a complete program passes", { earning: [{ ...rule, when: "order.net > 1000 && now.weekday == 6" }] }, []],
    ["an id names one currency", { currencies: [points, points] }, ["duplicate_item currencies[1].id"]],
    ["an id names one rule", { earning: [rule, rule] }, ["duplicate_item earning[1].id"]],
    [
      "a rule earns a currency of the program",
      { earning: [{ ...rule, currency: "x" }] },
      ["currency_unknown earning[0].currency"],
    ],
    [
      "a tender pays by a currency of the program",
      { tender: { currency: "x", valuePerPoint: 1 } },
      ["currency_unknown tender[0].currency"],
    ],
    [
      "a condition knows its words",
      { earning: [{ ...rule, when: "order.nett > 1" }] },
      ["invalid_condition earning[0].when"],
    ],
    [
      "a condition is true or false",
      { earning: [{ ...rule, when: "order.net" }] },
      ["invalid_condition earning[0].when"],
    ],
    ["a condition can be read", { earning: [{ ...rule, when: "order.net >" }] }, ["invalid_condition earning[0].when"]],
    [
      "points end on a day that exists",
      { currencies: [fixed("02-30")] },
      ["invalid_date currencies[0].expiry.monthDay"],
    ],
    ["the leap day exists", { currencies: [fixed("02-29")] }, []],
  ])("%s", (_, document, expected) => {
    expect(faults(document)).toEqual(expected);
  });
});

describe("a key follows from its cause", () => {
  const masterKey = "a master key of tests, long enough";

  test("the same cause gives the same key, another tenant or cause another one", () => {
    const key = deriveKey(masterKey, "tenant", "cause");
    expect(deriveKey(masterKey, "tenant", "cause")).toEqual(key);
    expect(deriveKey(masterKey, "tenant2", "cause").keyId).not.toBe(key.keyId);
    expect(deriveKey(masterKey, "tenant", "cause2").secret).not.toBe(key.secret);
    expect(deriveKey(`${masterKey}!`, "tenant", "cause").secret).not.toBe(key.secret);
  });

  test("a tenant's id says where its objects must stay", () => {
    expect(jurisdictionOf(deriveTenantId(masterKey, "cause", "eu"))).toBe("eu");
    expect(jurisdictionOf(deriveTenantId(masterKey, "cause"))).toBe(null);
  });

  test("every key is one that the edge can read", () => {
    for (let index = 0; index < 200; index += 1) {
      const { keyId, secret } = deriveKey(masterKey, "tenant", String(index));
      expect(parseKey(fullKey(keyId, secret))).toEqual({ keyId, secret });
      expect(deriveTenantId(masterKey, String(index))).toMatch(/^ten_[0-9a-z]{16}$/);
    }
  });

  test("nothing is derived from a master key that is missing", () => {
    expect(() => deriveKey("", "tenant", "cause")).toThrow("MASTER_KEY");
  });
});

test("a cursor that was not given out is refused", () => {
  const place = { at: new Date("2026-08-01T00:00:00.123Z"), id: "alert.1" };
  expect(readPlace(writePlace(place))).toEqual(place);
  for (const cursor of ["", "x", "1.", ".a", "99999999999999999999.a", "9999999999999999.a"]) {
    expect(readPlace(cursor)).toBeNull();
  }
});

function fixed(monthDay: string) {
  return { id: "points", expiry: { type: "fixed", monthDay } };
}
