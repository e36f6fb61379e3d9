// Reference values were computed with mpmath 1.3 at 40 digits.
import { expect, test } from "vitest";
import { gaussFraction, ordersUntilDropout } from "./hypergeometric.ts";

test("the continued fraction agrees with mpmath, near z = 1 too", () => {
  const facts = [
    [2.5, 3.7, 0.1, 1.07303205022849],
    [26.5, 27.7, 0.9, 7.55195691332156],
    [200.5, 202, 0.999, 196.843626898508],
    [1.6, 30, 0.9999, 1.05838774613954],
    [0.3, 0.5, 0.5, 1.5440921287121],
  ] as const;
  const wrong = facts.filter(([b, c, z, expected]) => !near(gaussFraction(b, c, z), expected));
  expect(wrong).toEqual([]);
  expect(gaussFraction(2, 3, 0)).toBe(1);
});

test("orders until dropout agree with mpmath for common, singular and extreme parameters", () => {
  const facts = [
    { r: 0.243, a: 1, b: 2.426, u: 10, expected: 1.16989051490204 },
    { r: 0.25, a: 0.3, b: 0.4, u: 5, expected: 0.741995958755643 },
    { r: 0.25, a: 0.3, b: 0.7, u: 5, expected: 0.842566775678715 },
    { r: 0.25, a: 3, b: 10_000, u: 100, expected: 24.54490006 },
    { r: 5, a: 0.05, b: 1, u: 0.2, expected: 0.976814223836751 },
    { r: 200.25, a: 0.8, b: 202.5, u: 40 / 44, expected: 138.53396463 },
    { r: 50, a: 0.8, b: 12.4, u: 0.3, expected: 10.716366828167 },
    { r: 1000, a: 0.8, b: 2.4, u: 0.00195, expected: 1.57892221390541 },
    { r: 1000, a: 0.8, b: 2.4, u: 50, expected: 73.9331664772395 },
    { r: 500, a: 0.01, b: 2, u: 0.5, expected: 239.907 },
    { r: 0.0685165437, a: 27018.83, b: 158528.69, u: 4_900_000, expected: 4.14016029793877 },
    { r: 0.0685165437, a: 27018.83, b: 158528.69, u: 0.1, expected: 0.0067988798772735 },
    { r: 2.5, a: 800, b: 5000, u: 60, expected: 7.22995476253909 },
  ];
  const wrong = facts.filter((fact) => !near(ordersUntilDropout(fact), fact.expected, fact.a === 0.01 ? 5e-6 : 1e-9));
  expect(wrong).toEqual([]);
});

test("nothing is expected of no time, and a is continuous at one", () => {
  expect(ordersUntilDropout({ r: 2, a: 1.5, b: 3, u: 0 })).toBe(0);
  const at = (a: number) => ordersUntilDropout({ r: 0.243, a, b: 2.426, u: 10 });
  expect(near((at(1 - 1e-9) + at(1 + 1e-9)) / 2, at(1))).toBe(true);
});

function near(found: number, expected: number, share = 1e-12): boolean {
  return Math.abs(found / expected - 1) < share;
}
