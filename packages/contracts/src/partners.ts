// The commission statement of a partner: the query and the answer of the management API.
import { z } from "zod";
import { callerId, instant, memberId, moneyCurrency, slug, text } from "./values.ts";

const LINES_MAX = 1_000;

/** Orders placed from `from` (included) to `to` (excluded). */
export const partnerStatementQuery = z.strictObject({
  from: instant,
  to: instant,
  limit: z.coerce.number().pipe(z.int().min(1).max(LINES_MAX)).default(100),
  cursor: text().optional(),
});

export const partnerStatement = z.strictObject({
  partnerId: slug,
  from: instant,
  to: instant,
  /** Of the whole period, by the money of the orders. */
  totals: z.array(z.strictObject({ currency: moneyCurrency, orders: z.int(), net: z.int(), commission: z.int() })),
  lines: z.array(
    z.strictObject({
      orderId: callerId,
      memberId,
      placedAt: instant,
      state: z.enum(["paid", "cancelled"]),
      currency: moneyCurrency,
      /** Paid, less what was refunded, in minor units. */
      net: z.int(),
      commissionBasisPoints: z.int(),
      commission: z.int(),
      programVersion: z.int(),
    }),
  ),
  nextCursor: z.string().nullable(),
});

export type PartnerStatement = z.output<typeof partnerStatement>;
