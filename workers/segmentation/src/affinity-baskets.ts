// Reads the baskets of a tenant or a segment page by page into whole numbers, as many as memory holds.
import { BasketBuilder, type BasketTable } from "@regulars/insights/baskets";
import { orderCounts } from "@regulars/schema/orders";
import { type SQL, sql } from "drizzle-orm";
import { type NightScope, readRows } from "./night-scope.ts";
import { dayAfter } from "./scene.ts";

/** A million baskets of five or six items: up to 100 MB while rules are sought, measured; a Worker has 128. */
const BASKETS_MAX = 1_000_000;
/** All items of all baskets, for a tenant whose baskets are larger. */
const ENTRIES_MAX = 6_000_000;
/** Different items: their names take a few MB. A tenant that sells more is looked at by category. */
const ITEMS_MAX = 50_000;
/** Orders of one page: a second or less, and an answer of 2 MB. */
const PAGE_ORDERS = 20_000;
/** A control character: no SKU and no category may hold one. */
const SEPARATOR = "\u001f";

export interface BasketWish {
  readonly by: "sku" | "category";
  readonly days: number;
  /** Null: of all members. */
  readonly segmentId: string | null;
}

export interface Baskets {
  readonly table: BasketTable;
  readonly by: "sku" | "category";
  readonly from: string;
  readonly until: string;
  /** Baskets of one member in n were read. */
  readonly oneIn: number;
}

type Place = { readonly memberId: string; readonly placedAt: string; readonly orderId: string };

/**
 * The orders that count of the last days, today included, each with its different items of kept units; an order of which
 * nothing is left is no basket. With more of them than `basketsMax`, those of every second, fourth … member by their id.
 */
export async function readBaskets(
  scope: Pick<NightScope, "database" | "scene">,
  wish: BasketWish,
  { basketsMax = BASKETS_MAX, entriesMax = ENTRIES_MAX, itemsMax = ITEMS_MAX, pageOrders = PAGE_ORDERS } = {},
): Promise<Baskets> {
  const until = scope.scene.today;
  const from = dayAfter(until, 1 - wish.days);
  const orders = basketOrders(scope, wish, from);
  const [counted] = await readRows<{ orders: number }>(scope, sql`select count(*)::int as orders ${orders}`);
  const oneIn = 2 ** Math.max(0, Math.ceil(Math.log2((counted?.orders ?? 0) / basketsMax)));
  const builder = new BasketBuilder();
  const items = new Set<string>();
  const limits = { basketsMax, entriesMax, itemsMax, pageOrders };
  let entries = 0;
  for (let after: Place | null = { memberId: "", placedAt: "-infinity", orderId: "" }; after !== null;) {
    const page: { baskets: string[]; last: Place | null } = await readPage(scope, {
      orders,
      oneIn,
      by: wish.by,
      after,
      limit: pageOrders,
    });
    for (const basket of page.baskets) {
      const names = basket.split(SEPARATOR);
      builder.add(names);
      entries += names.length;
      if (wish.by === "sku") for (const name of names) items.add(name);
    }
    if (items.size > itemsMax) return readBaskets(scope, { ...wish, by: "category" }, limits);
    if (entries > entriesMax) return readBaskets(scope, wish, { ...limits, basketsMax: basketsMax / 2 });
    after = page.last;
  }
  return { table: builder.table(), by: wish.by, from, until, oneIn };
}

/** From and where of the orders; the page adds where it goes on. */
function basketOrders({ scene }: Pick<NightScope, "scene">, { segmentId }: BasketWish, from: string): SQL {
  const { tenantId, timeZone, today } = scene;
  const midnight = (day: string) => sql`(${day}::timestamp at time zone ${timeZone})`;
  const members =
    segmentId === null
      ? sql`orders as o`
      : sql`segment_members as s join orders as o on o.tenant_id = ${tenantId} and o.member_id = s.member_id
          and s.tenant_id = ${tenantId} and s.segment_id = ${segmentId} and s.until is null`;
  return sql`
    from ${members}
    where o.tenant_id = ${tenantId} and ${orderCounts(sql`o`)}
      and o.placed_at >= ${midnight(from)} and o.placed_at < ${midnight(dayAfter(today, 1))}`;
}

type PageWish = { orders: SQL; oneIn: number; by: "sku" | "category"; after: Place; limit: number };

/** Baskets by member and time; a last row without items tells where the page ended. */
async function readPage(scope: Pick<NightScope, "database" | "scene">, wish: PageWish) {
  const { orders, oneIn, by, after, limit } = wish;
  const { tenantId } = scope.scene;
  const item = by === "sku" ? sql`l.sku` : sql`l.category`;
  const rows = await readRows<{ items: string | null } & Place>(
    scope,
    sql`with page as materialized (
        select o.member_id, o.placed_at, o.order_id ${orders}
          and (o.member_id, o.placed_at, o.order_id)
            > (${after.memberId}, ${after.placedAt}::timestamptz, ${after.orderId})
          and hashtext(o.member_id) & ${oneIn - 1} = 0
        order by o.member_id, o.placed_at, o.order_id limit ${limit}
      ),
      baskets as (
        select string_agg(distinct ${item}, ${SEPARATOR}) as items
        from page as p join order_lines as l
          on l.tenant_id = ${tenantId} and l.member_id = p.member_id and l.order_id = p.order_id
        where l.quantity > l.returned and ${item} is not null
        group by p.member_id, p.order_id
      )
      select items, null as "memberId", null as "placedAt", null as "orderId" from baskets
      union all
      (select null, member_id, placed_at::text, order_id from page
        order by member_id desc, placed_at desc, order_id desc limit 1)`,
  );
  return {
    baskets: rows.flatMap(({ items }) => (items === null ? [] : [items])),
    last: rows.find(({ items }) => items === null) ?? null,
  };
}
