// Earning rules: what they count, what they give for it, for whom and when, how they stack, and where they end.
import { z } from "zod";
import { CONDITION_LENGTH_MAX, FILTER_ITEMS_MAX, MONEY_MAX, POINTS_MAX } from "./limits.ts";
import { expiry } from "./program-life.ts";
import { callerId, instant, slug, text } from "./values.ts";

/**
 * Lines that count: those of the named categories or SKUs (all when none is named), less those that are excluded. Gift cards
 * never do unless said; shipping lines do not unless said. Of a multiplier: whose points it repeats.
 */
export const lineFilter = z.strictObject({
  categories: z.array(text()).min(1).max(FILTER_ITEMS_MAX).optional(),
  skus: z.array(callerId).min(1).max(FILTER_ITEMS_MAX).optional(),
  excludeCategories: z.array(text()).max(FILTER_ITEMS_MAX).default([]),
  excludeSkus: z.array(callerId).max(FILTER_ITEMS_MAX).default([]),
  giftCards: z.boolean().default(false),
  shipping: z.boolean().default(false),
});

/** A stretch of local calendar time, or the whole life of the program. Weeks begin on Monday. */
export const period = z.enum(["day", "week", "month", "year", "program"]);

/** At most so many points, or so many orders that it gives for, of one member in a period. Refunds make room again. */
const memberCap = z
  .strictObject({
    period,
    points: z.int().min(0).max(POINTS_MAX).optional(),
    times: z.int().min(0).max(POINTS_MAX).optional(),
  })
  .refine((cap) => (cap.points === undefined) !== (cap.times === undefined), {
    path: ["points"],
    params: { code: "missing_field" },
  });

const factor = z.number().min(1).max(100).multipleOf(0.01);

/**
 * One rule. `perAmount`: `points` for every full `per` minor units of the base; `perItem`: `points` for every `per` units of
 * the lines that count; `fixed`: `points` once an order with a line that counts, or an event; `multiplier`: (factor − 1) times
 * what the rules named in `of` give (all of this currency when not said), by the member's tier where `byTier` says so.
 * Of an event, `perAmount` counts `data.amount`, `perItem` `data.quantity`. A refund gives each rule that had given points
 * what the lines that stay would have given, within the same caps; rules that had given nothing stay at nothing.
 */
export const earningRule = z.strictObject({
  id: slug,
  name: text().optional(),
  currency: slug,
  /** `order`, or the type of an event beside orders: `enrolled`, `review`, one of the tenant's own. */
  on: slug.default("order"),
  type: z.enum(["perAmount", "perItem", "fixed", "multiplier"]).default("perAmount"),
  /**
   * `gross`: quantity × price; `net`: less the lines' discounts, vouchers, and what points paid. Points pay each line in
   * proportion to what it costs; tax is the part that is contained in what is left.
   */
  base: z.enum(["net", "gross"]).default("net"),
  /** Says exactly what is taken from gross, in place of `base`. */
  less: z.array(z.enum(["discounts", "vouchers", "points", "tax"])).optional(),
  lines: lineFilter.default({ excludeCategories: [], excludeSkus: [], giftCards: false, shipping: false }),
  per: z.int().min(1).max(MONEY_MAX).default(1),
  points: z.int().min(1).max(POINTS_MAX).default(1),
  /** Of an event beside orders: points for each field of `data` that is named here, once a member and field. */
  perField: z.record(slug, z.int().min(1).max(POINTS_MAX)).optional(),
  factor: factor.optional(),
  of: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  byTier: z.record(slug, factor).optional(),
  /** Applied to the number of times `per` fits, and to the points of a multiplier. */
  rounding: z.enum(["floor", "round", "ceil"]).default("floor"),
  /** Once over the whole order, or for each line by itself (of a multiplier: for each rule that it repeats). */
  roundOn: z.enum(["order", "line"]).default("order"),
  when: text(CONDITION_LENGTH_MAX).optional(),
  stores: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  regions: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  channels: z.array(text()).min(1).max(FILTER_ITEMS_MAX).optional(),
  tiers: z.array(slug).min(1).max(FILTER_ITEMS_MAX).optional(),
  /** By the order's `placedAt`: from this instant on, and before that one. */
  from: instant.optional(),
  until: instant.optional(),
  /** Higher first: decides which rule of a `best` tie or of an `exclusive` group wins, and the order of explaining. */
  priority: z.int().min(-1000).max(1000).default(0),
  /**
   * Rules of one group: `all` give, only the `best` gives (most points after all cuts), or the first that gives anything
   * shuts the others out (`exclusive`).
   */
  group: slug.optional(),
  stacking: z.enum(["all", "best", "exclusive"]).default("all"),
  perOrderMax: z.int().min(0).max(POINTS_MAX).optional(),
  caps: z.array(memberCap).max(5).default([]),
  /**
   * Over all members, in the local period in which the order was placed: never exceeded. What a refund takes back does not
   * return to it.
   */
  budget: z
    .strictObject({ points: z.int().min(1).max(1_000_000_000_000), period: period.default("program") })
    .optional(),
  pendingDays: z.int().min(0).max(366).optional(),
  /** Points stay pending until the order is reported delivered. */
  pendingUntil: z.literal("delivered").optional(),
  /** Instead of the currency's own: campaign points that end sooner. */
  expiry: expiry.optional(),
});

export type LineFilter = z.output<typeof lineFilter>;
export type Period = z.output<typeof period>;
export type EarningRule = z.output<typeof earningRule>;
