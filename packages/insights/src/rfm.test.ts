// RFM agrees with R's package rfm row by row, and engagement decides where buying cannot.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { array, assert, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { dayNumber } from "./days.ts";
import {
  compareRfme,
  engagementPoints,
  intervals,
  quantile,
  quantileCuts,
  rfmCode,
  rfmCuts,
  rfmeScores,
  rfmMetrics,
  type RfmMetrics,
  rfmScores,
} from "./rfm.ts";
import { R_PACKAGE_OTHERS, rPackageSegments, segmentOf } from "./rfm-segments.ts";

const folder = fileURLToPath(new URL("../../../../shared/fixtures/rfm", import.meta.url));
const without = !existsSync(folder);

test("all 995 members of R's rfm have its figures, scores and segments", ({ skip }) => {
  skip(without, `${folder} is not there`);
  const metrics = rfmMetrics(readOrders(), dayNumber("2006-12-31"));
  const cuts = rfmCuts([...metrics.values()]);
  const found = [...metrics].map(([id, member]) => {
    const scores = rfmScores(member, cuts);
    const segment = segmentOf(scores, rPackageSegments) ?? R_PACKAGE_OTHERS;
    const { recencyDays, orders, amount } = member;
    const { recency, frequency, monetary } = scores;
    return [id, recencyDays, orders, amount.toFixed(1), recency, frequency, monetary, rfmCode(scores), segment].join();
  });
  const [, ...expected] = readFileSync(`${folder}/expected_rfm_orders.csv`, "utf8").trim().split(/\r?\n/);
  expect(expected).toHaveLength(995);
  expect(found.sort()).toEqual(expected.sort());
});

test("the bins of R's rfm begin and end where it prints them", ({ skip }) => {
  skip(without, `${folder} is not there`);
  const members = [...rfmMetrics(readOrders(), dayNumber("2006-12-31")).values()];
  const cuts = rfmCuts(members);
  const printed = (values: number[], axis: readonly number[]) =>
    intervals(values, axis).map(({ low, high }) => [Number(low.toFixed(1)), Number(high.toFixed(1))]);
  expect(
    printed(
      members.map(({ recencyDays }) => recencyDays),
      cuts.recencyDays,
    ),
  ).toEqual([
    [1, 115],
    [115, 181],
    [181, 297.4],
    [297.4, 482],
    [482, 977],
  ]);
  expect(
    printed(
      members.map(({ orders }) => orders),
      cuts.orders,
    ),
  ).toEqual([
    [1, 4],
    [4, 5],
    [5, 6],
    [6, 8],
    [8, 15],
  ]);
  expect(
    printed(
      members.map(({ amount }) => amount),
      cuts.amount,
    ),
  ).toEqual([
    [12, 255.8],
    [255.8, 382],
    [382, 506.4],
    [506.4, 666],
    [666, 1489],
  ]);
});

test("a quantile lies between the order statistics as R's type 7 does", () => {
  const sorted = [1, 2, 3, 4, 10];
  expect([0, 0.1, 0.25, 0.5, 0.875, 1].map((chance) => quantile(sorted, chance))).toEqual([1, 1.4, 2, 3, 7, 10]);
  expect(quantile([7], 0.3)).toBe(7);
  // 10 · 0.3 and 10 · 0.6 are not whole in binary; the quantiles are still the values themselves.
  expect([0.3, 0.6].map((chance) => quantile([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], chance))).toEqual([3, 6]);
});

test("a value on a cut belongs to the bin that begins there, and ties share a score", () => {
  expect(quantileCuts([1, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3])).toEqual([2, 2, 2, 3]);
  const cuts = { recencyDays: [30, 90], orders: [2, 2, 2, 3], amount: [100] };
  const scores = (recencyDays: number, orders: number, amount: number) =>
    rfmCode(rfmScores({ recencyDays, orders, amount }, cuts));
  expect(scores(29, 1, 99)).toBe("311");
  expect(scores(30, 2, 100)).toBe("242");
  expect(scores(90, 3, 101)).toBe("152");
});

