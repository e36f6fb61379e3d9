// Clearing between shops: who pays for points that are spent elsewhere than where they were earned, per currency.
import { z } from "zod";
import { CLEARING_VALUE_MAX } from "./limits.ts";
import { slug } from "./values.ts";

const share = z.number().min(0).max(1);
const milli = z.int().min(0).max(CLEARING_VALUE_MAX);

/**
 * `issuerPays`: the owner that issued a point pays the owner that accepted it; `shares`: parts of it, which sum to 1, by
 * issuer, acceptor and head office; `fund`: every owner pays the fund when it issues, the fund pays who accepts.
 */
const policy = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("none") }),
  z.strictObject({ type: z.literal("issuerPays") }),
  z
    .strictObject({ type: z.literal("shares"), issuer: share, acceptor: share, headOffice: share })
    .refine(({ issuer, acceptor, headOffice }) => Math.abs(issuer + acceptor + headOffice - 1) < 1e-9, {
      path: ["issuer"],
      params: { code: "number_out_of_range" },
    }),
  z.strictObject({
    type: z.literal("fund"),
    /** What an owner pays into the fund for a point that it issues; by default what an accepted point is worth. */
    contributionPerPointMilli: milli.optional(),
  }),
]);

export const clearingRule = z.strictObject({
  currency: slug,
  policy,
  /** What one accepted point is worth between owners, in thousandths of a minor unit. */
  valuePerPointMilli: milli,
  /** `unitCost`: points whose lot has a unit cost are worth that instead, whatever version they are spent under. */
  price: z.enum(["value", "unitCost"]).default("value"),
});

export const clearing = z.strictObject({
  /** The owner that is head office, and keeps the fund. */
  headOfficeOwnerId: slug,
  currencies: z.array(clearingRule).min(1).max(20),
});

export type Clearing = z.output<typeof clearing>;
export type ClearingRule = z.output<typeof clearingRule>;
