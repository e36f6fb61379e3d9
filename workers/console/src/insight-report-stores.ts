// Answers with the league table of stores, and with how much of their profile members have told.
import {
  completenessQuery,
  type CompletenessReport,
  scorecardsQuery,
  type ScorecardsReport,
} from "@regulars/contracts/insights-trade";
import { STORES_MAX } from "@regulars/contracts/manage";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type Call, done, tenantOf } from "./call.ts";
import { refusalOfPlace, refusalOfSegment } from "./insight-report-place.ts";

/** A place in the table moves when the score does by this much of its 100 points. */
const TREND_POINTS = 1;
/** Fields of a profile, identities and custom fields together. */
const FIELDS_MAX = 200;
/** Completeness of all members stands under the segment without a name. */
const ALL = "";

interface CardRow extends Record<string, unknown> {
  readonly day: string;
  readonly store_id: string;
  readonly region_id: string;
  readonly revenue: string;
  readonly score: number | null;
  readonly score_before: number | null;
}

export async function getScorecards(call: Call): Promise<Read<ScorecardsReport>> {
  const query = readQuery(call.request.url, scorecardsQuery);
  if (!query.ok) return query;
  const tenant = tenantOf(call);
  const { tenantId } = tenant;
  const { regionId, day = localDay(call.now, tenant.timeZone) } = query.value;
  const refusal = await refusalOfPlace(call, { regionId });
  if (refusal !== null) return refusal;
  const cards = call.database.execute<CardRow>(sql`
    select c.day::text as day, c.store_id, s.region_id, c.days, c.orders, c.buyers, c.revenue, c.enrolled,
      c.enrolment_rate, c.repeat_rate, c.redemption_rate, c.average_order, c.rating, c.ratings, c.score, c.rank, c.ranked,
      c.score_before
    from store_scorecards as c join stores as s on s.tenant_id = ${tenantId} and s.store_id = c.store_id
    where c.tenant_id = ${tenantId} and c.day = (
      select max(l.day) from store_scorecards as l where l.tenant_id = ${tenantId} and l.day <= ${day}::date)
      ${regionId === undefined ? sql`` : sql`and s.region_id = ${regionId}`}
    order by s.region_id, c.rank nulls last, c.store_id limit ${STORES_MAX}`);
  const [{ rows }] = await withTenant(call.database, tenantId, [cards]);
  return done({ day: rows[0]?.day ?? null, money: tenant.currency, stores: rows.map(cardAnswer) });
}

function cardAnswer(row: CardRow): ScorecardsReport["stores"][number] {
  const count = (name: string) => Number(row[name]);
  const share = (name: string) => (row[name] === null ? null : Number(row[name]));
  return {
    storeId: row.store_id,
    regionId: row.region_id,
    days: count("days"),
    orders: count("orders"),
    buyers: count("buyers"),
    revenue: Number(row.revenue),
    enrolled: count("enrolled"),
    enrolmentRate: share("enrolment_rate"),
    repeatRate: share("repeat_rate"),
    redemptionRate: share("redemption_rate"),
    averageOrder: share("average_order"),
    rating: share("rating"),
    ratings: count("ratings"),
    score: row.score,
    rank: share("rank"),
    ranked: count("ranked"),
    scoreBefore: row.score_before,
    trend: trendOf(row),
  };
}

function trendOf({ score, score_before: before }: CardRow): "up" | "same" | "down" | null {
  if (score === null || before === null) return null;
  if (Math.abs(score - before) < TREND_POINTS) return "same";
  return score > before ? "up" : "down";
}

export async function getCompleteness(call: Call): Promise<Read<CompletenessReport>> {
  const query = readQuery(call.request.url, completenessQuery);
  if (!query.ok) return query;
  const { segmentId } = query.value;
  const refusal = await refusalOfSegment(call, segmentId);
  if (refusal !== null) return refusal;
  const { tenantId } = tenantOf(call);
  const fields = call.database.execute<{ field: string; members: number; filled: number; counted_on: string }>(sql`
    select field, members, filled, counted_on::text from profile_completeness
    where tenant_id = ${tenantId} and segment_id = ${segmentId ?? ALL}
    order by filled::float8 / nullif(members, 0), field limit ${FIELDS_MAX}`);
  const [{ rows }] = await withTenant(call.database, tenantId, [fields]);
  const [asked, told] = rows.reduce(([of, by], { members, filled }) => [of + members, by + filled], [0, 0]);
  return done({
    segmentId: segmentId ?? null,
    countedOn: rows[0]?.counted_on ?? null,
    members: rows.reduce((most, { members }) => Math.max(most, members), 0),
    share: asked === 0 ? null : told / asked,
    fields: rows.map(({ field, members, filled }) => ({
      field,
      filled,
      share: members === 0 ? null : filled / members,
    })),
  });
}
