// Explains a basket: every rule in order, what its condition saw, and why it gives what it gives.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { LedgerExplanation, ReasonedRule } from "@regulars/contracts/rpc";
import { sawIn } from "./condition-names.ts";
import type { ConditionFacts } from "./conditions.ts";
import { decideRules, type RuleOutcome } from "./earning-decision.ts";
import { orderFacts } from "./earning-facts.ts";
import { orderView, type EarningBasket } from "./earning.ts";
import type { CompiledProgram } from "./program.ts";

/** Every rule for orders over one basket: deterministic, from the facts and rooms that the basket carries. */
export function explain(program: CompiledProgram, basket: EarningBasket): LedgerExplanation {
  const outcomes = decideRules(program.rulesOn.get("order") ?? [], orderView(basket), { every: true });
  const facts = orderFacts(basket);
  return { programVersion: program.version, rules: outcomes.map((outcome) => explained(outcome, facts)) };
}

/** What an order earned when it was decided, from what is stored with it: refunds since then are not in it. */
export function explainOrder(program: CompiledProgram, order: OrderRecord, timeZone: string): LedgerExplanation {
  const paidByPoints = order.redeemed.reduce((sum, { value }) => sum + value, 0);
  const { lines, storeId, regionId, ownerId, channel, currency, placedAt, facts: member, rooms } = order;
  const place = { storeId, regionId, ownerId, channel, currency, placedAt, timeZone };
  return explain(program, { ...place, lines, paidByPoints, member, ...(rooms !== undefined && { rooms }) });
}

function explained({ rule, points, reason, why }: RuleOutcome, facts: ConditionFacts): ReasonedRule {
  const { cutBy, uncut } = why ?? {};
  return {
    rule: rule.id,
    currency: rule.currency,
    outcome: points > 0 ? "earned" : "nothing",
    points,
    reason,
    why,
    condition: rule.when ?? null,
    saw: rule.condition === null ? {} : sawIn(rule.condition.names, facts),
    base: why?.amount ?? null,
    per: why?.per ?? null,
    times: why?.times ?? null,
    cut: cutBy === undefined || uncut === undefined ? null : { by: cutBy, from: uncut, to: Math.min(points, uncut) },
  };
}
