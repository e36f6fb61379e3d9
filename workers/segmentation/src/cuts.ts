// Works out once a day where the bins of RFM and the bands of value begin, and marks whoever they put elsewhere.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { type Database, withTenant } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { engagementLog, engagementPointsSql } from "./figures.ts";
import { keepLease } from "./lease.ts";
import type { Cuts } from "./models.ts";
import type { Scene } from "./scene.ts";

/** R's rfm begins the next bin one day, one order and one unit of money above each quantile. */
const RFM_SHIFT = 1;
/** Fewer members than these are marked one by one, whatever share of all they are. */
const MARKED_MIN = 1000;
/** Of a larger share than this, a pass over everybody costs less than so many members one by one. */
const MARKED_SHARE = 0.1;

/** Whoever did nothing stays in the first bin, however many did nothing: the next one begins a hair above the quantile. */
const ENGAGEMENT_SHIFT = 1e-9;

/**
 * Quantiles of type 7 over the figures as they stand (`percentile_cont` is that type), shifted as `quantileCuts` of
 * packages/insights does. `moneyUnit`: minor units of one unit of money. Null without a member who has bought.
 */
export async function measureCuts(
  database: Database,
  scene: Scene,
  { settings, moneyUnit }: { readonly settings: InsightSettings; readonly moneyUnit: number },
): Promise<Cuts | null> {
  const { bins, fixedCuts } = settings.rfm;
  const { halfLifeDays } = settings.engagement;
  const chances = textArray(Array.from({ length: bins - 1 }, (_, index) => (index + 1) / bins));
  const bandChances = textArray([settings.bandShares.low, 1 - settings.bandShares.high]);
  const points = engagementPointsSql(sql`f.engagement`, scene.today, halfLifeDays);
  const over = (order: SQL, at = chances) => sql`percentile_cont(${at}::float8[]) within group (order by ${order})`;
  interface Row extends Record<string, unknown> {
    readonly members: number;
    readonly recency: number[] | null;
    readonly orders: number[] | null;
    readonly amount: number[] | null;
    readonly engaged: number[] | null;
    readonly bands: number[] | null;
    readonly profits: number[] | null;
  }
  const statement = database.execute<Row>(sql`
    select count(*)::int as members, ${over(sql`(${scene.today}::date - f.last_day)::float8`)} as recency,
      ${over(sql`f.orders::float8`)} as orders, ${over(sql`f.spend::float8`)} as amount, ${over(points)} as engaged,
      ${over(sql`f.spend::float8`, bandChances)} filter (where f.spend > 0) as bands,
      ${over(sql`f.profit::float8`, bandChances)} filter (where f.profit > 0) as profits
    from member_figures as f where f.tenant_id = ${scene.tenantId}::text`);
  const [{ rows }] = await withTenant(database, scene.tenantId, [statement]);
  const [row] = rows;
  if (row === undefined || row.members === 0) return null;
  const shifted = (quantiles: readonly number[] | null, shift: number) => (quantiles ?? []).map((cut) => cut + shift);
  return {
    recencyDays: fixedCuts?.recencyDays ?? shifted(row.recency, RFM_SHIFT),
    orders: fixedCuts?.orders ?? shifted(row.orders, RFM_SHIFT),
    amount: fixedCuts?.amount ?? shifted(row.amount, moneyUnit),
    engagement: (row.engaged ?? []).map((cut) =>
      engagementLog(cut * (1 + ENGAGEMENT_SHIFT) + ENGAGEMENT_SHIFT, scene.today, halfLifeDays),
    ),
    bands: limitsOf(row.bands),
    profitBands: limitsOf(row.profits),
  };
}

/**
 * Marks members whose bins, bands or groups by these cuts are not the stored ones, also those who only grew older, and whoever's scores
 * were to be looked at again by today. Reads figures and scores once, no order: an index of the days would cost a write of its own each
 * time that a member is scored. Returns whether all are marked: false, and nobody is, when
 * they are too many to be worked on one by one.
 */
export async function markOutdated(
  database: Database,
  { tenantId, today }: Scene,
  { cuts, token }: { readonly cuts: Cuts; readonly token: string },
): Promise<boolean> {
  const { recency, frequency, monetary, engagement, band, profitGroup } = binsSql(cuts, today);
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ few: boolean }>(sql`
      with outdated as materialized (
        select f.member_id
        from member_figures as f join member_scores as c on c.tenant_id = f.tenant_id and c.member_id = f.member_id
        where f.tenant_id = ${tenantId}::text and c.tenant_id = ${tenantId}::text and (
          c.recency <> ${recency} or c.frequency <> ${frequency} or c.monetary <> ${monetary}
          or c.engagement <> ${engagement} or c.band <> ${band} or c.profit_group is distinct from ${profitGroup}
          or c.flips_on <= ${today}::date)
      ),
      counted as materialized (
        select count(*) <= greatest(${MARKED_MIN}::int, ${MARKED_SHARE}::float8
          * (select count(*) from member_scores where tenant_id = ${tenantId}::text)) as few
        from outdated
      ),
      marked as (
        insert into member_changes (tenant_id, member_id)
        select ${tenantId}::text, member_id from outdated where (select few from counted)
      )
      select few from counted`),
    keepLease(database, token),
  ]);
  return rows[0]?.few ?? true;
}

/** The bins of a row `f` of figures, as SQL: `rfmScores`, `bandOf` and `profitGroupOf` of packages/insights. */
export function binsSql(cuts: Cuts, today: string) {
  const bin = (value: SQL, edges: readonly number[]) =>
    sql`(width_bucket(${value}, ${textArray(edges)}::float8[]) + 1)::smallint`;
  const bandOf = (value: SQL, limits: Cuts["bands"]) =>
    limits === null
      ? sql`'low'`
      : sql`case when ${value} >= ${limits.highFrom}::float8 then 'high'
          when ${value} >= ${limits.middleFrom}::float8 then 'middle' else 'low' end`;
  const best = cuts.recencyDays.length + 1;
  return {
    recency: sql`(${best}::int - width_bucket((${today}::date - f.last_day)::float8,
      ${textArray(cuts.recencyDays)}::float8[]))::smallint`,
    frequency: bin(sql`f.orders::float8`, cuts.orders),
    monetary: bin(sql`f.spend::float8`, cuts.amount),
    engagement: bin(sql`f.engagement`, cuts.engagement),
    band: sql`(${bandOf(sql`f.spend`, cuts.bands)})`,
    profitGroup: sql`(case when f.profit is null then null when f.profit <= 0 then 'none'
      else ${bandOf(sql`f.profit`, cuts.profitBands)} end)`,
  };
}

/** Minor units of one unit of a kind of money. */
export function moneyUnitOf(currency: string): number {
  const { maximumFractionDigits } = new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions();
  return 10 ** (maximumFractionDigits ?? 2);
}

/** Numbers as PostgreSQL reads them in one parameter. */
export function textArray(values: readonly (number | string)[]): string {
  return `{${values.map((value) => (typeof value === "number" ? String(value) : JSON.stringify(value))).join(",")}}`;
}

function limitsOf(quantiles: readonly number[] | null): Cuts["bands"] {
  const [middleFrom, highFrom] = quantiles ?? [];
  return middleFrom === undefined || highFrom === undefined ? null : { middleFrom, highFrom };
}
