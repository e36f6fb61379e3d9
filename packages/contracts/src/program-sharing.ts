// Sharing between people: transfers and gifts, households, referral, partners; each with its limits.
import { z } from "zod";
import { POINTS_MAX } from "./limits.ts";
import { period } from "./program-earning.ts";
import { slug, text } from "./values.ts";

const pointsPrize = z.strictObject({ currency: slug, points: z.int().min(1).max(POINTS_MAX) });

/** Points of a currency that has such a rule may be given to another member, to a cause or into a household's pool. */
export const transferRule = z.strictObject({
  currency: slug,
  minPoints: z.int().min(1).max(POINTS_MAX).default(1),
  maxPoints: z.int().min(1).max(POINTS_MAX).optional(),
  perMember: z.strictObject({ period, points: z.int().min(1).max(POINTS_MAX) }).optional(),
});

export const household = z.strictObject({
  membersMax: z.int().min(2).max(50).default(6),
  /** Currencies of which a household may hold a pool. */
  currencies: z.array(slug).min(1).max(20),
});

/** Both sides are paid on the new member's first paid order of at least `minNet`, and give it back with its refund. */
export const referral = z.strictObject({
  referrer: pointsPrize,
  referee: pointsPrize,
  minNet: z.int().min(0).default(0),
  /** Against velocity: so many paid referrals in a period for one referrer. */
  perReferrer: z.strictObject({ period, times: z.int().min(1).max(10_000) }).default({ period: "month", times: 20 }),
  /** The first order must come this soon after enrolling. */
  withinDays: z.int().min(1).max(3660).default(90),
});

/** A KOL (paid in money by statement) or a KOC (a member, paid in points), named by a code at checkout. */
export const partner = z.strictObject({
  id: slug,
  name: text().optional(),
  code: z.string().regex(/^[A-Za-z0-9-]{3,40}$/),
  /** Commission on the net that was paid, in hundredths of a percent. */
  commissionBasisPoints: z.int().min(0).max(10_000).default(0),
  /** A member who is paid in points for every `per` minor units. */
  member: z
    .strictObject({ memberId: z.string(), currency: slug, per: z.int().min(1), points: z.int().min(1) })
    .optional(),
});

export const sharing = z.strictObject({
  transfers: z.array(transferRule).max(20).default([]),
  household: household.optional(),
  referral: referral.optional(),
  partners: z.array(partner).max(1000).default([]),
  /** What members may donate points to; each has an account of its own. */
  causes: z
    .array(z.strictObject({ id: slug, name: text().optional() }))
    .max(100)
    .optional(),
});

export type TransferRule = z.output<typeof transferRule>;
export type Sharing = z.output<typeof sharing>;
export type Referral = z.output<typeof referral>;
export type Partner = z.output<typeof partner>;
