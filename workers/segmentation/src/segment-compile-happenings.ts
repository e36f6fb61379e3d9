// Conditions about what a member did and got as SQL: orders that count, events beside them, messages.
import type { OrderFilter, SegmentLeaf } from "@regulars/contracts/segments";
import { type WindowDays, windowDays } from "@regulars/domain/segment-ranges";
import { orderCounts } from "@regulars/schema/orders";
import { type SQL, sql } from "drizzle-orm";
import type { Scene } from "./scene.ts";
import type { CompiledLeaf, Compiling } from "./segment-compile.ts";
import type { Reach, RowsOfMember } from "./segment-looks.ts";
import { isAmong, isInWindow, isWithin, localDayOf, risingDays, startOfTomorrow } from "./segment-sql.ts";

type Of<Kind extends SegmentLeaf["kind"]> = Extract<SegmentLeaf, { readonly kind: Kind }>;

/** Rows with the columns `member_id`, `at` and its local `day`, which costs as much as all else; of orders also `spend` and `units`. */
interface Happenings {
  readonly key: string;
  readonly rows: RowsOfMember;
  readonly window: WindowDays;
}

export function compileOrders(leaf: Of<"orders">, compiling: Compiling): CompiledLeaf {
  const window = windowDays(leaf.window, compiling.scene.today);
  const needsUnits = leaf.measure === "quantity";
  const happenings = ordersOf(leaf.where, window, needsUnits, compiling);
  const value = (name: string, aggregate: SQL) => valueOf(name, aggregate, happenings, compiling);
  const orders = () => value("count", sql`count(*)`);
  const spend = () => value("spend", sql`sum(r.spend)`);
  const measures = {
    orders: () => sql`coalesce(${orders()}, 0)`,
    days: () => sql`coalesce(${value("days", sql`count(distinct r.day)`)}, 0)`,
    spend: () => sql`coalesce(${spend()}, 0)`,
    average: () => sql`${spend()}::float8 / nullif(${orders()}, 0)::float8`,
    quantity: () => sql`coalesce(${value("units", sql`sum(r.units)`)}, 0)`,
  };
  return { holds: isWithin(measures[leaf.measure](), leaf), changesInDays: changeOf(happenings, compiling) };
}

export function compileCount(leaf: Of<"events" | "messages">, compiling: Compiling): CompiledLeaf {
  const window = windowDays(leaf.window, compiling.scene.today);
  const happenings =
    leaf.kind === "events"
      ? eventsOf(leaf.type, leaf.storeIds, window, compiling)
      : messagesOf(leaf, window, compiling);
  const count = sql`coalesce(${valueOf("count", sql`count(*)`, happenings, compiling)}, 0)`;
  return { holds: isWithin(count, leaf), changesInDays: changeOf(happenings, compiling) };
}

/** Days since the first or last order or event. */
export function compileDay(leaf: Of<"orderAge" | "eventAge">, compiling: Compiling): CompiledLeaf {
  const window = windowDays(undefined, compiling.scene.today);
  const happenings =
    leaf.kind === "orderAge"
      ? ordersOf(leaf.where, window, false, compiling)
      : eventsOf(leaf.type, undefined, window, compiling);
  const { scene } = compiling;
  const aggregate = leaf.which === "first" ? sql`min(r.at)` : sql`max(r.at)`;
  const day = localDayOf(valueOf(leaf.which, aggregate, happenings, compiling), scene);
  const age = sql`(${scene.today}::date - ${day})`;
  const change = sql`least(${risingDays(age, leaf)}, ${changeOf(happenings, compiling)})`;
  return { holds: isWithin(age, leaf), changesInDays: change };
}

/** Over what lies in the window and not after today. */
function valueOf(name: string, aggregate: SQL, { key, rows }: Happenings, { looks, scene }: Compiling): SQL {
  return looks.summary(key, rows, sql`${aggregate} filter (where r.at < ${startOfTomorrow(scene)})`, name);
}

/** When the first day leaves the window, or a later one arrives: `splitByWindow` of the domain. */
function changeOf({ key, rows, window }: Happenings, { looks, scene }: Compiling): SQL {
  const daysAhead = (instant: SQL) => sql`${localDayOf(instant, scene)} - ${scene.today}::date`;
  const tomorrow = startOfTomorrow(scene);
  const coming = daysAhead(sql`min(r.at) filter (where r.at >= ${tomorrow})`);
  if (window.lastDays === null) return looks.summary(key, rows, coming, "change");
  const leaving = sql`${daysAhead(sql`min(r.at) filter (where r.at < ${tomorrow})`)} + ${window.lastDays}::int`;
  return looks.summary(key, rows, sql`least(${leaving}, ${coming})`, "change");
}

