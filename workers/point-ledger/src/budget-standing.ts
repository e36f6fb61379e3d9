// How far a budget is used up: what all shards have given, under the limit that the root knows.
import { BUDGET_SHARDS } from "@regulars/domain/budgets";
import { askAgain } from "./ask-again.ts";
import { budgetShard, type BudgetPlace } from "./budget-objects.ts";

/** Points, pieces or uses that are given now. Shards are asked one beside the other, so takes of this moment may be missing. */
export async function givenOf(env: Env, place: BudgetPlace): Promise<number> {
  const shards = Array.from({ length: BUDGET_SHARDS }, (_, index) => index);
  const given = await Promise.all(shards.map((index) => askAgain(() => budgetShard(env, place, index).given())));
  return given.reduce((sum, one) => sum + one, 0);
}
