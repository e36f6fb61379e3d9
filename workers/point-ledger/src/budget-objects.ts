// Where the objects of a budget are, and how a member's object asks the one that serves it.
import { budgetShardOf, type BudgetLimit } from "@regulars/domain/budgets";
import { askAgain } from "./ask-again.ts";
import { within } from "./objects.ts";

/** Which budget: `rule/…`, `stock/…` or `code/…` of a tenant. */
export interface BudgetPlace {
  readonly tenantId: string;
  readonly name: string;
}

/** Up to `wanted` under a key: the same key again gets the same, or more of it when it wants more. */
export interface TakeAsk {
  readonly key: string;
  readonly wanted: number;
  readonly limit: BudgetLimit;
}

export function budgetRootOf(env: Env, { tenantId, name }: BudgetPlace) {
  const namespace = within(env.BUDGET_ROOT, tenantId);
  return namespace.get(namespace.idFromName(`${tenantId}:${name}`));
}

export function budgetShard(env: Env, { tenantId, name }: BudgetPlace, shard: number) {
  const namespace = within(env.BUDGET_SHARD, tenantId);
  return namespace.get(namespace.idFromName(`${tenantId}:${name}:${shard}`));
}

/** Takes for a member. Returns what was granted: 0 to `wanted`. */
export function takeOf(env: Env, place: BudgetPlace, memberId: string, ask: TakeAsk): Promise<number> {
  const shard = budgetShardOf(memberId);
  return askAgain(() => budgetShard(env, place, shard).take(place, shard, ask));
}

/** What a take would be granted now; keeps nothing. */
export function peekOf(env: Env, place: BudgetPlace, memberId: string, ask: Omit<TakeAsk, "key">): Promise<number> {
  const shard = budgetShardOf(memberId);
  return askAgain(() => budgetShard(env, place, shard).peek(place, ask));
}

/** Gives back what a key took and did not use; its key takes no more. */
export function giveBackOf(
  env: Env,
  place: BudgetPlace,
  memberId: string,
  { key, unused }: { key: string; unused: number },
): Promise<void> {
  return askAgain(() => budgetShard(env, place, budgetShardOf(memberId)).giveBack(key, unused));
}
