// Decides what to offer a member next, from what they bought and the rules of the last night, each with its reason.
import type { NextItem } from "@regulars/contracts/affinity";
import { readInsightSettings } from "@regulars/contracts/insights-settings";
import type { Asked, InsightContext } from "@regulars/contracts/segmentation-rpc";
import { type AffinityRule, indexRules, recommend } from "@regulars/insights/affinity";
import { orderCounts } from "@regulars/schema/orders";
import { sql } from "drizzle-orm";
import { STORED_RULES_MAX, ruleFound } from "./affinity-rules.ts";
import { readRows } from "./night-scope.ts";
import { databaseOf, dayAfter, sceneOf } from "./scene.ts";

type Held = { readonly known: boolean; readonly erased: boolean; readonly held: readonly string[] | null };

/**
 * What the member is likely to want next: `recommend` over what was bought in the days that rules are made from. Rules
 * are about SKUs or about categories, whichever the night chose; a member holds both of each line.
 */
export async function recommendFor(
  env: Env,
  context: InsightContext,
  memberId: string,
  limit: number,
): Promise<Asked<readonly NextItem[]>> {
  const scope = { database: databaseOf(env), scene: sceneOf(context) };
  const { tenantId, timeZone, today } = scope.scene;
  const [state] = await readRows<{ settings: unknown }>(
    scope,
    sql`select settings from insight_states where tenant_id = ${tenantId}`,
  );
  const from = dayAfter(today, 1 - readInsightSettings(state?.settings).affinity.days);
  const [member] = await readRows<Held>(
    scope,
    sql`select m.enrolled_at is not null as known, m.erased_at is not null as erased, (
        select array_agg(distinct item)
        from orders as o join order_lines as l
          on l.tenant_id = ${tenantId} and l.member_id = o.member_id and l.order_id = o.order_id
        cross join lateral (values (l.sku), (l.category)) as i(item)
        where o.tenant_id = ${tenantId} and o.member_id = ${memberId} and ${orderCounts(sql`o`)}
          and l.quantity > l.returned and item is not null
          and (o.placed_at at time zone ${timeZone})::date between ${from}::date and ${today}::date
      ) as held
      from members as m where m.tenant_id = ${tenantId} and m.member_id = ${memberId}`,
  );
  if (member?.erased === true) return { ok: false, refusal: { code: "member_erased" } };
  if (member?.known !== true) return { ok: false, refusal: { code: "member_not_found" } };
  const held = member.held ?? [];
  const rules = await readRules(scope, held);
  const offers = recommend(indexRules(rules), held, { limit });
  return {
    ok: true,
    value: offers.map(({ item, reason, rules: count }) => ({ item, because: ruleFound(reason), rules: count })),
  };
}

/** Rules all of whose antecedents are held. */
function readRules(scope: Parameters<typeof readRows>[0], held: readonly string[]): Promise<AffinityRule[]> {
  return readRows<AffinityRule>(
    scope,
    sql`select antecedent, consequent, count, count / baskets::float8 as support, confidence, lift, leverage,
        coalesce(conviction, 'infinity') as conviction
      from affinity_rules
      where tenant_id = ${scope.scene.tenantId} and segment_id = ''
        and antecedent <@ array(select jsonb_array_elements_text(${JSON.stringify(held)}::jsonb))
      order by place limit ${STORED_RULES_MAX}`,
  );
}
