// Sums over members that tell their usual cycle: they add up, so that gaps may be read page by page, or summed up where they lie.
import type { UsualCycle } from "./buying-cycle.ts";

/** Sums over members with a gap: of each, `n` gaps with sum `s` of their logarithms. */
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

/** Supposed where gaps are too few to say: a gap is within a factor of e^0.5 of its median two times in three. */
export const SUPPOSED_WITHIN_VARIANCE = 0.25;
/** Supposed where members are too few to say how they differ. */
export const SUPPOSED_CREDIBILITY_GAPS = 2;
/** Members who do not differ at all give no weight to their own gaps; this much still bounds the weight. */
const MOST_CREDIBILITY_GAPS = 1_000;
/** Clockwork has no variance, but the next gap may still be off by a few percent. */
const LEAST_WITHIN_VARIANCE = 0.0025;

export const NO_GAPS: GapSums = { members: 0, gaps: 0, squares: 0, logs: 0, logSquares: 0, within: 0 };

/**
 * The usual cycle of those members. Gaps are log-normal around each member's median, and the medians log-normal around the usual one;
 * their variances are the moment estimates of an unbalanced one-way layout (Searle, Casella & McCulloch 1992), κ their ratio
 * (Bühlmann 1967). Null without a single gap.
 */
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

/** The sums of one member, from gaps in days, all positive. */
export function gapSums(gaps: readonly number[]): GapSums {
  if (gaps.length === 0) return NO_GAPS;
  const logs = gaps.map(Math.log);
  const total = logs.reduce((sum, log) => sum + log, 0);
  const mean = total / logs.length;
  const within = logs.reduce((sum, log) => sum + (log - mean) ** 2, 0);
  const n = logs.length;
  return { members: 1, gaps: n, squares: n ** 2, logs: total, logSquares: total ** 2 / n, within };
}

/** The sums of two groups of members together. */
export function addGapSums(one: GapSums, other: GapSums): GapSums {
  return {
    members: one.members + other.members,
    gaps: one.gaps + other.gaps,
    squares: one.squares + other.squares,
    logs: one.logs + other.logs,
    logSquares: one.logSquares + other.logSquares,
    within: one.within + other.within,
  };
}
