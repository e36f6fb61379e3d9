// Estimates how long a member usually waits between orders, leaning on other members while there is little to go by.
import {
  addGapSums,
  cycleOfSums,
  gapSums,
  NO_GAPS,
  SUPPOSED_CREDIBILITY_GAPS,
  SUPPOSED_WITHIN_VARIANCE,
} from "./cycle-sums.ts";

/** What the gaps of many members tell: `medianDays`, and the spread of ln(gap) inside and between members. */
export type UsualCycle = {
  readonly medianDays: number;
  readonly withinVariance: number;
  /** κ: with so many gaps of its own, a member's cycle lies half way between its own and the usual one. */
  readonly credibilityGaps: number;
  readonly members: number;
  readonly gaps: number;
};

/** A member's cycle: `days` is the median of the next gap, between its quantiles `from` and `until`. */
export type OwnCycle = {
  readonly days: number;
  readonly fromDays: number;
  readonly untilDays: number;
  /** Gaps of the member's own that went in; 0 means that the cycle is the usual one. */
  readonly gaps: number;
};

/** The normal quantile of 90 %: four gaps of five fall into the window. */
const WINDOW_DEVIATIONS = 1.2815515655446004;

/**
 * The usual cycle of many members, from the gaps (days, positive) of each (see `cycleOfSums`). Null without a single gap.
 */
export function usualCycle(gapsByMember: Iterable<readonly number[]>): UsualCycle | null {
  return cycleOfSums([...gapsByMember].map(gapSums).reduce(addGapSums, NO_GAPS));
}

/**
 * A member's own cycle: ln days = (n · mean ln gap + κ · ln usual) / (n + κ), the best linear estimate (Bühlmann's
 * credibility), which is the usual cycle without gaps of one's own and the member's own with many. The window holds the
 * next gap four times in five: the variance of ln gap is within · (1 + 1 / (n + κ)).
 */
export function ownCycle(gaps: readonly number[], usual: UsualCycle): OwnCycle {
  const { medianDays, withinVariance, credibilityGaps } = usual;
  const weight = gaps.length + credibilityGaps;
  const center = (total(gaps.map(Math.log)) + credibilityGaps * Math.log(medianDays)) / weight;
  const spread = WINDOW_DEVIATIONS * Math.sqrt(withinVariance * (1 + 1 / weight));
  return {
    days: daysOf(center),
    fromDays: daysOf(center - spread),
    untilDays: daysOf(center + spread),
    gaps: gaps.length,
  };
}

/** A usual cycle to start from where no member has come back yet, of the length that the tenant supposes. */
export function supposedCycle(medianDays: number): UsualCycle {
  return {
    medianDays,
    withinVariance: SUPPOSED_WITHIN_VARIANCE,
    credibilityGaps: SUPPOSED_CREDIBILITY_GAPS,
    members: 0,
    gaps: 0,
  };
}

/** The days between consecutive days, of which those of one date count once; in any order. */
export function gapsOf(days: readonly number[]): number[] {
  const sorted = [...new Set(days)].sort((one, other) => one - other);
  return sorted.slice(1).map((day, index) => day - (sorted[index] ?? day));
}

/** e^log to a billionth of a day, so that a cycle of 30 days is not a hair longer than 30. */
function daysOf(log: number): number {
  return Math.round(Math.exp(log) * 1e9) / 1e9;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
