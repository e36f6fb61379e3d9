// What segmentation knows of members: figures of their orders, scores with history, models in force, and how far a run came.
import {
  bigint,
  boolean,
  char,
  date,
  doublePrecision,
  index,
  integer as int,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
} from "drizzle-orm/pg-core";
import { instant, integer, ownTenantOnly, tenantId } from "./columns.ts";

const memberId = () => text("member_id").notNull();

/** Marks of members whose rows changed, added by triggers and taken away by the run that has looked. One member may stand here often. */
export const memberChanges = pgTable(
  "member_changes",
  {
    tenantId: tenantId(),
    changeId: bigint("change_id", { mode: "number" }).notNull().generatedAlwaysAsIdentity(),
    memberId: memberId(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.changeId] }), ownTenantOnly()],
);

/** Sums over the orders of a member until a day; no row without an order. Amounts in minor units. */
export const memberFigures = pgTable(
  "member_figures",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    /** The local day until which orders were counted. */
    figuredOn: date("figured_on", { mode: "string" }).notNull(),
    orders: int().notNull(),
    /** Local days with an order; gaps are one fewer. */
    orderDays: int("order_days").notNull(),
    /** Money kept: paid less refunded. */
    spend: integer("spend").notNull(),
    /** Of it, what the first day brought: the models of spending look at what came after. */
    firstDaySpend: integer("first_day_spend").notNull(),
    firstDay: date("first_day", { mode: "string" }).notNull(),
    lastDay: date("last_day", { mode: "string" }).notNull(),
    /** Σ ln(gap in days) between days with an order. */
    gapLogs: doublePrecision("gap_logs").notNull(),
    /** Days with an order since the member came back from being lost, that day included; null: never, or longer ago than settings ask for. */
    sinceReturn: int("since_return"),
    /** log2 of engagement decayed forward to one fixed day (see `figures.ts`): it orders members alike on every day. -Infinity: none. */
    engagement: doublePrecision().notNull(),
    /** Null while the tenant has told no margins. */
    profit: integer("profit"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId] }), ownTenantOnly()],
);

/** What the figures of a member come to by the models in force on `scored_on`. */
const scores = {
  recency: smallint().notNull(),
  frequency: smallint().notNull(),
  monetary: smallint().notNull(),
  engagement: smallint().notNull(),
  /** A name of R's rfm, and a Shopify group. */
  rfmSegment: text("rfm_segment").notNull(),
  rfmGroup: text("rfm_group").notNull(),
  stage: text().notNull(),
  /** N, A, S, L, D. */
  label: char({ length: 1 }).notNull(),
  band: text().notNull(),
  /** Null without margins. */
  profitGroup: text("profit_group"),
  hasPotential: boolean("has_potential").notNull(),
  churnRisk: boolean("churn_risk").notNull(),
};

export const memberScores = pgTable(
  "member_scores",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    ...scores,
    /** The first day on which these very labels held. */
    since: date({ mode: "string" }).notNull(),
    scoredOn: date("scored_on", { mode: "string" }).notNull(),
    cycleDays: doublePrecision("cycle_days").notNull(),
    /** When the next order is to be expected, and from when the silence is a warning. */
    nextOrderOn: date("next_order_on", { mode: "string" }).notNull(),
    churnFrom: date("churn_from", { mode: "string" }).notNull(),
    /** P(alive), orders expected in a year, spending expected of an order, discounted value of a year; null without a model. */
    alive: doublePrecision(),
    expectedOrders: doublePrecision("expected_orders"),
    expectedSpend: doublePrecision("expected_spend"),
    lifetimeValue: doublePrecision("lifetime_value"),
    /** The first day on which any of this changes if nothing happens; null: never. */
    flipsOn: date("flips_on", { mode: "string" }),
  },
  // No other index: a row is written again in place as long as no column of an index changes.
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId] }), ownTenantOnly()],
);

/** Labels that a member had before the present ones, from `since` until the day before `until`. */
export const scoreHistory = pgTable(
  "score_history",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    since: date({ mode: "string" }).notNull(),
    until: date({ mode: "string" }).notNull(),
    ...scores,
    alive: doublePrecision(),
    lifetimeValue: doublePrecision("lifetime_value"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.since] }), ownTenantOnly()],
);

/** What was fitted from all members: `cuts`, `cycle`, `orders`, `spending`. The highest version of a kind is in force. */
export const insightModels = pgTable(
  "insight_models",
  {
    tenantId: tenantId(),
    kind: text().notNull(),
    version: int().notNull(),
    document: jsonb().notNull(),
    fittedOn: date("fitted_on", { mode: "string" }).notNull(),
    fittedAt: instant("fitted_at").notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.kind, table.version] }), ownTenantOnly()],
);

