// The budgets of a candidate in a simulation: what they have left for the next order or event, and what it takes of them.
import type { StoredEarn } from "@regulars/contracts/events-orders";
import { budgetName } from "./caps.ts";
import type { CompiledProgram } from "./program.ts";

interface BudgetScene {
  readonly candidate: CompiledProgram;
  readonly timeZone: string;
  /** Points that budgets have given so far, by their names: filled member by member. */
  readonly budgets: Record<string, number>;
}

/** What every budget has left in the period of an instant, by its name. */
export function budgetsLeft({ candidate, budgets, timeZone }: BudgetScene, at: number): Record<string, number> {
  const left: Record<string, number> = {};
  for (const rule of candidate.rules) {
    if (rule.budget === undefined) continue;
    const name = budgetName(rule, at, timeZone);
    left[name] = Math.max(0, rule.budget.points - (budgets[name] ?? 0));
  }
  return left;
}

/** Takes what was given at an instant; what a refund takes back does not return. */
export function drawBudgets(
  { candidate, budgets, timeZone }: BudgetScene,
  earned: readonly Pick<StoredEarn, "rule" | "points">[],
  at: number,
): void {
  for (const { rule, points } of earned) {
    const compiled = candidate.rulesById.get(rule);
    if (compiled?.budget === undefined) continue;
    const name = budgetName(compiled, at, timeZone);
    budgets[name] = (budgets[name] ?? 0) + points;
  }
}
