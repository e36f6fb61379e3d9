// Turns figures into scores by the models in force, keeps what they were before, and says when time alone will change them.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { R_PACKAGE_OTHERS, rPackageSegments, segmentOf, shopifyGroupOf } from "@regulars/insights/rfm-segments";
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { binsSql, textArray } from "./cuts.ts";
import type { ModelDocuments } from "./models.ts";
import { holders, isTouched, type Scene, touchedIds, touchedRows } from "./scene.ts";
import { modelSql } from "./scores-model.ts";
import { upsert } from "./upsert.ts";

export interface ScoreRules {
  readonly settings: InsightSettings;
  readonly models: ModelDocuments;
  /** Of the model of orders: expectations are stored by it. */
  readonly ordersVersion: number;
}

/** Labels whose change is a new line of history. */
const LABELS = [
  "recency",
  "frequency",
  "monetary",
  "engagement",
  "rfm_segment",
  "rfm_group",
  "stage",
  "label",
  "band",
  "profit_group",
  "has_potential",
  "churn_risk",
] as const;
const VALUES = [
  "scored_on",
  "cycle_days",
  "next_order_on",
  "churn_from",
  "alive",
  "expected_orders",
  "expected_spend",
  "lifetime_value",
  "flips_on",
] as const;

/**
 * Scores of `touched_members()` as of today from their figures: the labels of `lifecycleOf`, `churnWarning`, `rfmScores`, `bandOf`
 * and `profitGroupOf` of packages/insights, said in SQL. What they were goes to `score_history`; who has become a churn risk
 * gets an event, and the history of who was erased goes. Doing it again the same day changes nothing.
 */
export function scoreStatement(database: Database, scene: Scene, rules: ScoreRules) {
  const { tenantId, today, now } = scene;
  const columns = sql.raw([...LABELS, ...VALUES].join(", "));
  const labels = (row: string) => sql.raw(`(${LABELS.map((name) => `${row}.${name}`).join(", ")})`);
  const same = sql`${labels("stored")} is not distinct from ${labels("excluded")}`;
  const kept = sql.raw(`${LABELS.join(", ")}, alive, lifetime_value`);
  const before = sql.raw([...LABELS, "alive", "lifetime_value"].map((name) => `b.${name}`).join(", "));
  const updates = sql.raw([...LABELS, ...VALUES].map((name) => `${name} = excluded.${name}`).join(", "));
  return database.execute(sql`
    with scored as materialized (${scoredMembers(scene, rules)}),
    forgotten as (
      delete from score_history as h where h.tenant_id = ${tenantId}::text and h.member_id = any(array(${erased(scene)}))
    ),
    gone as (
      delete from member_scores as c where c.tenant_id = ${tenantId}::text and c.member_id = any(array(
        ${holders(sql`member_scores`, scene)} except select member_id from scored))
      returning c.*
    ),
    before as materialized (
      select b.*, s.churn_risk as warns, s.last_day, s.cycle_days as cycle
      from (select b.* from ${touchedRows(sql`member_scores`, sql`b`, scene)}) as b
      full join scored as s on s.member_id = b.member_id
      -- A full join, which is never done as a loop in a loop, however few rows PostgreSQL expects.
      where num_nonnulls(b.member_id, s.member_id) = 2 and ${labels("b")} is distinct from ${labels("s")}
    ),
    kept as (
      insert into score_history (tenant_id, member_id, since, until, ${kept})
      select ${tenantId}::text, b.member_id, b.since, ${today}::date, ${before} from before as b
      where b.since < ${today}::date
      union all
      select ${tenantId}::text, b.member_id, b.since, ${today}::date, ${before} from gone as b
      where b.since < ${today}::date and exists (${stillKnown(tenantId)})
      on conflict do nothing
    ),
    warned as (
      insert into insight_events (tenant_id, event_id, kind, member_id, facts, at)
      select ${tenantId}::text, concat_ws(':', 'member.churn_risk', b.member_id, b.last_day), 'member.churn_risk', b.member_id,
        jsonb_build_object('lastDay', b.last_day, 'cycleDays', round(b.cycle::numeric, 2)),
        ${new Date(now).toISOString()}::timestamptz
      from before as b where b.warns and not b.churn_risk
      on conflict do nothing
    )
    ${upsert(scene, {
      table: sql`member_scores`,
      columns: sql`tenant_id, member_id, since, ${columns}`,
      rows: sql`select ${tenantId}::text, s.member_id, ${today}::date, ${columns} from scored as s`,
      updates: sql`since = case when ${same} then stored.since else excluded.since end, ${updates}`,
    })}`);
}

