// Decides rules one after another: place, condition, figures, cuts, then groups, then multipliers over what the others give.
import type { EarnReason } from "@regulars/contracts/events-orders";
import { POINTS_MAX } from "@regulars/contracts/limits";
import type { NOTHING_REASONS } from "@regulars/contracts/orders";
import type { EarningRule } from "@regulars/contracts/program-earning";
import type { ConditionInput } from "./conditions.ts";
import type { EarnedByRule } from "./earning.ts";
import type { Measured } from "./earning-lines.ts";
import { barredBy, type CompiledRule, type Multiplied, type RulePlace } from "./earning-rules.ts";

export type NothingReason = (typeof NOTHING_REASONS)[number];

/** What one rule comes to. */
export interface RuleOutcome {
  readonly rule: CompiledRule;
  readonly points: number;
  /** Null when it gives points. */
  readonly reason: NothingReason | null;
  /** Null when it was barred before anything was measured. */
  readonly why: EarnReason | null;
}

/** What is decided over: an order's basket, or an event beside orders. */
export interface DecisionView {
  readonly place: RulePlace;
  readonly input: ConditionInput;
  /** What counts for a rule, or for the part of it that a multiplier looks at. */
  readonly measure: (rule: CompiledRule, part?: Multiplied) => Measured;
  /** Points of a rule that are not a matter of rate. */
  readonly pointsOf?: (rule: CompiledRule) => { readonly count: number; readonly points: number } | null;
  readonly rooms?: Readonly<Record<string, number>> | undefined;
  /** The only rules that may give anything; absent: all. */
  readonly among?: ReadonlySet<string> | undefined;
}

/** The key under which the rooms of a basket say what the budget of a rule grants. */
export const budgetRoom = (ruleId: string) => `budget/${ruleId}`;

/** Outcomes in the rules' order: of those that give points, or of `every` rule. `stacking: false` leaves groups alone. */
export function decideRules(
  rules: readonly CompiledRule[],
  view: DecisionView,
  { every = false, stacking = true } = {},
): readonly RuleOutcome[] {
  const plain: RuleOutcome[] = [];
  const multipliers: CompiledRule[] = [];
  for (const rule of rules) {
    const barred = barredFrom(rule, view);
    if (barred !== null) {
      if (every) plain.push(nothing(rule, barred));
    } else if (rule.type === "multiplier") multipliers.push(rule);
    else plain.push(plainOutcome(rule, view));
  }
  const settled = stacking ? stack(plain) : plain;
  if (multipliers.length === 0) return every ? settled : settled.filter(givesPoints);
  const given: number[] = [];
  for (const { rule, points } of settled) given[rule.ordinal] = points;
  const extra = multipliers.map((rule) => multiplierOutcome(rule, given, view));
  const all = [...settled, ...(stacking ? stack(extra) : extra)];
  return all.filter((one) => every || givesPoints(one)).sort((one, other) => one.rule.ordinal - other.rule.ordinal);
}

/** The points of an outcome that gives any, with the figures behind them. */
export function earnedOf({ rule, points, why }: RuleOutcome): EarnedByRule {
  if (why === null) throw new Error(`rule ${rule.id} gives points without a reason`);
  return { rule: rule.id, currency: rule.currency, points, why };
}

const givesPoints = ({ points }: RuleOutcome) => points > 0;

const nothing = (rule: CompiledRule, reason: NothingReason, why: EarnReason | null = null): RuleOutcome => ({
  rule,
  points: 0,
  reason,
  why,
});

function barredFrom(rule: CompiledRule, { place, input, among }: DecisionView): NothingReason | null {
  if (among !== undefined && !among.has(rule.id)) return "beaten";
  const barred = barredBy(rule, place);
  if (barred !== null) return barred;
  return rule.condition === null || rule.condition(input) ? null : "condition";
}

function plainOutcome(rule: CompiledRule, view: DecisionView): RuleOutcome {
  const special = view.pointsOf?.(rule) ?? null;
  if (special !== null) {
    const why: EarnReason = {
      type: "perField",
      base: rule.base,
      amount: special.count,
      per: 1,
      times: 1,
      points: special.points,
    };
    return special.count === 0 ? nothing(rule, "below_rate") : cut(rule, special.points, why, view);
  }
  const measured = view.measure(rule);
  if (measured.lines.length === 0) return nothing(rule, "no_lines");
  const times = timesIn(rule, measured);
  const why = reasonOf(rule, measured, times);
  return times === 0 ? nothing(rule, "below_rate", why) : cut(rule, times * rule.points, why, view);
}

