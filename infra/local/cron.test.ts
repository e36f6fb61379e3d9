import { expect, test } from "vitest";
import { parseCron } from "./cron.ts";

const fires = (cron: string, time: string) => parseCron(cron)(new Date(time));

test("a trigger fires in the minutes that its expression names, in UTC", () => {
  expect(fires("* * * * *", "2026-11-22T01:47:00Z")).toBe(true);
  expect(fires("*/15 3 * * *", "2026-11-22T03:45:00Z")).toBe(true);
  expect(fires("*/15 3 * * *", "2026-11-22T03:46:00Z")).toBe(false);
  expect(fires("0 9-17/4,23 * NOV *", "2026-11-22T13:00:00Z")).toBe(true);
  expect(fires("0 9-17/4,23 * NOV *", "2026-11-22T12:00:00Z")).toBe(false);
});

test("weekdays are counted from Sunday = 1, as Cloudflare does", () => {
  expect(fires("0 0 * * 1", "2026-11-22T00:00:00Z")).toBe(true);
  expect(fires("0 0 * * SUN", "2026-11-22T00:00:00Z")).toBe(true);
  expect(fires("0 0 * * 7", "2026-11-22T00:00:00Z")).toBe(false);
});

test("a day of the month and a weekday that are both given are each enough", () => {
  expect(fires("0 0 1 * MON", "2026-11-01T00:00:00Z")).toBe(true);
  expect(fires("0 0 1 * MON", "2026-11-23T00:00:00Z")).toBe(true);
  expect(fires("0 0 1 * MON", "2026-11-24T00:00:00Z")).toBe(false);
});

test("an expression that the clock cannot read is refused at start", () => {
  for (const cron of ["* * * *", "60 * * * *", "0 0 L * *", "5-1 * * * *", "0 0 * * 0", "*/0 * * * *", "a * * * *"]) {
    expect(() => parseCron(cron)).toThrow(/cron/);
  }
});
