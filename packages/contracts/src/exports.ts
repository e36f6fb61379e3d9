// Files of many rows that are made in the background: what is asked for, and how far it is.
import { z } from "zod";
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX } from "./limits.ts";
import { day, instant, slug, text } from "./values.ts";

/** Of one tenant at a time: each reads the database as fast as it can. */
export const EXPORTS_RUNNING_MAX = 3;
/** A file holds what a tenant would not want to lie about for ever. */
export const EXPORT_DAYS_KEPT = 7;

export const exportId = z.string().regex(/^exp_[a-z0-9]{20}$/);

export const exportDataset = z.enum([
  "members",
  "orders",
  "order_lines",
  "refunds",
  "balances",
  "segment_members",
  "score_history",
  "repurchases",
  "scorecards",
  "affinity_rules",
]);

export const exportFormat = z.enum(["csv", "parquet"]);

/** Datasets that have a time or day of their own, to which `from` and `until` apply. */
const TIMED: readonly string[] = ["orders", "order_lines", "refunds", "score_history", "scorecards"];
/** Datasets about the tenant as a whole. */
const OF_NO_MEMBER: readonly string[] = ["scorecards"];

/**
 * `segmentId`: only members who are in it while the rows are read. `from`, `until`: local days, both included.
 * `personal`: also names, phones, emails and cards of members; without it no column tells who a member is.
 */
export const exportRequest = z
  .strictObject({
    dataset: exportDataset,
    format: exportFormat.default("csv"),
    segmentId: slug.optional(),
    from: day.optional(),
    until: day.optional(),
    personal: z.boolean().default(false),
  })
  .refine(({ from, until }) => from === undefined || until === undefined || from <= until, {
    path: ["until"],
    params: { code: "invalid_value" },
  })
  .refine(({ dataset, from }) => from === undefined || TIMED.includes(dataset), {
    path: ["from"],
    params: { code: "invalid_value" },
  })
  .refine(({ dataset, until }) => until === undefined || TIMED.includes(dataset), {
    path: ["until"],
    params: { code: "invalid_value" },
  })
  .refine(({ dataset, segmentId }) => segmentId === undefined || !OF_NO_MEMBER.includes(dataset), {
    path: ["segmentId"],
    params: { code: "invalid_value" },
  })
  .refine(({ dataset, personal }) => !personal || dataset === "members", {
    path: ["personal"],
    params: { code: "invalid_value" },
  });

export const exportState = z.enum(["running", "done", "failed", "cancelled"]);

/** `rowsTotal` is an estimate until the export is done; `share` in [0, 1] is how far it is. `file` is null until it is done. */
export const memberExport = z.strictObject({
  id: exportId,
  dataset: exportDataset,
  format: exportFormat,
  segmentId: slug.nullable(),
  from: day.nullable(),
  until: day.nullable(),
  personal: z.boolean(),
  state: exportState,
  rowsDone: z.int(),
  rowsTotal: z.int(),
  share: z.number(),
  bytes: z.int(),
  createdAt: instant,
  endedAt: instant.nullable(),
  error: z.string().nullable(),
  file: z.strictObject({ path: z.string(), name: z.string(), until: instant }).nullable(),
});

export const exportsQuery = z.strictObject({
  limit: z.coerce.number().pipe(z.int().min(1).max(PAGE_LIMIT_MAX)).default(PAGE_LIMIT_DEFAULT),
  cursor: text().optional(),
});

export const memberExports = z.strictObject({ exports: z.array(memberExport), nextCursor: z.string().nullable() });

export type ExportDataset = z.output<typeof exportDataset>;
export type ExportFormat = z.output<typeof exportFormat>;
export type ExportRequest = z.output<typeof exportRequest>;
export type MemberExport = z.output<typeof memberExport>;
export type MemberExports = z.output<typeof memberExports>;