function ordersOf(
  where: OrderFilter | undefined,
  window: WindowDays,
  needsUnits: boolean,
  { scene, looks }: Compiling,
): Happenings {
  const { storeIds, regionIds, channels, skus, categories } = where ?? {};
  const hasProducts = skus !== undefined || categories !== undefined;
  const lines = hasProducts || needsUnits ? linesOf(skus, categories, looks.reach, scene) : null;
  const amounts = hasProducts
    ? sql`k.spend, k.units`
    : sql`o.payable - o.refunded as spend, ${lines === null ? sql`0` : sql`coalesce(k.units, 0)`} as units`;
  const rows: RowsOfMember = (of) => sql`
    select o.member_id, o.placed_at as at, ${localDayOf(sql`o.placed_at`, scene)} as day, ${amounts}
    from orders as o ${lines === null ? sql`` : hasProducts ? sql`join ${lines}` : sql`left join ${lines}`}
    where o.tenant_id = ${scene.tenantId}::text ${of(sql`o.member_id`)} and ${orderCounts(sql`o`)}
      ${hasProducts ? sql`and k.units > 0` : sql``}
      ${isNamed(sql`o.store_id`, storeIds)} ${isNamed(sql`o.region_id`, regionIds)}
      ${isNamed(sql`o.channel`, channels)} ${isInWindow(sql`o.placed_at`, window, scene)}`;
  return { key: JSON.stringify(["orders", where ?? {}, window, lines !== null]), rows, window };
}

/** Units that were kept of each order's matching lines, and the money that they brought: `keptSpend` of the domain. */
function linesOf(
  skus: readonly string[] | undefined,
  categories: readonly string[] | undefined,
  reach: Reach,
  { tenantId }: Scene,
): SQL {
  const kept = sql`(l.quantity - l.returned)`;
  const sums = sql`sum(l.unit_price * ${kept} - l.discount * ${kept} / l.quantity) as spend, sum(${kept}) as units`;
  const wanted = sql`from order_lines as l where l.tenant_id = ${tenantId}::text and l.quantity > l.returned
    ${isNamed(sql`l.sku`, skus)} ${isNamed(sql`l.category`, categories)}`;
  return reach === "touched"
    ? sql`lateral (select ${sums} ${wanted} and l.member_id = o.member_id and l.order_id = o.order_id) as k on true`
    : sql`(select l.member_id, l.order_id, ${sums} ${wanted} group by l.member_id, l.order_id) as k
        on k.member_id = o.member_id and k.order_id = o.order_id`;
}

function eventsOf(
  type: string,
  storeIds: readonly string[] | undefined,
  window: WindowDays,
  { scene }: Compiling,
): Happenings {
  const rows: RowsOfMember = (of) => sql`select x.member_id, x.at, ${localDayOf(sql`x.at`, scene)} as day
    from activities as x where x.tenant_id = ${scene.tenantId}::text ${of(sql`x.member_id`)}
      and x.type = ${type}::text and x.reversed_at is null
      ${isNamed(sql`x.store_id`, storeIds)} ${isInWindow(sql`x.at`, window, scene)}`;
  return { key: JSON.stringify(["events", type, storeIds ?? null, window]), rows, window };
}

const MESSAGE_INSTANTS = { sent: sql`x.sent_at`, opened: sql`x.opened_at`, clicked: sql`x.clicked_at` };

function messagesOf(
  { measure, channels, campaignIds }: Of<"messages">,
  window: WindowDays,
  { scene }: Compiling,
): Happenings {
  const at = MESSAGE_INSTANTS[measure];
  const rows: RowsOfMember = (of) => sql`select x.member_id, ${at} as at, ${localDayOf(at, scene)} as day
    from message_history as x where x.tenant_id = ${scene.tenantId}::text ${of(sql`x.member_id`)} and ${at} is not null
      ${isNamed(sql`x.channel`, channels)} ${isNamed(sql`x.campaign_id`, campaignIds)} ${isInWindow(at, window, scene)}`;
  return {
    key: JSON.stringify(["messages", measure, channels ?? null, campaignIds ?? null, window]),
    rows,
    window,
  };
}

function isNamed(column: SQL, list: readonly string[] | undefined): SQL {
  return list === undefined ? sql`` : sql`and ${isAmong(column, list)}`;
}
