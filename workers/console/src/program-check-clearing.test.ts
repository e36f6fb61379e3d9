// What is wrong with the clearing of a program is said before it is published.
import { program } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { checkClearing, checkHeadOffice } from "./program-check-clearing.ts";

const rule = { currency: "points", policy: { type: "issuerPays" as const }, valuePerPointMilli: 90_000 };
const withClearing = (currencies: object[], unitCostMilli = 0) =>
  program.parse({
    currencies: [{ id: "points", unitCostMilli }],
    clearing: { headOfficeOwnerId: "hq", currencies },
  });
const found = (currencies: object[], unitCostMilli?: number) =>
  checkClearing(withClearing(currencies, unitCostMilli)).map(({ code, field }) => `${code} ${field}`);

test("a clearing of known currencies, each once, is sound", () => {
  expect(found([rule])).toEqual([]);
  expect(checkClearing(program.parse({ currencies: [] }))).toEqual([]);
});

test("a currency that is there twice, or not at all, is refused where it stands", () => {
  expect(found([rule, rule, { ...rule, currency: "coins" }])).toEqual([
    "duplicate_item clearing.currencies[1].currency",
    "currency_unknown clearing.currencies[2].currency",
  ]);
});

test("a unit cost at which points are cleared stays small enough for exact sums", () => {
  expect(found([{ ...rule, price: "unitCost" }], 9_000_001)).toEqual([
    "number_out_of_range currencies[0].unitCostMilli",
  ]);
  expect(found([rule], 9_000_001)).toEqual([]);
});

test("shares that do not sum to one, and values too large, are no shape of clearing", () => {
  const shares = { type: "shares", issuer: 0.5, acceptor: 0.2, headOffice: 0.2 };
  expect(() => withClearing([{ ...rule, policy: shares }])).toThrow("issuer");
  expect(() => withClearing([{ ...rule, valuePerPointMilli: 9_000_001 }])).toThrow("valuePerPointMilli");
});

test("head office is an owner of the tenant", () => {
  const clearing = { headOfficeOwnerId: "hq", currencies: [] };
  expect(checkHeadOffice(clearing, ["hq", "anna"])).toEqual([]);
  expect(checkHeadOffice(clearing, ["anna"])).toMatchObject([{ field: "clearing.headOfficeOwnerId" }]);
});
