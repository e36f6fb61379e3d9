// Reads the figures of a range of days from PostgreSQL: orders and buyers, who came back, who enrolled, and points moved.
import { POINTS_DAYS_MAX } from "@regulars/contracts/insights-overview";
import { daysBetween, type ReportRange } from "@regulars/contracts/insights-ranges";
import { type Database, withTenant } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import { buyersOf, counts, localDayOf, ordersAt, type Place, storesAt, within } from "./insight-report-orders.ts";
import { readWidely } from "./insight-report-read.ts";

export interface RangeFigures {
  readonly revenue: number;
  readonly orders: number;
  readonly buyers: number;
  readonly newBuyers: number;
  readonly wordOfMouthBuyers: number;
  /** Buyers whose only order ever is in the range. */
  readonly oneTimeBuyers: number;
  /** New buyers with a second day in the range. */
  readonly secondPurchases: number;
  readonly wonBackBuyers: number;
  readonly enrolled: number;
  /** Null: not read, for the range is too long. */
  readonly points: readonly MovedPoints[] | null;
}

export interface MovedPoints {
  readonly currency: string;
  readonly given: number;
  readonly spent: number;
}

/** The source of members who were brought by others where no program pays for it. */
const REFERRAL_SOURCE = "referral";

export async function readFigures(
  database: Database,
  tenant: TenantRow,
  { range, place }: { range: ReportRange; place: Place },
): Promise<RangeFigures> {
  // Side by side, so that each has the whole time that a round trip may take.
  const [[bought, enrolled], [returned], points] = await Promise.all([
    readWidely(database, tenant.tenantId, [
      database.execute<Record<string, string>>(boughtQuery(tenant, range, place)),
      database.execute<{ members: string }>(enrolledQuery(tenant, range, place)),
    ]),
    // A few members each of whom is looked up.
    withTenant(database, tenant.tenantId, [database.execute<{ members: string }>(returnedQuery(tenant, range, place))]),
    readPoints(database, tenant, { range, place }),
  ]);
  const figure = (name: string) => Number(bought.rows[0]?.[name] ?? 0);
  return {
    revenue: figure("revenue"),
    orders: figure("orders"),
    buyers: figure("buyers"),
    newBuyers: figure("new_buyers"),
    wordOfMouthBuyers: figure("word_of_mouth"),
    oneTimeBuyers: figure("one_time"),
    secondPurchases: figure("second_purchases"),
    wonBackBuyers: Number(returned.rows[0]?.members ?? 0),
    enrolled: Number(enrolled.rows[0]?.members ?? 0),
    points,
  };
}

async function readPoints(
  database: Database,
  tenant: TenantRow,
  { range, place }: { range: ReportRange; place: Place },
): Promise<MovedPoints[] | null> {
  if (daysBetween(range.from, range.until) > POINTS_DAYS_MAX) return null;
  const query = database.execute<{ currency: string; given: string; spent: string }>(pointsQuery(tenant, range, place));
  const [{ rows }] = await withTenant(database, tenant.tenantId, [query]);
  return rows.map(({ currency, given, spent }) => ({ currency, given: Number(given), spent: Number(spent) }));
}

function boughtQuery(tenant: TenantRow, range: ReportRange, place: Place) {
  const { tenantId } = tenant;
  const dayOf = (at: SQL) => localDayOf(at, tenant);
  // Without `offset 0` it would be asked for each figure anew whether a member had ordered before.
  return sql`
    select count(*) as buyers, sum(orders) as orders, sum(revenue) as revenue,
      count(*) filter (where not had_ordered) as new_buyers,
      count(*) filter (where not had_ordered and orders = 1) as one_time,
      count(*) filter (where not had_ordered and ${dayOf(sql`b.last_at`)} > ${dayOf(sql`b.first_at`)}) as second_purchases,
      count(*) filter (where not had_ordered
        and (l.member_id is not null or m.member_id is not null or r.referee_id is not null)) as word_of_mouth
    from (${buyersOf(tenant, range, place)} offset 0) as b
    left join member_labels as l on l.tenant_id = ${tenantId} and l.member_id = b.member_id
      and l.name = 'fact:referral' and l.value is not null
    left join members as m on m.tenant_id = ${tenantId} and m.member_id = b.member_id and m.source = ${REFERRAL_SOURCE}
    left join (select distinct referee_id from referrals where tenant_id = ${tenantId}) as r on r.referee_id = b.member_id`;
}

// The labels of a member change from lost to won back on the day of the order that brought the member back.
function returnedQuery(tenant: TenantRow, range: ReportRange, place: Place) {
  const { tenantId } = tenant;
  return sql`
    with returned as materialized (
      select distinct h.member_id
      from score_history as h
      where h.tenant_id = ${tenantId} and h.until between ${range.from}::date and ${range.until}::date
        and h.stage = 'lost'
        and (exists (select from member_scores as n where n.tenant_id = ${tenantId} and n.member_id = h.member_id
            and n.since = h.until and n.stage = 'won_back')
          or exists (select from score_history as n where n.tenant_id = ${tenantId} and n.member_id = h.member_id
            and n.since = h.until and n.stage = 'won_back'))
    )
    select count(*) as members from returned as r
    where exists (select from orders as o where o.tenant_id = ${tenantId} and o.member_id = r.member_id and ${counts}
      and ${within(sql`o.placed_at`, range, tenant)} ${ordersAt(place)})`;
}

function enrolledQuery(tenant: TenantRow, range: ReportRange, place: Place) {
  return sql`
    select count(*) as members from members as m
    where m.tenant_id = ${tenant.tenantId} and m.is_person and ${within(sql`m.enrolled_at`, range, tenant)}
      ${storesAt(sql`m.home_store_id`, place, tenant)}`;
}

// What was taken back again, and what was restored, is on the same accounts with the other sign.
function pointsQuery(tenant: TenantRow, range: ReportRange, place: Place) {
  const { tenantId } = tenant;
  return sql`
    select x.currency, coalesce(-sum(x.points) filter (where x.account = 'issued'), 0) as given,
      coalesce(sum(x.points) filter (where x.account = 'redeemed'), 0) as spent
    from transactions as t
    join entries as x on x.tenant_id = ${tenantId} and x.member_id = t.member_id and x.sequence = t.sequence
      and x.position = t.position
    where t.tenant_id = ${tenantId} and ${within(sql`t.at`, range, tenant)} ${storesAt(sql`t.store_id`, place, tenant)}
      and x.account in ('issued', 'redeemed')
    group by 1 order by 1`;
}
