import { expect, test } from "vitest";
import { pivotTable } from "./insight-report-pivot.ts";
import type { PivotCell } from "./insight-report-pivot-rows.ts";

const ALL = { isAll: true, key: null, isOthers: false };
const named = (key: string | null) => ({ isAll: false, key, isOthers: false });
const OTHERS = { isAll: false, key: null, isOthers: true };

const cell = (row: PivotCell["row"], column: PivotCell["column"], members: number, more: Partial<PivotCell> = {}) => ({
  row,
  column,
  members,
  buyers: 0,
  spend: 0,
  orders: 0,
  lifetimeValue: 0,
  valued: 0,
  ...more,
});

test("a group that is called all, others or unknown is not taken for the totals or for who has told nothing", () => {
  const cells = [
    cell(named("all"), named("x"), 1),
    cell(named("others"), named("x"), 2),
    cell(named("unknown"), named("x"), 3),
    cell(named(null), named("x"), 4),
    cell(OTHERS, named("x"), 5),
    cell(ALL, named("x"), 15),
    cell(named(null), ALL, 4),
    cell(ALL, ALL, 15),
  ];
  const table = pivotTable(cells, "members");
  expect(table.rowGroups).toEqual([
    { key: "all", others: false },
    { key: "others", others: false },
    { key: "unknown", others: false },
    { key: null, others: false },
    { key: null, others: true },
  ]);
  expect(table.cells).toEqual([[1], [2], [3], [4], [5]]);
  expect([table.rowTotals, table.columnTotals, table.total]).toEqual([[null, null, null, 4, null], [15], 15]);
});

test("a mean of nobody is null, and a sum of nobody's lifetime value too", () => {
  const cells = [
    cell(named("a"), named("x"), 3),
    cell(ALL, ALL, 3, { buyers: 2, spend: 5, lifetimeValue: 7, valued: 1 }),
  ];
  expect(pivotTable(cells, "averageSpend")).toMatchObject({ cells: [[null]], total: 2.5 });
  expect(pivotTable(cells, "lifetimeValue")).toMatchObject({ cells: [[null]], total: 7 });
  expect(pivotTable(cells, "spend")).toMatchObject({ cells: [[0]], total: 5 });
});
