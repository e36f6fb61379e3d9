// Ranges of days that reports look at, and what all of their answers are made of.
import { z } from "zod";
import { PAGE_LIMIT_DEFAULT } from "./limits.ts";
import { day, slug } from "./values.ts";

/** Days of one range: five years. A report reads every order of its range. */
export const REPORT_DAYS_MAX = 1830;
/** Without a range a report looks at so many days, today included. */
export const REPORT_DAYS_USUAL = 30;
/** Points of one line of a chart: a year of days, or seven years of weeks. */
export const SERIES_POINTS_MAX = 400;
/** Rows of one page of members or rules. */
export const REPORT_PAGE_MAX = 200;

const ONE_DAY_MILLISECONDS = 86_400_000;

/** Days from one to another, both included; below 1 when the range ends before it begins. */
export const daysBetween = (from: string, until: string) =>
  Math.round((Date.parse(until) - Date.parse(from)) / ONE_DAY_MILLISECONDS) + 1;

/** Whole numbers of a query, which come as text. */
export const wholeNumber = (from: number, until: number) => z.coerce.number().pipe(z.int().min(from).max(until));
/** Any numbers of a query. */
export const anyNumber = (from: number, until: number) => z.coerce.number().pipe(z.number().min(from).max(until));

export const pageLimit = wholeNumber(1, REPORT_PAGE_MAX).default(PAGE_LIMIT_DEFAULT);

/** Local days, both included. */
export const dayRange = z.strictObject({ from: day, until: day });
export type ReportRange = z.output<typeof dayRange>;

/** One range against any other; without the other, the days just before it. Of one store, one region, or all. */
export const comparedFields = {
  from: day.optional(),
  until: day.optional(),
  compareFrom: day.optional(),
  compareUntil: day.optional(),
  storeId: slug.optional(),
  regionId: slug.optional(),
};

interface Compared {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly compareFrom?: string | undefined;
  readonly compareUntil?: string | undefined;
  readonly storeId?: string | undefined;
  readonly regionId?: string | undefined;
}

/** A range has two ends or none, and only one of store and region is asked for. */
export const isCompared = ({ from, until, compareFrom, compareUntil, storeId, regionId }: Compared) =>
  (from === undefined) === (until === undefined) &&
  (compareFrom === undefined) === (compareUntil === undefined) &&
  (storeId === undefined || regionId === undefined);

/** A figure of a range beside that of the range it is compared with; null where there is nothing to work it out from. */
export const change = z.strictObject({
  current: z.number().nullable(),
  previous: z.number().nullable(),
  change: z.number().nullable(),
  /** The change as a share of what was before; null when that was nothing. */
  rate: z.number().nullable(),
});
export type ChangeAnswer = z.output<typeof change>;
