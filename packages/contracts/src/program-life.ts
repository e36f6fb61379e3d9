// How points of a currency live: when they end, when they become available, what they are worth as a means of payment.
import { z } from "zod";
import { MONEY_MAX, POINTS_MAX } from "./limits.ts";
import { slug, text } from "./values.ts";

const monthDay = z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/);

/**
 * When points end. `rolling`: so many days after they were earned, at the same local time of day, or at the end of that
 * local month; `fixed`: at the end of that local month and day, `yearsAhead` years after the year in which they were earned;
 * `inactivity`: so many days after the member's last paid order or recorded activity, all of them together.
 */
export const expiry = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("never") }),
  z.strictObject({
    type: z.literal("rolling"),
    days: z.int().min(1).max(3660),
    endOf: z.enum(["instant", "month"]).default("instant"),
  }),
  z.strictObject({ type: z.literal("fixed"), monthDay, yearsAhead: z.int().min(0).max(10).default(1) }),
  z.strictObject({ type: z.literal("inactivity"), days: z.int().min(1).max(3660) }),
]);

export const currencyRule = z.strictObject({
  id: slug,
  name: text().optional(),
  expiry: expiry.default({ type: "never" }),
  /** Earned points become available this many days after the order; 0 is at once. */
  pendingDays: z.int().min(0).max(366).default(0),
  /** `points.expiring` is told this many days before points end. */
  noticeDays: z.array(z.int().min(1).max(366)).max(5).default([]),
  /** What one point costs whoever issued it, in thousandths of a minor unit: liability and clearing. */
  unitCostMilli: z.int().min(0).max(MONEY_MAX).default(0),
  /** The network whose coin this is: its balance lives in the network's own account, not in this tenant. */
  network: slug.optional(),
});

/** How a currency pays: `valuePerPoint` in minor units, in steps, from a minimum, up to a share of the order's net. */
export const tender = z.strictObject({
  currency: slug,
  valuePerPoint: z.int().min(1).max(MONEY_MAX),
  minPoints: z.int().min(0).max(POINTS_MAX).default(0),
  stepPoints: z.int().min(1).max(POINTS_MAX).default(1),
  maxShareOfOrder: z.number().min(0).max(1).default(1),
});

export type Expiry = z.output<typeof expiry>;
export type CurrencyRule = z.output<typeof currencyRule>;
export type Tender = z.output<typeof tender>;
