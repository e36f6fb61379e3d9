// Answers with what is bought together: the rules of the last night, or those of a search made now.
import { affinityWish } from "@regulars/contracts/affinity";
import {
  affinityQuery,
  type AffinityReport,
  type AffinitySearch,
  affinitySearchQuery,
} from "@regulars/contracts/insights-trade";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type Call, done, tenantOf } from "./call.ts";
import { refusalOfSegment } from "./insight-report-place.ts";
import { contextOf, segmentationOf } from "./segment-questions.ts";

/** Rules over all orders stand under the segment without a name. */
const ALL = "";

interface RuleRow extends Record<string, unknown> {
  readonly place: number;
  readonly antecedent: string[];
  readonly consequent: string;
  readonly baskets: number;
  readonly count: number;
  readonly confidence: number;
  readonly lift: number;
  readonly leverage: number;
  readonly conviction: number | null;
}

export async function listAffinityRules(call: Call): Promise<Read<AffinityReport>> {
  const query = readQuery(call.request.url, affinityQuery);
  if (!query.ok) return query;
  const { segmentId, minConfidence, minLift, minCount, consequent, limit, after } = query.value;
  const refusal = await refusalOfSegment(call, segmentId);
  if (refusal !== null) return refusal;
  const { database } = call;
  const { tenantId } = tenantOf(call);
  const own = sql`tenant_id = ${tenantId} and segment_id = ${segmentId ?? ALL}`;
  const [built, rules] = await withTenant(database, tenantId, [
    database.execute<{ built_on: string; baskets: number }>(sql`
      select built_on::text, baskets from affinity_rules where ${own} order by place limit 1`),
    database.execute<RuleRow>(sql`
      select place, antecedent, consequent, baskets, count, confidence, lift, leverage, conviction from affinity_rules
      where ${own} and place > ${after} and confidence >= ${minConfidence} and lift >= ${minLift} and count >= ${minCount}
        ${consequent === undefined ? sql`` : sql`and consequent = ${consequent}`}
      order by place limit ${limit + 1}`),
  ]);
  const shown = rules.rows.slice(0, limit);
  return done({
    segmentId: segmentId ?? null,
    builtOn: built.rows[0]?.built_on ?? null,
    baskets: built.rows[0]?.baskets ?? 0,
    rules: shown.map(({ baskets, ...rule }) => ({ ...rule, support: rule.count / baskets })),
    next: rules.rows.length > limit ? (shown.at(-1)?.place ?? null) : null,
  });
}

export async function searchAffinity(call: Call): Promise<Read<AffinitySearch>> {
  const query = readQuery(call.request.url, affinitySearchQuery);
  if (!query.ok) return query;
  const asked = await segmentationOf(call).affinity(contextOf(call), affinityWish.parse(query.value));
  if (!asked.ok) return { ok: false, refusals: [asked.refusal] };
  const { byLength, rules, ...found } = asked.value;
  return done({
    ...found,
    byLength: byLength.map(({ length, rules: count }) => ({ length, rules: count })),
    rules: rules.map(({ antecedent, ...rule }) => ({ ...rule, antecedent: [...antecedent] })),
  });
}
