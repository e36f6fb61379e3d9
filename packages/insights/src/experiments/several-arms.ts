// Compares several arms with one control without taking chance for success.

import { compareProportions, compareSeveralProportions } from "./proportions.ts";
import type { SeveralProportions, Share, TwoProportions } from "./proportions.ts";

/** Bonferroni and Holm bound the chance of any false success, Benjamini-Hochberg the share of false ones. */
export type Correction = "bonferroni" | "holm" | "benjaminiHochberg";

/** The interval is that of the arm alone; only `adjustedPValue` and `significant` are corrected. */
export type ArmComparison = TwoProportions & {
  readonly armId: string;
  readonly adjustedPValue: number;
  readonly significant: boolean;
};

export type SeveralArms = {
  /** Whether the arms differ at all. */
  readonly overall: SeveralProportions;
  readonly correction: Correction;
  /** Every arm against the control, in the order given. */
  readonly comparisons: readonly ArmComparison[];
  /** The significant arm with the greatest gain over the control; null when there is none. */
  readonly winner: string | null;
};

/**
 * p-values corrected for the number of questions asked, in the order given, as `p.adjust` of R. Bonferroni: m p.
 * Holm (1979): the running maximum of (m - i + 1) p(i). Benjamini & Hochberg (1995): the running minimum from above of
 * (m / i) p(i).
 */
export function adjustPValues(pValues: readonly number[], correction: Correction): number[] {
  const count = pValues.length;
  if (correction === "bonferroni") return pValues.map((p) => Math.min(1, p * count));
  const ranked = pValues.map((p, index) => ({ p, index })).sort((one, other) => one.p - other.p);
  const adjusted = Array.from<number>({ length: count });
  if (correction === "holm") {
    let running = 0;
    for (const [rank, { p, index }] of ranked.entries()) {
      running = Math.max(running, Math.min(1, (count - rank) * p));
      adjusted[index] = running;
    }
    return adjusted;
  }
  let running = 1;
  for (const [below, { p, index }] of ranked.toReversed().entries()) {
    running = Math.min(running, (count / (count - below)) * p);
    adjusted[index] = running;
  }
  return adjusted;
}

/**
 * Every arm against the control by the z test without Yates, with corrected p-values. Null when any group is empty.
 */
export function compareArms(
  control: Share,
  arms: readonly (Share & { readonly armId: string })[],
  options: { readonly correction?: Correction; readonly alpha?: number } = {},
): SeveralArms | null {
  const { correction = "holm", alpha = 0.05 } = options;
  const overall = compareSeveralProportions([control, ...arms]);
  if (overall === null) return null;
  const single = arms.flatMap((arm) => {
    const compared = compareProportions(control, arm, { confidence: 1 - alpha });
    return compared === null ? [] : [{ ...compared, armId: arm.armId }];
  });
  const pValues = single.map((compared) => compared.pValue);
  const adjusted = adjustPValues(pValues, correction);
  const comparisons = single.map((compared, index) => {
    const adjustedPValue = adjusted[index] ?? 1;
    return { ...compared, adjustedPValue, significant: adjustedPValue < alpha };
  });
  let winner: ArmComparison | null = null;
  for (const compared of comparisons) {
    if (compared.significant && compared.difference > (winner?.difference ?? 0)) winner = compared;
  }
  return { overall, correction, comparisons, winner: winner?.armId ?? null };
}
