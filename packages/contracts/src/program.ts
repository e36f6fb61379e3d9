// A program document: the tenant's rules as data; published versions never change.
import { z } from "zod";
import { CONDITION_LENGTH_MAX, CURRENCIES_MAX, HOLD_SECONDS_MAX, MONEY_MAX, POINTS_MAX, RULES_MAX } from "./limits.ts";
import { instant, slug, text } from "./values.ts";

/** When points of a currency end. `rolling`: so many days after they were earned, at the same local time of day;
 * `fixed`: at the end of that local month and day, `yearsAhead` years after the year in which they were earned. */
export const expiry = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("never") }),
  z.strictObject({ type: z.literal("rolling"), days: z.int().min(1).max(3660) }),
  z.strictObject({
    type: z.literal("fixed"),
    monthDay: z.string().regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$/),
    yearsAhead: z.int().min(0).max(10).default(1),
  }),
]);

export const currencyRule = z.strictObject({
  id: slug,
  name: text().optional(),
  expiry: expiry.default({ type: "never" }),
  /** Earned points become available this many days after the order; 0 is at once. */
  pendingDays: z.int().min(0).max(366).default(0),
});

/** `points` for every full `per` minor units of the base; `rounding` is applied to the number of times `per` fits. */
export const earningRule = z.strictObject({
  id: slug,
  currency: slug,
  base: z.enum(["net", "gross"]).default("net"),
  per: z.int().min(1).max(MONEY_MAX),
  points: z.int().min(1).max(POINTS_MAX),
  rounding: z.enum(["floor", "round", "ceil"]).default("floor"),
  when: text(CONDITION_LENGTH_MAX).optional(),
  name: text().optional(),
});

/** How a currency pays: `valuePerPoint` in minor units, in steps, from a minimum, up to a share of the order's net. */
export const tender = z.strictObject({
  currency: slug,
  valuePerPoint: z.int().min(1).max(MONEY_MAX),
  minPoints: z.int().min(0).max(POINTS_MAX).default(0),
  stepPoints: z.int().min(1).max(POINTS_MAX).default(1),
  maxShareOfOrder: z.number().min(0).max(1).default(1),
});

const tenders = z.union([tender.transform((one) => [one]), z.array(tender).max(CURRENCIES_MAX)]);

/** The document that `PUT /manage/v1/program` takes. */
export const program = z.strictObject({
  name: text().optional(),
  /** From when on orders placed are decided by this version; see PUBLISH_LEAD_SECONDS for the default. */
  effectiveFrom: instant.optional(),
  currencies: z.array(currencyRule).min(1).max(CURRENCIES_MAX),
  earning: z.array(earningRule).max(RULES_MAX).default([]),
  tender: tenders.default([]),
  refund: z.strictObject({ debt: z.enum(["allow", "clampToBalance"]).default("allow") }).default({ debt: "allow" }),
  /** How long an authorized order keeps its points aside. */
  holdTimeoutSeconds: z.int().min(1).max(HOLD_SECONDS_MAX).default(900),
});

export type Program = z.output<typeof program>;
export type ProgramInput = z.input<typeof program>;
export type CurrencyRule = z.output<typeof currencyRule>;
export type EarningRule = z.output<typeof earningRule>;
export type Tender = z.output<typeof tender>;
