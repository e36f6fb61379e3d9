// What a basket earns: every rule of a program over the lines that count for it, rounded as the rule says.
import type { EarnReason, MemberFacts, StoredLine } from "@regulars/contracts/events-orders";
import { lateInput } from "./conditions.ts";
import { decideRules, earnedOf, type DecisionView } from "./earning-decision.ts";
import { orderFacts } from "./earning-facts.ts";
import { BasketMeter } from "./earning-lines.ts";
import type { CompiledProgram } from "./program.ts";

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
  /** Points that caps (by rule) and budgets (by `budget/<rule>`) leave; absent: no limit. See `roomsOf`. */
  readonly rooms?: Readonly<Record<string, number>>;
  /** Of a refund: the rules that had given points. A rule that was beaten then does not win now. */
  readonly among?: ReadonlySet<string>;
}

export interface EarnedByRule {
  readonly rule: string;
  readonly currency: string;
  readonly points: number;
  readonly why: EarnReason;
}

/** Points of each rule that gives any, in the program's order of priority; an empty basket earns nothing. */
export function earnedBy(program: CompiledProgram, basket: EarningBasket): readonly EarnedByRule[] {
  const rules = program.rulesOn.get("order");
  if (basket.lines.length === 0 || rules === undefined) return [];
  return decideRules(rules, orderView(basket)).map(earnedOf);
}

/** What decides over a basket; also for explanations and budgets. */
export function orderView(basket: EarningBasket): DecisionView {
  const { placedAt, storeId, regionId, channel, member, rooms, among } = basket;
  const meter = new BasketMeter(basket.lines, basket.paidByPoints);
  return {
    place: { at: placedAt, storeId, regionId, channel, tier: member.tier ?? null },
    input: lateInput(() => orderFacts(basket)),
    measure: (rule, part) => meter.read(part?.measure ?? rule.measure),
    rooms,
    among,
  };
}
