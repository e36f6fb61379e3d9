// Decides whether a source is the one that was published: its own figures, over the raw rows.
import type { Table } from "./csv.ts";
import { columnOf, minorUnits, numberOf } from "./expressions.ts";
import type { Expectation, Mapping } from "./mapping.ts";

export interface CheckResult {
  readonly name: string;
  readonly expected: number;
  readonly found: number;
}

/** Every expectation of a mapping with what the rows say; sums are taken in minor units. */
export function checkExpectations(mapping: Mapping, table: Table): CheckResult[] {
  return (mapping.expect ?? []).map((expectation) => ({
    name: expectation.name,
    expected: expectation.equals,
    found: figureOf(expectation, table),
  }));
}

function figureOf(expectation: Expectation, table: Table): number {
  if ("sum" in expectation) {
    const column = columnOf(table, expectation.sum);
    return table.rows.reduce((sum, row) => sum + minorUnits(column(row)), 0) / 100;
  }
  if ("positive" in expectation) {
    const column = columnOf(table, expectation.positive);
    return table.rows.filter((row) => numberOf(column(row)) > 0).length;
  }
  const column = columnOf(table, expectation.distinct);
  return new Set(table.rows.map(column).filter((value) => value !== "")).size;
}
