import { expect, test } from "vitest";
import { seededNormal } from "../seeded-random.ts";
import { compareLift, compareMeans, meanOf, meanOfShare } from "./means.ts";

const sumsOf = (values: readonly number[]) => ({
  n: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumSquares: values.reduce((sum, value) => sum + value * value, 0),
});

test("Welch's test agrees with t.test of R on Student's sleep data", () => {
  // t.test(extra ~ group, data = sleep): t = -1.8608, df = 17.776, p = 0.07939, interval -3.3654832 .. 0.2054832.
  const one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
  const two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
  const compared = compareMeans(meanOf(sumsOf(two)), meanOf(sumsOf(one)));
  expect(compared?.t).toBeCloseTo(-1.8608, 4);
  expect(compared?.degrees).toBeCloseTo(17.776, 3);
  expect(compared?.pValue).toBeCloseTo(0.07939, 5);
  expect(compared?.interval.low).toBeCloseTo(-3.3654832, 6);
  expect(compared?.interval.high).toBeCloseTo(0.2054832, 6);
});

test("where there is nothing to compare with, the answer is null", () => {
  const constant = meanOf(sumsOf([2, 2, 2]));
  const zero = meanOf(sumsOf([-1, 1]));
  expect(compareMeans(constant, constant)).toBeNull();
  expect(compareMeans(meanOf(sumsOf([1])), zero)).toBeNull();
  expect(compareLift(zero, constant)).toBeNull();
  expect(compareMeans(constant, zero)?.effect).toBe(-2);
  expect(meanOfShare({ successes: 3, trials: 4 })).toEqual({ n: 4, mean: 0.75, variance: 0.1875 });
});

test("a lift of losses is counted against their size", () => {
  const a = meanOf(sumsOf([-10, -12, -8]));
  const b = meanOf(sumsOf([-5, -6, -4]));
  expect(compareLift(a, b)?.effect).toBeCloseTo(0.5, 12);
});

test("the intervals of a difference and of a lift hold the truth about 95 times in 100", () => {
  const normal = seededNormal(11);
  const draw = (n: number, mean: number, deviation: number) =>
    meanOf(sumsOf(Array.from({ length: n }, () => mean + deviation * normal())));
  const runs = 1500;
  let differences = 0;
  let lifts = 0;
  for (let run = 0; run < runs; run += 1) {
    const a = draw(60, 10, 2);
    const b = draw(30, 12, 5);
    const difference = compareMeans(a, b)?.interval;
    const lift = compareLift(a, b)?.interval;
    if (difference !== undefined && difference.low <= 2 && 2 <= difference.high) differences += 1;
    if (lift !== undefined && lift.low <= 0.2 && 0.2 <= lift.high) lifts += 1;
  }
  expect(Math.abs(differences / runs - 0.95)).toBeLessThan(0.02);
  expect(Math.abs(lifts / runs - 0.95)).toBeLessThan(0.025);
});
