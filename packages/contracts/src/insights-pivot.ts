// The pivot: members, or what they bring, by any two of what is known of them.
import { z } from "zod";
import { day, slug } from "./values.ts";

/** Groups of one side: more nobody reads, and those beyond are one group together. */
export const PIVOT_GROUPS_MAX = 50;

export const pivotDimension = z.enum([
  "tier",
  "ageBand",
  "gender",
  "homeStore",
  "region",
  "source",
  "stage",
  "rfmSegment",
  "band",
  "profitGroup",
  "segment",
]);
export const pivotMeasure = z.enum(["members", "buyers", "spend", "orders", "averageSpend", "lifetimeValue"]);

export const pivotQuery = z
  .strictObject({
    rows: pivotDimension,
    columns: pivotDimension,
    measure: pivotMeasure.default("members"),
    /** Of the members of a segment. */
    segmentId: slug.optional(),
  })
  .refine(({ rows, columns }) => rows !== columns, { path: ["columns"], params: { code: "invalid_value" } });

/** `key` null: members of whom it is not known. `others`: all groups beyond PIVOT_GROUPS_MAX together. */
const group = z.strictObject({ key: z.string().nullable(), others: z.boolean() });

export const pivotReport = z.strictObject({
  asOf: day,
  rows: pivotDimension,
  columns: pivotDimension,
  measure: pivotMeasure,
  segmentId: slug.nullable(),
  rowGroups: z.array(group),
  columnGroups: z.array(group),
  /** `cells[row][column]`; null where there is nobody. */
  cells: z.array(z.array(z.number().nullable())),
  rowTotals: z.array(z.number().nullable()),
  columnTotals: z.array(z.number().nullable()),
  total: z.number().nullable(),
  /** Members of the table, whatever is measured. */
  members: z.int(),
  /** A member is in as many segments as hold it: then cells sum to more than the totals. */
  overlapping: z.boolean(),
});

export type PivotDimension = z.output<typeof pivotDimension>;
export type PivotMeasure = z.output<typeof pivotMeasure>;
export type PivotReport = z.output<typeof pivotReport>;
