// Compares shares, such as conversion rates, of two or more groups.

import { chiSquareUpperTail, normalCdf, normalQuantile } from "../special-functions.ts";

/** `successes` of `trials`. */
export type Share = { readonly successes: number; readonly trials: number };

export type Interval = { readonly low: number; readonly high: number };

export type TwoProportions = {
  /** Share of B minus share of A. */
  readonly difference: number;
  readonly z: number;
  readonly chiSquare: number;
  /** Two-sided. */
  readonly pValue: number;
  /** Of the difference, unpooled (Wald), cut at -1 and 1. */
  readonly interval: Interval;
  /** Whether Yates' correction for continuity is in z, p and interval. */
  readonly yates: boolean;
};

export type SeveralProportions = {
  readonly chiSquare: number;
  readonly degrees: number;
  readonly pValue: number;
  readonly shares: readonly number[];
};

/**
 * The z test of two shares with pooled variance, as `prop.test` of R: z² is its chi-square. Without Yates' correction
 * unless `yates` is asked for, because with the groups of an experiment it is too careful (250 and 295 of 5,000 differ
 * with p .0474 without and .0526 with it). Null when a group is empty.
 */
export function compareProportions(
  a: Share,
  b: Share,
  options: { readonly yates?: boolean; readonly confidence?: number } = {},
): TwoProportions | null {
  const { yates = false, confidence = 0.95 } = options;
  if (!(a.trials > 0 && b.trials > 0)) return null;
  const shareA = a.successes / a.trials;
  const shareB = b.successes / b.trials;
  const difference = shareB - shareA;
  const inverse = 1 / a.trials + 1 / b.trials;
  // R never corrects by more than the difference itself.
  const correction = yates ? Math.min(0.5 * inverse, Math.abs(difference)) : 0;
  const pooled = (a.successes + b.successes) / (a.trials + b.trials);
  const pooledError = Math.sqrt(pooled * (1 - pooled) * inverse);
  const distance = Math.abs(difference) - correction;
  const z = distance === 0 ? 0 : (Math.sign(difference) * distance) / pooledError;
  const error = Math.sqrt((shareA * (1 - shareA)) / a.trials + (shareB * (1 - shareB)) / b.trials);
  const reach = normalQuantile(0.5 + confidence / 2) * error + correction;
  const interval = { low: Math.max(-1, difference - reach), high: Math.min(1, difference + reach) };
  return { difference, z, chiSquare: z * z, pValue: 2 * normalCdf(-Math.abs(z)), interval, yates };
}

/**
 * Whether any of several shares differs from the others: Pearson's chi-square with (groups - 1) degrees of freedom, as
 * `prop.test` of R for more than two groups (Fleiss 1981). Null with fewer than two groups or with an empty one.
 */
export function compareSeveralProportions(groups: readonly Share[]): SeveralProportions | null {
  if (groups.length < 2 || groups.some((group) => !(group.trials > 0))) return null;
  const trials = groups.reduce((sum, group) => sum + group.trials, 0);
  const pooled = groups.reduce((sum, group) => sum + group.successes, 0) / trials;
  const degrees = groups.length - 1;
  let chiSquare = 0;
  if (pooled > 0 && pooled < 1) {
    for (const group of groups) {
      const expected = group.trials * pooled;
      chiSquare += (group.successes - expected) ** 2 / (expected * (1 - pooled));
    }
  }
  const shares = groups.map((group) => group.successes / group.trials);
  return { chiSquare, degrees, pValue: chiSquareUpperTail(chiSquare, degrees), shares };
}

/**
 * Wilson's score interval of one share (Wilson 1927), never outside [0, 1] and exactly 0 or 1 at its ends. Right
 * also for few trials and for shares near 0, where the usual interval is too narrow.
 */
export function wilsonInterval(share: Share, confidence = 0.95): Interval {
  const { successes, trials } = share;
  if (!(trials > 0)) return { low: 0, high: 1 };
  const z = normalQuantile(0.5 + confidence / 2);
  const observed = successes / trials;
  const scale = 1 + (z * z) / trials;
  const middle = (observed + (z * z) / (2 * trials)) / scale;
  const reach = (z / scale) * Math.sqrt((observed * (1 - observed)) / trials + (z * z) / (4 * trials * trials));
  return {
    low: successes === 0 ? 0 : Math.max(0, middle - reach),
    high: successes === trials ? 1 : Math.min(1, middle + reach),
  };
}