/** What a model expects of a member who is alive, by x and T (to whole weeks): worked out once for all who share them. */
export const orderExpectations = pgTable(
  "order_expectations",
  {
    tenantId: tenantId(),
    version: int().notNull(),
    frequency: int().notNull(),
    ageWeeks: int("age_weeks").notNull(),
    orders: doublePrecision().notNull(),
    /** Orders discounted to now: times expected spending, the value of a year. */
    discounted: doublePrecision().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.version, table.frequency, table.ageWeeks] }),
    ownTenantOnly(),
  ],
);

/** One row a tenant: who works on it, what it set, and where the work stands. */
export const insightStates = pgTable(
  "insight_states",
  {
    tenantId: text("tenant_id").primaryKey(),
    /** Settings of `contracts/insights.ts`; null: the usual ones. */
    settings: jsonb(),
    leaseToken: text("lease_token"),
    leaseUntil: instant("lease_until"),
    /** Work that passes over all members, and the last member it has done; null: none is under way. */
    sweep: jsonb(),
    /** The last local day whose breakpoints were refreshed, and whose nightly work was done. */
    dayDone: date("day_done", { mode: "string" }),
    nightDone: date("night_done", { mode: "string" }),
    /** Of the work of a night: what is done of it. */
    night: jsonb(),
    lastRunAt: instant("last_run_at"),
    lastError: text("last_error"),
  },
  () => [ownTenantOnly()],
);

/** What runs did; old ones are removed after 30 days. */
export const insightRuns = pgTable(
  "insight_runs",
  {
    tenantId: tenantId(),
    runId: text("run_id").notNull(),
    startedAt: instant("started_at").notNull(),
    endedAt: instant("ended_at"),
    /** The local day as of which it worked. */
    asOf: date("as_of", { mode: "string" }).notNull(),
    membersChanged: int("members_changed").notNull().default(0),
    membersScored: int("members_scored").notNull().default(0),
    segmentsEntered: int("segments_entered").notNull().default(0),
    segmentsLeft: int("segments_left").notNull().default(0),
    error: text(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId] }),
    index("insight_runs_by_time").on(table.tenantId, table.startedAt),
    ownTenantOnly(),
  ],
);

/** How many members of a segment (all: empty id) have told a field, on the day it was counted. */
export const profileCompleteness = pgTable(
  "profile_completeness",
  {
    tenantId: tenantId(),
    segmentId: text("segment_id").notNull(),
    field: text().notNull(),
    members: int().notNull(),
    filled: int().notNull(),
    countedOn: date("counted_on", { mode: "string" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.segmentId, table.field] }), ownTenantOnly()],
);

/** Events of `contracts/insight-events.ts`, written with what they tell of, and sent to the queue until that has answered. */
export const insightEvents = pgTable(
  "insight_events",
  {
    tenantId: tenantId(),
    /** Follows from what happened, so that it happens once. */
    eventId: text("event_id").notNull(),
    kind: text().notNull(),
    memberId: memberId(),
    facts: jsonb().notNull(),
    at: instant("at").notNull(),
    /** Null until the queue has taken it. */
    sentAt: instant("sent_at"),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.eventId] }),
    index("insight_events_waiting").on(table.tenantId, table.sentAt, table.at),
    ownTenantOnly(),
  ],
);

/** Messages that members got, for segments that ask who was reached: filled by the messaging Worker. */
export const messageHistory = pgTable(
  "message_history",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    messageId: text("message_id").notNull(),
    channel: text().notNull(),
    campaignId: text("campaign_id"),
    sentAt: instant("sent_at").notNull(),
    openedAt: instant("opened_at"),
    clickedAt: instant("clicked_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.memberId, table.messageId] }), ownTenantOnly()],
);

/** What a member can be found by: every ending of a name or company, digits of a phone backwards, an email, a card. */
export const memberSearchTerms = pgTable(
  "member_search_terms",
  {
    tenantId: tenantId(),
    /** Its kind, a colon, and the text in lower case: compared byte by byte, as the column's collation says. */
    term: text().notNull(),
    memberId: memberId(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.term, table.memberId] }), ownTenantOnly()],
);

/** A file of rows that was asked for; its parts lie in the object that makes it. */
export const insightExports = pgTable(
  "insight_exports",
  {
    tenantId: tenantId(),
    exportId: text("export_id").notNull(),
    dataset: text().notNull(),
    format: text({ enum: ["csv", "parquet"] }).notNull(),
    requestHash: text("request_hash").notNull(),
    request: jsonb().notNull(),
    state: text({ enum: ["running", "done", "failed", "cancelled"] }).notNull(),
    rowsDone: integer("rows_done").notNull(),
    rowsTotal: integer("rows_total").notNull(),
    bytes: integer("bytes").notNull(),
    error: text(),
    createdAt: instant("created_at").notNull(),
    endedAt: instant("ended_at"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.exportId] }), ownTenantOnly()],
);
