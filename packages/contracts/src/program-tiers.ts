// Tiers: what qualifies for each, how long it lasts, how it is lost, and what it gives.
import { z } from "zod";
import { MONEY_MAX, POINTS_MAX, TIERS_MAX } from "./limits.ts";
import { slug, text } from "./values.ts";

/** Thresholds that must all hold (`all`) or of which one is enough (`any`). */
const qualification = z.strictObject({
  /** Net of paid orders in minor units. */
  spend: z.int().min(0).max(MONEY_MAX).optional(),
  points: z.strictObject({ currency: slug, points: z.int().min(0).max(POINTS_MAX) }).optional(),
  /** Local days with a paid order. */
  visits: z.int().min(0).max(10_000).optional(),
  orders: z.int().min(0).max(100_000).optional(),
  activities: z.strictObject({ type: slug, times: z.int().min(1).max(10_000) }).optional(),
});

/** What a tier gives besides what rules and rewards give for it. */
const tierBenefits = z.strictObject({
  freeShipping: z.boolean().default(false),
  /** Rides, lounges, blow-dries: so many in a calendar year of the tenant's zone. */
  entitlements: z
    .array(z.strictObject({ id: slug, name: text().optional(), perYear: z.int().min(1).max(1000) }))
    .max(20)
    .default([]),
  birthdayReward: slug.optional(),
  /** A reward given once on entering the tier. */
  welcomeReward: slug.optional(),
});

export const tier = z.strictObject({
  id: slug,
  name: text().optional(),
  /** Empty for the tier that everybody has. */
  any: z.array(qualification).max(10).default([]),
  all: z.array(qualification).max(10).default([]),
  benefits: tierBenefits.default({ freeShipping: false, entitlements: [] }),
  /** Bought, not earned: only `POST /v1/members/{id}/tier` sets it, with its end. */
  paid: z.boolean().default(false),
});

/** From the lowest to the highest. */
export const tiers = z.strictObject({
  levels: z.array(tier).min(1).max(TIERS_MAX),
  /** Over which time qualification is counted. */
  window: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("rolling"), days: z.int().min(1).max(1000) }),
      z.strictObject({ type: z.literal("calendarYear") }),
      z.strictObject({ type: z.literal("anniversary") }),
      z.strictObject({ type: z.literal("lifetime") }),
    ])
    .default({ type: "rolling", days: 365 }),
  /** How long a tier is kept once reached: so many days, to the end of the next window year, or for ever. */
  keep: z
    .discriminatedUnion("type", [
      z.strictObject({ type: z.literal("days"), days: z.int().min(1).max(3660) }),
      z.strictObject({ type: z.literal("endOfNextYear") }),
      z.strictObject({ type: z.literal("forever") }),
    ])
    .default({ type: "days", days: 365 }),
  downgrade: z.enum(["none", "oneLevel", "toQualified"]).default("toQualified"),
  graceDays: z.int().min(0).max(366).default(0),
  /** `tier.warned` is told this many days before a tier would be lost. */
  warnDays: z.int().min(0).max(366).default(30),
});

export type Tier = z.output<typeof tier>;
export type Tiers = z.output<typeof tiers>;
export type Qualification = z.output<typeof qualification>;
