import type { UsualCycle } from "@regulars/insights/buying-cycle";
import { expect, test } from "vitest";
import { hasMoved } from "./cycle-moved.ts";

test("a cycle that moved by half a day in a month stays as stored; one that moved by two days does not", () => {
  const stored: UsualCycle = { medianDays: 30, withinVariance: 0.25, credibilityGaps: 2, members: 100, gaps: 300 };
  expect(hasMoved(stored, { ...stored, medianDays: 30.5, members: 105, gaps: 320 })).toBe(false);
  expect(hasMoved(stored, { ...stored, medianDays: 28 })).toBe(true);
  expect(hasMoved(stored, { ...stored, withinVariance: 0.4 })).toBe(true);
  expect(hasMoved(stored, { ...stored, credibilityGaps: 4 })).toBe(true);
});
