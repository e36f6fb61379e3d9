// Tells where in their life with a brand members are, measured in their own cycles of buying.
import { gapsOf, ownCycle, type UsualCycle } from "./buying-cycle.ts";

/**
 * `new`: one day with an order; `active`: came back; `mature`: often; `won_back`: came back after being lost. Then by
 * silence: `at_risk`, `sleeping`, `lost`.
 */
export type LifecycleStage = "new" | "active" | "mature" | "at_risk" | "sleeping" | "lost" | "won_back";

/** New, Active, Sleeping, Lost, Deeply lost: the labels of NASLD. */
export type NasldLabel = "N" | "A" | "S" | "L" | "D";

export type LifecycleLimits = {
  /** Silence in own cycles from which a member is at risk, sleeping, lost, and deeply lost. */
  readonly atRiskFrom: number;
  readonly sleepingFrom: number;
  readonly lostFrom: number;
  readonly deepFrom: number;
  /** Days with an order from which a member is mature. */
  readonly matureOrders: number;
  /** Days with an order since the return, itself included, for which a member counts as won back. */
  readonly wonBackOrders: number;
};

export const usualLimits: LifecycleLimits = {
  atRiskFrom: 1.5,
  sleepingFrom: 2.5,
  lostFrom: 4,
  deepFrom: 8,
  matureOrders: 5,
  wonBackOrders: 2,
};

export type Lifecycle = {
  readonly stage: LifecycleStage;
  readonly label: NasldLabel;
  readonly cycleDays: number;
  /** Days since the last order, in cycles. */
  readonly silence: number;
  /** The first day on which stage or label change if nothing is bought; null when they never will. */
  readonly changesOn: number | null;
};

/**
 * Stage and label of a member as of a day, from the days with orders (in any order; later ones are not seen). The cycle
 * is the member's own, leaning on `usual` while there are few gaps (see `ownCycle`). Null without an order.
 */
export function lifecycleOf(
  orderDays: readonly number[],
  options: { readonly asOf: number; readonly usual: UsualCycle; readonly limits?: LifecycleLimits },
): Lifecycle | null {
  const { asOf, usual, limits = usualLimits } = options;
  const days = [...new Set(orderDays.filter((day) => day <= asOf))].sort((one, other) => one - other);
  const last = days.at(-1);
  if (last === undefined) return null;
  const gaps = gapsOf(days);
  const cycleDays = ownCycle(gaps, usual).days;
  const silentDays = asOf - last;
  const reached = (cycles: number) => silentDays >= cycles * cycleDays;
  const awake = awakeStage(days.length, ordersSinceReturn(gaps, usual, limits), limits);
  const { atRiskFrom, sleepingFrom, lostFrom, deepFrom } = limits;
  const next = [atRiskFrom, sleepingFrom, lostFrom, deepFrom].find((from) => !reached(from));
  return {
    stage: stageOf(reached, awake, limits),
    label: labelOf(reached, awake, limits),
    cycleDays,
    silence: silentDays / cycleDays,
    changesOn: next === undefined ? null : last + Math.ceil(next * cycleDays),
  };
}

/** `reached` tells whether the silence has lasted so many cycles. */
function stageOf(reached: (cycles: number) => boolean, awake: LifecycleStage, limits: LifecycleLimits): LifecycleStage {
  if (reached(limits.lostFrom)) return "lost";
  if (reached(limits.sleepingFrom)) return "sleeping";
  return reached(limits.atRiskFrom) ? "at_risk" : awake;
}

function labelOf(reached: (cycles: number) => boolean, awake: LifecycleStage, limits: LifecycleLimits): NasldLabel {
  if (reached(limits.deepFrom)) return "D";
  if (reached(limits.lostFrom)) return "L";
  if (reached(limits.sleepingFrom)) return "S";
  return awake === "new" ? "N" : "A";
}

/** The stage while the silence is no longer than usual. */
function awakeStage(orders: number, sinceReturn: number | null, limits: LifecycleLimits): LifecycleStage {
  if (sinceReturn !== null && sinceReturn <= limits.wonBackOrders) return "won_back";
  if (orders === 1) return "new";
  return orders >= limits.matureOrders ? "mature" : "active";
}

/** Days with an order since the member last returned from being lost; null when that never happened. */
function ordersSinceReturn(gaps: readonly number[], usual: UsualCycle, limits: LifecycleLimits): number | null {
  const returned = gaps.findLastIndex(
    (gap, index) => gap >= limits.lostFrom * ownCycle(gaps.slice(0, index), usual).days,
  );
  return returned === -1 ? null : gaps.length - returned;
}
