// Explanations: the stable reason of every rule that gives nothing, and what a condition saw.
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { NOTHING_REASONS } from "@regulars/contracts/orders";
import type { EarningBasket } from "./earning.ts";
import { explain } from "./explain.ts";
import { makeLine, makeProgram } from "./memory-ledger.ts";

type RuleInput = NonNullable<ProgramInput["earning"]>[number];

const nobody = { homeStoreId: null, source: null, firstOrder: true, ordersBefore: 0 };
const basket: EarningBasket = {
  lines: [
    makeLine({ lineId: "1", sku: "tea", category: "drinks", unitPrice: 5000 }),
    makeLine({ lineId: "2", sku: "card", unitPrice: 50_000, kind: "giftCard" }),
  ],
  storeId: "s1",
  regionId: "north",
  ownerId: "o1",
  channel: "pos",
  currency: "TWD",
  placedAt: Date.parse("2026-03-08T04:00:00Z"),
  paidByPoints: 0,
  member: { ...nobody, birthdayMonth: false, enrolledDays: 3, tier: "silver", tags: ["vip", "tea"] },
  timeZone: "Asia/Taipei",
};

const give = { currency: "points", type: "fixed" } as const;
const group = { group: "g", stacking: "best" } as const;
const RULES: readonly (Omit<RuleInput, "id" | "currency"> & { id: string })[] = [
  { id: "condition", ...give, when: "order.net > 999999" },
  { id: "not_in_force", ...give, from: "2026-03-09T00:00:00+08:00" },
  { id: "store", ...give, stores: ["s2"] },
  { id: "channel", ...give, channels: ["app"] },
  { id: "tier", ...give, tiers: ["gold"] },
  { id: "no_lines", ...give, lines: { categories: ["food"] } },
  { id: "below_rate", per: 10_001 },
  { id: "no_points", type: "multiplier", factor: 2, of: ["condition"] },
  { id: "beaten", ...give, ...group },
  { id: "excluded", ...give, group: "x", stacking: "exclusive", priority: -1 },
  { id: "cap", ...give, caps: [{ period: "day", points: 5 }] },
  { id: "budget", ...give, budget: { points: 5 } },
];

test("nothing has one of the stable reasons", () => {
  const winners = [
    { id: "best", ...give, ...group, points: 2 },
    { id: "first", ...give, group: "x", stacking: "exclusive" as const },
  ];
  const earning = [...RULES, ...winners].map((rule) => ({ ...rule, currency: "points" }));
  const program = makeProgram({ currencies: [{ id: "points" }], earning });
  const { rules } = explain(program, { ...basket, rooms: { cap: 0, "budget/budget": 0 } });
  const nothing = rules.filter(({ reason }) => reason !== null);
  expect(nothing.map(({ rule, reason }) => [rule, reason])).toEqual(nothing.map(({ rule }) => [rule, rule]));
  expect(nothing.map(({ rule }) => rule).sort()).toEqual([...NOTHING_REASONS].sort());
  expect(rules.filter(({ points }) => points > 0).map(({ rule, points }) => [rule, points])).toEqual([
    ["best", 2],
    ["first", 1],
  ]);
});

test.each([
  ["order.net > 1 && order.net < 9", { "order.net": 110_000 }],
  ["store.region == region && channel != ''", { "store.region": "north", region: "north", channel: "pos" }],
  ["member.tier in ['gold'] || 'vip' in member.tags", { "member.tier": "silver", "member.tags": "vip, tea" }],
  [
    "now.day == 8 && now.weekday == 7 && now.date == '2026-03-08'",
    { "now.day": 8, "now.weekday": 7, "now.date": "2026-03-08" },
  ],
  ["size(member.segments) > 0 ? true : !member.birthday", { "member.segments": "", "member.birthday": false }],
  ["event.data.score > 1", { "event.data.score": null }],
])("%s shows what it saw, by the names it uses", (when, saw) => {
  const earning = [{ id: "one", currency: "points", when }];
  const program = makeProgram({ currencies: [{ id: "points" }], earning });
  expect(explain(program, basket).rules[0]).toMatchObject({ condition: when, saw });
});

test("of lines it shows what fits", () => {
  const when = "lines.exists(line, line.sku == 'tea' && line.quantity > member.enrolledDays)";
  const program = makeProgram({ currencies: [{ id: "points" }], earning: [{ id: "one", currency: "points", when }] });
  const sawOf = (lines: EarningBasket["lines"]) => explain(program, { ...basket, lines }).rules[0]?.saw ?? {};
  const saw = sawOf(basket.lines);
  expect(Object.keys(saw)).toEqual(["lines", "member.enrolledDays"]);
  expect(JSON.parse(String(saw["lines"]))).toMatchObject([{ sku: "tea", quantity: 2 }, { kind: "giftCard" }]);
  expect(sawOf([...basket.lines, ...basket.lines])["lines"]).toMatch(/^\[\{"sku":"tea".{280,300}…$/);
});

test("the figures of a rule are those behind its points: base, rate, times, and what cut it", () => {
  const rule = { id: "base", currency: "points", per: 3000, points: 7, perOrderMax: 20 };
  const program = makeProgram({ currencies: [{ id: "points" }], earning: [rule] }, 4);
  const why = { base: "net", amount: 10_000, per: 3000, times: 3, points: 7, cutBy: "perOrder", uncut: 21 };
  const cut = { by: "perOrder", from: 21, to: 20 };
  const outcome = { rule: "base", currency: "points", outcome: "earned", points: 20, reason: null, why };
  expect(explain(program, basket)).toEqual({
    programVersion: 4,
    rules: [{ ...outcome, condition: null, saw: {}, base: 10_000, per: 3000, times: 3, cut }],
  });
});
