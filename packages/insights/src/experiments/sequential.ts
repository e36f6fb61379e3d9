// Decides an experiment that is looked at after every conversion, without fooling itself.

import { logGamma } from "../special-functions.ts";

export type SequentialDecision = "treatmentWins" | "controlWins" | "noWinner" | "goOn";

/** Sides of the question: is the treatment better (1), or is either of them better (2). */
export type SequentialPlan = { readonly conversions: number; readonly sides?: 1 | 2 };

/** Evan Miller's constants: boundaries of 2√N and 2.25√N keep the error at 5 %. */
const BOUNDARY_FACTOR = { 1: 2, 2: 2.25 } as const;
/** A plan of more conversions than this is no plan. */
const MAX_CONVERSIONS = 2 ** 22;

/**
 * The lead in conversions that wins: 2√N, or 2.25√N when either side may win. Miller, "Simple sequential A/B
 * testing".
 */
export function winningLead({ conversions, sides = 1 }: SequentialPlan): number {
  return BOUNDARY_FACTOR[sides] * Math.sqrt(conversions);
}

/**
 * The decision at any time from the conversions of both groups of equal traffic: the treatment wins when T - C reaches
 * 2√N, and there is no winner when T + C reaches N first. Must be asked often enough to see the crossing; a lead is
 * looked at before the end, so the last conversion may still win.
 */
export function decideSequentially(
  plan: SequentialPlan,
  counts: { readonly treatment: number; readonly control: number },
): SequentialDecision {
  const lead = counts.treatment - counts.control;
  const needed = winningLead(plan);
  if (lead >= needed) return "treatmentWins";
  if (plan.sides === 2 && -lead >= needed) return "controlWins";
  return counts.treatment + counts.control >= plan.conversions ? "noWinner" : "goOn";
}

/** The decision after a history of conversions in their order, and how many of them it took. */
export function replaySequentially(
  plan: SequentialPlan,
  conversions: Iterable<"treatment" | "control">,
): { readonly decision: SequentialDecision; readonly after: number } {
  const counts = { treatment: 0, control: 0 };
  let after = 0;
  for (const side of conversions) {
    counts[side] += 1;
    after += 1;
    const decision = decideSequentially(plan, counts);
    if (decision !== "goOn") return { decision, after };
  }
  return { decision: "goOn", after };
}

/**
 * Probability that the one-sided test declares the treatment within N conversions, when a conversion is the
 * treatment's with probability `share`: first passage of a random walk, Σ (d/n) C(n, (n+d)/2) p^((n+d)/2) q^((n-d)/2)
 * (Feller 1968, III.7). At one half this is the rate of false alarms, else the power.
 */
export function winProbability(conversions: number, share: number): number {
  if (share <= 0) return 0;
  const lead = Math.ceil(winningLead({ conversions }));
  const logP = Math.log(share);
  const logQ = share < 1 ? Math.log1p(-share) : Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (let n = lead; n <= conversions; n += 2) {
    const lost = (n - lead) / 2;
    const ways = logGamma(n + 1) - logGamma(lost + 1) - logGamma(n - lost + 1);
    sum += (lead / n) * Math.exp(ways + (n - lost) * logP + (lost === 0 ? 0 : lost * logQ));
  }
  return sum;
}

/**
 * The conversions N (both groups together) at which a treatment that converts (1 + `lift`) times as often wins with
 * this power. Null when the lift is not above 0 or so small that no plan of a reasonable length finds it.
 */
export function sequentialConversions(lift: number, power = 0.8): number | null {
  if (!(lift > 0)) return null;
  const share = (1 + lift) / (2 + lift);
  let high = 4;
  while (winProbability(high, share) < power) {
    high *= 2;
    if (high > MAX_CONVERSIONS) return null;
  }
  let low = high / 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (winProbability(middle, share) < power) low = middle;
    else high = middle;
  }
  return high;
}
