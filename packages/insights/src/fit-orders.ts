// Fits a model of buying to members' histories, or says what is missing instead of guessing.
import { ENOUGH_ON_RIDGE, FAR_OUT, findTops, polishMaximum } from "./maximize.ts";
import { groupHistories, type History, type OrderGroups } from "./order-groups.ts";
import { logLikelihood, type OrderModel } from "./order-model.ts";
import type { HoldoutSummary } from "./purchases.ts";

/** The least data on which a fit is worth anything. */
export type FitNeeds = { readonly buyers: number; readonly days: number; readonly buyersWithThreeOrders: number };

/** The needs that Klaviyo publishes for its prediction of value: 500 buyers, 180 days, some with three orders. */
export const usualNeeds: FitNeeds = { buyers: 500, days: 180, buyersWithThreeOrders: 1 };

/** One need that is not met: `have` of the `need`ed. */
export type Shortage = { readonly what: keyof FitNeeds; readonly have: number; readonly need: number };

export type FitRefusal =
  | { readonly kind: "too_little_data"; readonly missing: readonly Shortage[] }
  /** The likelihood still rose where the search had to end, or is nowhere finite: these data are not of this model. */
  | { readonly kind: "no_maximum"; readonly missing: readonly [] };

export type Fitted<Name extends string> = {
  readonly kind: "fitted";
  readonly model: string;
  readonly parameters: Record<Name, number>;
  readonly logLikelihood: number;
  readonly members: number;
  /**
   * Parameters that ran far out along a ridge, where the likelihood hardly changes any more: members do not differ in
   * them as far as the data tell. What the model foretells holds; the parameters themselves say nothing.
   */
  readonly loose: readonly Name[];
  /** Distinct histories, and evaluations of the likelihood over all of them. */
  readonly groups: number;
  readonly evaluations: number;
};

/** What a search that ended on a ridge may still promise to gain: nothing that a likelihood ratio would notice. */
const LEFT_TO_GAIN = 0.01;
/** First estimates are sought on about so many distinct ages. */
const COARSE_AGES = 12;
/** Tops of the coarse likelihood this much lower than the highest may still be the highest of the exact one. */
const NEAR_IN_HEIGHT = 10;
const MAX_TOPS = 2;
/** Below this many distinct histories all of them are cheap enough for the whole search. */
const FEW_GROUPS = 1_500;

/**
 * The parameters of the greatest likelihood, searched on their logarithms: over histories rounded to a coarse grain
 * first when there are many, then over all as they are. `unitDays` is the unit of time of the histories.
 */
export function fitOrders<Name extends string>(
  model: OrderModel<Name>,
  histories: readonly History[],
  options: { readonly unitDays: number; readonly needs?: FitNeeds },
): Fitted<Name> | FitRefusal {
  const missing = missingForFit(histories, options);
  if (missing.length > 0) return { kind: "too_little_data", missing };
  const groups = groupHistories(histories);
  const scale = groups.meanAge;
  const rate = Math.max(groups.orders, 1) / (groups.members * scale);
  const [usual, ...others] = model.starts(rate, scale);
  const parametersAt = (at: readonly number[]) => scaled(model, usual, at);
  const objective = (over: OrderGroups) => (at: readonly number[]) => logLikelihood(model, parametersAt(at), over);
  const starts = [usual, ...others].map((start) => model.parameters.map((name) => Math.log(start[name] / usual[name])));
  const few = groups.rowMembers.length <= FEW_GROUPS;
  const coarse = few ? groups : groupHistories(histories, scale / COARSE_AGES);
  const tops = findTops(objective(coarse), starts, ENOUGH_ON_RIDGE);
  const worthwhile = tops.filter(({ value }) => value > (tops[0]?.value ?? 0) - NEAR_IN_HEIGHT).slice(0, MAX_TOPS);
  const polished = few ? tops : worthwhile.map((top) => polishMaximum(objective(groups), top, ENOUGH_ON_RIDGE));
  const maximum = polished.reduce((highest, next) => (next.value > highest.value ? next : highest));
  const ended = maximum.settled || maximum.promise < LEFT_TO_GAIN;
  if (!ended || !Number.isFinite(maximum.value)) return { kind: "no_maximum", missing: [] };
  return {
    kind: "fitted",
    model: model.name,
    parameters: parametersAt(maximum.at),
    logLikelihood: maximum.value,
    members: groups.members,
    loose: model.parameters.filter((_, axis) => Math.abs(maximum.at[axis] ?? 0) > FAR_OUT),
    groups: groups.rowMembers.length,
    evaluations: maximum.evaluations,
  };
}

/** What keeps a fit from being worth anything; empty when nothing does. */
export function missingForFit(
  histories: readonly History[],
  { unitDays, needs = usualNeeds }: { readonly unitDays: number; readonly needs?: FitNeeds },
): Shortage[] {
  let oldest = 0;
  let withThree = 0;
  for (const { frequency, age } of histories) {
    if (age > oldest) oldest = age;
    if (frequency >= 2) withThree += 1;
  }
  const have: FitNeeds = { buyers: histories.length, days: oldest * unitDays, buyersWithThreeOrders: withThree };
  return (Object.keys(needs) as (keyof FitNeeds)[])
    .filter((what) => have[what] < needs[what])
    .map((what) => ({ what, have: have[what], need: needs[what] }));
}

/** Orders after calibration as they were and as the model foretold them, in all and for each frequency. */
export type HoldoutCheck = {
  readonly expected: number;
  readonly actual: number;
  readonly byFrequency: readonly { frequency: number; members: number; expected: number; actual: number }[];
};

/** Frequencies from here on are counted together: there are few members of each. */
const LAST_FREQUENCY = 7;

/** Checks parameters fitted to the calibration period against what came after (see `summarizeWithHoldout`). */
export function checkHoldout<Name extends string>(
  model: OrderModel<Name>,
  parameters: Record<Name, number>,
  members: readonly HoldoutSummary[],
): HoldoutCheck {
  const rows = Array.from({ length: LAST_FREQUENCY + 1 }, (_, frequency) => ({
    frequency,
    members: 0,
    expected: 0,
    actual: 0,
  }));
  for (const member of members) {
    const row = rows[Math.min(member.frequency, LAST_FREQUENCY)];
    if (row === undefined) continue;
    row.members += 1;
    row.expected += model.expectedOrders(parameters, member, member.holdoutLength);
    row.actual += member.holdoutOrders;
  }
  const total = (of: "expected" | "actual") => rows.reduce((sum, row) => sum + row[of], 0);
  return { expected: total("expected"), actual: total("actual"), byFrequency: rows.filter((row) => row.members > 0) };
}

/** The usual parameters times e to the point of the search. */
function scaled<Name extends string>(
  model: OrderModel<Name>,
  usual: Record<Name, number>,
  at: readonly number[],
): Record<Name, number> {
  const pairs = model.parameters.map((name, axis) => [name, usual[name] * Math.exp(at[axis] ?? 0)]);
  // The pairs hold every name of the model exactly once.
  return Object.fromEntries(pairs) as Record<Name, number>;
}
