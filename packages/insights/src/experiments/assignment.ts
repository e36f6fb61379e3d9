// Decides which arm of an experiment a unit sees, from names alone: nothing is stored and nobody changes sides.

import { chiSquareUpperTail } from "../special-functions.ts";
import { hashFraction } from "./hashing.ts";

/** One arm. Weights are relative: 1 and 1 are halves, 3 and 1 are three quarters and a quarter. */
export type Arm = { readonly id: string; readonly weight: number };

/** `coverage` is the share of units that take part at all, 0 to 1; 1 unless it is said. */
export type Experiment = { readonly id: string; readonly arms: readonly Arm[]; readonly coverage?: number };

/** A ratio that is off by chance once in a thousand experiments is taken for a fault (the limit of GrowthBook). */
export const SAMPLE_RATIO_ALARM = 0.001;

export type SampleRatio = {
  readonly chiSquare: number;
  readonly degrees: number;
  readonly pValue: number;
  /** The split is not what was asked for: no result of this experiment can be trusted. */
  readonly mismatch: boolean;
};

/**
 * The arm of a unit, or null for one outside of the experiment. Weighted rendezvous hashing (Thaler & Ravishankar
 * 1998; Schindelhauer & Schomaker 2005): each arm draws -ln(u)/weight for the unit, the smallest wins. So
 * a wider coverage moves nobody between arms, a new arm takes only what is its own, a removed arm frees only its own,
 * and two experiments are independent. Arms without weight get nobody.
 */
export function assignArm(experiment: Experiment, unitId: string): string | null {
  const { id, arms, coverage = 1 } = experiment;
  if (coverage < 1 && hashFraction("coverage", id, unitId) >= coverage) return null;
  let best: string | null = null;
  let shortest = Number.POSITIVE_INFINITY;
  for (const arm of arms) {
    if (!(arm.weight > 0)) continue;
    const draw = -Math.log(hashFraction("arm", id, arm.id, unitId)) / arm.weight;
    if (draw < shortest) {
      best = arm.id;
      shortest = draw;
    }
  }
  return best;
}

/** The bucket 0 to `buckets` - 1 of a unit, even and independent between salts: for random tenths of the members. */
export function bucketOf(salt: string, unitId: string, buckets: number): number {
  return Math.floor(hashFraction("bucket", salt, unitId) * buckets);
}

/**
 * Whether the units counted in each arm can have come from its weights: Pearson's chi-square of goodness of fit with
 * (arms - 1) degrees of freedom. A unit in an arm without weight is a mismatch by itself. Fabijan et al. (KDD 2019).
 */
export function checkSampleRatio(
  arms: readonly { readonly weight: number; readonly units: number }[],
  alarm = SAMPLE_RATIO_ALARM,
): SampleRatio {
  const weights = arms.reduce((sum, arm) => sum + arm.weight, 0);
  const units = arms.reduce((sum, arm) => sum + arm.units, 0);
  const weighted = arms.filter((arm) => arm.weight > 0);
  const degrees = Math.max(0, weighted.length - 1);
  let chiSquare = arms.some((arm) => arm.weight <= 0 && arm.units > 0) ? Number.POSITIVE_INFINITY : 0;
  for (const arm of weighted) {
    const expected = (units * arm.weight) / weights;
    if (expected > 0) chiSquare += (arm.units - expected) ** 2 / expected;
  }
  const pValue = upperTail(chiSquare, degrees);
  return { chiSquare, degrees, pValue, mismatch: pValue < alarm };
}

function upperTail(chiSquare: number, degrees: number): number {
  if (chiSquare === Number.POSITIVE_INFINITY) return 0;
  return degrees === 0 ? 1 : chiSquareUpperTail(chiSquare, degrees);
}