/** How often a rule's `per` fits into what counts, each rounding as the rule says. */
function timesIn(rule: EarningRule, measured: Measured): number {
  if (rule.type === "fixed") return 1;
  const figure = rule.type === "perItem" ? "units" : "amount";
  if (rule.roundOn === "order") return rounded(measured[figure], rule.per, rule.rounding);
  return measured.lines.reduce((sum, line) => sum + rounded(line[figure], rule.per, rule.rounding), 0);
}

function rounded(amount: number, per: number, rounding: EarningRule["rounding"]): number {
  const whole = Math.floor(amount / per);
  const rest = amount - whole * per;
  if (rest === 0 || rounding === "floor") return whole;
  return rounding === "ceil" || rest * 2 >= per ? whole + 1 : whole;
}

function reasonOf(rule: EarningRule, { amount, units }: Measured, times: number): EarnReason {
  const { type, base, per, points, less } = rule;
  if (type === "fixed") return { type, base, amount: 0, per: 1, times, points };
  if (type === "perItem") return { type, base, amount: units, per, times, points };
  return { base, amount, per, times, points, ...(less !== undefined && { less }) };
}

function multiplierOutcome(
  rule: CompiledRule,
  given: readonly (number | undefined)[],
  view: DecisionView,
): RuleOutcome {
  const { base, rounding, roundOn, byTier, multiplies } = rule;
  const factor = byTier?.[view.place.tier ?? ""] ?? rule.factor;
  if (factor === undefined) return nothing(rule, "tier");
  const hundredths = Math.round(factor * 100);
  let [amount, extra] = [0, 0];
  for (const part of multiplies) {
    const points = multipliedPoints(part, given, view);
    if (points === 0) continue;
    amount += points;
    if (roundOn === "line") extra += extraPoints(points, hundredths - 100, rounding);
  }
  if (roundOn === "order") extra = extraPoints(amount, hundredths - 100, rounding);
  const why: EarnReason = { type: "multiplier", base, amount, per: 100, times: extra, points: 1, factor: hundredths };
  if (amount === 0) return nothing(rule, "no_points", why);
  return extra === 0 ? nothing(rule, "below_rate", why) : cut(rule, extra, why, view);
}

// Of a multiplier that looks at some lines only: what the rule would give for those alone, and never more than it gives.
function multipliedPoints(part: Multiplied, given: readonly (number | undefined)[], view: DecisionView): number {
  const points = given[part.rule.ordinal] ?? 0;
  if (part.measure === null || points === 0) return points;
  const measured = view.measure(part.rule, part);
  return measured.lines.length === 0 ? 0 : Math.min(points, timesIn(part.rule, measured) * part.rule.points);
}

function extraPoints(points: number, hundredths: number, rounding: EarningRule["rounding"]): number {
  const product = points * hundredths;
  if (Number.isSafeInteger(product)) return rounded(product, 100, rounding);
  const exact = BigInt(points) * BigInt(hundredths);
  return Number(exact / 100n) + rounded(Number(exact % 100n), 100, rounding);
}

// The tightest limit cuts; of two that are as tight, the one that is nearer to the order.
function cut(rule: CompiledRule, wanted: number, why: EarnReason, { rooms }: DecisionView): RuleOutcome {
  const uncut = Math.min(wanted, POINTS_MAX);
  let points = uncut;
  let cutBy: EarnReason["cutBy"];
  const limit = (by: NonNullable<typeof cutBy>, most: number | undefined) => {
    if (most === undefined || most >= points) return;
    points = Math.max(0, most);
    cutBy = by;
  };
  limit("perOrder", rule.perOrderMax);
  if (rooms !== undefined) {
    if (rule.caps.length > 0) limit("cap", rooms[rule.id]);
    if (rule.budget !== undefined) limit("budget", rooms[budgetRoom(rule.id)]);
  }
  if (cutBy === undefined) return { rule, points, reason: null, why };
  const reason = points > 0 ? null : cutBy === "budget" ? "budget" : "cap";
  return { rule, points, reason, why: { ...why, cutBy, uncut } };
}

// Of a group, rules that give nothing by themselves shut nobody out.
function stack(outcomes: readonly RuleOutcome[]): readonly RuleOutcome[] {
  const winners = new Map<string, RuleOutcome>();
  for (const outcome of outcomes) {
    const { group, stacking } = outcome.rule;
    if (group === undefined || stacking === "all" || outcome.points === 0) continue;
    const best = winners.get(group);
    if (best === undefined || (stacking === "best" && outcome.points > best.points)) winners.set(group, outcome);
  }
  if (winners.size === 0) return outcomes;
  return outcomes.map((outcome) => {
    const { group, stacking } = outcome.rule;
    const loses = group !== undefined && stacking !== "all" && outcome.points > 0 && winners.get(group) !== outcome;
    if (!loses) return outcome;
    return { ...outcome, points: 0, reason: stacking === "best" ? "beaten" : "excluded" };
  });
}
