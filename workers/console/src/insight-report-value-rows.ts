// Reads what members are worth from PostgreSQL: counts, groups, and sums of the ranking at a few ranks.
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import { modelsQuery, population, storedModels } from "./insight-report-members-rows.ts";
import type { RankSum } from "./insight-report-ranks.ts";
import { readWidely } from "./insight-report-read.ts";

export type Worth = "spend" | "profit" | "lifetimeValue";

/** What a row of figures `f` and scores `x` is ranked by; members without a score rank with 0. */
const WORTH: Readonly<Record<Worth, SQL>> = {
  spend: sql`f.spend`,
  profit: sql`coalesce(f.profit, 0)`,
  lifetimeValue: sql`coalesce(x.lifetime_value, 0)`,
};

const worthTable = ({ tenantId }: TenantRow) =>
  sql`member_figures as f left join member_scores as x on x.tenant_id = ${tenantId} and x.member_id = f.member_id
    where f.tenant_id = ${tenantId}`;

export async function readWorth(database: Database, tenant: TenantRow, by: Worth) {
  const { tenantId } = tenant;
  const worth = WORTH[by];
  const [sums, bands, profits, people, models] = await readWidely(database, tenantId, [
    database.execute<Record<string, string>>(sql`
      select count(*) as buyers, count(*) filter (where ${worth} > 0) as positive, coalesce(sum(${worth}), 0) as total,
        count(*) filter (where f.orders = 1) as one_time, max(x.scored_on)::text as as_of,
        count(x.lifetime_value) as valued, coalesce(sum(x.lifetime_value), 0) as lifetime_value,
        coalesce(sum(x.expected_orders), 0) as expected_orders, coalesce(avg(x.alive), 0) as alive
      from ${worthTable(tenant)}`),
    database.execute<Record<string, string>>(sql`
      select x.band as name, count(*) as members, sum(f.spend) as spend
      from member_scores as x join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = x.member_id
      where x.tenant_id = ${tenantId} group by 1`),
    database.execute<Record<string, string>>(sql`
      select x.profit_group as name, count(*) as members, count(*) filter (where x.has_potential) as potential,
        coalesce(sum(f.profit), 0) as profit
      from member_scores as x join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = x.member_id
      where x.tenant_id = ${tenantId} and x.profit_group is not null group by 1`),
    database.execute<{ members: string }>(sql`select count(*) as members from ${population(tenant)}`),
    modelsQuery(database, tenant),
  ]);
  return {
    sums: sums.rows[0] ?? {},
    bands: bands.rows,
    profits: profits.rows,
    members: Number(people.rows[0]?.members ?? 0),
    models: storedModels(models.rows),
  };
}

/** What the best so many bring, at each of the ranks; and how many it takes to make four fifths of it. */
export async function readRanking(
  database: Database,
  tenant: TenantRow,
  { by, ranks }: { readonly by: Worth; readonly ranks: readonly number[] },
): Promise<{ readonly sums: readonly RankSum[]; readonly makingEighty: number | null }> {
  const worth = WORTH[by];
  const query = database.execute<Record<string, string | null>>(sql`
    with ranked as (
      select row_number() over best as rank, sum(greatest(${worth}, 0)) over best as positive,
        sum(${worth}) over best as value, sum(f.spend) over best as spend
      from ${worthTable(tenant)}
      window best as (order by ${worth} desc, f.member_id rows unbounded preceding)
    ), whole as (select max(positive) * 0.8 as wanted from ranked)
    select r.rank, r.positive, r.value, r.spend, null as making from ranked as r
    where r.rank in (select jsonb_array_elements_text(${JSON.stringify(ranks)}::jsonb)::bigint)
    union all
    select null, null, null, null, min(r.rank) from ranked as r, whole where r.positive >= whole.wanted and whole.wanted > 0`);
  const [found] = await readWidely(database, tenant.tenantId, [query]);
  const making = found.rows.find(({ rank }) => rank === null)?.["making"] ?? null;
  return {
    sums: found.rows
      .filter(({ rank }) => rank !== null)
      .map(({ rank, positive, value, spend }) => ({
        rank: Number(rank),
        positive: Number(positive),
        value: Number(value),
        spend: Number(spend),
      })),
    makingEighty: making === null ? null : Number(making),
  };
}
