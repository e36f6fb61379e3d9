// Reads what touched members have bought of each product and category, day by day, and how long each supply lasted.
import { orderCounts } from "@regulars/schema/orders";
import { type SQL, sql } from "drizzle-orm";
import { touchedRows, type Scene } from "./scene.ts";

/**
 * The CTE `waits`: a row for each touched member, kind, ref and local day with kept units (quantity less returned, of
 * orders that count); `days` until the next such day, null for the last. `category` is the SKU's own: a member whose
 * lines disagree about it gets the last one by name. With a `condition` that does not hold, nothing is read.
 */
export function waitsOfTouched(scene: Scene, condition = sql`true`): SQL {
  const { tenantId, timeZone, today } = scene;
  return sql`
    bought as (
      select l.member_id, (o.placed_at at time zone ${timeZone})::date as day, l.sku, l.category,
        l.quantity - l.returned as kept
      from ${touchedRows(sql`members`, sql`m`, scene)}
      cross join lateral (
        select * from orders as x where x.tenant_id = ${tenantId}::text and x.member_id = m.member_id
          and ${orderCounts(sql`x`)} offset 0
      ) as o
      cross join lateral (
        select * from order_lines as x
        where x.tenant_id = ${tenantId}::text and x.member_id = o.member_id and x.order_id = o.order_id offset 0
      ) as l
      where ${condition} and m.is_person and l.quantity > l.returned
        and (o.placed_at at time zone ${timeZone})::date <= ${today}::date
    ),
    supplies as (
      select member_id, 'sku' as kind, sku as ref, day, sum(kept)::float8 as quantity, max(category) as category
      from bought group by member_id, sku, day
      union all
      select member_id, 'category', category, day, sum(kept)::float8, category
      from bought where category is not null group by member_id, category, day
    ),
    waits as (
      select member_id, kind, ref, day, quantity, category,
        lead(day) over (partition by member_id, kind, ref order by day) - day as days
      from supplies
    )`;
}

/** ln of the days for which one unit of a row of `waits` lasted, as `unitGaps` of the insights. */
export function unitGapLog(quantityPower: number): SQL {
  return sql`ln(days / quantity ^ ${quantityPower}::float8)`;
}
