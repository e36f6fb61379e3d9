// Reads the orders of a sample of members, day by day, as fits want them: always the same members, spread evenly.
import type { DatedOrder } from "@regulars/insights/purchases";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { inLocalTime, placedOrders } from "./figures.ts";
import { type Scene, touchMembers } from "./scene.ts";

/** So many members fit within a second or two, and their parameters are then certain to a few percent. */
const SAMPLE_MEMBERS_MAX = 10_000;
/** Members of one read: about 40,000 days with orders, half a megabyte. */
const PAGE_MEMBERS = 4000;
/** Days of one member: whoever buys on more days than these tells nothing more about how people stop. */
const DAYS_PER_MEMBER_MAX = 2000;

/** Days with an order until today of up to SAMPLE_MEMBERS_MAX members; of all when there are no more. */
export async function sampleOrders(database: Database, scene: Scene): Promise<DatedOrder[]> {
  const { tenantId } = scene;
  // A hash without order spreads the sample, and one more member does not change it.
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ member_id: string }>(sql`
      select member_id from members where tenant_id = ${tenantId}::text and is_person
      order by hashtextextended(member_id, 7) limit ${SAMPLE_MEMBERS_MAX}`),
  ]);
  const orders: DatedOrder[] = [];
  for (let from = 0; from < rows.length; from += PAGE_MEMBERS) {
    const page = rows.slice(from, from + PAGE_MEMBERS).map(({ member_id: memberId }) => memberId);
    orders.push(...(await readDays(database, scene, page)));
  }
  return orders;
}

async function readDays(database: Database, scene: Scene, memberIds: readonly string[]): Promise<DatedOrder[]> {
  interface Row extends Record<string, unknown> {
    readonly member_id: string;
    readonly days: number[];
    readonly amounts: number[];
  }
  const [, , { rows }] = await withTenant(database, scene.tenantId, [
    touchMembers(database, memberIds),
    inLocalTime(database, scene),
    database.execute<Row>(sql`
      with days as (
        select touched.id as member_id, o.day, sum(o.amount) as amount
        from touched_members() as touched(id)
        cross join lateral (${placedOrders(scene, sql`x.member_id = touched.id`)} offset 0) as o
        group by touched.id, o.day
      )
      select member_id, jsonb_agg(day - date '1970-01-01' order by day) as days,
        jsonb_agg(amount order by day) as amounts
      from (select *, row_number() over (partition by member_id order by day) as place from days) as numbered
      where place <= ${DAYS_PER_MEMBER_MAX} group by member_id order by member_id`),
  ]);
  return rows.flatMap(({ member_id: memberId, days, amounts }) =>
    days.map((day, index) => ({ memberId, day, amount: amounts[index] ?? 0 })),
  );
}