test("fixed bins score values outside everything seen so far", () => {
  const cuts = { recencyDays: [115, 181, 297, 482], orders: [4, 5, 6, 8], amount: [256, 382, 506, 666] };
  expect(rfmCode(rfmScores({ recencyDays: 0, orders: 400, amount: 1e9 }, cuts))).toBe("555");
  expect(rfmCode(rfmScores({ recencyDays: 9999, orders: 0, amount: -5 }, cuts))).toBe("111");
});

test("an order after the day of analysis does not count yet, and nobody gives no cuts", () => {
  const orders = [
    { memberId: "a", day: 10, amount: 5 },
    { memberId: "a", day: 12, amount: 7 },
    { memberId: "b", day: 13, amount: 7 },
  ];
  expect([...rfmMetrics(orders, 12)]).toEqual([["a", { recencyDays: 0, orders: 2, amount: 12 }]]);
  expect(rfmCuts([])).toEqual({ recencyDays: [], orders: [], amount: [] });
});

test("buying more, oftener or later never lowers a score", () => {
  const member = record({
    recencyDays: integer({ min: 0, max: 900 }),
    orders: integer({ min: 1, max: 60 }),
    amount: integer({ min: 0, max: 90_000 }),
  });
  const rule = property(
    array(member, { minLength: 2, maxLength: 60 }),
    integer({ min: 2, max: 7 }),
    (members, bins) => {
      const cuts = rfmCuts(members, { bins });
      const [one, other] = members as [RfmMetrics, RfmMetrics];
      const [a, b] = [rfmScores(one, cuts), rfmScores(other, cuts)];
      return (
        (one.recencyDays >= other.recencyDays || a.recency >= b.recency) &&
        (one.orders <= other.orders || a.frequency >= b.frequency) &&
        (one.amount <= other.amount || a.monetary >= b.monetary) &&
        Object.values(a).every((score) => score >= 1 && score <= bins)
      );
    },
  );
  assert(rule);
});

test("of two who bought two months ago, the one who asked five times since ranks higher", () => {
  const bought = { recencyDays: 60, orders: 1, amount: 30_000 };
  const asked = [10, 20, 30, 40, 50].map((day) => ({ day, kind: "question" }));
  const a = { ...bought, engagementPoints: engagementPoints(asked, { asOf: 60 }) };
  const b = { ...bought, engagementPoints: engagementPoints([], { asOf: 60 }) };
  const cuts = { ...rfmCuts([a, b]), engagement: quantileCuts([a, b].map((member) => member.engagementPoints)) };
  const [scoresA, scoresB] = [rfmeScores(a, cuts), rfmeScores(b, cuts)];
  expect([rfmCode(scoresA), scoresA.engagement, scoresA.engagementPoints]).toEqual([rfmCode(scoresB), 5, 5]);
  expect(scoresB.engagement).toBe(1);
  expect([scoresB, scoresA].sort(compareRfme)).toEqual([scoresA, scoresB]);
});

test("a touch is worth its kind, fades by half-lives, and one of the future nothing", () => {
  const touches = [
    { day: 0, kind: "opened" },
    { day: 30, kind: "visit" },
    { day: 61, kind: "visit" },
  ];
  const options = { asOf: 60, halfLifeDays: 30, weights: { visit: 4 } };
  expect(engagementPoints(touches, options)).toBe(0.25 + 2);
});

function* readOrders() {
  const [, ...rows] = readFileSync(`${folder}/rfm_data_orders.csv`, "utf8").trim().split(/\r?\n/);
  for (const row of rows) {
    const [memberId = "", day = "", amount = ""] = row.split(",");
    yield { memberId: memberId.replaceAll('"', ""), day: dayNumber(day), amount: Number(amount) };
  }
}
