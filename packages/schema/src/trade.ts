// What members buy again and together, what it leaves, and how stores do: worked out by segmentation, but for the margins.
import { sql } from "drizzle-orm";
import { date, doublePrecision, index, integer as int, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { integer, ownTenantOnly, tenantId } from "./columns.ts";

const memberId = () => text("member_id").notNull();

/** Share of its net revenue that a SKU leaves, in thousandths: what profit is worked out from. */
export const productMargins = pgTable(
  "product_margins",
  { tenantId: tenantId(), sku: text().notNull(), marginMilli: int("margin_milli").notNull() },
  (table) => [primaryKey({ columns: [table.tenantId, table.sku] }), ownTenantOnly()],
);

/** The usual time that one unit of a product or category lasts; `kind` is `sku` or `category`. */
export const repurchaseCycles = pgTable(
  "repurchase_cycles",
  {
    tenantId: tenantId(),
    kind: text({ enum: ["sku", "category"] }).notNull(),
    ref: text().notNull(),
    medianDays: doublePrecision("median_days").notNull(),
    withinVariance: doublePrecision("within_variance").notNull(),
    credibilityGaps: doublePrecision("credibility_gaps").notNull(),
    members: int().notNull(),
    gaps: int().notNull(),
    fittedOn: date("fitted_on", { mode: "string" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.kind, table.ref] }), ownTenantOnly()],
);

/** When a member will need a product or category again, from what they bought of it. */
export const repurchases = pgTable(
  "repurchases",
  {
    tenantId: tenantId(),
    memberId: memberId(),
    kind: text({ enum: ["sku", "category"] }).notNull(),
    ref: text().notNull(),
    lastDay: date("last_day", { mode: "string" }).notNull(),
    quantity: int().notNull(),
    /** Gaps of the member's own. */
    gaps: int().notNull(),
    cycleDays: doublePrecision("cycle_days").notNull(),
    dueOn: date("due_on", { mode: "string" }).notNull(),
    windowFrom: date("window_from", { mode: "string" }).notNull(),
    windowUntil: date("window_until", { mode: "string" }).notNull(),
    churnFrom: date("churn_from", { mode: "string" }).notNull(),
    /** The supply whose end was announced by an event already. */
    announcedFor: date("announced_for", { mode: "string" }),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.memberId, table.kind, table.ref] }),
    index("repurchases_by_due")
      .on(table.tenantId, table.dueOn)
      .where(sql`announced_for is distinct from last_day`),
    ownTenantOnly(),
  ],
);

/** Rules "who buys … also buys …" over the orders of a segment, or of all (`segment_id` empty), best first. */
export const affinityRules = pgTable(
  "affinity_rules",
  {
    tenantId: tenantId(),
    segmentId: text("segment_id").notNull(),
    place: int().notNull(),
    antecedent: text().array().notNull(),
    consequent: text().notNull(),
    baskets: int().notNull(),
    count: int().notNull(),
    confidence: doublePrecision().notNull(),
    lift: doublePrecision().notNull(),
    leverage: doublePrecision().notNull(),
    /** Null for a rule without exception. */
    conviction: doublePrecision(),
    builtOn: date("built_on", { mode: "string" }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.segmentId, table.place] }), ownTenantOnly()],
);

/** How a store did in the `days` until a day, and where it stands among those of its region. Shares in [0, 1]. */
export const storeScorecards = pgTable(
  "store_scorecards",
  {
    tenantId: tenantId(),
    storeId: text("store_id").notNull(),
    day: date({ mode: "string" }).notNull(),
    days: smallint().notNull(),
    orders: int().notNull(),
    buyers: int().notNull(),
    revenue: integer("revenue").notNull(),
    enrolled: int().notNull(),
    /** Of the members' first orders here, members enrolled here; of buyers, those who had bought before. */
    enrolmentRate: doublePrecision("enrolment_rate"),
    repeatRate: doublePrecision("repeat_rate"),
    /** Orders that spent points or a voucher. */
    redemptionRate: doublePrecision("redemption_rate"),
    averageOrder: doublePrecision("average_order"),
    rating: doublePrecision(),
    ratings: int().notNull(),
    /** The mean of its percentile ranks in the region, 0 to 100, and its place; of the period before too. */
    score: doublePrecision(),
    rank: int(),
    ranked: int().notNull(),
    scoreBefore: doublePrecision("score_before"),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.day, table.storeId] }), ownTenantOnly()],
);
