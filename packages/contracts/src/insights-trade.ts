// Reports of what is bought: cohorts, what is needed again, what goes together, stores, profiles told, and what is to come.
import { z } from "zod";
import { AFFINITY_LENGTH_MAX, AFFINITY_RULES_SHOWN_MAX } from "./affinity.ts";
import { memberLabels } from "./insights-members.ts";
import { INSIGHT_DAYS_MAX } from "./insights-settings.ts";
import { anyNumber, pageLimit, wholeNumber } from "./insights-ranges.ts";
import { day, instant, memberId, moneyCurrency, slug, text } from "./values.ts";
import { period } from "./clearing.ts";

/** Months of one triangle of cohorts: three years. Every order since its first month is read. */
export const COHORT_MONTHS_MAX = 36;
export const COHORT_MONTHS_USUAL = 12;
/** How far ahead needs are listed: two months. */
export const DUE_DAYS_MAX = 60;
/** Products of the table of needs, those with most members first. */
export const DUE_PRODUCTS_MAX = 100;
/** Periods ahead that a forecast may look; further the interval says only that nobody knows. */
export const FORECAST_HORIZON_MAX = 60;

export const cohortsQuery = z
  .strictObject({
    by: z.literal("month").default("month"),
    from: period.optional(),
    until: period.optional(),
    measure: z.enum(["members", "revenue"]).default("members"),
  })
  .refine(({ from, until }) => (from === undefined) === (until === undefined), {
    path: ["until"],
    params: { code: "invalid_value" },
  });

export const cohortsReport = z.strictObject({
  from: period,
  until: period,
  measure: z.enum(["members", "revenue"]),
  money: moneyCurrency,
  /** Members by the month of their first order; `values[k]` of k months later, as long as there are months to see. */
  cohorts: z.array(
    z.strictObject({
      month: period,
      size: z.int(),
      values: z.array(z.int()),
      /** The members who came as a share of the size, or the revenue of a member. */
      rates: z.array(z.number()),
    }),
  ),
  /** Of all cohorts that could be seen so long, weighted by their size. */
  overall: z.array(z.number()),
});

const product = z.strictObject({ kind: z.enum(["sku", "category"]), ref: z.string() });

export const dueProduct = z.strictObject({
  ...product.shape,
  lastDay: day,
  dueOn: day,
  windowFrom: day,
  windowUntil: day,
  cycleDays: z.number(),
  /** The silence has become too long: the member may get it elsewhere. */
  churnFrom: day,
});

export const repurchaseQuery = z.strictObject({
  withinDays: wholeNumber(0, DUE_DAYS_MAX).default(7),
  kind: z.enum(["sku", "category"]).default("sku"),
  ref: text().optional(),
  limit: pageLimit,
  cursor: z.string().max(500).optional(),
});
export const repurchaseReport = z.strictObject({
  from: day,
  until: day,
  kind: z.enum(["sku", "category"]),
  /** Those with most members due first; `overdue`: due before `from` and not yet given up. */
  products: z.array(
    z.strictObject({
      ref: z.string(),
      members: z.int(),
      overdue: z.int(),
      /** How long a unit usually lasts, and the members and gaps that tell it; null before the first fit. */
      medianDays: z.number().nullable(),
      cycleMembers: z.int(),
      cycleGaps: z.int(),
    }),
  ),
  days: z.array(z.strictObject({ day, members: z.int() })),
  members: z.array(z.strictObject({ memberId, ...dueProduct.shape })),
  nextCursor: z.string().nullable(),
});

export const affinityQuery = z.strictObject({
  /** Rules over the orders of a segment's members; without it, of all. */
  segmentId: slug.optional(),
  minConfidence: anyNumber(0, 1).default(0),
  minLift: anyNumber(0, 1_000_000).default(0),
  minCount: wholeNumber(1, 1_000_000_000).default(1),
  /** Rules that offer this item. */
  consequent: text().optional(),
  limit: pageLimit,
  /** The `place` of the last rule of the page before. */
  after: wholeNumber(0, 2_147_483_647).default(0),
});
export const affinityRule = z.strictObject({
  place: z.int(),
  antecedent: z.array(z.string()),
  consequent: z.string(),
  count: z.int(),
  support: z.number(),
  confidence: z.number(),
  lift: z.number(),
  leverage: z.number(),
  /** Null for a rule without exception. */
  conviction: z.number().nullable(),
});
export const affinityReport = z.strictObject({
  segmentId: slug.nullable(),
  builtOn: day.nullable(),
  baskets: z.int(),
  rules: z.array(affinityRule),
  next: z.int().nullable(),
});

/** As `affinityWish`, told in an address. */
export const affinitySearchQuery = z
  .strictObject({
    segmentId: slug.optional(),
    by: z.enum(["sku", "category"]).optional(),
    days: wholeNumber(1, INSIGHT_DAYS_MAX).optional(),
    support: anyNumber(0, 1).optional(),
    confidence: anyNumber(0, 1).optional(),
    lift: anyNumber(0, 1_000_000).optional(),
    minLength: wholeNumber(1, AFFINITY_LENGTH_MAX).optional(),
    maxLength: wholeNumber(1, AFFINITY_LENGTH_MAX).optional(),
    limit: wholeNumber(1, AFFINITY_RULES_SHOWN_MAX).optional(),
  })
  .refine(({ support }) => support !== 0, { path: ["support"], params: { code: "number_out_of_range" } })
  .refine(({ minLength = 2, maxLength = AFFINITY_LENGTH_MAX }) => minLength <= maxLength, {
    path: ["minLength"],
    params: { code: "invalid_value" },
  });