/** A query of touched members who were erased; a listed one without scores is asked, of a stretch those who are no persons. */
function erased(scene: Scene): SQL {
  const rows = sql`select m.member_id from members as m where m.tenant_id = ${scene.tenantId}::text and m.erased_at is not null`;
  return scene.stretch === undefined
    ? sql`select e.member_id from (${touchedIds(scene)} except select member_id from scored) as leaving
        cross join lateral (${rows} and m.member_id = leaving.member_id offset 0) as e`
    : sql`${rows} and ${isTouched(sql`m.member_id`, scene)} and not m.is_person`;
}

const stillKnown = (tenantId: string) => sql`select from members as m
  where m.tenant_id = ${tenantId}::text and m.member_id = b.member_id and m.erased_at is null`;

/**
 * One row a member with figures: every column of `member_scores` but the day since which it is so. `offset 0` keeps PostgreSQL from
 * working out cycle, bins and P(alive) again wherever they are named.
 */
function scoredMembers(scene: Scene, rules: ScoreRules): SQL {
  const { tenantId, today } = scene;
  const { settings, models, ordersVersion } = rules;
  const { cycle, cuts } = models;
  const bins = binsSql(cuts, today);
  const model = modelSql(scene, { settings, models });
  const size = cuts.orders.length + 1;
  const place = sql`((recency - 1) * ${size * size}::int + (frequency - 1) * ${size}::int + monetary)`;
  const named = (names: readonly string[]) => sql`(${textArray(names)}::text[])[${place}]`;
  return sql`
    with rhythm as (
      select f.*, ${today}::date - f.last_day as silent, f.order_days - 1 as x,
        round(exp((f.gap_logs + ${cycle.credibilityGaps}::float8 * ln(${cycle.medianDays}::float8))
          / (f.order_days - 1 + ${cycle.credibilityGaps}::float8)) * 1e9) / 1e9 as cycle_days
      from ${touchedRows(sql`member_figures`, sql`f`, scene)} offset 0
    ),
    binned as (
      select f.*, ${bins.recency} as recency, ${bins.frequency} as frequency, ${bins.monetary} as monetary,
        ${bins.engagement} as engaged, ${bins.band} as band, ${bins.profitGroup} as profit_group, ${model.alive} as alive,
        ${model.expectedSpend} as expected_spend
      from rhythm as f offset 0
    ),
    valued as (
      select b.*, b.alive * e.orders as expected_orders, b.alive * e.discounted * b.expected_spend as lifetime_value
      from binned as b
      left join lateral (
        select * from order_expectations as e where e.tenant_id = ${tenantId}::text and e.version = ${ordersVersion}::int
          and e.frequency = b.x and e.age_weeks = ${ageWeeksSql(sql`b`, today)} offset 0
      ) as e on true
    )
    select member_id, last_day, recency, frequency, monetary, engaged as engagement,
      ${named(rfmNames(size))} as rfm_segment, ${named(groupNames(size))} as rfm_group,
      ${stageSql(settings)} as stage, ${labelSql(settings)} as label, band, profit_group,
      ${potentialSql(cuts.profitBands)} as has_potential, silent > ${settings.churnTimes}::float8 * cycle_days as churn_risk,
      ${today}::date as scored_on, cycle_days, last_day + round(cycle_days)::int as next_order_on,
      last_day + floor(${settings.churnTimes}::float8 * cycle_days)::int + 1 as churn_from,
      alive, expected_orders, expected_spend, lifetime_value, ${flipSql(scene, settings, model.aliveFlip)} as flips_on
    from valued`;
}

