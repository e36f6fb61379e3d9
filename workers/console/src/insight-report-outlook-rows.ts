// Reads all that is known of one member from PostgreSQL, in one round trip.
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import type { LabelRow } from "./insight-report-labels.ts";
import { counts } from "./insight-report-orders.ts";
import { DUE_COLUMNS, type DueRow } from "./insight-report-repurchase.ts";

/** Stores, categories and needs of one card: more nobody reads. */
const SHOWN_MAX = 10;
/** A member is in as many segments as a tenant has. */
const SEGMENTS_SHOWN_MAX = 300;

interface MemberRow extends Record<string, unknown> {
  readonly enrolled_at: string | null;
  readonly erased: boolean;
  readonly home_store_id: string | null;
  readonly source: string | null;
  readonly tier: string | null;
  readonly tags: string[] | null;
}

interface FiguresRow extends Record<string, unknown> {
  readonly orders: number;
  readonly order_days: number;
  readonly spend: string;
  readonly first_day: string;
  readonly last_day: string;
}

interface ScoresRow extends LabelRow {
  readonly cycle_days: number;
  readonly next_order_on: string;
  readonly churn_from: string;
  readonly expected_orders: number | null;
  readonly expected_spend: number | null;
}

export interface OutlookRows {
  readonly members: readonly MemberRow[];
  readonly figures: readonly FiguresRow[];
  readonly scores: readonly ScoresRow[];
  readonly segments: readonly { readonly segment_id: string }[];
  readonly due: readonly DueRow[];
  readonly stores: readonly { readonly store_id: string; readonly orders: string }[];
  readonly categories: readonly {
    readonly category: string | null;
    readonly quantity: string;
    readonly spend: string;
  }[];
}

export async function readOutlook(database: Database, tenant: TenantRow, memberId: string): Promise<OutlookRows> {
  const { tenantId } = tenant;
  const own = (table: string) => sql`${sql.identifier(table)}.tenant_id = ${tenantId}
    and ${sql.identifier(table)}.member_id = ${memberId}`;
  const [members, figures, scores, segments, due, stores, categories] = await withTenant(database, tenantId, [
    database.execute<MemberRow>(sql`
      select to_char(m.enrolled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as enrolled_at,
        m.erased_at is not null as erased, m.home_store_id, m.source, t.tier,
        (select l.value from member_labels as l where ${own("l")} and l.name = 'tags') as tags
      from members as m left join member_tiers as t on ${own("t")} where ${own("m")}`),
    database.execute<FiguresRow>(sql`
      select f.orders, f.order_days, f.spend, f.first_day::text, f.last_day::text from member_figures as f
      where ${own("f")}`),
    database.execute<ScoresRow>(sql`
      select x.*, x.since::text as since, null as until, x.next_order_on::text as next_order_on,
        x.churn_from::text as churn_from
      from member_scores as x where ${own("x")}`),
    database.execute<{ segment_id: string }>(sql`
      select s.segment_id from segment_members as s where ${own("s")} and s.until is null
      order by 1 limit ${SEGMENTS_SHOWN_MAX}`),
    database.execute<DueRow>(sql`
      select ${DUE_COLUMNS} from repurchases as r where ${own("r")} order by r.due_on, r.kind, r.ref limit ${SHOWN_MAX}`),
    database.execute<{ store_id: string; orders: string }>(sql`
      select o.store_id, count(*) as orders from orders as o where ${own("o")} and ${counts}
      group by 1 order by 2 desc, 1 limit ${SHOWN_MAX}`),
    database.execute<{ category: string | null; quantity: string; spend: string }>(sql`
      select l.category, sum(l.quantity - l.returned) as quantity,
        sum(round((l.unit_price * l.quantity - l.discount) * (l.quantity - l.returned)::numeric / l.quantity)) as spend
      from orders as o
      join order_lines as l on ${own("l")} and l.order_id = o.order_id
      where ${own("o")} and ${counts} and l.quantity > l.returned
      group by 1 order by 3 desc, 1 limit ${SHOWN_MAX}`),
  ]);
  return {
    members: members.rows,
    figures: figures.rows,
    scores: scores.rows,
    segments: segments.rows,
    due: due.rows,
    stores: stores.rows,
    categories: categories.rows,
  };
}
