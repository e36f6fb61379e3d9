// Decides the usual cycle of a product or category from sums over its buyers, and whether it has moved since it was stored.
import type { UsualCycle } from "@regulars/insights/buying-cycle";

/** Sums over members with a gap: of each, `n` gaps with sum `s` of their logarithms. They add up from page to page. */
export type GapSums = {
  readonly members: number;
  /** Σ n, Σ n². */
  readonly gaps: number;
  readonly squares: number;
  /** Σ s, Σ s² / n. */
  readonly logs: number;
  readonly logSquares: number;
  /** Squared deviations from each member's own mean. */
  readonly within: number;
};

/** As in `usualCycle` of the insights, which a test holds this against. */
const SUPPOSED_WITHIN_VARIANCE = 0.25;
const SUPPOSED_CREDIBILITY_GAPS = 2;
const MOST_CREDIBILITY_GAPS = 1_000;
const LEAST_WITHIN_VARIANCE = 0.0025;

/** A median that moves by less than this share moves the end of a month's supply by about a day. */
const MEDIAN_MOVED_MIN = 0.03;
/** Windows are as wide as the root of the variance: this moves their edges by about a tenth of their width. */
const VARIANCE_MOVED_MIN = 0.2;
/** Half way between two bounds of the weight of own gaps: a member with one gap sees its cycle move by a few percent. */
const CREDIBILITY_MOVED_MIN = 0.5;

/** `usualCycle` of the insights from sums instead of gaps: the moment estimates of an unbalanced one-way layout. */
export function cycleOfSums({ members, gaps, squares, logs, logSquares, within }: GapSums): UsualCycle | null {
  if (gaps === 0) return null;
  const measured = gaps > members ? within / (gaps - members) : SUPPOSED_WITHIN_VARIANCE;
  const withinVariance = Math.max(LEAST_WITHIN_VARIANCE, measured);
  let credibilityGaps = SUPPOSED_CREDIBILITY_GAPS;
  if (members >= 2 && gaps > members) {
    const between = logSquares - logs ** 2 / gaps;
    const balanced = (gaps - squares / gaps) / (members - 1);
    const betweenVariance = (between / (members - 1) - withinVariance) / balanced;
    credibilityGaps =
      betweenVariance > 0 ? Math.min(MOST_CREDIBILITY_GAPS, withinVariance / betweenVariance) : MOST_CREDIBILITY_GAPS;
  }
  return { medianDays: Math.exp(logs / gaps), withinVariance, credibilityGaps, members, gaps };
}

export function addSums(one: GapSums, other: GapSums): GapSums {
  return {
    members: one.members + other.members,
    gaps: one.gaps + other.gaps,
    squares: one.squares + other.squares,
    logs: one.logs + other.logs,
    logSquares: one.logSquares + other.logSquares,
    within: one.within + other.within,
  };
}

/** Whether a cycle is so far from the stored one that what was foretold by it should be foretold anew. */
export function hasMoved(stored: UsualCycle, fitted: UsualCycle): boolean {
  const apart = (one: number, other: number) => Math.abs(Math.log(one / other));
  return (
    apart(stored.medianDays, fitted.medianDays) > MEDIAN_MOVED_MIN ||
    apart(stored.withinVariance, fitted.withinVariance) > VARIANCE_MOVED_MIN ||
    apart(stored.credibilityGaps, fitted.credibilityGaps) > CREDIBILITY_MOVED_MIN
  );
}
