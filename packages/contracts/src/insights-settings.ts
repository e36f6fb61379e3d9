// How a tenant wants its members to be judged: bins, weights, limits and horizons, all with the usual value when not told.
import { z } from "zod";
import { MONEY_MAX, POINTS_MAX } from "./limits.ts";
import { slug } from "./values.ts";

/** Bins of one axis of RFM: below three nobody is in the middle, above ten nobody can tell neighbours apart. */
export const RFM_BINS_MIN = 3;
export const RFM_BINS_MAX = 10;
export const RFM_BINS_DEFAULT = 5;
/** Kinds of events that engagement weighs. */
export const ENGAGEMENT_KINDS_MAX = 50;
/** An event that says more than a hundred others is a purchase, and belongs to the other axes. */
export const ENGAGEMENT_WEIGHT_MAX = 100;
/** Silence in own cycles: whoever has been silent for a hundred cycles is lost by any limit. */
export const CYCLES_MAX = 100;
/** Whoever has come back and bought on more days than these is a regular again. */
export const WON_BACK_ORDERS_MAX = 12;
/** Whatever a store with more orders than these is like, it is not by chance. */
export const SCORECARD_ORDERS_MAX = 1000;
/** Five years: as far back, and ahead, as anything is looked at. */
export const INSIGHT_DAYS_MAX = 1830;

const days = (usual: number) => z.int().min(1).max(INSIGHT_DAYS_MAX).default(usual);
const cycles = (usual: number) => z.number().gt(0).max(CYCLES_MAX).default(usual);
const share = (usual: number) => z.number().gt(0).lt(1).default(usual);

const isAscending = (values: readonly number[]) =>
  values.every((value, at) => at === 0 || value >= (values[at - 1] ?? value));

/** Where the bins of an axis begin, without the first, ascending: one fewer than there are bins. */
const cuts = (max: number) =>
  z
    .array(z.number().min(0).max(max))
    .min(RFM_BINS_MIN - 1)
    .max(RFM_BINS_MAX - 1)
    .refine(isAscending, { params: { code: "invalid_value" } });

/** Bins chosen by hand instead of by quantiles; amounts in minor units. */
const fixedCuts = z.strictObject({
  recencyDays: cuts(INSIGHT_DAYS_MAX),
  orders: cuts(POINTS_MAX),
  amount: cuts(MONEY_MAX),
});

const rfm = z
  .strictObject({
    bins: z.int().min(RFM_BINS_MIN).max(RFM_BINS_MAX).default(RFM_BINS_DEFAULT),
    fixedCuts: fixedCuts.optional(),
  })
  .refine(
    ({ bins, fixedCuts: fixed }) =>
      fixed === undefined || Object.values(fixed).every(({ length }) => length === bins - 1),
    { path: ["fixedCuts"], params: { code: "invalid_value" } },
  );

const engagement = z.strictObject({
  /** By the type of event; a type without a weight counts 1, and 0 leaves it out. */
  weights: z
    .record(slug, z.number().min(0).max(ENGAGEMENT_WEIGHT_MAX))
    .refine((weights) => Object.keys(weights).length <= ENGAGEMENT_KINDS_MAX, { params: { code: "too_many_items" } })
    .default({}),
  halfLifeDays: days(90),
});

/** As `LifecycleLimits` of the insights: silence in own cycles, and days with an order. */
const lifecycle = z
  .strictObject({
    atRiskFrom: cycles(1.5),
    sleepingFrom: cycles(2.5),
    lostFrom: cycles(4),
    deepFrom: cycles(8),
    matureOrders: z.int().min(2).max(1000).default(5),
    wonBackOrders: z.int().min(1).max(WON_BACK_ORDERS_MAX).default(2),
  })
  .refine(
    ({ atRiskFrom, sleepingFrom, lostFrom, deepFrom }) => isAscending([atRiskFrom, sleepingFrom, lostFrom, deepFrom]),
    { params: { code: "invalid_value" } },
  );

const bandShares = z
  .strictObject({ high: share(0.2), low: share(0.5) })
  .refine(({ high, low }) => high + low <= 1, { params: { code: "invalid_value" } });

const repurchase = z.strictObject({
  /** How many days before a product is needed again this is told. */
  leadDays: z.int().min(0).max(60).default(3),
  /** A supply of q units lasts q^power times as long as one unit: 1 as many times, 0 just as long. */
  quantityPower: z.number().min(0).max(1).default(1),
  /** Silence in cycles of the supply from which it is a warning. */
  churnTimes: cycles(2),
});

const affinity = z.strictObject({
  /** Orders of so many days, today included, are the baskets. */
  days: days(180),
  /** What goes with what: products, or their categories. */
  by: z.enum(["sku", "category"]).default("sku"),
});

const scorecards = z.strictObject({
  /** Scorecards look at so many days, and compare them with as many before. */
  days: days(30),
  /** A store with fewer orders in them has figures, but no place among the others: chance alone would give it one. */
  minOrders: z.int().min(1).max(SCORECARD_ORDERS_MAX).default(10),
});

/** What may be sent: each part and each field of it may be left out. */
export const insightSettings = z.strictObject({
  rfm: rfm.prefault({}),
  engagement: engagement.prefault({}),
  lifecycle: lifecycle.prefault({}),
  /** The usual cycle of a tenant none of whose members has come back yet. */
  supposedCycleDays: days(30),
  /** Silence in own cycles from which a member is a churn risk. */
  churnTimes: cycles(2),
  bandShares: bandShares.prefault({}),
  /** How far ahead lifetime value looks, and what money is worth less a year on, as a share. */
  horizonDays: days(365),
  discountPerYear: z.number().min(0).max(1).default(0.1),
  repurchase: repurchase.prefault({}),
  affinity: affinity.prefault({}),
  scorecards: scorecards.prefault({}),
});

export type InsightSettings = z.output<typeof insightSettings>;

/** The settings of a tenant as stored; null stands for the usual ones. */
export function readInsightSettings(stored: unknown): InsightSettings {
  return insightSettings.parse(stored ?? {});
}
