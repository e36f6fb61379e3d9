import { expect, test } from "vitest";
import {
  equivalencePower,
  meanPower,
  meanSampleSize,
  millerSampleSize,
  proportionPower,
  proportionSampleSize,
} from "./power.ts";

test("two right formulas give two sample sizes for the same question", () => {
  // power.prop.test(p1 = .2, p2 = .25, power = .8) of R, and the default of evanmiller.org's calculator.
  expect(proportionSampleSize({ p1: 0.2, p2: 0.25 })).toBeCloseTo(1093.739, 3);
  expect(Math.round(millerSampleSize({ baseline: 0.2, effect: 0.05 }))).toBe(1030);
  expect(millerSampleSize({ baseline: 0.8, effect: 0.05 })).toBeCloseTo(
    millerSampleSize({ baseline: 0.2, effect: 0.05 }),
  );
});

test("means need as many units as power.t.test of R says", () => {
  // ?power.t.test: n = 20, delta = 1 gives power 0.8689528; power = .90, delta = 1 gives n = 22.02110.
  expect(meanPower({ difference: 1, deviation: 1 }, 20)).toBeCloseTo(0.8689528, 7);
  expect(meanSampleSize({ difference: 1, deviation: 1 }, 0.9)).toBeCloseTo(22.0211, 4);
  // Upper tail of SciPy's noncentral t (scipy.stats.nct).
  expect(meanPower({ difference: 2, deviation: 1 }, 3)).toBeCloseTo(0.462608129, 6);
  expect(meanPower({ difference: 0.1, deviation: 1, alpha: 0.01 }, 2000)).toBeCloseTo(0.7207719605, 8);
  expect(meanPower({ difference: 1, deviation: 1 }, 1)).toBe(0);
  expect(meanSampleSize({ difference: 0, deviation: 1 })).toBe(Number.POSITIVE_INFINITY);
});

test("the power at the sample size is the power that was asked for", () => {
  for (const power of [0.5, 0.8, 0.95]) {
    const shares = { p1: 0.1, p2: 0.12, alpha: 0.01 };
    expect(proportionPower(shares, proportionSampleSize(shares, power))).toBeCloseTo(power, 10);
    const means = { difference: 3, deviation: 20 };
    expect(meanPower(means, meanSampleSize(means, power))).toBeCloseTo(power, 8);
  }
  expect(proportionSampleSize({ p1: 0.1, p2: 0.1 })).toBe(Number.POSITIVE_INFINITY);
});

test("two shares are shown to be equal with the power of the PASS example", () => {
  expect(equivalencePower({ low: 0.1, high: 0.9, share: 0.6, trials: 10 })).toBeCloseTo(0.8204, 4);
  expect(equivalencePower({ low: 0.4, high: 0.6, share: 0.5, trials: 20 })).toBe(0);
  expect(equivalencePower({ low: 0.4, high: 0.6, share: 1, trials: 200 })).toBe(0);
});
