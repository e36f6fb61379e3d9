// Every vector of ../shared/fixtures/abtest/ab_vectors.json against the functions of this folder.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { compareLift, compareMeans, meanOf, meanOfShare } from "./means.ts";
import type { MeanComparison, Sums } from "./means.ts";
import { equivalencePower, millerSampleSize, proportionPower, proportionSampleSize } from "./power.ts";
import { compareProportions, compareSeveralProportions, wilsonInterval } from "./proportions.ts";
import type { Share } from "./proportions.ts";
import { winningLead } from "./sequential.ts";

type Pair = readonly [number, number];
type Vectors = {
  two_proportion: {
    name: string;
    x: Pair;
    n: Pair;
    z: number;
    p_two_sided: number;
    ci95_diff_B_minus_A: Pair;
    with_yates?: { chisq: number; p: number };
  }[];
  r_help_prop_test: { x: number[]; n: number[]; chisq: number; df: number; p: number };
  r_help_power_prop_test: { n?: number; p1: number; p2: number; power: number; n_per_group?: number }[];
  evan_miller_sample_size: {
    baseline: number;
    mde_absolute: number;
    alpha: number;
    power: number;
    n_per_group: number;
  }[];
  evan_miller_sequential: { derived: { N: number; win_at: number }[] };
  statsmodels: { default_ztest: { z: number; p: number }; power_ztost_PASS_example: number };
  growthbook_ttest: (Expected & { a?: GrowthbookSums; b?: GrowthbookSums })[];
  growthbook_proportion: (Expected & { x: Pair; n: Pair })[];
};
type GrowthbookSums = { sum: number; sum_squares: number; n: number };
type Expected = { difference: "relative" | "absolute"; expected: number; ci: Pair; stddev: number; p: number };

const path = fileURLToPath(new URL("../../../../../shared/fixtures/abtest/ab_vectors.json", import.meta.url));
const without = !existsSync(path);
const absent = `${path} is not there`;
const read = () => JSON.parse(readFileSync(path, "utf8")) as Vectors;

test("two proportions agree with prop.test of R, without Yates and with it", ({ skip }) => {
  skip(without, absent);
  for (const vector of read().two_proportion) {
    const [a, b] = sharesOf(vector);
    const plain = compareProportions(a, b);
    expect(plain?.z, vector.name).toBeCloseTo(vector.z, 8);
    expect(plain?.pValue).toBeCloseTo(vector.p_two_sided, 10);
    expect(plain?.interval.low).toBeCloseTo(vector.ci95_diff_B_minus_A[0], 10);
    expect(plain?.interval.high).toBeCloseTo(vector.ci95_diff_B_minus_A[1], 9);
    if (vector.with_yates === undefined) continue;
    const careful = compareProportions(a, b, { yates: true });
    expect(careful?.chiSquare).toBeCloseTo(vector.with_yates.chisq, 8);
    expect(careful?.pValue).toBeCloseTo(vector.with_yates.p, 10);
  }
});

test("four groups agree with prop.test of R, and the default z test with statsmodels", ({ skip }) => {
  skip(without, absent);
  const { r_help_prop_test: several, statsmodels } = read();
  const groups = several.x.map((successes, at) => ({ successes, trials: several.n[at] ?? 0 }));
  const compared = compareSeveralProportions(groups);
  expect(compared?.chiSquare).toBeCloseTo(several.chisq, 7);
  expect(compared?.degrees).toBe(several.df);
  expect(compared?.pValue).toBeCloseTo(several.p, 11);
  // statsmodels test_proportion.py, test_default_values: 5 of 83 against 12 of 99, A minus B.
  const two = compareProportions({ successes: 12, trials: 99 }, { successes: 5, trials: 83 });
  expect(two?.z).toBeCloseTo(statsmodels.default_ztest.z, 12);
  expect(two?.pValue).toBeCloseTo(statsmodels.default_ztest.p, 12);
  // The same file, test_confint_proportion_wilson_clip.
  expect(wilsonInterval({ successes: 38, trials: 38 }).high).toBe(1);
  expect(wilsonInterval({ successes: 0, trials: 77 }).low).toBe(0);
  expect(wilsonInterval({ successes: 19, trials: 38 }).low).toBeCloseTo(0.348499283643951, 12);
  const tost = equivalencePower({ low: 0.1, high: 0.9, share: 0.6, trials: 10 });
  expect(tost).toBeCloseTo(statsmodels.power_ztost_PASS_example, 4);
});

test("sample sizes and power agree with power.prop.test of R and with Evan Miller", ({ skip }) => {
  skip(without, absent);
  const vectors = read();
  for (const { n, p1, p2, power, n_per_group } of vectors.r_help_power_prop_test) {
    if (n !== undefined) expect(proportionPower({ p1, p2 }, n)).toBeCloseTo(power, 9);
    // R stops its search for n within about 1e-4 of the answer.
    if (n_per_group !== undefined) {
      expect(Math.abs(proportionSampleSize({ p1, p2 }, power) / n_per_group - 1)).toBeLessThan(1e-6);
    }
  }
  for (const { baseline, mde_absolute, alpha, power, n_per_group } of vectors.evan_miller_sample_size) {
    expect(Math.round(millerSampleSize({ baseline, effect: mde_absolute, alpha }, power))).toBe(n_per_group);
  }
  for (const { N, win_at } of vectors.evan_miller_sequential.derived) {
    expect(winningLead({ conversions: N })).toBe(win_at);
  }
});

test("differences and lifts of means and shares agree with GrowthBook", ({ skip }) => {
  skip(without, absent);
  const { growthbook_ttest: tests, growthbook_proportion: shares } = read();
  const first = tests[0];
  const a = meanOf(sumsOf(first?.a));
  const b = meanOf(sumsOf(first?.b));
  expect(tests).toHaveLength(2);
  for (const vector of tests) {
    expectAgreement(vector.difference === "relative" ? compareLift(a, b) : compareMeans(a, b), vector);
  }
  for (const vector of shares) {
    const [control, treatment] = sharesOf(vector);
    expectAgreement(compareLift(meanOfShare(control), meanOfShare(treatment)), vector);
  }
});

function expectAgreement(compared: MeanComparison | null, vector: Expected): void {
  expect(compared?.effect).toBeCloseTo(vector.expected, 5);
  expect(compared?.standardError).toBeCloseTo(vector.stddev, 5);
  expect(compared?.pValue).toBeCloseTo(vector.p, 5);
  expect(compared?.interval.low).toBeCloseTo(vector.ci[0], 5);
  expect(compared?.interval.high).toBeCloseTo(vector.ci[1], 5);
}

function sharesOf({ x, n }: { x: Pair; n: Pair }): [Share, Share] {
  return [
    { successes: x[0], trials: n[0] },
    { successes: x[1], trials: n[1] },
  ];
}

function sumsOf(sums: GrowthbookSums | undefined): Sums {
  return { n: sums?.n ?? 0, sum: sums?.sum ?? 0, sumSquares: sums?.sum_squares ?? 0 };
}
