// Sums up the orders of the members at hand: how often, how much, since when, in what rhythm, and how engaged they are.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { dayNumber } from "@regulars/insights/days";
import type { UsualCycle } from "@regulars/insights/buying-cycle";
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { touchedRows, type Scene } from "./scene.ts";

export interface FigureRules {
  readonly settings: InsightSettings;
  /** The cycle in force: how long a silence counts as having been lost depends on it. */
  readonly cycle: UsualCycle;
  /** Without margins nothing is known of profit. */
  readonly hasMargins: boolean;
  /** Where nobody did anything beside buying, nobody is engaged. */
  readonly hasTouches: boolean;
}

/** Engagement is decayed forward to this day: an order of members by it holds on every other day as well. */
const ENGAGEMENT_DAY = dayNumber("2020-01-01");

/**
 * Figures of `touched_members()` as of today, from their orders alone, so that doing it again changes nothing. Days and gaps are
 * those of `gapsOf`, `since_return` is that of `lifecycleOf` (packages/insights). Who has no order that counts, or is
 * gone, has no figures.
 */
export function figureStatement(database: Database, scene: Scene, rules: FigureRules) {
  const { tenantId, today } = scene;
  const { cycle, settings } = rules;
  const { credibilityGaps, medianDays } = cycle;
  // The silence before the day is so many cycles as they were until then; a hair less, since logarithms are not exact.
  const wasLost = sql`gap_log >= ln(${settings.lifecycle.lostFrom}::float8) - 1e-10
    + (logs_until - gap_log + ${credibilityGaps}::float8 * ln(${medianDays}::float8))
      / (gaps_until - 1 + ${credibilityGaps}::float8)`;
  const engaged = rules.hasTouches
    ? sql`left join (${engagementLogs(scene, settings.engagement)}) as engaged using (member_id)`
    : sql``;
  return database.execute(sql`
    with known as materialized (${presentMembers(tenantId)}),
    placed as (${placedOrders(scene)}),
    spaced as (
      select *, ln(nullif(day - lag(day) over member, 0)::float8) as gap_log
      from placed window member as (partition by place order by placed_at)
    ),
    led as (
      select *, sum(gap_log) over sofar as logs_until, count(gap_log) over sofar as gaps_until
      from spaced window sofar as (partition by place order by placed_at rows unbounded preceding)
    ),
    summed as (
      select any_value(member_id) as member_id, count(*)::int as orders, count(gap_log)::int + 1 as order_days, sum(amount)::bigint as spend,
        (sum(amount) filter (where gaps_until = 0))::bigint as first_day_spend, min(day) as first_day, max(day) as last_day,
        coalesce(sum(gap_log), 0) as gap_logs,
        (count(gap_log) - max(gaps_until) filter (where ${wasLost}) + 1)::int as since_return
      from led group by place
    ),
    gone as (
      delete from member_figures as f where f.tenant_id = ${tenantId}::text
        and f.member_id = any(array(select member_id from touched_members() as t(member_id)
          except select member_id from summed))
    )
    insert into member_figures (tenant_id, member_id, figured_on, orders, order_days, spend, first_day_spend, first_day,
      last_day, gap_logs, since_return, engagement, profit)
    select ${tenantId}::text, s.member_id, ${today}::date, s.orders, s.order_days, s.spend, s.first_day_spend, s.first_day,
      s.last_day, s.gap_logs, s.since_return, ${rules.hasTouches ? sql`coalesce(engaged.log, '-Infinity')` : sql`'-Infinity'`},
      ${rules.hasMargins ? profitOf(scene) : sql`null`}
    from summed as s ${engaged}
    on conflict (tenant_id, member_id) do update set figured_on = excluded.figured_on, orders = excluded.orders,
      order_days = excluded.order_days, spend = excluded.spend, first_day_spend = excluded.first_day_spend,
      first_day = excluded.first_day, last_day = excluded.last_day, gap_logs = excluded.gap_logs,
      since_return = excluded.since_return, engagement = excluded.engagement, profit = excluded.profit`);
}

/** Touched members who are enrolled and not erased, numbered: their orders are sorted by a number, which costs a fraction of sorting by a text. */
export function presentMembers(tenantId: string): SQL {
  return sql`select m.member_id, row_number() over () as place
    from ${touchedRows(sql`members`, sql`m`, tenantId)} where m.is_person`;
}

/**
 * Orders that count until today, of members of `known`: read from the index `orders_by_member` alone. A day is cheap to tell only
 * in the time zone of the transaction (`inLocalTime`), since every other is looked up by its name for each row.
 */
export function placedOrders({ tenantId, timeZone, today }: Scene): SQL {
  return sql`select k.member_id, k.place, o.placed_at, o.placed_at::date as day, o.payable - o.refunded as amount
    from known as k cross join lateral (
      select o.placed_at, o.payable, o.refunded from orders as o
      where o.tenant_id = ${tenantId}::text and o.member_id = k.member_id and o.state = 'paid' and o.undone is null
        and (o.refunded < o.payable or o.payable = 0)
        and o.placed_at < ((${today}::date + 1)::timestamp at time zone ${timeZone}::text) offset 0
    ) as o`;
}

/** Goes before statements that read `placedOrders`: the transaction's own time is the tenant's. */
export function inLocalTime(database: Database, { timeZone }: Scene) {
  return database.execute(sql`select set_config('timezone', ${timeZone}, true)`);
}

/** Σ weight · 2^((day - ENGAGEMENT_DAY) / half life) over what members did beside buying, as a logarithm, so that it never overflows. */
function engagementLogs({ tenantId, now }: Scene, engagement: InsightSettings["engagement"]): SQL {
  const at = sql`${new Date(now).toISOString()}::timestamptz`;
  const weights = sql`${JSON.stringify(engagement.weights)}::jsonb`;
  const touches = sql`
    select a.member_id, a.at, a.type as kind from activities as a
    where a.tenant_id = ${tenantId}::text and a.member_id = any(array(select member_id from known)) and a.reversed_at is null
    union all
    select h.member_id, h.opened_at, 'message.opened' from message_history as h
    where h.tenant_id = ${tenantId}::text and h.member_id = any(array(select member_id from known))
    union all
    select h.member_id, h.clicked_at, 'message.clicked' from message_history as h
    where h.tenant_id = ${tenantId}::text and h.member_id = any(array(select member_id from known))`;
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
    where o.tenant_id = ${tenantId}::text and o.member_id = s.member_id and o.state = 'paid' and o.undone is null
      and (o.refunded < o.payable or o.payable = 0)
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