const ruleFound = affinityRule.omit({ place: true });
export const affinitySearch = z.strictObject({
  segmentId: slug.nullable(),
  by: z.enum(["sku", "category"]),
  from: day,
  until: day,
  baskets: z.int(),
  /** 1: every basket was read; n: those of one member in n. */
  oneIn: z.int(),
  items: z.int(),
  support: z.number(),
  confidence: z.number(),
  /** All rules, and how many there are of each length; `rules` are the first by lift. */
  total: z.int(),
  byLength: z.array(z.strictObject({ length: z.int(), rules: z.int() })),
  rules: z.array(ruleFound),
  milliseconds: z.number(),
});

export const memberOutlook = z.strictObject({
  memberId,
  asOf: day,
  enrolledAt: instant,
  homeStoreId: slug.nullable(),
  source: z.string().nullable(),
  tier: slug.nullable(),
  tags: z.array(z.string()),
  segments: z.array(slug),
  figures: z
    .strictObject({
      orders: z.int(),
      orderDays: z.int(),
      spend: z.int(),
      averageOrder: z.number(),
      firstDay: day,
      lastDay: day,
    })
    .nullable(),
  labels: memberLabels.nullable(),
  next: z
    .strictObject({
      cycleDays: z.number(),
      orderOn: day,
      churnFrom: day,
      churnRisk: z.boolean(),
      expectedOrders: z.number().nullable(),
      expectedSpend: z.number().nullable(),
    })
    .nullable(),
  /** Needed first comes first. */
  due: z.array(dueProduct),
  /** What to offer, and the best of the rules that speak for it. */
  offers: z.array(z.strictObject({ item: z.string(), because: ruleFound, rules: z.int() })),
  /** Where, and of what, the member buys most. */
  stores: z.array(z.strictObject({ storeId: slug, orders: z.int() })),
  categories: z.array(z.strictObject({ category: z.string().nullable(), quantity: z.int(), spend: z.int() })),
});

export const scorecardsQuery = z.strictObject({ day: day.optional(), regionId: slug.optional() });
export const scorecardsReport = z.strictObject({
  /** The last day that was worked out, not after the one asked for; null when there is none. */
  day: day.nullable(),
  money: moneyCurrency,
  stores: z.array(
    z.strictObject({
      storeId: slug,
      regionId: slug,
      days: z.int(),
      orders: z.int(),
      buyers: z.int(),
      revenue: z.int(),
      enrolled: z.int(),
      enrolmentRate: z.number().nullable(),
      repeatRate: z.number().nullable(),
      redemptionRate: z.number().nullable(),
      averageOrder: z.number().nullable(),
      rating: z.number().nullable(),
      ratings: z.int(),
      score: z.number().nullable(),
      /** Its place in its region, of `ranked` stores; null: too few orders, or nobody to compare with. */
      rank: z.int().nullable(),
      ranked: z.int(),
      scoreBefore: z.number().nullable(),
      trend: z.enum(["up", "same", "down"]).nullable(),
    }),
  ),
});

export const completenessQuery = z.strictObject({ segmentId: slug.optional() });
export const completenessReport = z.strictObject({
  segmentId: slug.nullable(),
  countedOn: day.nullable(),
  members: z.int(),
  /** Of all fields of all members, those that are told. */
  share: z.number().nullable(),
  /** Least told first. */
  fields: z.array(z.strictObject({ field: z.string(), filled: z.int(), share: z.number().nullable() })),
});

export const forecastQuery = z
  .strictObject({
    metric: z.enum(["revenue", "redemptions", "liability"]),
    by: z.enum(["day", "week", "month"]).default("month"),
    horizon: wholeNumber(1, FORECAST_HORIZON_MAX).default(6),
    confidence: anyNumber(0.5, 0.999).default(0.95),
    /** Of points; revenue has none. */
    currency: slug.optional(),
  })
  .refine(({ metric, currency }) => metric === "revenue" || currency !== undefined, {
    path: ["currency"],
    params: { code: "missing_field" },
  })
  .refine(({ metric, by }) => metric === "revenue" || by === "month", {
    path: ["by"],
    params: { code: "invalid_value" },
  });

const range = z.strictObject({ mean: z.number(), low: z.number(), high: z.number() });
export const forecastReport = z.strictObject({
  metric: z.enum(["revenue", "redemptions", "liability"]),
  by: z.enum(["day", "week", "month"]),
  confidence: z.number(),
  /** What it goes by: whole periods that are over, the first day of each. */
  history: z.array(z.strictObject({ day, value: z.number() })),
  forecast: z.union([
    z.strictObject({
      ok: z.literal(true),
      model: z.strictObject({ error: z.string(), trend: z.string(), season: z.string() }),
      periods: z.array(z.strictObject({ day, ...range.shape })),
      /** Of all periods together; of a liability, which is a standing, null. */
      total: range.nullable(),
    }),
    /** Too little to go by, and what is missing. */
    z.strictObject({
      ok: z.literal(false),
      missing: z.array(z.strictObject({ what: z.string(), have: z.number().nullable(), need: z.number().nullable() })),
    }),
  ]),
});

export type CohortsReport = z.output<typeof cohortsReport>;
export type DueProduct = z.output<typeof dueProduct>;
export type RepurchaseReport = z.output<typeof repurchaseReport>;
export type AffinityReport = z.output<typeof affinityReport>;
export type MemberOutlook = z.output<typeof memberOutlook>;
export type ScorecardsReport = z.output<typeof scorecardsReport>;
export type CompletenessReport = z.output<typeof completenessReport>;
export type ForecastReport = z.output<typeof forecastReport>;
export type AffinitySearch = z.output<typeof affinitySearch>;
