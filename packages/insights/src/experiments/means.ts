// Compares means of two groups from their sums, so that no single value has to be kept.

import { studentTCdf, studentTQuantile } from "../special-functions.ts";
import type { Interval, Share } from "./proportions.ts";

/** What a group must add up: how many units, the sum of their values and of the squares of these. */
export type Sums = { readonly n: number; readonly sum: number; readonly sumSquares: number };

/** A mean with the variance of single values round it. */
export type Mean = { readonly n: number; readonly mean: number; readonly variance: number };

export type MeanComparison = {
  /** B minus A; or (B - A) / A of a relative lift: 0.1 is ten per cent more. */
  readonly effect: number;
  readonly standardError: number;
  readonly t: number;
  readonly degrees: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly interval: Interval;
};

/** Mean and sample variance (by n - 1) of a group from its sums; the variance of fewer than two units is 0. */
export function meanOf({ n, sum, sumSquares }: Sums): Mean {
  const mean = n > 0 ? sum / n : 0;
  return { n, mean, variance: n > 1 ? Math.max(0, sumSquares - n * mean * mean) / (n - 1) : 0 };
}

/** A share as a mean of zeros and ones; variance p(1 - p). */
export function meanOfShare({ successes, trials }: Share): Mean {
  const mean = trials > 0 ? successes / trials : 0;
  return { n: trials, mean, variance: mean * (1 - mean) };
}

/**
 * Welch's t test of two means with unequal variances (Welch 1947), as `t.test` of R. Null when a group has fewer
 * than two units or when neither group varies, for then there is no error to compare with.
 */
export function compareMeans(a: Mean, b: Mean, confidence = 0.95): MeanComparison | null {
  const variance = a.variance / a.n + b.variance / b.n;
  return comparison({ effect: b.mean - a.mean, variance, a, b, confidence });
}

/**
 * The relative lift of B over A with its interval by the delta method (Deng, Knoblich & Lu, KDD 2018):
 * Var = Var(B)/A² + Var(A)·B²/A⁴; degrees of freedom as Welch's. Null as above, or when the mean of A is 0.
 */
export function compareLift(a: Mean, b: Mean, confidence = 0.95): MeanComparison | null {
  if (a.mean === 0) return null;
  const base = a.mean * a.mean;
  const variance = b.variance / b.n / base + ((a.variance / a.n) * b.mean * b.mean) / (base * base);
  return comparison({ effect: (b.mean - a.mean) / Math.abs(a.mean), variance, a, b, confidence });
}

type Ask = { effect: number; variance: number; a: Mean; b: Mean; confidence: number };

function comparison({ effect, variance, a, b, confidence }: Ask): MeanComparison | null {
  const degrees = welchDegrees(a, b);
  if (!(a.n > 1 && b.n > 1 && variance > 0 && degrees > 0)) return null;
  const standardError = Math.sqrt(variance);
  const t = effect / standardError;
  const reach = studentTQuantile(0.5 + confidence / 2, degrees) * standardError;
  return {
    effect,
    standardError,
    t,
    degrees,
    pValue: 2 * studentTCdf(-Math.abs(t), degrees),
    interval: { low: effect - reach, high: effect + reach },
  };
}

function welchDegrees(a: Mean, b: Mean): number {
  const partA = a.variance / a.n;
  const partB = b.variance / b.n;
  return (partA + partB) ** 2 / (partA ** 2 / (a.n - 1) + partB ** 2 / (b.n - 1));
}
