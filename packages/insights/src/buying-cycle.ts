// Estimates how long a member usually waits between orders, leaning on other members while there is little to go by.

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

/** Supposed where gaps are too few to say: a gap is within a factor of e^0.5 of its median two times in three. */
const SUPPOSED_WITHIN_VARIANCE = 0.25;
/** Supposed where members are too few to say how they differ. */
const SUPPOSED_CREDIBILITY_GAPS = 2;
/** Members who do not differ at all give no weight to their own gaps; this much still bounds the weight. */
const MOST_CREDIBILITY_GAPS = 1_000;
/** Clockwork has no variance, but the next gap may still be off by a few percent. */
const LEAST_WITHIN_VARIANCE = 0.0025;
/** The normal quantile of 90 %: four gaps of five fall into the window. */
const WINDOW_DEVIATIONS = 1.2815515655446004;

/**
 * The usual cycle of many members, from the gaps (days, positive) of each. Gaps are log-normal around each member's
 * median, and the medians log-normal around the usual one; their variances are the moment estimates of an unbalanced
 * one-way layout (Searle, Casella & McCulloch 1992), κ their ratio (Bühlmann 1967). Null without a single gap.
 */
export function usualCycle(gapsByMember: Iterable<readonly number[]>): UsualCycle | null {
  const groups = [...gapsByMember].map((gaps) => gaps.map(Math.log)).filter((gaps) => gaps.length > 0);
  const gaps = groups.reduce((sum, { length }) => sum + length, 0);
  if (gaps === 0) return null;
  const overall = groups.reduce((sum, logs) => sum + total(logs), 0) / gaps;
  let within = 0;
  let between = 0;
  let squares = 0;
  for (const logs of groups) {
    const own = total(logs) / logs.length;
    within += logs.reduce((sum, log) => sum + (log - own) ** 2, 0);
    between += logs.length * (own - overall) ** 2;
    squares += logs.length ** 2;
  }
  const members = groups.length;
  const measured = gaps - members > 0 ? within / (gaps - members) : SUPPOSED_WITHIN_VARIANCE;
  const withinVariance = Math.max(LEAST_WITHIN_VARIANCE, measured);
  return {
    medianDays: Math.exp(overall),
    withinVariance,
    credibilityGaps: credibility({ withinVariance, between, members, gaps, squares }),
    members,
    gaps,
  };
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

function credibility(of: {
  withinVariance: number;
  between: number;
  members: number;
  gaps: number;
  squares: number;
}): number {
  const { withinVariance, between, members, gaps, squares } = of;
  if (members < 2 || gaps === members) return SUPPOSED_CREDIBILITY_GAPS;
  const balanced = (gaps - squares / gaps) / (members - 1);
  const betweenVariance = (between / (members - 1) - withinVariance) / balanced;
  return betweenVariance > 0
    ? Math.min(MOST_CREDIBILITY_GAPS, withinVariance / betweenVariance)
    : MOST_CREDIBILITY_GAPS;
}

/** e^log to a billionth of a day, so that a cycle of 30 days is not a hair longer than 30. */
function daysOf(log: number): number {
  return Math.round(Math.exp(log) * 1e9) / 1e9;
}

function total(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
