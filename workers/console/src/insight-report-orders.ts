// The SQL that reports share: which orders count, of which days, in which stores.
import type { ReportRange } from "@regulars/contracts/insights-ranges";
import { orderCounts } from "@regulars/schema/orders";
import { type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";

/** One store, one region, or all. */
export interface Place {
  readonly storeId?: string | undefined;
  readonly regionId?: string | undefined;
}

/** Orders `o` that count. */
export const counts = orderCounts(sql`o`);

/** The local day of an instant's column. */
export const localDayOf = (column: SQL, { timeZone }: TenantRow) => sql`(${column} at time zone ${timeZone})::date`;

/** An instant's column within local days; comparisons of instants, so that an index on time is used. */
export function within(column: SQL, { from, until }: ReportRange, { timeZone }: TenantRow): SQL {
  return sql`${column} >= (${from}::date)::timestamp at time zone ${timeZone}
    and ${column} < (${until}::date + 1)::timestamp at time zone ${timeZone}`;
}

/** Orders `o` of the place. */
export function ordersAt({ storeId, regionId }: Place): SQL {
  if (storeId !== undefined) return sql`and o.store_id = ${storeId}`;
  return regionId === undefined ? sql`` : sql`and o.region_id = ${regionId}`;
}

/** A column with the id of a store of the place. */
export function storesAt(column: SQL, { storeId, regionId }: Place, { tenantId }: TenantRow): SQL {
  if (storeId !== undefined) return sql`and ${column} = ${storeId}`;
  if (regionId === undefined) return sql``;
  return sql`and ${column} in (select s.store_id from stores as s
    where s.tenant_id = ${tenantId} and s.region_id = ${regionId})`;
}

/** The money that orders `o` kept. Below 2^53 it is exact, and is summed faster than PostgreSQL's own sums of integers. */
export const kept = sql`(o.payable - o.refunded)::float8`;

/**
 * A query of one row for each buyer of the range: orders, revenue, the first and the last of the orders, and whether the
 * member had ordered before it anywhere. Figures tell that; who has none yet is looked up order by order.
 */
export function buyersOf(tenant: TenantRow, range: ReportRange, place: Place): SQL {
  const { tenantId } = tenant;
  return sql`
    select b.*, case when f.member_id is not null then f.first_day < ${range.from}::date else exists (
      select from orders as o where o.tenant_id = ${tenantId} and o.member_id = b.member_id and ${counts}
        and o.placed_at < (${range.from}::date)::timestamp at time zone ${tenant.timeZone}) end as had_ordered
    from (
      select o.member_id, count(*) as orders, sum(${kept}) as revenue, min(o.placed_at) as first_at,
        max(o.placed_at) as last_at
      from orders as o
      where o.tenant_id = ${tenantId} and ${counts} and ${within(sql`o.placed_at`, range, tenant)} ${ordersAt(place)}
      group by o.member_id
    ) as b
    left join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = b.member_id`;
}

/** The instants at which local days begin, as an array to put others between by `width_bucket`: no calendar for each row. */
export function beginnings(days: readonly string[], { timeZone }: TenantRow): SQL {
  return sql`array(select d::date::timestamp at time zone ${timeZone}
    from jsonb_array_elements_text(${JSON.stringify(days)}::jsonb) as d order by d)`;
}
