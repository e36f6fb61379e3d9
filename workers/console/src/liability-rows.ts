// Reads the liability of points from PostgreSQL: what became of them month by month, who has them, and the sales they came with.
import type { CohortMonth } from "@regulars/domain/breakage";
import type { SalesMonth } from "@regulars/domain/liability";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import { type PointValues, pointValuesOf, pointValueVersions } from "./point-values.ts";

export interface MovedPoints extends CohortMonth {
  readonly currency: string;
  /** They came with a paid order: a part of its price is deferred for them. */
  readonly sold: boolean;
}

/** Points standing in one part of one currency; `part` is `account`, `store`, `owner`, `tier` or `debt`. */
export interface StandingPoints {
  readonly currency: string;
  readonly part: string;
  readonly id: string | null;
  readonly points: number;
}

export interface LiabilityFacts {
  readonly moved: readonly MovedPoints[];
  readonly standing: readonly StandingPoints[];
  readonly sales: readonly SalesMonth[];
  readonly valueOf: PointValues;
}

/** Everything before `until`, in one round trip. */
export async function readLiability(database: Database, tenant: TenantRow, until: Date): Promise<LiabilityFacts> {
  const { tenantId, timeZone } = tenant;
  const before = sql`${until.toISOString()}::timestamptz`;
  const [moved, standing, sales, versions] = await withTenant(database, tenantId, [
    database.execute<MovedRow>(movedQuery(timeZone, before)),
    database.execute<StandingRow>(standingQuery(before)),
    database.execute<SalesRow>(salesQuery(timeZone, before)),
    pointValueVersions(database),
  ]);
  return {
    moved: moved.rows.map(movedPoints),
    standing: standing.rows.map(({ currency, part, id, points }) => ({ currency, part, id, points: Number(points) })),
    sales: sales.rows.map(({ cohort, month, paid }) => ({ cohort, month, paid: Number(paid) })),
    valueOf: pointValuesOf(versions, timeZone),
  };
}

type Before = ReturnType<typeof sql>;
type MovedRow = { currency: string; sold: boolean; cohort: string; month: string; kind: string; points: string };
type StandingRow = { currency: string; part: string; id: string | null; points: string };
type SalesRow = { cohort: string; month: string; paid: string };

// Changes of the members' own accounts, lot by lot: what only moves inside them sums to zero and is left out.
function movedQuery(timeZone: string, before: Before) {
  return sql`
    select x.currency, coalesce(l.issued_by = 'order.paid', false) as sold, t.kind,
      to_char(coalesce(l.issued_at, t.at) at time zone ${timeZone}, 'YYYY-MM') as cohort,
      to_char(t.at at time zone ${timeZone}, 'YYYY-MM') as month, sum(x.points) as points
    from entries as x
    join transactions as t using (tenant_id, member_id, sequence, position)
    join lots as l on l.tenant_id = x.tenant_id and l.member_id = x.member_id and l.lot_id = x.lot
    where x.tenant_id = current_setting('app.tenant_id') and x.account in ('available', 'pending', 'held')
      and t.at < ${before}
    group by 1, 2, 3, 4, 5 having sum(x.points) <> 0`;
}

// A member's points count for the tier that the member had then.
function standingQuery(before: Before) {
  return sql`
    with standing as (
      select x.currency, x.account, l.lot_id is null as debt, l.store_id, l.owner_id, x.member_id, sum(x.points) as points
      from entries as x
      join transactions as t using (tenant_id, member_id, sequence, position)
      left join lots as l on l.tenant_id = x.tenant_id and l.member_id = x.member_id and l.lot_id = x.lot
      where x.tenant_id = current_setting('app.tenant_id') and x.account in ('available', 'pending', 'held')
        and t.at < ${before}
      group by 1, 2, 3, 4, 5, 6 having sum(x.points) <> 0
    ), tiers as (
      select distinct on (member_id) member_id, tier from tier_history
      where tenant_id = current_setting('app.tenant_id') and at < ${before}
      order by member_id, sequence desc
    )
    select currency, 'account' as part, account as id, sum(points) as points from standing group by 1, 3
    union all select currency, 'debt', null, sum(points) from standing where debt group by 1
    union all select currency, 'store', store_id, sum(points) from standing group by 1, 3
    union all select currency, 'owner', owner_id, sum(points) from standing group by 1, 3
    union all select currency, 'tier', tier, sum(points) from standing left join tiers using (member_id) group by 1, 3
    order by 1, 2, 3`;
}

// What was paid in money for orders that gave points, and what was given back of it, in the months in which it happened.
function salesQuery(timeZone: string, before: Before) {
  return sql`
    with sold as (
      select distinct on (t.member_id, t.order_id) t.tenant_id, t.member_id, t.order_id, t.at
      from transactions as t
      where t.tenant_id = current_setting('app.tenant_id') and t.kind = 'earn' and t.order_id is not null
        and t.at < ${before}
      order by t.member_id, t.order_id, t.sequence
    ), paid as (
      select s.at as cohort, s.at, o.payable as amount
      from sold as s join orders as o using (tenant_id, member_id, order_id)
      union all
      select s.at, r.at, -r.amount
      from sold as s join refunds as r using (tenant_id, member_id, order_id)
      where r.at < ${before}
      union all
      -- A cancellation gives back what no refund had: it is the latest event of its order.
      select s.at, e.at, -(o.refunded - coalesce((
        select sum(r.amount) from refunds as r
        where r.tenant_id = o.tenant_id and r.member_id = o.member_id and r.order_id = o.order_id), 0))
      from sold as s join orders as o using (tenant_id, member_id, order_id)
      join member_events as e on e.tenant_id = o.tenant_id and e.member_id = o.member_id and e.sequence = o.sequence
      join members as m on m.tenant_id = e.tenant_id and m.member_id = e.member_id and m.epoch = e.epoch
      where o.state = 'cancelled' and e.at < ${before}
    )
    select to_char(cohort at time zone ${timeZone}, 'YYYY-MM') as cohort,
      to_char(at at time zone ${timeZone}, 'YYYY-MM') as month, sum(amount) as paid
    from paid group by 1, 2 order by 1, 2`;
}

const NONE = { issued: 0, redeemed: 0, expired: 0, removed: 0 };

// Redeeming, expiry and their reversals are one figure each; transfers and adjustments downwards leave the month's points.
function movedPoints({ currency, sold, cohort, month, kind, points: text }: MovedRow): MovedPoints {
  const points = Number(text);
  const of = { currency, sold, cohort, month, ...NONE };
  switch (kind) {
    case "earn":
      return { ...of, issued: points };
    case "redeem":
    case "restore":
    case "exchange":
      return { ...of, redeemed: -points };
    case "expire":
    case "extend":
      return { ...of, expired: -points };
    case "reverse":
      return { ...of, removed: -points };
    default:
      return points > 0 ? { ...of, issued: points } : { ...of, removed: -points };
  }
}
