// Which earning rules are refused before they are published, and which field each refusal names.
import { program } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { checkProgram } from "./program-check.ts";

const base = { id: "base", currency: "points" };
const gold = { levels: [{ id: "gold", paid: true }] };
const double = { id: "double", currency: "points", type: "multiplier", factor: 2 };
const best = { group: "g", stacking: "best" };

const faults = (earning: object[], more: object = {}) =>
  checkProgram(program.parse({ currencies: [{ id: "points" }, { id: "stamps" }], earning, ...more })).map(
    ({ code, field, facts }) => [code, field, ...(facts?.["reason"] === undefined ? [] : [facts["reason"]])].join(" "),
  );

test.each([
  [
    "everything at once",
    [base, { ...double, of: ["base"], budget: { points: 9 }, ...best }, { ...double, id: "x", ...best }],
    [],
  ],
  [
    "an unknown tier",
    [{ ...base, tiers: ["gold", "lead"] }],
    ["invalid_program earning[0].tiers[1] rule_tier_unknown"],
  ],
  [
    "a factor of an unknown tier",
    [base, { ...double, byTier: { lead: 3 } }],
    ["invalid_program earning[1].byTier.lead rule_tier_unknown"],
  ],
  ["a multiplier without a factor", [base, { ...double, factor: undefined }], ["missing_field earning[1].factor"]],
  ["a factor by tier is one", [base, { ...double, factor: undefined, byTier: { gold: 2 } }], []],
  [
    "a factor of what multiplies nothing",
    [{ ...base, factor: 2 }],
    ["invalid_program earning[0].factor rule_only_multiplier"],
  ],
  [
    "a rule that is not there",
    [base, { ...double, of: ["base", "no"] }],
    ["invalid_program earning[1].of[1] rule_unknown"],
  ],
  [
    "a multiplier of a multiplier",
    [base, double, { ...double, id: "x", of: ["double"] }],
    ["invalid_program earning[2].of[0] rule_is_multiplier"],
  ],
  [
    "a multiplier of another currency",
    [
      { ...base, currency: "stamps" },
      { ...double, of: ["base"] },
    ],
    ["invalid_program earning[1].of[0] rule_other_currency"],
  ],
  [
    "a multiplier of what another event gives",
    [
      { ...base, on: "review", type: "fixed" },
      { ...double, of: ["base"] },
    ],
    ["invalid_program earning[1].of[0] rule_other_event"],
  ],
  ["a group without a name", [{ ...base, stacking: "best" }], ["missing_field earning[0].group"]],
  [
    "a group of two minds",
    [
      { ...base, ...best },
      { ...base, id: "b", group: "g", stacking: "exclusive" },
    ],
    ["invalid_program earning[1].stacking group_other_stacking"],
  ],
  [
    "a group of two currencies",
    [
      { ...base, ...best },
      { ...base, id: "b", currency: "stamps", ...best },
    ],
    ["invalid_program earning[1].group group_other_currency"],
  ],
  [
    "a group of a multiplier and what it multiplies",
    [
      { ...base, ...best },
      { ...double, ...best },
    ],
    ["invalid_program earning[1].group group_mixes_multipliers"],
  ],
  [
    "a base of what has no amount",
    [{ ...base, type: "perItem", less: ["tax"] }],
    ["invalid_program earning[0].less rule_only_amounts"],
  ],
  ["the same taken twice", [{ ...base, less: ["tax", "tax"] }], ["duplicate_item earning[0].less"]],
  [
    "points for fields of an order",
    [{ ...base, perField: { email: 1 } }],
    ["invalid_program earning[0].perField rule_only_fixed_events"],
  ],
  [
    "lines of what has none",
    [{ ...base, on: "review", type: "fixed", lines: { skus: ["tea"] } }],
    ["invalid_program earning[0].lines rule_only_orders_have_lines"],
  ],
  [
    "a review that is delivered",
    [{ ...base, on: "review", type: "fixed", pendingUntil: "delivered" }],
    ["invalid_program earning[0].pendingUntil rule_only_orders_delivered"],
  ],
  [
    "an end before its beginning",
    [{ ...base, from: "2026-03-01T00:00:00+08:00", until: "2026-02-28T16:00:00Z" }],
    ["invalid_program earning[0].until ends_before_it_begins"],
  ],
  [
    "an end on no day",
    [{ ...base, expiry: { type: "fixed", monthDay: "02-30" } }],
    ["invalid_date earning[0].expiry.monthDay"],
  ],
])("%s", (_, earning, expected) => {
  expect(faults(earning, { tiers: gold })).toEqual(expected);
});

test("a condition may use everything that an order or an event knows", () => {
  const when = "event.type == 'order' && member.tier == 'gold' && order.paid > 0 && now.date > '2026-01-01'";
  expect(faults([{ ...base, when }])).toEqual([]);
  expect(faults([{ ...base, when: "member.level == 1" }])[0]).toMatch(/^invalid_condition earning\[0\]\.when/);
});