/** T of a row of figures in whole weeks: expectations are worked out once for all who share them. */
export function ageWeeksSql(row: SQL, today: string): SQL {
  return sql`round((${today}::date - ${row}.first_day) / 7.0)::int`;
}

const reached = (cycles: number) => sql`silent >= ${cycles}::float8 * cycle_days`;

/** The stage while the silence is no longer than usual: new, active, mature, or won back. */
function stageSql({ lifecycle }: InsightSettings): SQL {
  return sql`case when ${reached(lifecycle.lostFrom)} then 'lost' when ${reached(lifecycle.sleepingFrom)} then 'sleeping'
    when ${reached(lifecycle.atRiskFrom)} then 'at_risk' else ${awakeSql(lifecycle)} end`;
}

function awakeSql({ wonBackOrders, matureOrders }: InsightSettings["lifecycle"]): SQL {
  return sql`case when since_return <= ${wonBackOrders}::int then 'won_back' when order_days = 1 then 'new'
    when order_days >= ${matureOrders}::int then 'mature' else 'active' end`;
}

function labelSql({ lifecycle }: InsightSettings): SQL {
  return sql`case when ${reached(lifecycle.deepFrom)} then 'D' when ${reached(lifecycle.lostFrom)} then 'L'
    when ${reached(lifecycle.sleepingFrom)} then 'S'
    when (${awakeSql(lifecycle)}) = 'new' then 'N' else 'A' end`;
}

/** A member of the lower groups of whom a profit of the middle group is expected, at the margin of what they bought. */
function potentialSql(limits: ModelDocuments["cuts"]["profitBands"]): SQL {
  if (limits === null) return sql`false`;
  return sql`coalesce(profit_group in ('low', 'none') and spend > 0 and lifetime_value * profit / spend > 0
    and lifetime_value * profit / spend >= ${limits.middleFrom}::float8, false)`;
}

/** The next day on which stage, label, churn risk or the tenth of P(alive) is another, if nothing happens. */
function flipSql({ today }: Scene, { lifecycle, churnTimes }: InsightSettings, aliveFlip: SQL): SQL {
  const limits = [lifecycle.atRiskFrom, lifecycle.sleepingFrom, lifecycle.lostFrom, lifecycle.deepFrom];
  const days = [
    ...limits.map(
      (cycles) => sql`case when not (${reached(cycles)}) then last_day + ceil(${cycles}::float8 * cycle_days)::int end`,
    ),
    sql`case when not (silent > ${churnTimes}::float8 * cycle_days)
      then last_day + floor(${churnTimes}::float8 * cycle_days)::int + 1 end`,
    sql`case when ${aliveFlip} is not null then greatest(${aliveFlip}, ${today}::date + 1) end`,
  ];
  return sql`least(${sql.join(days, sql`, `)})`;
}

/** Names by place: recency first, then frequency, then monetary, each from 1 to `size`. */
function rfmNames(size: number): string[] {
  return scoresOf(size).map((scores) => segmentOf(scores, rPackageSegments, size) ?? R_PACKAGE_OTHERS);
}

function groupNames(size: number): string[] {
  return scoresOf(size).map((scores) => shopifyGroupOf(scores, size));
}

function scoresOf(size: number) {
  const steps = Array.from({ length: size }, (_, index) => index + 1);
  return steps.flatMap((recency) =>
    steps.flatMap((frequency) => steps.map((monetary) => ({ recency, frequency, monetary }))),
  );
}
