// Reads a figure step by step over a range of days from PostgreSQL: one row for each day, week or month with something in it.
import type { SeriesMetric, SeriesStep } from "@regulars/contracts/insights-overview";
import type { ReportRange } from "@regulars/contracts/insights-ranges";
import { type Database, withTenant } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import {
  beginnings,
  buyersOf,
  counts,
  kept,
  localDayOf,
  ordersAt,
  type Place,
  storesAt,
  within,
} from "./insight-report-orders.ts";
import { stepsOf } from "./insight-report-ranges.ts";
import { readWidely } from "./insight-report-read.ts";

export interface SeriesWish {
  readonly metric: SeriesMetric;
  readonly by: SeriesStep;
  readonly currency?: string | undefined;
  readonly range: ReportRange;
  readonly place: Place;
}

/** Values by the first day of their step; a step without anything has none. */
export async function readSeries(
  database: Database,
  tenant: TenantRow,
  wish: SeriesWish,
): Promise<ReadonlyMap<string, number>> {
  const steps = stepsOf(wish.range, wish.by);
  const query = database.execute<{ step: number; value: string }>(sql`
    with bounds as materialized (select ${beginnings(steps, tenant)} as list) ${valuesQuery(tenant, wish)}`);
  // Entries are looked up for each transaction of the range: there are many more of them than a range has.
  const read = wish.metric.startsWith("points") ? withTenant : readWidely;
  const [found] = await read(database, tenant.tenantId, [query]);
  return new Map(found.rows.map(({ step, value }) => [steps[step - 1] ?? "", Number(value)]));
}

/** The first and the last local day with an order that counts; null without one. */
export async function readOrderDays(database: Database, tenant: TenantRow): Promise<ReportRange | null> {
  const day = (end: SQL) => sql`(${localDayOf(end, tenant)})::text`;
  const query = database.execute<{ from: string | null; until: string | null }>(sql`
    select ${day(sql`min(o.placed_at)`)} as from, ${day(sql`max(o.placed_at)`)} as until
    from orders as o where o.tenant_id = ${tenant.tenantId} and ${counts}`);
  const [found] = await readWidely(database, tenant.tenantId, [query]);
  const { from = null, until = null } = found.rows[0] ?? {};
  return from === null || until === null ? null : { from, until };
}

const ORDER_FIGURES: Partial<Record<SeriesMetric, SQL>> = {
  revenue: sql`sum(${kept})`,
  orders: sql`count(*)`,
  averageOrder: sql`sum(${kept}) / count(*)`,
};

// Steps are numbered from 1; every row lies in one, for the first begins no later than the range.
function valuesQuery(tenant: TenantRow, { metric, currency, range, place }: SeriesWish): SQL {
  const { tenantId } = tenant;
  const step = (at: SQL) => sql`width_bucket(${at}, (select list from bounds))`;
  const orders = sql`orders as o
    where o.tenant_id = ${tenantId} and ${counts} and ${within(sql`o.placed_at`, range, tenant)} ${ordersAt(place)}`;
  const figure = ORDER_FIGURES[metric];
  if (figure !== undefined) {
    return sql`select ${step(sql`o.placed_at`)} as step, ${figure} as value from ${orders} group by 1`;
  }
  if (metric === "buyers") {
    // Members come one after the other from the index orders_by_member: an order counts when it is the first one of its step.
    return sql`
      select step, count(*) as value
      from (
        select ${step(sql`at`)} as step, before
        from (
          select o.placed_at as at, lag(o.placed_at) over (partition by o.member_id order by o.placed_at) as before from ${orders}
        ) as o
      ) as b
      where before is null or before < (select list[step] from bounds) group by 1`;
  }
  if (metric === "newBuyers") {
    return sql`select ${step(sql`b.first_at`)} as step, count(*) as value
      from (${buyersOf(tenant, range, place)}) as b where not b.had_ordered group by 1`;
  }
  if (metric === "enrolled") {
    return sql`select ${step(sql`m.enrolled_at`)} as step, count(*) as value from members as m
      where m.tenant_id = ${tenantId} and m.is_person and ${within(sql`m.enrolled_at`, range, tenant)}
        ${storesAt(sql`m.home_store_id`, place, tenant)} group by 1`;
  }
  const account = metric === "pointsGiven" ? "issued" : "redeemed";
  return sql`
    select ${step(sql`t.at`)} as step,
      sum(case when x.account = 'issued' then -x.points else x.points end) as value
    from transactions as t
    join entries as x on x.tenant_id = ${tenantId} and x.member_id = t.member_id and x.sequence = t.sequence
      and x.position = t.position
    where t.tenant_id = ${tenantId} and ${within(sql`t.at`, range, tenant)} ${storesAt(sql`t.store_id`, place, tenant)}
      and x.account = ${account} and x.currency = ${currency ?? ""}
    group by 1`;
}

export interface PointsMonth {
  /** The first day of the month. */
  readonly day: string;
  /** Spent less restored. */
  readonly redeemed: number;
  /** What members' own accounts gained. */
  readonly gained: number;
}

/** Points of a currency moved in each of the months, which follow one another; those before the first are with the first. */
export async function readPointsByMonth(
  database: Database,
  tenant: TenantRow,
  {
    currency,
    months,
    until,
  }: { readonly currency: string; readonly months: readonly string[]; readonly until: string },
): Promise<PointsMonth[]> {
  const { tenantId, timeZone } = tenant;
  const query = database.execute<{ month: number; redeemed: string; gained: string }>(sql`
    with bounds as materialized (select ${beginnings(months, tenant)} as list)
    select greatest(1, width_bucket(t.at, (select list from bounds))) as month,
      coalesce(sum(x.points) filter (where x.account = 'redeemed'), 0) as redeemed,
      coalesce(sum(x.points) filter (where x.account <> 'redeemed'), 0) as gained
    from transactions as t
    join entries as x on x.tenant_id = ${tenantId} and x.member_id = t.member_id and x.sequence = t.sequence
      and x.position = t.position
    where t.tenant_id = ${tenantId} and t.at < (${until}::date)::timestamp at time zone ${timeZone}
      and x.currency = ${currency} and x.account in ('available', 'pending', 'held', 'redeemed')
    group by 1`);
  const [found] = await withTenant(database, tenantId, [query]);
  return months.map((day, at) => {
    const row = found.rows.find(({ month }) => month === at + 1);
    return { day, redeemed: Number(row?.redeemed ?? 0), gained: Number(row?.gained ?? 0) };
  });
}

/** The local day of the first movement of a currency; null without one. */
export async function readFirstMovement(
  database: Database,
  tenant: TenantRow,
  currency: string,
): Promise<string | null> {
  const { tenantId } = tenant;
  const query = database.execute<{ day: string | null }>(sql`
    select (${localDayOf(sql`min(l.issued_at)`, tenant)})::text as day from lots as l
    where l.tenant_id = ${tenantId} and l.currency = ${currency}`);
  const [found] = await withTenant(database, tenantId, [query]);
  return found.rows[0]?.day ?? null;
}
