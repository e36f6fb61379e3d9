// Sorts members by what they bring: bands of spending, groups of profit, the pyramid, and how much the few make.
import { quantile } from "./rfm.ts";

export type Band = "high" | "middle" | "low";

/** From where on a value is in the middle and in the high band. */
export type BandLimits = { readonly middleFrom: number; readonly highFrom: number };

/** Shares of members, best first: the upper fifth is high, the lower half low. */
const USUAL_SHARES = { high: 0.2, low: 0.5 } as const;

/**
 * Limits that put about the share `high` of members into the high band and the share `low` into the low one: quantiles
 * of type 7 of the positive values. Null when there is no positive value. Limits may as well be chosen by hand.
 */
export function bandLimits(
  values: readonly number[],
  shares: { readonly high: number; readonly low: number } = USUAL_SHARES,
): BandLimits | null {
  const sorted = Float64Array.from(values.filter((value) => value > 0)).sort();
  if (sorted.length === 0) return null;
  return { middleFrom: quantile(sorted, shares.low), highFrom: quantile(sorted, 1 - shares.high) };
}

/** The band of a member's spending; what is on a limit is above it, so that ties share a band. */
export function bandOf(value: number, { middleFrom, highFrom }: BandLimits): Band {
  if (value >= highFrom) return "high";
  return value >= middleFrom ? "middle" : "low";
}

/** One line a member bought: net revenue in any unit of money, negative for a return. */
export type SoldLine = { readonly sku: string; readonly revenue: number };

/** Profit in the unit of the revenue; `unknownRevenue` is what was sold of SKUs whose margin is not known. */
export type Profit = { readonly profit: number; readonly unknownRevenue: number };

/** Σ revenue · margin of the SKU (a share: 0.3 for 30 %), less `costs` such as rewards and shipping. */
export function profitOf(lines: Iterable<SoldLine>, margins: ReadonlyMap<string, number>, costs = 0): Profit {
  let profit = -costs;
  let unknownRevenue = 0;
  for (const { sku, revenue } of lines) {
    const margin = margins.get(sku);
    if (margin === undefined) unknownRevenue += revenue;
    else profit += revenue * margin;
  }
  return { profit, unknownRevenue };
}

export type ProfitGroup = Band | "none";

/** Why a member of the lower groups is worth keeping. */
export type Potential = "expected_profit" | "growing";

export type ProfitableMember = {
  readonly profit: number;
  /** Profit expected in the time to come (see lifetime-value.ts), where a model was fitted. */
  readonly expectedProfit?: number;
  /** Profit of the last period and of the one before it, of equal length. */
  readonly recentProfit?: number;
  readonly earlierProfit?: number;
};

/** A low or unprofitable member whose profit grew by at least this factor is growing. */
const GROWTH_FACTOR = 1.5;

/**
 * High, middle and low profit by `limits` (see `bandLimits` over profits), and none for who brings nothing or costs
 * money. Members of the last two groups may be let go unless they have potential: what is expected of them would be of
 * the middle group, or their profit is growing.
 */
export function profitGroupOf(
  member: ProfitableMember,
  limits: BandLimits,
): { readonly group: ProfitGroup; readonly potential: readonly Potential[] } {
  const { profit, expectedProfit = 0, recentProfit = 0, earlierProfit = 0 } = member;
  const group = profit > 0 ? bandOf(profit, limits) : "none";
  if (group === "high" || group === "middle") return { group, potential: [] };
  const potential: Potential[] = [];
  if (expectedProfit > 0 && expectedProfit >= limits.middleFrom) potential.push("expected_profit");
  if (recentProfit > 0 && recentProfit >= GROWTH_FACTOR * earlierProfit) potential.push("growing");
  return { group, potential };
}

export type PyramidLevel = {
  readonly level: "top" | "large" | "medium" | "small" | "inactive";
  readonly members: number;
  readonly value: number;
  readonly shareOfMembers: number;
  readonly shareOfValue: number;
};

/** Curry's shares of the members who bought: 1 % top, 4 % large, 15 % medium, the rest small. */
const PYRAMID_SHARES = [
  ["top", 0.01],
  ["large", 0.04],
  ["medium", 0.15],
] as const;

/**
 * The customer pyramid (Curry & Curry 2000, The Customer Marketing Method): members with a positive value ranked by it
 * and cut at 1, 5 and 20 %, whole members, rounded; below them whoever brought nothing.
 */
export function customerPyramid(values: readonly number[]): PyramidLevel[] {
  const ranked = values.filter((value) => value > 0).sort((one, other) => other - one);
  const all = sum(ranked);
  const levels: [PyramidLevel["level"], readonly number[]][] = [];
  let [taken, share] = [0, 0];
  for (const [level, width] of PYRAMID_SHARES) {
    share += width;
    const until = Math.round(share * ranked.length);
    levels.push([level, ranked.slice(taken, until)]);
    taken = until;
  }
  levels.push(["small", ranked.slice(taken)], ["inactive", values.filter((value) => !(value > 0))]);
  return levels.map(([level, members]) => ({
    level,
    members: members.length,
    value: sum(members),
    shareOfMembers: members.length / Math.max(1, values.length),
    shareOfValue: level === "inactive" || all === 0 ? 0 : sum(members) / all,
  }));
}

/**
 * The share of the total that the best `share` of members make (0.2 for the upper fifth): the Lorenz curve from above,
 * straight between members. Members of no or negative value count as members with 0. Null when nobody brings anything.
 */
export function paretoShare(values: readonly number[], share: number): number | null {
  const ranked = ranking(values);
  const all = sum(ranked);
  if (all === 0) return null;
  const count = Math.min(1, Math.max(0, share)) * ranked.length;
  const whole = Math.floor(count);
  return (sum(ranked.slice(0, whole)) + (count - whole) * (ranked[whole] ?? 0)) / all;
}

/** The least share of members who together make `share` of the total: who the core is. Null as above. */
export function membersMaking(values: readonly number[], share: number): number | null {
  const ranked = ranking(values);
  const wanted = share * sum(ranked);
  if (sum(ranked) === 0) return null;
  let made = 0;
  const count = ranked.findIndex((value) => (made += value) >= wanted * (1 - Number.EPSILON * ranked.length));
  return (count === -1 ? ranked.length : count + 1) / ranked.length;
}

/** Totals of each tenth of members, best first: the table of deciles. */
export function decileTotals(values: readonly number[]): number[] {
  const ranked = [...values].sort((one, other) => other - one);
  const edge = (decile: number) => Math.round((decile * ranked.length) / 10);
  return Array.from({ length: 10 }, (_, decile) => sum(ranked.slice(edge(decile), edge(decile + 1))));
}

/** The share of buyers who ordered exactly once, from the orders of each member. Null without a buyer. */
export function oneTimeBuyerRate(orderCounts: readonly number[]): number | null {
  const buyers = orderCounts.filter((orders) => orders > 0);
  return buyers.length === 0 ? null : buyers.filter((orders) => orders === 1).length / buyers.length;
}

function ranking(values: readonly number[]): number[] {
  return values.map((value) => Math.max(0, value)).sort((one, other) => other - one);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
