// The search finds known tops, and says so when there is none.
import { expect, test } from "vitest";
import { findTops, maximize, polishMaximum } from "./maximize.ts";

test("the top of a bent ridge is found from far away", () => {
  const ridge = ([x = 0, y = 0]: readonly number[]) => -((1 - x) ** 2) - 100 * (y - x * x) ** 2;
  const found = maximize(ridge, [[-1.2, 1]]);
  expect(found.settled).toBe(true);
  expect(found.at[0]).toBeCloseTo(1, 4);
  expect(found.at[1]).toBeCloseTo(1, 4);
});

test("of two tops the higher one is found when a start leads to it", () => {
  const hills = ([x = 0]: readonly number[]) => 2 * Math.exp(-((x - 4) ** 2)) + Math.exp(-((x + 4) ** 2));
  expect(maximize(hills, [[-3], [3]]).at[0]).toBeCloseTo(4, 4);
});

test("a slope without a top is not settled", () => {
  expect(maximize(([x = 0]) => x, [[0]]).settled).toBe(false);
  expect(maximize(([x = 0]) => -Math.exp(-x), [[0]]).settled).toBe(false);
});

test("places where the function is not defined are avoided", () => {
  const found = maximize(([x = 0]) => Math.log(x) - x, [[0.2]]);
  expect(found.settled).toBe(true);
  expect(found.at[0]).toBeCloseTo(1, 5);
});

test("a search goes on from what another one learnt", () => {
  const bowl = ([x = 0, y = 0]: readonly number[]) => -(x * x) - 50 * y * y + x * y;
  const near = maximize(bowl, [[2, 2]]);
  const shifted = polishMaximum((at) => bowl(at.map((x) => x - 0.01)), near);
  expect(shifted.settled).toBe(true);
  expect(shifted.at[0]).toBeCloseTo(0.01, 5);
  expect(shifted.evaluations).toBeLessThan(30);
});

test("both of two tops are told, the higher one first, and one that two starts reach only once", () => {
  const hills = ([x = 0]: readonly number[]) => 2 * Math.exp(-((x - 4) ** 2)) + Math.exp(-((x + 4) ** 2));
  const tops = findTops(hills, [[-3], [3], [4.5]]);
  expect(tops.map(({ at }) => Math.round(at[0] ?? 0))).toEqual([4, -4]);
});
