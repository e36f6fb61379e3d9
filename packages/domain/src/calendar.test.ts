// Days in a tenant's time zone, checked against the runtime's own calendar over many years and odd zones.
import fc from "fast-check";
import { expect, test } from "vitest";
import { addLocalDays, endOfLocalDay, isTimeZone, localTime, periodOf } from "./calendar.ts";

const DAY_MS = 86_400_000;
const zones = [
  "Asia/Taipei",
  "America/New_York",
  "Europe/London",
  "America/Sao_Paulo",
  "America/Havana",
  "Africa/Cairo",
  "Asia/Beirut",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "UTC",
];
const zone = fc.constantFrom(...zones);
const instant = fc.integer({ min: Date.parse("2012-01-01T00:00:00Z"), max: Date.parse("2036-01-01T00:00:00Z") });

test("local time is what the runtime's calendar says", () => {
  fc.assert(
    fc.property(zone, instant, (timeZone, at) => {
      const { year, month, day, hour, minute, second, weekday } = localTime(at, timeZone);
      const two = (figure: number) => `${figure}`.padStart(2, "0");
      expect(`${year}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`).toBe(textOf(at, timeZone));
      expect(weekday % 7).toBe(new Date(Date.UTC(year, month - 1, day)).getUTCDay());
    }),
    { numRuns: 2000 },
  );
});

test("days later it is the same time of day, or as long after a gap of summer time as the clock jumped", () => {
  fc.assert(
    fc.property(zone, instant, fc.integer({ min: -3660, max: 3660 }), (timeZone, from, days) => {
      const wanted = clockOf(from, timeZone) + days * DAY_MS;
      const at = addLocalDays(from, days, timeZone);
      const jumped = clockOf(at, timeZone) - wanted;
      if (jumped === 0) return;
      expect([1_800_000, 3_600_000]).toContain(jumped);
      expect(clockOf(at - jumped, timeZone), "before the gap").toBe(wanted - jumped);
    }),
    { numRuns: 3000 },
  );
});

test("a day ends at the first instant of the next one, wherever midnight is skipped or comes twice", () => {
  fc.assert(
    fc.property(zone, fc.integer({ min: 2012, max: 2035 }), fc.integer({ min: 0, max: 364 }), (timeZone, year, nth) => {
      const monthDay = new Date(Date.UTC(2026, 0, 1) + nth * DAY_MS).toISOString().slice(5, 10);
      const end = endOfLocalDay(year, monthDay, timeZone);
      const day = `${year}-${monthDay}`;
      expect(textOf(end - 1, timeZone).slice(0, 10) <= day).toBe(true);
      expect(textOf(end, timeZone).slice(0, 10) > day).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test.each([
  ["2025-12-31", "Asia/Taipei", "2025-12-31T16:00:00.000Z"],
  ["2028-02-29", "Asia/Taipei", "2028-02-29T16:00:00.000Z"],
  ["2027-02-29", "Asia/Taipei", "2027-02-28T16:00:00.000Z"],
  ["2026-03-07", "America/New_York", "2026-03-08T05:00:00.000Z"],
  ["2018-11-03", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"],
  ["2026-10-31", "America/Havana", "2026-11-01T04:00:00.000Z"],
])("%s in %s ends at %s", (day, timeZone, end) => {
  expect(new Date(endOfLocalDay(Number(day.slice(0, 4)), day.slice(5), timeZone)).toISOString()).toBe(end);
});

test.each([
  [
    "2026-03-07T07:30:00Z",
    1,
    "America/New_York",
    "2026-03-08T07:30:00.000Z",
    "02:30 does not exist: 03:30 summer time",
  ],
  ["2026-03-07T06:30:00Z", 1, "America/New_York", "2026-03-08T06:30:00.000Z", "01:30 stays 01:30"],
  ["2026-03-07T12:00:00Z", 2, "America/New_York", "2026-03-09T11:00:00.000Z", "a day of 23 hours"],
  ["2026-10-31T12:00:00Z", 1, "America/New_York", "2026-11-01T13:00:00.000Z", "a day of 25 hours"],
  ["2028-02-28T04:00:00Z", 1, "Asia/Taipei", "2028-02-29T04:00:00.000Z", "a leap day"],
  ["2027-02-28T04:00:00Z", 366, "Asia/Taipei", "2028-02-29T04:00:00.000Z", "a year and a day to a leap day"],
])("%s and %i days in %s is %s: %s", (from, days, timeZone, to) => {
  expect(new Date(addLocalDays(Date.parse(from), days, timeZone)).toISOString()).toBe(to);
});

test("a name that is no time zone is known as such", () => {
  expect([isTimeZone("Asia/Taipei"), isTimeZone("Asia/Atlantis"), isTimeZone("")]).toEqual([true, false, false]);
});

test.each([
  ["day", "2026-02-28T16:00:00Z", "2026-03-01", "2026-03-01T16:00:00.000Z"],
  ["week", "2026-03-01T15:59:59Z", "w2026-02-23", "2026-03-01T16:00:00.000Z"],
  ["week", "2026-03-01T16:00:00Z", "w2026-03-02", "2026-03-08T16:00:00.000Z"],
  ["week", "2027-01-01T00:00:00Z", "w2026-12-28", "2027-01-03T16:00:00.000Z"],
  ["month", "2026-12-31T15:59:59Z", "2026-12", "2026-12-31T16:00:00.000Z"],
  ["year", "2026-12-31T16:00:00Z", "2027", "2027-12-31T16:00:00.000Z"],
] as const)("the %s of %s in Taipei is %s and ends before %s", (period, at, key, end) => {
  expect(periodOf(Date.parse(at), period, "Asia/Taipei")).toEqual({ key, endsAt: Date.parse(end) });
});

test("a period ends at the first instant that has another name, in every zone", () => {
  const periods = fc.constantFrom("day", "week", "month", "year");
  fc.assert(
    fc.property(instant, periods, zone, (at, period, timeZone) => {
      const { key, endsAt } = periodOf(at, period, timeZone);
      const keyAt = (when: number) => periodOf(when, period, timeZone).key;
      expect({ key, last: keyAt(endsAt! - 1) }).toEqual({ key, last: key });
      expect(endsAt!).toBeGreaterThan(at);
      expect(keyAt(endsAt!)).not.toBe(key);
    }),
  );
  expect(periodOf(0, "program", "Asia/Taipei")).toEqual({ key: "all", endsAt: null });
});

const formats = new Map(
  zones.map((timeZone) => [
    timeZone,
    new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" }),
  ]),
);

/** "2026-03-01 12:00:00" as the runtime writes it. */
function textOf(at: number, timeZone: string): string {
  return formats.get(timeZone)!.format(at);
}

/** What the clock on the wall shows, as if it were UTC (Unix ms). */
function clockOf(at: number, timeZone: string): number {
  return Date.parse(`${textOf(at, timeZone).replace(" ", "T")}Z`) + (((at % 1000) + 1000) % 1000);
}
