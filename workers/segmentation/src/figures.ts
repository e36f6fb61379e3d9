// Sums up the orders of the members at hand: how often, how much, since when, in what rhythm, and how engaged they are.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { dayNumber } from "@regulars/insights/days";
import type { UsualCycle } from "@regulars/insights/buying-cycle";
import type { Database } from "@regulars/schema/connection";
import { orderCounts } from "@regulars/schema/orders";
import { type SQL, sql } from "drizzle-orm";
import { holders, isTouched, type Scene, touchedIds } from "./scene.ts";
import { upsert } from "./upsert.ts";

export interface FigureRules {
  readonly settings: InsightSettings;
  /** The cycle in force: how long a silence counts as having been lost depends on it. */
  readonly cycle: UsualCycle;
  /** Without margins nothing is known of profit. */
  readonly hasMargins: boolean;
  /** Where nobody did anything beside buying, nobody is engaged. */
  readonly hasTouches: boolean;
}

const FIGURES = [
  "orders",
  "order_days",
  "spend",
  "first_day_spend",
  "first_day",
  "last_day",
  "gap_logs",
  "since_return",
  "engagement",
  "profit",
] as const;

/** Engagement is decayed forward to this day: an order of members by it holds on every other day as well. */
const ENGAGEMENT_DAY = dayNumber("2020-01-01");

/**
 * Figures of `touched_members()` as of today, from their orders alone, so that doing it again changes nothing. Days and gaps are
 * those of `gapsOf`, `since_return` is that of `lifecycleOf` (packages/insights). Who has no order that counts, or is
 * gone, has no figures.
 */
export function figureStatement(database: Database, scene: Scene, rules: FigureRules) {
  const { tenantId, today } = scene;
  const { settings } = rules;
  const engaged = rules.hasTouches
    ? sql`left join (${engagementLogs(scene, settings.engagement)}) as engaged using (member_id)`
    : sql``;
  return database.execute(sql`
    with known as materialized (${presentMembers(scene)}),
    bought as (${boughtOrders(scene)}),
    summed as (
      select b.member_id, b.orders, gaps.number + 1 as order_days, b.spend, ${FIRST_DAY_SPEND} as first_day_spend,
        b.days[1] as first_day, b.days[b.orders] as last_day, gaps.log as gap_logs, ${sinceReturn(rules)} as since_return
      from bought as b cross join lateral (
        select count(*)::int as number, coalesce(sum(log), 0) as log, array_agg(log order by place) as logs
        from (
          select ln((next - day)::float8) as log, place
          from unnest(b.days, b.days[2:]) with ordinality as pair(day, next, place) where next > day
        ) as gap
      ) as gaps
    ),
    gone as (
      delete from member_figures as f where f.tenant_id = ${tenantId}::text
        and f.member_id = any(array(${holders(sql`member_figures`, scene)} except select member_id from summed))
    )
    ${upsert(scene, {
      table: sql`member_figures`,
      columns: sql.raw(`tenant_id, member_id, figured_on, ${FIGURES.join(", ")}`),
      rows: sql`select ${tenantId}::text, s.member_id, ${today}::date, s.orders, s.order_days, s.spend, s.first_day_spend,
        s.first_day, s.last_day, s.gap_logs, s.since_return,
        ${rules.hasTouches ? sql`coalesce(engaged.log, '-Infinity')` : sql`'-Infinity'::float8`},
        ${rules.hasMargins ? profitOf(scene) : sql`null::bigint`}
        from summed as s ${engaged}`,
      updates: sql.raw(["figured_on", ...FIGURES].map((name) => `${name} = excluded.${name}`).join(", ")),
    })}`);
}

/** Touched members whom figures are about: all but those set apart, who are few, so that nobody's row is read. */
function presentMembers(scene: Scene): SQL {
  return sql`${touchedIds(scene)} except select m.member_id from members as m
    where m.tenant_id = ${scene.tenantId}::text and ${isTouched(sql`m.member_id`, scene)} and not m.is_person`;
}

/**
 * Members of `known` who have bought: how many orders, what they brought, and the days and amounts of all, in order of time. A stretch of
 * ids is read from the index as it lies, also orders of whom `known` leaves out; of listed members each has a look of its own.
 */
function boughtOrders(scene: Scene): SQL {
  const sums = sql`count(*)::int as orders, sum(o.amount)::bigint as spend,
    array_agg(o.day order by o.placed_at) as days, array_agg(o.amount order by o.placed_at) as amounts`;
  return scene.stretch === undefined
    ? sql`select k.member_id, o.* from known as k cross join lateral (
        select ${sums} from (${placedOrders(scene, sql`x.member_id = k.member_id`)}) as o) as o
        where o.orders > 0`
    : sql`select o.member_id, ${sums} from (${placedOrders(scene, isTouched(sql`x.member_id`, scene))}) as o
        group by o.member_id having (o.member_id in (select member_id from known)) is true`;
}

/**
 * Orders of some members that count until today: read from the index `orders_by_member` alone. A day is cheap to tell only in the
 * time zone of the transaction (`inLocalTime`), since every other is looked up by its name for each row.
 */
