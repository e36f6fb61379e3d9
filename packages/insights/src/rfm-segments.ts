// Names what RFM scores mean: the segments of R's rfm, Shopify's groups, and the words of shops in Taiwan.
import type { RfmScores } from "./rfm.ts";

/** Inclusive limits of a score; an axis that is not named is free. */
export type ScoreRange = readonly [lowest: number, highest: number];

/** A segment and the scores that belong to it. `value` limits (frequency + monetary) / 2. */
export type SegmentRule<Name extends string = string> = {
  readonly name: Name;
  readonly recency?: ScoreRange;
  readonly frequency?: ScoreRange;
  readonly monetary?: ScoreRange;
  readonly value?: ScoreRange;
};

/** All rules are written for scores from 1 to 5. */
const RULE_BINS = 5;

/** The name of the first rule that the scores meet; null when none does. Scores of other bins are
 * stretched so that the lowest is 1 and the highest 5. */
export function segmentOf<Name extends string>(
  scores: RfmScores,
  rules: readonly SegmentRule<Name>[],
  bins = RULE_BINS,
): Name | null {
  const fifths = (score: number) => 1 + Math.round(((score - 1) * (RULE_BINS - 1)) / Math.max(1, bins - 1));
  const recency = fifths(scores.recency);
  const frequency = fifths(scores.frequency);
  const monetary = fifths(scores.monetary);
  const met = rules.find(
    (rule) =>
      within(recency, rule.recency) &&
      within(frequency, rule.frequency) &&
      within(monetary, rule.monetary) &&
      within((frequency + monetary) / 2, rule.value),
  );
  return met?.name ?? null;
}

/**
 * The ten rules of R's package rfm (0.2.0 `rfm_segment`, rsquaredacademy, MIT), in its order: since the first that is
 * met counts, New Customers, Promising and Can't Lose Them never do. Who meets none is one of the "Others".
 */
export const rPackageSegments = [
  { name: "Champions", recency: [4, 5], frequency: [4, 5], monetary: [4, 5] },
  { name: "Loyal Customers", recency: [2, 5], frequency: [3, 5], monetary: [3, 5] },
  { name: "Potential Loyalist", recency: [3, 5], frequency: [1, 3], monetary: [1, 3] },
  { name: "New Customers", recency: [4, 5], frequency: [1, 1], monetary: [1, 1] },
  { name: "Promising", recency: [3, 4], frequency: [1, 1], monetary: [1, 1] },
  { name: "Need Attention", recency: [2, 3], frequency: [2, 3], monetary: [2, 3] },
  { name: "About To Sleep", recency: [2, 3], frequency: [1, 2], monetary: [1, 2] },
  { name: "At Risk", recency: [1, 2], frequency: [2, 5], monetary: [2, 5] },
  { name: "Can't Lose Them", recency: [1, 1], frequency: [4, 5], monetary: [4, 5] },
  { name: "Lost", recency: [1, 2], frequency: [1, 2], monetary: [1, 2] },
] as const satisfies readonly SegmentRule[];

/** Who meets none of R's rules. */
export const R_PACKAGE_OTHERS = "Others";

/**
 * Shopify's CustomerRfmGroup for members with orders. Shopify goes by recency and (F + M) / 2 and publishes each group
 * in words only; the limits are ours: few below 2.5, some below 4, many from 4 on. Every score meets one rule.
 */
export const shopifyGroups = [
  { name: "CHAMPIONS", recency: [5, 5], value: [4, 5] },
  { name: "LOYAL", recency: [3, 4], value: [4, 5] },
  { name: "PREVIOUSLY_LOYAL", recency: [1, 2], value: [4, 5] },
  { name: "ACTIVE", recency: [4, 5], value: [2.5, 3.5] },
  { name: "NEEDS_ATTENTION", recency: [3, 3], value: [2.5, 3.5] },
  { name: "AT_RISK", recency: [1, 2], value: [2.5, 3.5] },
  { name: "NEW", recency: [5, 5], value: [1, 2] },
  { name: "PROMISING", recency: [3, 4], value: [1, 2] },
  { name: "ALMOST_LOST", recency: [2, 2], value: [1, 2] },
  { name: "DORMANT", recency: [1, 1], value: [1, 2] },
] as const satisfies readonly SegmentRule[];

export type CustomerRfmGroup = (typeof shopifyGroups)[number]["name"] | "PROSPECTS";

/** The Shopify group of a member; whoever has no order (and so no scores) is a prospect. */
export function shopifyGroupOf(scores: RfmScores | null, bins = RULE_BINS): CustomerRfmGroup {
  return (scores === null ? null : segmentOf(scores, shopifyGroups, bins)) ?? "PROSPECTS";
}

/** 貴客 spend much, 常客 come often, 新客 came lately: the upper two fifths of one axis each, the dearest name first. */
export const taiwanGroups = [
  { name: "貴客", monetary: [4, 5] },
  { name: "常客", frequency: [4, 5] },
  { name: "新客", recency: [4, 5] },
] as const satisfies readonly SegmentRule[];

/** Every one of 新客, 常客 and 貴客 that fits: one for each axis, as R, F and M are taught. */
export function taiwanLabels(scores: RfmScores, bins = RULE_BINS): (typeof taiwanGroups)[number]["name"][] {
  return taiwanGroups.filter((rule) => segmentOf(scores, [rule], bins) !== null).map(({ name }) => name);
}

function within(score: number, range: ScoreRange | undefined): boolean {
  return range === undefined || (score >= range[0] && score <= range[1]);
}
