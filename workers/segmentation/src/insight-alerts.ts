// Raises at night what somebody should look at: more members about to leave, falling revenue, bad ratings, stuck segments.
import { orderCounts } from "@regulars/schema/orders";
import { sql } from "drizzle-orm";
import { type NightScope, readRows, writeRows } from "./night-scope.ts";
import { dayAfter } from "./scene.ts";

/** The share of members at risk of leaving may grow by so much in a week before it is news. */
const CHURN_RISE_MAX = 0.05;
const CHURN_DAYS = 7;
/** Of fewer members, a handful makes five points. */
const CHURN_MEMBERS_MIN = 100;
/** A week that brings less than this share of a usual week of the four before is news. */
const REVENUE_SHARE_MIN = 0.7;
const REVENUE_WEEKS_BEFORE = 4;
/** With fewer orders in those weeks, revenue falls by chance. */
const REVENUE_ORDERS_MIN = 100;
/** Of 1 to 5; with fewer ratings one guest decides. */
const RATING_MIN = 3;
const RATINGS_MIN = 5;

const insightAlertKinds = [
  "churn_share_rose",
  "revenue_fell",
  "store_rating_low",
  "segment_held",
  "segment_failed",
] as const;

interface InsightAlert {
  readonly kind: (typeof insightAlertKinds)[number];
  /** What it is about: a store or a segment; null: the tenant. */
  readonly subject: string | null;
  readonly facts: Readonly<Record<string, string | number | null>>;
}

type Churn = Record<"members" | "risky" | "membersBefore" | "riskyBefore", number>;
type Revenue = Record<"week" | "before" | "ordersBefore", number>;

/** What holds now stands as an alert, raised when it began; what no longer holds is resolved. */
export async function raiseInsightAlerts(scope: NightScope): Promise<void> {
  const found = [
    churnAlert(await readChurn(scope)),
    revenueAlert(await readRevenue(scope)),
    ...(await readLowRatings(scope)),
    ...(await readStuckSegments(scope)),
  ];
  await storeAlerts(
    scope,
    found.filter((alert) => alert !== null),
  );
}

function churnAlert({ members, risky, membersBefore, riskyBefore }: Churn): InsightAlert | null {
  if (Math.min(members, membersBefore) < CHURN_MEMBERS_MIN) return null;
  const [share, shareBefore] = [risky / members, riskyBefore / membersBefore];
  if (share - shareBefore <= CHURN_RISE_MAX) return null;
  return { kind: "churn_share_rose", subject: null, facts: { share, shareBefore, members, days: CHURN_DAYS } };
}

/** `before`: of all the weeks before together. */
function revenueAlert({ week, before, ordersBefore }: Revenue): InsightAlert | null {
  const usual = before / REVENUE_WEEKS_BEFORE;
  if (ordersBefore < REVENUE_ORDERS_MIN || week >= REVENUE_SHARE_MIN * usual) return null;
  return { kind: "revenue_fell", subject: null, facts: { revenue: week, usual: Math.round(usual), days: 7 } };
}

/** Members with a score, now and of those who had one a week ago: then by what has replaced it since, if anything has. */
async function readChurn(scope: NightScope): Promise<Churn> {
  const { tenantId, today } = scope.scene;
  const before = dayAfter(today, -CHURN_DAYS);
  const [churn] = await readRows<Churn>(
    scope,
    sql`select count(*)::int as members, (count(*) filter (where s.churn_risk))::int as risky,
        count(was.risky)::int as "membersBefore", (count(*) filter (where was.risky))::int as "riskyBefore"
      from member_scores as s left join lateral (
        select s.churn_risk as risky where s.since <= ${before}::date
        union all
        select h.churn_risk from score_history as h
        where s.since > ${before}::date and h.tenant_id = ${tenantId} and h.member_id = s.member_id
          and h.since <= ${before}::date and h.until > ${before}::date
      ) as was on true
      where s.tenant_id = ${tenantId}`,
  );
  return churn ?? { members: 0, risky: 0, membersBefore: 0, riskyBefore: 0 };
}

/** Whole days only: today has not brought all of its orders yet. */
async function readRevenue(scope: NightScope): Promise<Revenue> {
  const { tenantId, timeZone, today } = scope.scene;
  const midnight = (day: string) => sql`(${day}::timestamp at time zone ${timeZone})`;
  const week = midnight(dayAfter(today, -7));
  const [revenue] = await readRows<Revenue>(
    scope,
    sql`select coalesce(sum(payable - refunded) filter (where placed_at >= ${week}), 0)::float8 as week,
        coalesce(sum(payable - refunded) filter (where placed_at < ${week}), 0)::float8 as before,
        (count(*) filter (where placed_at < ${week}))::int as "ordersBefore"
      from orders as o
      where tenant_id = ${tenantId} and ${orderCounts(sql`o`)}
        and placed_at >= ${midnight(dayAfter(today, -7 * (REVENUE_WEEKS_BEFORE + 1)))} and placed_at < ${midnight(today)}`,
  );
  return revenue ?? { week: 0, before: 0, ordersBefore: 0 };
}

/** By the scorecards of today. */
async function readLowRatings(scope: NightScope): Promise<InsightAlert[]> {
  const { tenantId, today } = scope.scene;
  const rows = await readRows<{ storeId: string; rating: number; ratings: number; days: number }>(
    scope,
    sql`select store_id as "storeId", rating, ratings, days from store_scorecards
      where tenant_id = ${tenantId} and day = ${today}::date and rating < ${RATING_MIN} and ratings >= ${RATINGS_MIN}`,
  );
  return rows.map((facts) => ({ kind: "store_rating_low", subject: facts.storeId, facts }));
}

async function readStuckSegments(scope: NightScope): Promise<InsightAlert[]> {
  const rows = await readRows<{ segmentId: string; version: number; state: "held" | "failed"; error: string | null }>(
    scope,
    sql`select segment_id as "segmentId", version, state, error from segments
      where tenant_id = ${scope.scene.tenantId} and state in ('held', 'failed') and ended_at is null`,
  );
  return rows.map(({ state, ...facts }) => ({ kind: `segment_${state}`, subject: facts.segmentId, facts }));
}

async function storeAlerts(scope: NightScope, alerts: readonly InsightAlert[]): Promise<void> {
  const { tenantId, now } = scope.scene;
  const at = sql`${new Date(now).toISOString()}::timestamptz`;
  const rows = alerts.map(({ kind, subject, facts }) => {
    return { id: ["insights", kind, ...(subject === null ? [] : [subject])].join(":"), kind, facts };
  });
  await writeRows(scope, [
    sql`with wanted as (
        select id, kind, facts from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as w(id text, kind text, facts jsonb)
      ),
      gone as (
        update alerts set resolved_at = ${at}
        where tenant_id = ${tenantId} and resolved_at is null and alert_id not in (select id from wanted)
          and kind in (select jsonb_array_elements_text(${JSON.stringify(insightAlertKinds)}::jsonb))
      )
      insert into alerts as a (tenant_id, alert_id, kind, facts, raised_at)
      select ${tenantId}, id, kind, facts, ${at} from wanted
      on conflict (tenant_id, alert_id) do update set facts = excluded.facts, resolved_at = null,
        raised_at = case when a.resolved_at is null then a.raised_at else excluded.raised_at end`,
  ]);
}
