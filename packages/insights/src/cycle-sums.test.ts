import { expect, test } from "vitest";
import { addGapSums, cycleOfSums, gapSums, NO_GAPS } from "./cycle-sums.ts";

test("a balanced layout gives the variances of the textbook, however its members are grouped", () => {
  // ln gaps of three members: 1 ± 0.1, 2 ± 0.1, 3 ± 0.1. Within: 0.02; of means: 1 - 0.02 / 2.
  const gaps = [1, 2, 3].map((mean) => [Math.exp(mean - 0.1), Math.exp(mean + 0.1)]);
  const [first = NO_GAPS, second = NO_GAPS, third = NO_GAPS] = gaps.map(gapSums);
  for (const sums of [addGapSums(addGapSums(first, second), third), addGapSums(first, addGapSums(third, second))]) {
    const cycle = cycleOfSums(sums);
    expect(cycle?.medianDays).toBeCloseTo(Math.exp(2), 9);
    expect(cycle?.withinVariance).toBeCloseTo(0.02, 12);
    expect(cycle?.credibilityGaps).toBeCloseTo(0.02 / 0.99, 9);
    expect(cycle).toMatchObject({ members: 3, gaps: 6 });
  }
});

test("members without a gap add nothing, and nothing is no cycle", () => {
  expect(gapSums([])).toEqual(NO_GAPS);
  expect(cycleOfSums(NO_GAPS)).toBe(null);
  expect(cycleOfSums(addGapSums(gapSums([10]), NO_GAPS))).toMatchObject({ members: 1, gaps: 1, credibilityGaps: 2 });
});
