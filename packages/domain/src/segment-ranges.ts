// Limits of conditions, and when a number that moves with the calendar passes them.
import { dayPlus, numberOfPeriod } from "./calendar.ts";
import type { SegmentWindow } from "@regulars/contracts/segments";

export interface SegmentRange {
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
}

/** What changes later than in a hundred years does not change. */
export const CHANGE_DAYS_MAX = 36_500;
/** Beyond any number of days between two days that anybody stores: stands for a limit that is not there. */
const NO_LIMIT_DAYS = 10_000_000;
/** The first day that PostgreSQL and JavaScript read alike. */
const FIRST_DAY = "0001-01-02";

/** Both limits are included; nothing lies in no range. */
export function isWithin(value: number | null, { atLeast, atMost }: SegmentRange): boolean {
  return value !== null && (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);
}

/** The limits for whole numbers: from `enters` on, and before `leaves`. */
export function wholeLimits({ atLeast, atMost }: SegmentRange): { readonly enters: number; readonly leaves: number } {
  const clamp = (value: number) => Math.max(-NO_LIMIT_DAYS, Math.min(NO_LIMIT_DAYS, value));
  return {
    enters: clamp(atLeast === undefined ? -NO_LIMIT_DAYS : Math.ceil(atLeast)),
    leaves: clamp(atMost === undefined ? NO_LIMIT_DAYS : Math.floor(atMost) + 1),
  };
}

/** Days until a number that grows by one a day comes into the range or leaves it; null: never. */
export function risingChange(value: number, range: SegmentRange): number | null {
  const { enters, leaves } = wholeLimits(range);
  if (value < enters) return enters - value;
  return value < leaves ? leaves - value : null;
}

/** The same for a number that shrinks by one a day. */
export function fallingChange(value: number, range: SegmentRange): number | null {
  const { enters, leaves } = wholeLimits(range);
  if (value >= leaves) return value - leaves + 1;
  return value >= enters ? value - enters + 1 : null;
}

export function daysBetween(from: string, until: string): number {
  return numberOfPeriod(until, "day") - numberOfPeriod(from, "day");
}

/** The least of those that are there. */
export function soonest(changes: readonly (number | null)[]): number | null {
  let least: number | null = null;
  for (const days of changes) if (days !== null && (least === null || days < least)) least = days;
  return least;
}

/** Days of a window: from `from` (null: from the beginning) until `until` (null: without end), and never after today. */
export interface WindowDays {
  readonly from: string | null;
  readonly until: string | null;
  /** Of a window that moves with today: what lies in it leaves it so many days later. */
  readonly lastDays: number | null;
}

export function windowDays(window: SegmentWindow | undefined, today: string): WindowDays {
  if (window === undefined) return { from: null, until: null, lastDays: null };
  if ("lastDays" in window) {
    return { from: dayPlus(today, 1 - window.lastDays), until: null, lastDays: window.lastDays };
  }
  const { from, until } = window;
  return { from: from < FIRST_DAY ? FIRST_DAY : from, until: until < FIRST_DAY ? FIRST_DAY : until, lastDays: null };
}

/**
 * Days on which something happened, sorted by a window: those that count today, and in how many days that changes: when the
 * first of them leaves the window, or when a day arrives that is still to come.
 */
export function splitByWindow<Row extends { readonly day: string }>(
  rows: readonly Row[],
  { from, until, lastDays }: WindowDays,
  today: string,
): { readonly counted: readonly Row[]; readonly changesInDays: number | null } {
  const within = rows.filter(({ day }) => (from === null || day >= from) && (until === null || day <= until));
  const counted = within.filter(({ day }) => day <= today);
  const leaving = lastDays === null ? [] : counted.map(({ day }) => daysBetween(today, day) + lastDays);
  const coming = within.filter(({ day }) => day > today).map(({ day }) => daysBetween(today, day));
  return { counted, changesInDays: soonest([...leaving, ...coming]) };
}
