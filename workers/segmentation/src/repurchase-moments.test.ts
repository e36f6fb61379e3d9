import { type UsualCycle, usualCycle } from "@regulars/insights/buying-cycle";
import fc from "fast-check";
import { expect, test } from "vitest";
import { addSums, cycleOfSums, type GapSums, hasMoved } from "./repurchase-moments.ts";

const nothing: GapSums = { members: 0, gaps: 0, squares: 0, logs: 0, logSquares: 0, within: 0 };

function sumsOf(gaps: readonly number[]): GapSums {
  if (gaps.length === 0) return nothing;
  const logs = gaps.map(Math.log);
  const total = logs.reduce((sum, log) => sum + log, 0);
  const mean = total / logs.length;
  const within = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  const [n, squares] = [logs.length, logs.length ** 2];
  return { members: 1, gaps: n, squares, logs: total, logSquares: total ** 2 / n, within };
}

test("the cycle from sums that were added page by page is the usual cycle of the insights", () => {
  const gap = fc.oneof(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.01, max: 400, noNaN: true }));
  const members = fc.array(fc.array(gap, { maxLength: 12 }), { maxLength: 60 });
  fc.assert(
    fc.property(members, (gapsByMember) => {
      const found = cycleOfSums(gapsByMember.map(sumsOf).reduce(addSums, nothing));
      const usual = usualCycle(gapsByMember);
      expect(found === null).toBe(usual === null);
      for (const name of Object.keys(usual ?? {}) as (keyof UsualCycle)[]) {
        const [is, should] = [found?.[name] ?? Number.NaN, usual?.[name] ?? Number.NaN];
        expect(Math.abs(is / should - 1), name).toBeLessThan(1e-9);
      }
    }),
    { numRuns: 500 },
  );
});

test("a cycle that moved by half a day in a month stays as stored; one that moved by two days does not", () => {
  const stored: UsualCycle = { medianDays: 30, withinVariance: 0.25, credibilityGaps: 2, members: 100, gaps: 300 };
  expect(hasMoved(stored, { ...stored, medianDays: 30.5, members: 105, gaps: 320 })).toBe(false);
  expect(hasMoved(stored, { ...stored, medianDays: 28 })).toBe(true);
  expect(hasMoved(stored, { ...stored, withinVariance: 0.4 })).toBe(true);
  expect(hasMoved(stored, { ...stored, credibilityGaps: 4 })).toBe(true);
});
