// Statements between owners and the liability of points: the requests and answers of the management API.
import { z } from "zod";
import { instant, memberId, moneyCurrency, slug } from "./values.ts";

/** Periods that one answer looks at: ten years of months. */
export const CLEARING_PERIODS_MAX = 120;
/** Lines of one page of a statement; a download has all of them. */
export const STATEMENT_LINES_MAX = 1000;

/** A month of the tenant's time zone. */
export const period = z.string().regex(/^20[0-9]{2}-(0[1-9]|1[0-2])$/);

/** `open`: lines may still come. `locked`: final. `before`: it ended before the first locked period; nothing is in it. */
export const periodState = z.enum(["open", "locked", "before"]);

const milli = z.int();
const net = {
  money: moneyCurrency,
  /** Carried from the period before, in thousandths of a minor unit. */
  openingMilli: milli,
  /** What the lines of the period come to. */
  changeMilli: milli,
  /** Minor units to be paid for the period: opening and change without what is less than a unit. */
  settled: z.int(),
  /** What is carried to the next period. */
  closingMilli: milli,
};

export const clearingPeriod = z.strictObject({
  period,
  state: periodState,
  from: instant,
  until: instant,
  lockedAt: instant.nullable(),
});
export const clearingPeriods = z.strictObject({ periods: z.array(clearingPeriod) });

export const dueReason = z.enum(["redeemed", "restored", "issued", "reversed", "voucher", "voucherReturned"]);

/** `amountMilli` is positive when the owner of the statement receives. */
export const statementLine = z.strictObject({
  at: instant,
  memberId,
  orderId: z.string().nullable(),
  storeId: slug.nullable(),
  issuerStoreId: slug.nullable(),
  counterpartyId: slug,
  reason: dueReason,
  /** Empty for a voucher. */
  currency: z.string(),
  points: z.int(),
  amountMilli: milli,
  money: moneyCurrency,
  lot: z.string().nullable(),
  voucherId: z.string().nullable(),
  /** It happened in a period that was locked before it arrived. */
  late: z.boolean(),
  /** It takes back a line of a locked statement. */
  correction: z.boolean(),
});

export const statementQuery = z.strictObject({
  ownerId: slug,
  period,
  limit: z.coerce.number().pipe(z.int().min(1).max(STATEMENT_LINES_MAX)).default(100),
  cursor: z.string().max(300).optional(),
});
export const statementFileQuery = statementQuery.pick({ ownerId: true, period: true });

export const clearingStatement = z.strictObject({
  ownerId: slug,
  ...clearingPeriod.shape,
  /** All counterparties together, by kind of money. */
  totals: z.array(z.strictObject({ ...net, lines: z.int() })),
  /** With each other owner; positive amounts are what this owner receives. */
  counterparties: z.array(z.strictObject({ ownerId: slug, ...net, lines: z.int() })),
  lines: z.array(statementLine),
  nextCursor: z.string().nullable(),
});

export const periodRangeQuery = z.strictObject({ from: period, to: period });

export const clearingBalances = z.strictObject({
  periods: z.array(
    z.strictObject({
      ...clearingPeriod.shape,
      owners: z.array(z.strictObject({ ownerId: slug, ...net })),
      /** Positive when `ownerA` pays `ownerB`. */
      pairs: z.array(z.strictObject({ ownerA: slug, ownerB: slug, ...net, lines: z.int() })),
    }),
  ),
  /** The books of all owners together, added up from those above: zero in every column, or something is wrong. */
  sums: z.array(z.strictObject(net)),
});

export type ClearingPeriod = z.output<typeof clearingPeriod>;
export type ClearingPeriods = z.output<typeof clearingPeriods>;
export type ClearingStatement = z.output<typeof clearingStatement>;
export type ClearingBalances = z.output<typeof clearingBalances>;
export type ClearingLine = z.output<typeof statementLine>;
