// Answers what goes together for chosen baskets, with a support and confidence that somebody picked.
import type { AffinityFound, AffinityWish } from "@regulars/contracts/affinity";
import { readInsightSettings } from "@regulars/contracts/insights-settings";
import type { Asked, InsightContext } from "@regulars/contracts/segmentation-rpc";
import { type AffinityRule, affinityRules } from "@regulars/insights/affinity";
import { basketCount } from "@regulars/insights/baskets";
import { sql } from "drizzle-orm";
import { readBaskets } from "./affinity-baskets.ts";
import { ruleFound } from "./affinity-rules.ts";
import { readRows } from "./night-scope.ts";
import { databaseOf, sceneOf } from "./scene.ts";

/** Sets and rules of one search, some 40 MB beside the baskets. */
const SETS_MAX = 100_000;
const RULES_MAX = 100_000;

/** All rules over the orders of the last days, of a segment's present members or of all; the first ones by lift. */
export async function affinityOf(env: Env, context: InsightContext, wish: AffinityWish): Promise<Asked<AffinityFound>> {
  const started = Date.now();
  const scope = { database: databaseOf(env), scene: sceneOf(context) };
  const { segmentId, support, confidence } = wish;
  const [state] = await readRows<{ settings: unknown; known: boolean }>(
    scope,
    sql`select (select settings from insight_states where tenant_id = ${context.tenantId}) as settings,
      exists (select from segments where tenant_id = ${context.tenantId} and segment_id = ${segmentId}
        and ended_at is null) as known`,
  );
  if (segmentId !== null && state?.known !== true) {
    return { ok: false, refusal: { code: "segment_not_found", field: "segmentId" } };
  }
  const usual = readInsightSettings(state?.settings).affinity;
  const { by = usual.by, days = usual.days } = wish;
  const { table, ...read } = await readBaskets(scope, { segmentId, by, days });
  const { lift, minLength, maxLength } = wish;
  const options = { support, confidence, lift, minLength, maxLength, maxSets: SETS_MAX, maxRules: RULES_MAX };
  const found = affinityRules(table, options);
  if (!found.ok) {
    const field = found.reason === "support_too_low" ? "support" : "confidence";
    const limit = found.reason === "support_too_low" ? `${SETS_MAX} sets` : `${RULES_MAX} rules`;
    return { ok: false, refusal: { code: "number_out_of_range", field, facts: { limit } } };
  }
  return {
    ok: true,
    value: {
      ...read,
      segmentId,
      support,
      confidence,
      baskets: basketCount(table),
      items: table.items.length,
      total: found.rules.length,
      byLength: lengthsOf(found.rules),
      rules: found.rules.slice(0, wish.limit).map(ruleFound),
      milliseconds: Date.now() - started,
    },
  };
}

function lengthsOf(rules: readonly AffinityRule[]): AffinityFound["byLength"] {
  const counts = new Map<number, number>();
  for (const { antecedent } of rules) counts.set(antecedent.length + 1, (counts.get(antecedent.length + 1) ?? 0) + 1);
  return [...counts]
    .map(([length, count]) => ({ length, rules: count }))
    .sort((one, other) => one.length - other.length);
}
