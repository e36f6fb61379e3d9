// What a product leaves of its revenue: the requests and answers of the management API.
import { z } from "zod";
import { PAGE_LIMIT_DEFAULT } from "./limits.ts";
import { callerId, text } from "./values.ts";

/** Margins that one request tells, and that one page shows. */
export const MARGINS_PER_REQUEST_MAX = 1000;
/** A product that leaves all of its price; one that is given away at ten times its price is a mistake. */
const MARGIN_MILLI_MAX = 1000;
const MARGIN_MILLI_MIN = -10_000;

const marginMilli = z.int().min(MARGIN_MILLI_MIN).max(MARGIN_MILLI_MAX);

/** In thousandths of net revenue; null takes the margin away, as if it had never been told. */
export const putMargins = z.strictObject({
  margins: z
    .array(z.strictObject({ sku: callerId, marginMilli: marginMilli.nullable() }))
    .min(1)
    .max(MARGINS_PER_REQUEST_MAX)
    .refine((all) => new Set(all.map(({ sku }) => sku)).size === all.length, { params: { code: "duplicate_item" } }),
});

/** Margins that this request has changed, and how many there are. */
export const marginsChanged = z.strictObject({ changed: z.int(), margins: z.int() });

export const marginsQuery = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(MARGINS_PER_REQUEST_MAX)).default(PAGE_LIMIT_DEFAULT),
  cursor: text().optional(),
});
export const marginsPage = z.strictObject({
  margins: z.array(z.strictObject({ sku: z.string(), marginMilli: z.int() })),
  nextCursor: z.string().nullable(),
});

export type MarginsChanged = z.output<typeof marginsChanged>;
export type MarginsPage = z.output<typeof marginsPage>;
