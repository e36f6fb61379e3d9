// What a basket earns: every rule of a program over its base, rounded once per rule and order.
import type { EarnReason, MemberFacts, StoredLine } from "@regulars/contracts/events-orders";
import { POINTS_MAX } from "@regulars/contracts/limits";
import type { EarningRule } from "@regulars/contracts/program-earning";
import { totalsOf } from "./basket.ts";
import { localTime } from "./calendar.ts";
import { conditionInput, type ConditionInput } from "./conditions.ts";
import type { CompiledProgram, CompiledRule } from "./program.ts";

/** A basket as the rules see it: when and where it was placed, by whom, and what points paid of it (minor units). */
export interface EarningBasket {
  readonly lines: readonly StoredLine[];
  readonly storeId: string;
  readonly regionId: string;
  readonly ownerId: string;
  readonly channel: string | null;
  readonly currency: string;
  readonly placedAt: number;
  readonly paidByPoints: number;
  readonly member: MemberFacts;
  readonly timeZone: string;
  /** Points that caps and budgets leave, by rule; absent: no limit. */
  readonly rooms?: Readonly<Record<string, number>>;
}

export interface EarnedByRule {
  readonly rule: string;
  readonly currency: string;
  readonly points: number;
  readonly why: EarnReason;
}

/** Points of each rule that gives any, in the program's order; an empty basket earns nothing. */
export function earnedBy(program: CompiledProgram, basket: EarningBasket): readonly EarnedByRule[] {
  if (basket.lines.length === 0) return [];
  const totals = totalsOf(basket.lines);
  const amounts = { gross: totals.gross, net: Math.max(0, totals.net - basket.paidByPoints) };
  const facts = program.conditional ? factsOf(basket, totals) : null;
  const earned: EarnedByRule[] = [];
  for (const rule of program.rules) {
    if (!applies(rule, facts)) continue;
    const amount = amounts[rule.base];
    const times = timesOf(rule, amount);
    const points = Math.min(times * rule.points, POINTS_MAX);
    if (points === 0) continue;
    const why = { base: rule.base, amount, per: rule.per, times, points: rule.points };
    earned.push({ rule: rule.id, currency: rule.currency, points, why });
  }
  return earned;
}

function applies(rule: CompiledRule, facts: ConditionInput | null): boolean {
  return rule.condition === null || (facts !== null && rule.condition(facts));
}

function timesOf({ per, rounding }: EarningRule, amount: number): number {
  const whole = Math.floor(amount / per);
  const rest = amount - whole * per;
  if (rest === 0 || rounding === "floor") return whole;
  return rounding === "ceil" || rest * 2 >= per ? whole + 1 : whole;
}

function factsOf(basket: EarningBasket, totals: ReturnType<typeof totalsOf>): ConditionInput {
  const { year, month, day, hour, minute, weekday } = localTime(basket.placedAt, basket.timeZone);
  return conditionInput({
    order: { ...totals, lines: basket.lines.length, currency: basket.currency },
    lines: basket.lines.map((line) => ({
      sku: line.sku,
      category: line.category ?? "",
      quantity: line.quantity,
      unitPrice: line.unitPrice,
      discount: line.discount,
      net: line.quantity * line.unitPrice - line.discount,
    })),
    store: { id: basket.storeId, region: basket.regionId, owner: basket.ownerId },
    channel: basket.channel ?? "",
    member: {
      homeStoreId: basket.member.homeStoreId ?? "",
      source: basket.member.source ?? "",
      firstOrder: basket.member.firstOrder,
      ordersBefore: basket.member.ordersBefore,
      birthdayMonth: basket.member.birthdayMonth,
      enrolledDays: basket.member.enrolledDays,
    },
    now: { year, month, day, hour, minute, weekday },
  });
}
