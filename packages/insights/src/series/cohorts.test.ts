// Cohort tables against a table by hand, against CDNOW's published customers, and for any history.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { array, assert, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { cohortTable, monthNumber, monthText } from "./cohorts.ts";

const path = fileURLToPath(new URL("../../../../../shared/fixtures/cdnow/CDNOW_sample.txt", import.meta.url));

test("three small cohorts give the table one would draw by hand", () => {
  const jan = monthNumber("2026-01");
  const seen: [string, number, number][] = [
    ["ann", 0, 10],
    ["ann", 1, 20],
    ["ann", 1, 5],
    ["ann", 3, 10],
    ["bob", 0, 30],
    ["cho", 1, 10],
    ["cho", 2, 10],
    ["dai", 3, 70],
    ["dai", 4, 99],
  ];
  const rows = seen.map(([memberId, after, value]) => ({ memberId, month: jan + after, value }));
  const { cohorts, retention, cumulativeValue } = cohortTable(rows, { lastMonth: monthNumber("2026-04-30") });
  expect(cohorts.map(({ month, size, active, value }) => [monthText(month), size, active, value])).toEqual([
    ["2026-01", 2, [2, 1, 0, 1], [40, 25, 0, 10]],
    ["2026-02", 1, [1, 1, 0], [10, 10, 0]],
    ["2026-04", 1, [1], [70]],
  ]);
  expect(cohorts[0]?.retention).toEqual([1, 0.5, 0, 0.5]);
  // Month 1 can be seen for three members, two of whom came back; month 3 only for two.
  expect(retention).toEqual([1, 2 / 3, 0, 1 / 2]);
  expect(cumulativeValue).toEqual([30, 85 / 3, 85 / 3, 75 / 2]);
});

test("a member who came before the rows begin stays in the cohort of that month", () => {
  const rows = [{ memberId: "ann", month: 100 }];
  const table = cohortTable(rows, { lastMonth: 101, firstOf: (memberId) => (memberId === "ann" ? 98 : undefined) });
  expect(table.cohorts).toMatchObject([{ month: 98, size: 1, active: [1, 0, 1, 0] }]);
});

test("no activity is an empty table, and what is no month is not a number", () => {
  expect(cohortTable([], { lastMonth: 5 })).toEqual({ cohorts: [], retention: [], cumulativeValue: [] });
  expect([monthNumber("2026-13"), monthNumber("x")]).toEqual([Number.NaN, Number.NaN]);
  expect(monthText(monthNumber("0999-12-31"))).toBe("0999-12");
});

test("cohorts hold every member once, and every active month and all money once", () => {
  const row = record({
    memberId: integer({ min: 1, max: 9 }).map(String),
    month: integer({ min: 0, max: 12 }),
    value: integer(),
  });
  const whole = property(array(row, { maxLength: 60 }), integer({ min: 0, max: 14 }), (rows, lastMonth) => {
    const { cohorts } = cohortTable(rows, { lastMonth });
    const until = rows.filter(({ month }) => month <= lastMonth);
    const sum = (pick: (cohort: (typeof cohorts)[number]) => readonly number[]) =>
      cohorts.flatMap(pick).reduce((all, one) => all + one, 0);
    expect(sum(({ size }) => [size])).toBe(new Set(until.map(({ memberId }) => memberId)).size);
    expect(sum(({ active }) => active)).toBe(new Set(until.map(({ memberId, month }) => `${memberId}/${month}`)).size);
    expect(sum(({ value }) => value)).toBe(until.reduce((all, { value }) => all + value, 0));
    for (const { month, size, active } of cohorts) {
      expect([active.length, active[0]]).toEqual([lastMonth - month + 1, size]);
      expect(Math.max(...active)).toBe(size);
    }
  });
  assert(whole, { seed: 4 });
});

test("the sample of CDNOW came in three months of 1997, and all its orders are in the table", ({ skip }) => {
  skip(!existsSync(path), `${path} is not there`);
  const rows = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/))
    .map(([, memberId = "", day = "", , dollars = ""]) => ({
      memberId,
      month: monthNumber(`${day.slice(0, 4)}-${day.slice(4, 6)}`),
      value: Math.round(Number(dollars) * 100),
    }));
  const { cohorts } = cohortTable(rows, { lastMonth: monthNumber("1998-06") });
  expect(cohorts.map(({ month }) => monthText(month))).toEqual(["1997-01", "1997-02", "1997-03"]);
  expect(cohorts.reduce((sum, { size }) => sum + size, 0)).toBe(2357);
  const table = cohorts.flatMap(({ value }) => value).reduce((sum, value) => sum + value, 0);
  expect(table).toBe(rows.reduce((sum, { value }) => sum + value, 0));
});
