// Tiers, entitlements, ends of points, deliveries and labels: what callers send about a member, and what they get back.
import { z } from "zod";
import { LABELS_MAX } from "./limits.ts";
import { tierProgress } from "./orders.ts";
import { balance } from "./points.ts";
import { callerId, instant, memberId, slug, text } from "./values.ts";

const entitlement = z.strictObject({
  id: slug,
  name: z.string().nullable(),
  perYear: z.int(),
  /** Of this calendar year's, in the tenant's zone. */
  left: z.int(),
});

/** Where a member stands, since when, and what the tier entitles to. */
export const tierAnswer = tierProgress.extend({
  since: instant.nullable(),
  /** Set by hand or paid for: kept until its end whatever was spent. */
  fixed: z.boolean(),
  entitlements: z.array(entitlement),
  sequence: z.int(),
});

export const tierSetAnswer = tierAnswer.pick({ tier: true, since: true, until: true, fixed: true, sequence: true });

/** `tier` null: back to what the member qualifies for; without `until` it is for ever. */
export const setTierRequest = z.strictObject({ tier: slug.nullable(), until: instant.optional(), reason: text() });

export const entitlementAnswer = z.strictObject({ entitlement: slug, left: z.int(), sequence: z.int() });

const days = z.int().min(1).max(3660);

/** Points that end before `endsBefore` and have not ended yet end so many days later. */
export const extensionRequest = z.strictObject({ currency: slug, endsBefore: instant, days, reason: text() });

/** Points that expired at `endedAfter` or later come back, and end so many days from now. */
export const reinstatementRequest = z.strictObject({ currency: slug, endedAfter: instant, days, reason: text() });

export const movedAnswer = z.strictObject({ points: z.int(), balances: z.array(balance), sequence: z.int() });

/** Without a member, whoever claimed the order id first is meant. */
export const deliveryRequest = z.strictObject({ memberId: memberId.optional() });

export const deliveryAnswer = z.strictObject({ orderId: callerId, balances: z.array(balance), sequence: z.int() });

const labels = z
  .array(slug)
  .max(LABELS_MAX)
  .refine((all) => new Set(all).size === all.length, { params: { code: "duplicate_item" } });

/** Whole lists, in place of those before; what is not sent stays. */
export const labelsRequest = z.strictObject({ tags: labels.optional(), segments: labels.optional() });

export const labelsAnswer = z.strictObject({ tags: z.array(slug), segments: z.array(slug), sequence: z.int() });
