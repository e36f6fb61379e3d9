// Bulk codes: batches, pages of their codes, codes that are voided; and how far budgets are used up.
import { z } from "zod";
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "./limits.ts";
import { instant, slug, text } from "./values.ts";

/** Codes of one batch; a larger campaign is several batches. */
export const CODES_PER_BATCH_MAX = 1_000_000;
/** Codes of one JSON page: some 500 KB. */
export const CODES_PER_PAGE_MAX = 10_000;
/** Codes that one call voids. */
export const CODES_VOIDED_MAX = 1_000;

export const codeBatchId = z.string().regex(/^[1-9][0-9]{0,4}$/);

export const createCodeBatch = z.strictObject({
  /** A campaign of the type `unique` in the program. */
  campaign: slug,
  count: z.int().min(1).max(CODES_PER_BATCH_MAX),
});

export const codeBatch = z.strictObject({ id: codeBatchId, campaign: slug, count: z.int(), createdAt: instant });

/** How far a batch is used up: reserved by authorized orders, used by paid ones, voided before that. */
export const codeBatchUsage = z.strictObject({
  ...codeBatch.shape,
  reserved: z.int(),
  used: z.int(),
  voided: z.int(),
});

const listLimit = z.coerce.number().pipe(z.int().min(1).max(PAGE_LIMIT_MAX)).default(PAGE_LIMIT_DEFAULT);
export const codeBatchesQuery = z.strictObject({ limit: listLimit, cursor: text().optional() });
export const codeBatches = z.strictObject({ codeBatches: z.array(codeBatch), nextCursor: z.string().nullable() });

const number = z.coerce.number().pipe(z.int().min(0).max(CODES_PER_BATCH_MAX));

/** `from`: the number of the first code; `nextFrom` of the page before. */
export const codesQuery = z.strictObject({
  from: number.default(0),
  limit: z.coerce.number().pipe(z.int().min(1).max(CODES_PER_PAGE_MAX)).default(1000),
});
export const codesFileQuery = z.strictObject({
  from: number.default(0),
  limit: z.coerce.number().pipe(z.int().min(1).max(CODES_PER_BATCH_MAX)).default(CODES_PER_BATCH_MAX),
});

/** `made`: codes up to the end of this page, of `count`. */
export const codesPage = z.strictObject({
  codes: z.array(z.strictObject({ number: z.int(), code: z.string() })),
  made: z.int(),
  count: z.int(),
  nextFrom: z.int().nullable(),
});

export const voidCodes = z.strictObject({ codes: z.array(text(40)).min(1).max(CODES_VOIDED_MAX) });

/** `unknown`: no code of this batch; `used`: an order has it for good; `reserved`: void once its order lets it go. */
export const voidedCodes = z.strictObject({
  codes: z.array(z.strictObject({ code: z.string(), state: z.enum(["voided", "reserved", "used", "unknown"]) })),
});

/** Which budget: of an earning rule, of a reward's stock, of a public code's uses. */
export const budgetKind = z.enum(["rule", "stock", "code"]);
/** An instant of the period that is meant, for a rule whose budget begins anew; now by default. */
export const budgetQuery = z.strictObject({ at: instant.optional() });
/** `total` by the latest version of the program; `given` may be above it when a later version lowered it. */
export const budget = z.strictObject({
  kind: budgetKind,
  id: slug,
  name: z.string(),
  total: z.int(),
  given: z.int(),
});

export type Budget = z.output<typeof budget>;
export type CodeBatch = z.output<typeof codeBatch>;
export type CodeBatchUsage = z.output<typeof codeBatchUsage>;
export type CodeBatches = z.output<typeof codeBatches>;
export type CodesPage = z.output<typeof codesPage>;
export type VoidedCodes = z.output<typeof voidedCodes>;
