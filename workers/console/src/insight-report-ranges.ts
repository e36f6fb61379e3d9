// Works out which days a report looks at, and cuts them into the steps of a chart.
import { daysBetween, REPORT_DAYS_MAX, REPORT_DAYS_USUAL, type ReportRange } from "@regulars/contracts/insights-ranges";
import type { SeriesStep } from "@regulars/contracts/insights-overview";
import type { Read } from "@regulars/edge/body";
import { dayNumber, dayText } from "@regulars/insights/days";
import { periodBefore } from "@regulars/insights/series/periods";
import { done, refused } from "./call.ts";

export interface ComparedRanges {
  readonly current: ReportRange;
  readonly previous: ReportRange;
}

interface Asked {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
  readonly compareFrom?: string | undefined;
  readonly compareUntil?: string | undefined;
}

/** The range asked for, or the last days until today; and the one it is compared with, or as many days just before. */
export function comparedRanges(asked: Asked, today: string): Read<ComparedRanges> {
  const current =
    asked.from === undefined || asked.until === undefined
      ? { from: dayAfter(today, 1 - REPORT_DAYS_USUAL), until: today }
      : { from: asked.from, until: asked.until };
  if (!isWithinLimits(current)) return refusedRange("until");
  const before = periodBefore({ from: dayNumber(current.from), to: dayNumber(current.until) });
  const previous =
    asked.compareFrom === undefined || asked.compareUntil === undefined
      ? { from: dayText(before.from), until: dayText(before.to) }
      : { from: asked.compareFrom, until: asked.compareUntil };
  return isWithinLimits(previous) ? done({ current, previous }) : refusedRange("compareUntil");
}

export function dayAfter(day: string, days: number): string {
  return dayText(dayNumber(day) + days);
}

/** The first day of each step from the one that holds `from` to the one that holds `until`; weeks begin on Mondays. */
export function stepsOf({ from, until }: ReportRange, by: SeriesStep): string[] {
  const steps: string[] = [];
  for (let step = stepOf(from, by); step <= until; step = stepAfter(step, by)) steps.push(step);
  return steps;
}

/** How many steps there are, without making them. */
export function countSteps({ from, until }: ReportRange, by: SeriesStep): number {
  const days = dayNumber(stepOf(until, by)) - dayNumber(stepOf(from, by));
  if (by === "day") return days + 1;
  return (by === "week" ? days / 7 : Math.round(days / MEAN_MONTH_DAYS)) + 1;
}

const MEAN_MONTH_DAYS = 30.436_875;

/** The first day of the step that holds a day. */
export function stepOf(day: string, by: SeriesStep): string {
  if (by === "day") return day;
  if (by === "month") return `${day.slice(0, 8)}01`;
  // 1970-01-01 was a Thursday.
  return dayAfter(day, -((((dayNumber(day) + 3) % 7) + 7) % 7));
}

export function stepAfter(step: string, by: SeriesStep): string {
  if (by !== "month") return dayAfter(step, by === "day" ? 1 : 7);
  return stepOf(dayAfter(step, 31), "month");
}

function isWithinLimits({ from, until }: ReportRange): boolean {
  const days = daysBetween(from, until);
  return days >= 1 && days <= REPORT_DAYS_MAX;
}

function refusedRange(field: string) {
  return refused("number_out_of_range", { field, facts: { limit: `1-${REPORT_DAYS_MAX} days` } });
}
