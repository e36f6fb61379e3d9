// Scores members by recency, frequency and money spent, and by engagement where that is known.
import type { DatedOrder } from "./purchases.ts";

/** What is scored. `recencyDays` since the last order, `orders` placed, `amount` spent in one unit of money. */
export type RfmMetrics = { readonly recencyDays: number; readonly orders: number; readonly amount: number };

/** Scores from 1 to the number of bins; the best is the highest, for recency too. */
export type RfmScores = { readonly recency: number; readonly frequency: number; readonly monetary: number };

/**
 * Where the bins of each axis begin, ascending, without the first: a value in [cut i, cut i+1) is in bin i + 2. Equal
 * cuts make a bin that nobody is in. Bins of an axis are one more than its cuts.
 */
export type RfmCuts = {
  readonly recencyDays: readonly number[];
  readonly orders: readonly number[];
  readonly amount: readonly number[];
};

/** One bin as R's rfm prints it: values from `low` on and below `high`. */
export type Interval = { readonly low: number; readonly high: number };

const USUAL_BINS = 5;
/** R's rfm begins the next bin one unit (day, order, unit of money) above each quantile. */
const RFM_SHIFT = 1;

/** Days since the last order, orders and their sum per member, as of `asOf` (a day); later orders do not count yet. */
export function rfmMetrics(orders: Iterable<DatedOrder>, asOf: number): Map<string, RfmMetrics> {
  const metrics = new Map<string, { recencyDays: number; orders: number; amount: number }>();
  for (const { memberId, day, amount } of orders) {
    if (day > asOf) continue;
    const known = metrics.get(memberId);
    if (known === undefined) metrics.set(memberId, { recencyDays: asOf - day, orders: 1, amount });
    else {
      known.recencyDays = Math.min(known.recencyDays, asOf - day);
      known.orders += 1;
      known.amount += amount;
    }
  }
  return metrics;
}

/**
 * Cuts that put about as many members into each bin: quantiles of type 7 (Hyndman & Fan 1996) plus `shift`, exactly as
 * `rfm_table_order` of R's package rfm, where the shift is 1. No values give no cuts.
 */
export function quantileCuts(values: readonly number[], bins = USUAL_BINS, shift = RFM_SHIFT): number[] {
  if (values.length === 0) return [];
  const sorted = Float64Array.from(values).sort();
  return Array.from({ length: bins - 1 }, (_, index) => quantile(sorted, (index + 1) / bins) + shift);
}

/** The quantile of type 7 of ascending values: linear between order statistics, `chance` in [0, 1]. */
export function quantile(sorted: ArrayLike<number>, chance: number): number {
  const position = (sorted.length - 1) * chance;
  // What is within rounding of an order statistic is that order statistic, as in R.
  const whole = Math.abs(position - Math.round(position)) < 4 * Number.EPSILON * Math.max(1, position);
  const below = whole ? Math.round(position) : Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  if (whole || low === high) return low;
  const share = position - below;
  return (1 - share) * low + share * high;
}

/** Quantile cuts of all three axes. `shiftAmount` is one unit of money where amounts are in smaller units. */
export function rfmCuts(
  members: readonly RfmMetrics[],
  options: { readonly bins?: number; readonly shiftAmount?: number } = {},
): RfmCuts {
  const { bins = USUAL_BINS, shiftAmount = RFM_SHIFT } = options;
  return {
    recencyDays: quantileCuts(
      members.map(({ recencyDays }) => recencyDays),
      bins,
    ),
    orders: quantileCuts(
      members.map(({ orders }) => orders),
      bins,
    ),
    amount: quantileCuts(
      members.map(({ amount }) => amount),
      bins,
      shiftAmount,
    ),
  };
}

/** The scores of one member by cuts that were worked out, stored, or chosen by hand (fixed bins). */
export function rfmScores(metrics: RfmMetrics, cuts: RfmCuts): RfmScores {
  return {
    recency: cuts.recencyDays.length + 2 - binOf(metrics.recencyDays, cuts.recencyDays),
    frequency: binOf(metrics.orders, cuts.orders),
    monetary: binOf(metrics.amount, cuts.amount),
  };
}

/** The scores written one after the other: 543. */
export function rfmCode({ recency, frequency, monetary }: RfmScores): string {
  return `${recency}${frequency}${monetary}`;
}

/** The bin of a value, from 1: one more than the cuts at or below it. */
export function binOf(value: number, cuts: readonly number[]): number {
  return cuts.reduce((bin, cut) => (value >= cut ? bin + 1 : bin), 1);
}

/** The bins of an axis from the least value to one unit above the greatest, lowest values first. */
export function intervals(values: readonly number[], cuts: readonly number[], shift = RFM_SHIFT): Interval[] {
  const least = values.reduce((low, value) => Math.min(low, value), Number.POSITIVE_INFINITY);
  const greatest = values.reduce((high, value) => Math.max(high, value), Number.NEGATIVE_INFINITY);
  const edges = [least, ...cuts, greatest + shift];
  return edges.slice(1).map((high, index) => ({ low: edges[index] ?? least, high }));
}

/** Something a member did besides buying: asked, opened, answered. `kind` is weighed by the tenant. */
export type Touch = { readonly day: number; readonly kind: string };

/** The fourth axis: how much engagement stands behind the score, and the score. */
export type RfmeScores = RfmScores & { readonly engagement: number; readonly engagementPoints: number };

/**
 * Engagement until `asOf`: the sum of the weights (1 unless given) of all touches, each halved every `halfLifeDays`.
 * For goods bought once or twice in a lifetime, where recency and frequency cannot tell members apart.
 */
export function engagementPoints(
  touches: readonly Touch[],
  options: {
    readonly asOf: number;
    readonly halfLifeDays?: number;
    readonly weights?: Readonly<Record<string, number>>;
  },
): number {
  const { asOf, halfLifeDays = Number.POSITIVE_INFINITY, weights = {} } = options;
  return touches
    .filter(({ day }) => day <= asOf)
    .reduce((sum, { day, kind }) => sum + (weights[kind] ?? 1) * 2 ** (-(asOf - day) / halfLifeDays), 0);
}

/** RFM with engagement as a fourth axis; `engagementCuts` as from `quantileCuts` of all members' points. */
export function rfmeScores(
  metrics: RfmMetrics & { readonly engagementPoints: number },
  cuts: RfmCuts & { readonly engagement: readonly number[] },
): RfmeScores {
  const { engagementPoints: points } = metrics;
  return { ...rfmScores(metrics, cuts), engagement: binOf(points, cuts.engagement), engagementPoints: points };
}

export type RfmeWeights = RfmScores & { readonly engagement: number };

const equalWeights: RfmeWeights = { recency: 1, frequency: 1, monetary: 1, engagement: 1 };

/** The weighted mean of the four scores. */
export function rfmeValue(scores: RfmeScores, weights: RfmeWeights = equalWeights): number {
  const axes = ["recency", "frequency", "monetary", "engagement"] as const;
  const total = axes.reduce((sum, axis) => sum + weights[axis], 0);
  return axes.reduce((sum, axis) => sum + weights[axis] * scores[axis], 0) / total;
}

/** Sorts the higher value first; among equals, whoever was engaged more. */
export function compareRfme(one: RfmeScores, other: RfmeScores, weights: RfmeWeights = equalWeights): number {
  return rfmeValue(other, weights) - rfmeValue(one, weights) || other.engagementPoints - one.engagementPoints;
}
