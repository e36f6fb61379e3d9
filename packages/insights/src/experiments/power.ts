// Says how many units an experiment needs, and how likely it is to see an effect that is there.

import { logGamma, normalCdf, normalQuantile, studentTQuantile } from "../special-functions.ts";

/** Two shares that are to be told apart; `alpha` is two-sided, .05 unless said. */
export type ProportionPlan = { readonly p1: number; readonly p2: number; readonly alpha?: number };

/** A difference of means in the unit of the standard deviation of single values; `alpha` is two-sided. */
export type MeanPlan = { readonly difference: number; readonly deviation: number; readonly alpha?: number };

/** Points of Simpson's rule over the chi distribution; 10 digits of `power.t.test`. */
const INTEGRATION_STEPS = 400;
/** The chi distribution divided by its root of degrees lies this many deviations round 1. */
const INTEGRATION_REACH = 9;
const MAX_GROUP = 2 ** 40;

/** Power of the z test of two shares with `n` units in each group, as `power.prop.test(strict = FALSE)` of R. */
export function proportionPower(plan: ProportionPlan, n: number): number {
  const { critical, pooled, apart, difference } = proportionErrors(plan);
  return normalCdf((Math.sqrt(n) * difference - critical * pooled) / apart);
}

/**
 * Units in each group (not rounded) to find p1 against p2 with this power, as `power.prop.test` of R:
 * (z_α √(2p̄(1-p̄)) + z_β √(p1(1-p1) + p2(1-p2)))² / (p1 - p2)². Infinite when the shares are equal.
 */
export function proportionSampleSize(plan: ProportionPlan, power = 0.8): number {
  const { critical, pooled, apart, difference } = proportionErrors(plan);
  return ((critical * pooled + normalQuantile(power) * apart) / difference) ** 2;
}

/**
 * Units in each group (not rounded; his page rounds) by Evan Miller's calculator: the first error is taken from the
 * baseline alone, √(2p(1-p)), the second from both. 1,030 for 20 % and 5 points, where R's formula says 1,094. A
 * baseline above one half is turned round first, as there.
 */
export function millerSampleSize(
  plan: { readonly baseline: number; readonly effect: number; readonly alpha?: number },
  power = 0.8,
): number {
  const { baseline, effect, alpha = 0.05 } = plan;
  const p = baseline > 0.5 ? 1 - baseline : baseline;
  const first = Math.sqrt(2 * p * (1 - p));
  const second = Math.sqrt(p * (1 - p) + (p + effect) * (1 - p - effect));
  return ((normalQuantile(1 - alpha / 2) * first + normalQuantile(power) * second) / effect) ** 2;
}

/** Power of the two-sample t test with `n` units in each group, as `power.t.test` of R (one tail, noncentral t). */
export function meanPower(plan: MeanPlan, n: number): number {
  const { difference, deviation, alpha = 0.05 } = plan;
  const degrees = 2 * (n - 1);
  if (!(degrees > 0)) return 0;
  const shift = Math.sqrt(n / 2) * (Math.abs(difference) / deviation);
  return noncentralUpperTail(studentTQuantile(1 - alpha / 2, degrees), degrees, shift);
}

/** Units in each group (not rounded) to find this difference of means with this power, as `power.t.test` of R. */
export function meanSampleSize(plan: MeanPlan, power = 0.8): number {
  if (plan.difference === 0) return Number.POSITIVE_INFINITY;
  let high = 2;
  while (meanPower(plan, high) < power && high < MAX_GROUP) high *= 2;
  let low = high === 2 ? 1 : high / 2;
  for (let step = 0; step < 60 && high - low > 1e-9 * high; step += 1) {
    const middle = (low + high) / 2;
    if (meanPower(plan, middle) < power) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/**
 * Power to show that a share lies within (`low`, `high`), when it truly is `share`: two one-sided z tests with the
 * variance of each limit, the binomial distribution counted out. `alpha` is one-sided. Chow, Shao & Wang (2008),
 * chapter 4.
 */
export function equivalencePower(plan: {
  readonly low: number;
  readonly high: number;
  readonly share: number;
  readonly trials: number;
  readonly alpha?: number;
}): number {
  const { low, high, share, trials, alpha = 0.05 } = plan;
  const critical = normalQuantile(1 - alpha);
  const from = Math.ceil(trials * low + critical * Math.sqrt(trials * low * (1 - low)));
  const to = Math.floor(trials * high - critical * Math.sqrt(trials * high * (1 - high)));
  let power = 0;
  for (let successes = Math.max(0, from); successes <= Math.min(trials, to); successes += 1) {
    power += binomialProbability(successes, trials, share);
  }
  return power;
}

function binomialProbability(successes: number, trials: number, share: number): number {
  const failures = trials - successes;
  const ways = logGamma(trials + 1) - logGamma(successes + 1) - logGamma(failures + 1);
  const won = successes === 0 ? 0 : successes * Math.log(share);
  return Math.exp(ways + won + (failures === 0 ? 0 : failures * Math.log1p(-share)));
}

function proportionErrors({ p1, p2, alpha = 0.05 }: ProportionPlan) {
  const middle = (p1 + p2) / 2;
  return {
    critical: normalQuantile(1 - alpha / 2),
    pooled: Math.sqrt(2 * middle * (1 - middle)),
    apart: Math.sqrt(p1 * (1 - p1) + p2 * (1 - p2)),
    difference: Math.abs(p1 - p2),
  };
}

/** P(T > t) of the noncentral t: the mean of Φ(shift - t s) over s = √(χ²/degrees), by Simpson's rule. */
function noncentralUpperTail(t: number, degrees: number, shift: number): number {
  const width = INTEGRATION_REACH / Math.sqrt(2 * degrees);
  const from = Math.max(0, 1 - width);
  const to = 1 + width * (degrees < 10 ? 1.5 : 1);
  const step = (to - from) / INTEGRATION_STEPS;
  const half = degrees / 2;
  const constant = Math.log(2) + half * Math.log(half) - logGamma(half);
  let sum = 0;
  for (let index = 0; index <= INTEGRATION_STEPS; index += 1) {
    const s = from + index * step;
    if (s === 0) continue;
    const density = Math.exp(constant + (degrees - 1) * Math.log(s) - half * s * s);
    const weight = index === 0 || index === INTEGRATION_STEPS ? 1 : index % 2 === 1 ? 4 : 2;
    sum += weight * density * normalCdf(shift - t * s);
  }
  return (sum * step) / 3;
}
