// What outstanding points mean for the books: the liability at a moment, and the journal of deferred revenue.
import { z } from "zod";
import { period } from "./clearing.ts";
import { instant, moneyCurrency, slug } from "./values.ts";

const points = z.int();

export const liabilityQuery = z.strictObject({ at: instant.optional() });

/** Points outstanding in one part; `value` is what they would pay if all were spent, in minor units. */
const part = { outstanding: points, value: z.int() };

export const liabilityCohort = z.strictObject({
  /** The month in which the points were issued. */
  cohort: period,
  issued: points,
  redeemed: points,
  expired: points,
  /** Taken back with their order, passed to other members, or adjusted away. */
  removed: points,
  ...part,
  /** Of what is outstanding: how many are expected to be spent, by what history shows of points of that age. */
  expectedRedeemed: points,
  expectedBreakage: points,
});

export const liabilityCurrency = z.strictObject({
  currency: slug,
  valuePerPointMilli: z.int(),
  ...part,
  available: points,
  pending: points,
  held: points,
  /** Points that members owe after refunds; they are part of `available` and `outstanding`, below zero. */
  debt: points,
  expectedRedeemed: points,
  expectedBreakage: points,
  /** Revenue deferred for points that came with sales and not yet released, in minor units. */
  deferred: z.int(),
  cohorts: z.array(liabilityCohort),
  stores: z.array(z.strictObject({ storeId: slug.nullable(), ...part })),
  owners: z.array(z.strictObject({ ownerId: slug.nullable(), ...part })),
  tiers: z.array(z.strictObject({ tier: slug.nullable(), ...part })),
});

export const liability = z.strictObject({
  at: instant,
  money: moneyCurrency,
  currencies: z.array(liabilityCurrency),
});

/** Amounts in minor units; `closing` = `opening` + `deferral` − `release` − `breakage`. */
export const journalEntry = z.strictObject({
  period,
  currency: slug,
  /** The contract liability before the period's entries. */
  opening: z.int(),
  /** Debit revenue, credit contract liability: what the period's sales owe for points; less what refunds took back. */
  deferral: z.int(),
  /** Debit contract liability, credit revenue: for points that were spent. */
  release: z.int(),
  /** Debit contract liability, credit revenue: for points that are not expected to be spent any more, and changed estimates. */
  breakage: z.int(),
  closing: z.int(),
});
export const liabilityJournal = z.strictObject({ money: moneyCurrency, entries: z.array(journalEntry) });

export type Liability = z.output<typeof liability>;
export type LiabilityCurrency = z.output<typeof liabilityCurrency>;
export type LiabilityCohort = z.output<typeof liabilityCohort>;
export type LiabilityJournal = z.output<typeof liabilityJournal>;
