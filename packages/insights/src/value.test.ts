// Who brings how much: bands, groups, levels and shares that add up.
import { array, assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import {
  bandLimits,
  bandOf,
  customerPyramid,
  decileTotals,
  membersMaking,
  oneTimeBuyerRate,
  paretoShare,
  profitGroupOf,
  profitOf,
} from "./value.ts";

const tenMembers = [100, 90, 80, 70, 60, 50, 40, 30, 20, 10];

test("the upper fifth spends much, the lower half little, and ties share a band", () => {
  const limits = bandLimits(tenMembers);
  expect(limits).toEqual({ middleFrom: 55, highFrom: 82 });
  const given = limits ?? { middleFrom: 0, highFrom: 0 };
  expect([100, 82, 81.9, 55, 54, 0].map((spend) => bandOf(spend, given))).toEqual(
    "high high middle middle low low".split(" "),
  );
  expect(bandLimits([0, -5])).toBeNull();
});

test("profit is revenue by the margin of each SKU, less costs; what has no margin is said", () => {
  const margins = new Map([
    ["tea", 0.6],
    ["phone", 0.05],
  ]);
  const lines = [
    { sku: "tea", revenue: 1000 },
    { sku: "phone", revenue: 10_000 },
    { sku: "tea", revenue: -200 },
    { sku: "gift", revenue: 300 },
  ];
  expect(profitOf(lines, margins, 80)).toEqual({ profit: 480 + 500 - 80, unknownRevenue: 300 });
});

test("low and unprofitable members are let go unless they have potential", () => {
  const limits = { middleFrom: 50, highFrom: 80 };
  expect(profitGroupOf({ profit: 90, expectedProfit: 500 }, limits)).toEqual({ group: "high", potential: [] });
  expect(profitGroupOf({ profit: 50 }, limits)).toEqual({ group: "middle", potential: [] });
  expect(profitGroupOf({ profit: 49, expectedProfit: 49 }, limits)).toEqual({ group: "low", potential: [] });
  expect(profitGroupOf({ profit: 0, expectedProfit: 50 }, limits)).toEqual({
    group: "none",
    potential: ["expected_profit"],
  });
  expect(profitGroupOf({ profit: 20, recentProfit: 15, earlierProfit: 5 }, limits).potential).toEqual(["growing"]);
  expect(profitGroupOf({ profit: -20, recentProfit: -5, earlierProfit: -15 }, limits).potential).toEqual([]);
});

test("the pyramid has one member in a hundred at its top, and holds everyone once", () => {
  const values = [...Array.from({ length: 200 }, (_, at) => 200 - at), 0, 0, -3];
  const levels = customerPyramid(values);
  expect(levels.map(({ level, members }) => [level, members])).toEqual([
    ["top", 2],
    ["large", 8],
    ["medium", 30],
    ["small", 160],
    ["inactive", 3],
  ]);
  expect(levels[0]).toMatchObject({ value: 399, shareOfMembers: 2 / 203, shareOfValue: 399 / 20_100 });
  expect(levels.reduce((sum, { shareOfValue }) => sum + shareOfValue, 0)).toBeCloseTo(1, 12);
});

test("the upper fifth makes four fifths where the rule of Pareto holds", () => {
  const pareto = [400, 400, ...Array.from({ length: 8 }, () => 25)];
  expect(paretoShare(pareto, 0.2)).toBeCloseTo(0.8, 12);
  expect(paretoShare(pareto, 0.1)).toBeCloseTo(0.4, 12);
  expect(paretoShare(pareto, 0.05)).toBeCloseTo(0.2, 12);
  expect(membersMaking(pareto, 0.8)).toBe(0.2);
  expect([paretoShare([], 0.2), paretoShare([0, -1], 0.2), membersMaking([], 0.8)]).toEqual([null, null, null]);
});

test("deciles hold every member once", () => {
  expect(decileTotals(tenMembers)).toEqual(tenMembers);
  expect(decileTotals([5, 4]).reduce((sum, total) => sum + total, 0)).toBe(9);
});

test("one-time buyers are counted among those who bought", () => {
  expect(oneTimeBuyerRate([0, 1, 1, 2, 9])).toBe(0.5);
  expect(oneTimeBuyerRate([0, 0])).toBeNull();
});

test("the best always make at least their share, and the core is no larger than it needs to be", () => {
  const values = array(integer({ min: 0, max: 1_000_000 }), { minLength: 1, maxLength: 60 });
  const rule = property(values, integer({ min: 1, max: 100 }), (list, percent) => {
    const made = paretoShare(list, percent / 100);
    const core = membersMaking(list, percent / 100);
    if (made === null || core === null) return list.every((value) => value === 0);
    const reached = paretoShare(list, core) ?? 0;
    return made >= percent / 100 - 1e-9 && made <= 1 + 1e-9 && reached >= percent / 100 - 1e-9;
  });
  assert(rule);
});
