import { cohortTable, monthNumber } from "@regulars/insights/series/cohorts";
import { seededRandom } from "@regulars/insights/seeded-random";
import { expect, test } from "vitest";
import { type CohortCell, trianglesOf } from "./insight-report-cohorts.ts";

const month = (at: number) => `2025-${String(at + 1).padStart(2, "0")}`;

test("the triangle of cells is the table that packages/insights makes of every member's months", () => {
  const random = seededRandom(7);
  const rows = Array.from({ length: 60 }, (_, member) =>
    Array.from({ length: 8 }, (__, at) => ({
      memberId: String(member),
      month: at,
      value: Math.floor(random() * 100),
    })).filter(() => random() < 0.3),
  ).flat();
  const first = new Map<string, number>();
  for (const row of rows) first.set(row.memberId, Math.min(row.month, first.get(row.memberId) ?? 99));
  const cells = new Map<string, CohortCell>();
  for (const row of rows) {
    const own = { month: month(first.get(row.memberId) ?? 0), active: month(row.month) };
    const key = own.month + own.active;
    const { members, revenue } = cells.get(key) ?? { members: 0, revenue: 0 };
    cells.set(key, { ...own, members: members + 1, revenue: revenue + row.value });
  }
  const table = cohortTable(
    rows.map((row) => ({ ...row, month: monthNumber(month(row.month)) })),
    { lastMonth: monthNumber(month(7)) },
  );
  const range = { from: month(0), last: month(7) };
  const members = trianglesOf([...cells.values()], { ...range, measure: "members" });
  const known = members.cohorts.filter(({ size }) => size > 0);
  expect(known.map(({ values }) => values)).toEqual(table.cohorts.map(({ active }) => active));
  expect(known.map(({ rates }) => rates)).toEqual(table.cohorts.map(({ retention }) => retention));
  for (const [age, rate] of table.retention.entries()) expect(members.overall[age]).toBeCloseTo(rate, 12);
  const revenue = trianglesOf([...cells.values()], { ...range, measure: "revenue" });
  expect(revenue.cohorts.filter(({ size }) => size > 0).map(({ values }) => values)).toEqual(
    table.cohorts.map(({ value }) => value),
  );
});

test("months without new members stand in the triangle too", () => {
  const { cohorts, overall } = trianglesOf([], { from: "2025-11", last: "2026-01", measure: "members" });
  expect(cohorts.map(({ month: name, size, values }) => [name, size, values])).toEqual([
    ["2025-11", 0, [0, 0, 0]],
    ["2025-12", 0, [0, 0]],
    ["2026-01", 0, [0]],
  ]);
  expect(overall).toEqual([0, 0, 0]);
});
