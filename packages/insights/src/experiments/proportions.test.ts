import { assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { compareProportions, compareSeveralProportions, wilsonInterval } from "./proportions.ts";
import { seededRandom } from "../seeded-random.ts";

test("250 and 295 of 5,000 differ without Yates' correction and not with it", () => {
  // prop.test(c(250, 295), c(5000, 5000)) of R 4.2.2, correct = FALSE and TRUE.
  const a = { successes: 250, trials: 5000 };
  const b = { successes: 295, trials: 5000 };
  expect(compareProportions(a, b)).toMatchObject({ yates: false, pValue: expect.closeTo(0.04743846786, 10) });
  expect(compareProportions(a, b, { yates: true })?.pValue).toBeCloseTo(0.05258518324, 10);
});

test("with two groups the k-sample test is the square of the z test", () => {
  const counts = integer({ min: 0, max: 400 });
  const equal = property(counts, counts, (x, y) => {
    const a = { successes: x, trials: 400 };
    const b = { successes: y, trials: 500 };
    expect(compareSeveralProportions([a, b])?.chiSquare).toBeCloseTo(compareProportions(a, b)?.chiSquare ?? -1, 8);
    expect(compareProportions(b, a)?.z).toBeCloseTo(-(compareProportions(a, b)?.z ?? 1), 10);
  });
  assert(equal, { seed: 4 });
});

test("nobody converting, everybody converting and an empty group are answers, not errors", () => {
  const none = { successes: 0, trials: 10 };
  const all = { successes: 10, trials: 10 };
  expect(compareProportions(none, none)).toMatchObject({ z: 0, pValue: 1 });
  expect(compareSeveralProportions([all, all, all])).toMatchObject({ chiSquare: 0, pValue: 1 });
  expect(compareProportions(none, { successes: 0, trials: 0 })).toBeNull();
  expect(compareSeveralProportions([none])).toBeNull();
});

test("intervals of a share and of a difference hold the truth about 95 times in 100", () => {
  const random = seededRandom(7);
  const draw = (share: number, trials: number) => {
    let successes = 0;
    for (let at = 0; at < trials; at += 1) if (random() < share) successes += 1;
    return { successes, trials };
  };
  let held = 0;
  let wilson = 0;
  const runs = 3000;
  for (let run = 0; run < runs; run += 1) {
    const a = draw(0.1, 500);
    const interval = compareProportions(a, draw(0.13, 500))?.interval;
    if (interval !== undefined && interval.low <= 0.03 && 0.03 <= interval.high) held += 1;
    const one = wilsonInterval(a);
    if (one.low <= 0.1 && 0.1 <= one.high) wilson += 1;
  }
  expect(Math.abs(held / runs - 0.95)).toBeLessThan(0.015);
  expect(Math.abs(wilson / runs - 0.95)).toBeLessThan(0.02);
});
