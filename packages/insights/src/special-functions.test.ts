// Reference values were computed with mpmath 1.3 at 30 digits and with SciPy 1.17.
import { assert, double, property } from "fast-check";
import { expect, test } from "vitest";
import {
  chiSquareCdf,
  chiSquareQuantile,
  chiSquareUpperTail,
  fUpperTail,
  logAddExp,
  logBeta,
  logGamma,
  normalCdf,
  normalDensity,
  normalQuantile,
  regularizedBeta,
  regularizedGammaUpper,
  studentTCdf,
  studentTQuantile,
} from "./special-functions.ts";

test("the logarithm of gamma agrees with mpmath to 14 digits", () => {
  expect(
    misses(logGamma, [
      [[0.001], 6.90717888538385],
      [[0.5], 0.5723649429247],
      [[1.5], -0.120782237635245],
      [[3.3], 0.987098577894735],
      [[9.99], 12.7793152143502],
      [[10], 12.8018274800815],
      [[200.25], 859.257780222549],
      [[1e6], 12815504.5691476],
    ]),
  ).toEqual([]);
  expect([logGamma(0), logGamma(-1)]).toEqual([Number.NaN, Number.NaN]);
});

test("the logarithm of beta loses nothing where an argument is large", () => {
  expect(
    misses(logBeta, [
      [[0.5, 0.25], 1.65710651619148],
      [[0.793, 202.426], -4.05185029574639],
      [[30, 40], -48.3017490959161],
      [[1e6, 2e6], -1909548.290968533],
      [[0.8, 1e7], -12.7424168343668],
    ]),
  ).toEqual([]);
});

test("the incomplete beta and gamma functions agree with mpmath, far tails too", () => {
  expect(
    misses(regularizedBeta, [
      [[0.2, 0.5, 3], 0.733430296619931],
      [[0.9, 200, 20.5], 0.33945291681159],
      [[0.5, 1000, 1000], 0.5],
      [[1e-5, 2, 3], 5.9999200003e-10],
    ]),
  ).toEqual([]);
  expect(
    misses(regularizedGammaUpper, [
      [[0.5, 0.1], 0.654720846018577],
      [[0.5, 300], 1.67416798469179e-132],
      [[20, 15], 0.875218784967475],
      [[20, 60], 6.35191834037898e-10],
    ]),
  ).toEqual([]);
});

test("the normal distribution agrees with mpmath, far tails too", () => {
  expect(
    misses(normalCdf, [
      [[-30], 4.90671392714819e-198],
      [[-5], 2.86651571879194e-7],
      [[-1.96], 0.0249978951482204],
      [[-0.1], 0.460172162722971],
      [[0.3], 0.617911422188953],
      [[2], 0.977249868051821],
    ]),
  ).toEqual([]);
  expect(
    misses(normalQuantile, [
      [[1e-12], -7.03448382530113],
      [[0.975], 1.95996398454005],
    ]),
  ).toEqual([]);
  expect(normalDensity(0)).toBeCloseTo(0.398942280401433, 15);
  expect([normalQuantile(0), normalQuantile(1), normalQuantile(1.1)]).toEqual([-Infinity, Infinity, Number.NaN]);
});

test("Student's t, chi-square and F agree with SciPy", () => {
  expect(
    misses(studentTCdf, [
      [[-2.5, 4], 0.0333832724059941],
      [[1e-3, 7.3], 0.500385551509488],
      [[1.2, 1], 0.778857938376304],
      [[-40, 30], 6.86302259720321e-28],
      [[0.5, 200], 0.69118762384177],
    ]),
  ).toEqual([]);
  expect(
    misses(studentTQuantile, [
      [[0.975, 5], 2.57058183563631],
      [[0.01, 1.5], -11.1973161795684],
      [[0.9, 300.5], 1.2843751510169],
    ]),
  ).toEqual([]);
  expect(
    misses(chiSquareUpperTail, [
      [[3.84, 1], 0.0500435212487052],
      [[100, 4], 9.83662422461599e-21],
      [[5, 10], 0.891178018914151],
    ]),
  ).toEqual([]);
  expect(
    misses(chiSquareQuantile, [
      [[0.95, 1], 3.84145882069412],
      [[0.01, 7], 1.23904230556793],
      [[0.999, 30], 59.7030643044299],
    ]),
  ).toEqual([]);
  expect(misses(fUpperTail, [[[3.2, 2, 17], 0.0661425666664213]])).toEqual([]);
});

test("a quantile is where the distribution function says so", () => {
  const chance = double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });
  const degrees = double({ min: 0.5, max: 500, noNaN: true });
  assert(property(chance, (p) => near(normalCdf(normalQuantile(p)), p)));
  assert(property(chance, degrees, (p, df) => near(studentTCdf(studentTQuantile(p, df), df), p)));
  assert(property(chance, degrees, (p, df) => near(chiSquareCdf(chiSquareQuantile(p, df), df), p)));
});

test("sums of powers neither overflow nor vanish", () => {
  expect(logAddExp(1000, 1000)).toBeCloseTo(1000 + Math.LN2, 12);
  expect(logAddExp(-1000, -2000)).toBe(-1000);
  expect(logAddExp(-Infinity, 3)).toBe(3);
});

function near(found: number, expected: number): boolean {
  return Math.abs(found - expected) <= 1e-11 + 1e-9 * Math.abs(expected);
}

function misses<Args extends number[]>(f: (...args: Args) => number, facts: readonly [Args, number][]): string[] {
  return facts
    .filter(([args, expected]) => !(Math.abs(f(...args) / expected - 1) < 2e-13))
    .map(([args, expected]) => `${f.name}(${args}) = ${f(...args)}, not ${expected}`);
}