export function placedOrders({ tenantId, timeZone, today }: Scene, ofWhom: SQL): SQL {
  return sql`select x.member_id, x.placed_at, x.placed_at::date as day, x.payable - x.refunded as amount from orders as x
    where x.tenant_id = ${tenantId}::text and ${ofWhom} and ${orderCounts(sql`x`)}
      and x.placed_at < ((${today}::date + 1)::timestamp at time zone ${timeZone}::text)`;
}

/** Hardly anybody orders twice on their first day: only then are the days looked through. */
const FIRST_DAY_SPEND = sql`case when b.days[2] > b.days[1] or b.orders = 1 then b.amounts[1] else (
  select sum(amount)::bigint from unnest(b.days, b.amounts) as first(day, amount) where day = b.days[1]) end`;

/**
 * Days with an order since the return from being lost, the day of the return included; null where it is longer ago than settings
 * ask for. The silence before the return was so many cycles as they were until then; a hair less, since logarithms are not exact.
 */
function sinceReturn({ cycle, settings }: FigureRules): SQL {
  const { lostFrom, wonBackOrders } = settings.lifecycle;
  const { credibilityGaps, medianDays } = cycle;
  const prior = sql`${credibilityGaps}::float8 * ln(${medianDays}::float8)`;
  const log = (back: number) => sql`gaps.logs[gaps.number - ${sql.raw(String(back - 1))}]`;
  const returns = Array.from({ length: wonBackOrders }, (_, index) => {
    const back = index + 1;
    const since = sql.join(
      Array.from({ length: back }, (__, place) => log(place + 1)),
      sql` - `,
    );
    return sql`when ${log(back)} >= ln(${lostFrom}::float8) - 1e-10
      + (gaps.log - ${since} + ${prior}) / nullif(gaps.number - ${sql.raw(String(back))} + ${credibilityGaps}::float8, 0) then ${sql.raw(String(back))}`;
  });
  return sql`case ${sql.join(returns, sql` `)} end`;
}

/** Goes before statements that read `placedOrders`: the transaction's own time is the tenant's. */
export function inLocalTime(database: Database, { timeZone }: Scene) {
  return database.execute(sql`select set_config('timezone', ${timeZone}, true)`);
}

/** Σ weight · 2^((day - ENGAGEMENT_DAY) / half life) over what members did beside buying, as a logarithm, so that it never overflows. */
function engagementLogs(scene: Scene, engagement: InsightSettings["engagement"]): SQL {
  const { tenantId, now } = scene;
  const at = sql`${new Date(now).toISOString()}::timestamptz`;
  const weights = sql`${JSON.stringify(engagement.weights)}::jsonb`;
  const touches = sql`
    select a.member_id, a.at, a.type as kind from activities as a
    where a.tenant_id = ${tenantId}::text and ${isTouched(sql`a.member_id`, scene)} and a.reversed_at is null
    union all
    select h.member_id, h.opened_at, 'message.opened' from message_history as h
    where h.tenant_id = ${tenantId}::text and ${isTouched(sql`h.member_id`, scene)}
    union all
    select h.member_id, h.clicked_at, 'message.clicked' from message_history as h
    where h.tenant_id = ${tenantId}::text and ${isTouched(sql`h.member_id`, scene)}`;
  return sql`
    select member_id, max(top) + ln(sum(weight * 2 ^ (height - top) order by height, weight)) / ln(2::float8) as log
    from (
      select member_id, weight, height, max(height) over (partition by member_id) as top
      from (
        select touch.member_id, coalesce((${weights} ->> touch.kind)::float8, 1) as weight,
          (touch.at::date - date '1970-01-01' - ${ENGAGEMENT_DAY}::int)
            / ${engagement.halfLifeDays}::float8 as height
        from (${touches}) as touch where touch.at <= ${at}
      ) as weighed where weight > 0
    ) as levelled
    group by member_id`;
}

/** Net of the lines that stayed times the margin of their SKU, in minor units; SKUs without a margin bring nothing. */
function profitOf({ tenantId, timeZone, today }: Scene): SQL {
  return sql`(
    select coalesce(round(sum((l.unit_price * l.quantity - l.discount)::numeric * (l.quantity - l.returned) / l.quantity
      * p.margin_milli / 1000)), 0)::bigint
    from orders as o
    join order_lines as l on l.tenant_id = o.tenant_id and l.member_id = o.member_id and l.order_id = o.order_id
    join product_margins as p on p.tenant_id = ${tenantId}::text and p.sku = l.sku
    where o.tenant_id = ${tenantId}::text and o.member_id = s.member_id and ${orderCounts(sql`o`)}
      and o.placed_at < ((${today}::date + 1)::timestamp at time zone ${timeZone}::text))`;
}

/** The logarithm, as stored, of so many points of engagement as of a day: where bins begin is worked out in points. */
export function engagementLog(points: number, onDay: string, halfLifeDays: number): number {
  return Math.log2(points) + (dayNumber(onDay) - ENGAGEMENT_DAY) / halfLifeDays;
}

/** SQL for the points of a stored logarithm as of a day. */
export function engagementPointsSql(log: SQL, onDay: string, halfLifeDays: number): SQL {
  const height = (dayNumber(onDay) - ENGAGEMENT_DAY) / halfLifeDays;
  return sql`(case when ${log} - ${height}::float8 < -60 then 0 else 2 ^ least(${log} - ${height}::float8, 60) end)`;
}
