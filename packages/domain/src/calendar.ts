// Days and months in a tenant's time zone: the one file that turns instants into local calendar time and back.
import type { Period } from "@regulars/contracts/program-earning";

const DAY_MS = 86_400_000;

export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 1 is Monday, 7 is Sunday (ISO 8601). */
  readonly weekday: number;
}

/** The local calendar time of an instant (Unix ms) in an IANA time zone. */
export function localTime(instant: number, timeZone: string): LocalTime {
  const shifted = new Date(instant + offsetAt(instant, timeZone));
  return {
    year: shifted.getUTCFullYear(),
    month: shifted.getUTCMonth() + 1,
    day: shifted.getUTCDate(),
    hour: shifted.getUTCHours(),
    minute: shifted.getUTCMinutes(),
    second: shifted.getUTCSeconds(),
    weekday: ((shifted.getUTCDay() + 6) % 7) + 1,
  };
}

/** The local calendar day of an instant, as "2026-11-22". */
export function localDay(instant: number, timeZone: string): string {
  return new Date(instant + offsetAt(instant, timeZone)).toISOString().slice(0, 10);
}

/** The instant `days` local days later at the same local time of day; in a gap of summer time, the moment after it. */
export function addLocalDays(instant: number, days: number, timeZone: string): number {
  const local = instant + offsetAt(instant, timeZone) + days * DAY_MS;
  return fromLocal(local, timeZone);
}

/** The first instant after the local day `monthDay` ("12-31") of `year`; 29 February is 28 in other years. */
export function endOfLocalDay(year: number, monthDay: string, timeZone: string): number {
  const month = Number(monthDay.slice(0, 2));
  const day = Number(monthDay.slice(3));
  const daysInMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  return fromLocal(Date.UTC(year, month - 1, Math.min(day, daysInMonth) + 1), timeZone);
}

/** The first instant after the local month of an instant. */
export function endOfLocalMonth(instant: number, timeZone: string): number {
  const { year, month } = localTime(instant, timeZone);
  return fromLocal(Date.UTC(year, month, 1), timeZone);
}

/**
 * The local day, week (from Monday), month or year of an instant: its name ("2026-03-01", "w2026-02-23", "2026-03", "2026"),
 * and the first instant after it (Unix ms). The life of the program has the name "all" and no end.
 */
export function periodOf(instant: number, period: Period, timeZone: string): { key: string; endsAt: number | null } {
  if (period === "program") return { key: "all", endsAt: null };
  const { year, month, day, weekday } = localTime(instant, timeZone);
  switch (period) {
    case "day":
      return { key: dayName(year, month, day), endsAt: fromLocal(Date.UTC(year, month - 1, day + 1), timeZone) };
    case "week": {
      const monday = day - weekday + 1;
      const endsAt = fromLocal(Date.UTC(year, month - 1, monday + 7), timeZone);
      return { key: `w${dayName(year, month, monday)}`, endsAt };
    }
    case "month":
      return { key: dayName(year, month, 1).slice(0, 7), endsAt: fromLocal(Date.UTC(year, month, 1), timeZone) };
    case "year":
      return { key: String(year), endsAt: fromLocal(Date.UTC(year + 1, 0, 1), timeZone) };
  }
}

const dayName = (year: number, month: number, day: number) =>
  new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** The first instant of a local day ("2026-11-22"); where clocks jump over midnight, the moment after it. */
export function startOfLocalDay(day: string, timeZone: string): number {
  return fromLocal(Date.parse(`${day}T00:00:00Z`), timeZone);
}

/** The day so many days after another. */
export function dayPlus(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The day of `year` that a yearly day ("02-29") falls on: 28 February in common years. */
export function dayInYear(year: number, monthDay: string): string {
  const day = new Date(Date.UTC(year, Number(monthDay.slice(0, 2)) - 1, Number(monthDay.slice(3))));
  const isThere = day.toISOString().slice(5, 10) === monthDay;
  return `${String(year).padStart(4, "0")}-${isThere ? monthDay : "02-28"}`;
}

/** Counts days, weeks (from Monday) or months without gaps: the number of the one that a local day ("2026-03-01") lies in. */
export function numberOfPeriod(day: string, every: "day" | "week" | "month"): number {
  const number = Date.parse(day) / DAY_MS;
  // 1 January 1970 was a Thursday.
  if (every === "week") return Math.floor((number + 3) / 7);
  return every === "day" ? number : Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1;
}

/** The local days of the period that `numberOfPeriod` gave a number. */
export function daysOfPeriod(number: number, every: "day" | "week" | "month"): readonly string[] {
  if (every === "day") return [dayOf(number)];
  if (every === "week") return Array.from({ length: 7 }, (_, day) => dayOf(number * 7 - 3 + day));
  const [year, month] = [Math.floor(number / 12), number % 12];
  const days = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Array.from({ length: days }, (_, day) => dayName(year, month + 1, day + 1));
}

const dayOf = (number: number) => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** Whether the runtime knows this IANA time zone. */
export function isTimeZone(timeZone: string): boolean {
  try {
    formatterOf(timeZone);
    return true;
  } catch {
    return false;
  }
}

function fromLocal(local: number, timeZone: string): number {
  // The offset before the wanted moment resolves both sides of a change of clocks in at most two steps.
  const guess = local - offsetAt(local - offsetAt(local, timeZone), timeZone);
  const settled = local - offsetAt(guess, timeZone);
  return offsetAt(settled, timeZone) === local - settled ? settled : Math.max(guess, settled);
}

// Offsets change at most on the hour or half hour, so one computed value serves its quarter of an hour.
const QUARTER_MS = 900_000;
const OFFSETS_KEPT_MAX = 4096;
const offsets = new Map<string, Map<number, number>>();

function offsetAt(instant: number, timeZone: string): number {
  let known = offsets.get(timeZone);
  if (known === undefined) offsets.set(timeZone, (known = new Map()));
  const quarter = Math.floor(instant / QUARTER_MS);
  const cached = known.get(quarter);
  if (cached !== undefined) return cached;
  if (known.size >= OFFSETS_KEPT_MAX) known.clear();
  const offset = computeOffset(quarter * QUARTER_MS, timeZone);
  known.set(quarter, offset);
  return offset;
}

function computeOffset(instant: number, timeZone: string): number {
  const part: Record<string, number> = {};
  for (const { type, value } of formatterOf(timeZone).formatToParts(instant)) part[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - instant;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(timeZone, formatter);
  }
  return formatter;
}
