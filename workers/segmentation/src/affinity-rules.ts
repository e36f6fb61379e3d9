// Finds at night what goes together in a tenant's baskets: as many rules as somebody can use, whatever is sold.
import { type AffinityRule, affinityRules } from "@regulars/insights/affinity";
import { basketCount, type BasketTable } from "@regulars/insights/baskets";
import type { RuleFound } from "@regulars/contracts/affinity";
import { sql } from "drizzle-orm";
import { readBaskets } from "./affinity-baskets.ts";
import { type NightScope, writeRows } from "./night-scope.ts";

/** Rules that are stored: a megabyte, read at once to recommend. */
export const STORED_RULES_MAX = 5000;
/** Sets on the way to them: a search that finds more is cut off, at 10 MB. */
const SETS_MAX = 50_000;
/** Longer rules speak to nobody. */
const LENGTH_MAX = 4;
/** One buyer in ten: what fewer do is no reason to offer anything. */
const CONFIDENCE_MIN = 0.1;
const SUPPORT_MIN = 0.001;
/** In fewer baskets, chance alone makes rules. */
const BASKETS_MIN = 10;
/** The next support that is tried: finer steps cost time, coarser ones lose rules. */
const SUPPORT_STEP = 1.5;
/** At one things go together as often as by chance. */
const LIFT_MIN = 1;

/** The rules of all members, in place of those of the night before. */
export async function refreshAffinity(scope: NightScope): Promise<void> {
  const { table } = await readBaskets(scope, { ...scope.settings.affinity, segmentId: null });
  await storeRules(scope, usefulRules(table), basketCount(table));
}

/**
 * Rules no worse than chance at the least support, from one in a thousand baskets (and ten baskets) on, at which they are
 * no more than can be stored. Best first, as `affinityRules`.
 */
export function usefulRules(table: BasketTable, rulesMax = STORED_RULES_MAX): readonly AffinityRule[] {
  const baskets = basketCount(table);
  const options = { confidence: CONFIDENCE_MIN, lift: LIFT_MIN, maxLength: LENGTH_MAX, maxSets: SETS_MAX };
  for (let support = Math.max(SUPPORT_MIN, BASKETS_MIN / baskets); support <= 1; support *= SUPPORT_STEP) {
    const found = affinityRules(table, { ...options, support, maxRules: rulesMax });
    if (found.ok) return found.rules;
  }
  return [];
}

/** A rule as it is told and stored: JSON has no infinity. */
export function ruleFound({ conviction, ...rule }: AffinityRule): RuleFound {
  return { ...rule, conviction: Number.isFinite(conviction) ? conviction : null };
}

async function storeRules(scope: NightScope, rules: readonly AffinityRule[], baskets: number): Promise<void> {
  const { tenantId, today } = scope.scene;
  const rows = rules.map((rule, place) => ({ place: place + 1, ...ruleFound(rule) }));
  await writeRows(scope, [
    sql`delete from affinity_rules where tenant_id = ${tenantId} and segment_id = ''`,
    sql`insert into affinity_rules (tenant_id, segment_id, place, antecedent, consequent, baskets, count, confidence,
        lift, leverage, conviction, built_on)
      select ${tenantId}, '', r.place, r.antecedent, r.consequent, ${baskets}, r.count, r.confidence, r.lift,
        r.leverage, r.conviction, ${today}::date
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r(place int, antecedent text[], consequent text,
        count int, confidence float8, lift float8, leverage float8, conviction float8)`,
  ]);
}
