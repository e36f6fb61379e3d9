import { array, assert, double, property } from "fast-check";
import { expect, test } from "vitest";
import { adjustPValues, compareArms } from "./several-arms.ts";

test("corrected p-values are those of p.adjust of R", () => {
  // p.adjust(c(0.01, 0.02, 0.03, 0.04, 0.05), "bonferroni" | "holm" | "BH")
  const p = [0.01, 0.02, 0.03, 0.04, 0.05];
  expect(adjustPValues(p, "bonferroni")).toEqual([0.05, 0.1, 0.15, 0.2, 0.25]);
  expectClose(adjustPValues(p, "holm"), [0.05, 0.08, 0.09, 0.09, 0.09]);
  expectClose(adjustPValues(p, "benjaminiHochberg"), [0.05, 0.05, 0.05, 0.05, 0.05]);
});

test("Benjamini and Hochberg's own example finds four of fifteen", () => {
  // Benjamini & Hochberg (1995), 3.2: thrombolysis after myocardial infarction.
  const p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528];
  p.push(0.759, 1);
  const found = (correction: "holm" | "bonferroni" | "benjaminiHochberg") =>
    adjustPValues(p, correction).filter((adjusted) => adjusted <= 0.05).length;
  expect([found("bonferroni"), found("holm"), found("benjaminiHochberg")]).toEqual([3, 3, 4]);
});

test("Bonferroni is never below Holm, Holm never below Benjamini-Hochberg, and none below the p-value", () => {
  const ordered = property(array(double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 }), (p) => {
    const bonferroni = adjustPValues(p, "bonferroni");
    const holm = adjustPValues(p, "holm");
    const hochberg = adjustPValues(p, "benjaminiHochberg");
    for (const [at, value] of p.entries()) {
      expect(bonferroni[at]).toBeGreaterThanOrEqual((holm[at] ?? 2) - 1e-12);
      expect(holm[at]).toBeGreaterThanOrEqual((hochberg[at] ?? 2) - 1e-12);
      expect(hochberg[at]).toBeGreaterThanOrEqual(value - 1e-12);
    }
  });
  assert(ordered, { seed: 4 });
});

test("of several arms the best one wins only if the correction lets it", () => {
  const control = { successes: 200, trials: 2000 };
  const arms = [
    { armId: "a", successes: 240, trials: 2000 },
    { armId: "b", successes: 262, trials: 2000 },
    { armId: "c", successes: 150, trials: 2000 },
  ];
  const result = compareArms(control, arms, { correction: "bonferroni" });
  expect(result?.winner).toBe("b");
  expect(result?.overall.degrees).toBe(3);
  // Alone `a` would count (p = .043); among three Bonferroni says no. `c` is significantly worse and so no winner.
  expect(result?.comparisons.map(({ significant }) => significant)).toEqual([false, true, true]);
  expect(compareArms(control, arms.slice(0, 1))?.winner).toBe("a");
  expect(compareArms(control, [{ armId: "x", successes: 0, trials: 0 }])).toBeNull();
});

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  for (const [at, value] of expected.entries()) expect(actual[at]).toBeCloseTo(value, 12);
}
