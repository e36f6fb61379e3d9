import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Column, ColumnKind } from "./export-columns.ts";
import type { Cell } from "./export-pages.ts";
import { parquetFooter, parquetHeader, parquetRows } from "./export-parquet.ts";

const column = (name: string, kind: ColumnKind): Column => ({ name, kind, value: sql``, personal: false });
const columns = [
  column("name", "text"),
  column("spend", "integer"),
  column("alive", "double"),
  column("late", "boolean"),
  column("at", "instant"),
  column("day", "day"),
];

/** A file of groups, each written as if nothing were known but how long the file is. */
function fileOf(groups: readonly (readonly (readonly Cell[])[])[]): ArrayBuffer {
  const parts = [parquetHeader()];
  const told: string[] = [];
  const length = () => parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
  for (const rows of groups) {
    const { bytes, group } = parquetRows(columns, rows, length());
    parts.push(bytes);
    told.push(group);
  }
  parts.push(parquetFooter(columns, { groups: told, rows: groups.flat().length, offset: length() }));
  const file = new Uint8Array(length());
  let offset = 0;
  for (const part of parts) {
    file.set(part, offset);
    offset += part.byteLength;
  }
  return file.buffer;
}

const at = Date.UTC(2026, 2, 1, 4, 5, 6, 789);
const rows: Cell[][] = [
  ["王小明", Number.MAX_SAFE_INTEGER, 0.1, true, at, "2026-03-01"],
  [null, null, null, null, null, null],
  ['=1+1, "quoted"\n', -5, -1e-300, false, -1, "1899-12-31"],
];

test("rows that were written group by group are read back with their types", async () => {
  const read = await parquetReadObjects({ file: fileOf([rows, rows.slice(0, 1), rows]) });
  expect(read.length).toBe(7);
  expect(read[0]).toEqual({
    name: "王小明",
    spend: BigInt(Number.MAX_SAFE_INTEGER),
    alive: 0.1,
    late: true,
    at: new Date(at),
    day: new Date("2026-03-01"),
  });
  expect(Object.values(read[1] ?? {}).filter((cell) => cell !== null && cell !== undefined)).toEqual([]);
  expect(read[6]).toEqual({
    name: '=1+1, "quoted"\n',
    spend: -5n,
    alive: -1e-300,
    late: false,
    at: new Date(-1),
    day: new Date("1899-12-31"),
  });
});

test("a file tells its rows, its groups and the span of each column", () => {
  const metadata = parquetMetadata(fileOf([rows, rows]));
  expect(metadata.num_rows).toBe(6n);
  expect(metadata.row_groups.map((group) => group.num_rows)).toEqual([3n, 3n]);
  const spend = metadata.row_groups[1]?.columns[1]?.meta_data?.statistics;
  expect(spend).toMatchObject({ min_value: -5n, max_value: BigInt(Number.MAX_SAFE_INTEGER), null_count: 1n });
});

test("a file without rows has its columns", async () => {
  const file = fileOf([]);
  expect(parquetMetadata(file).schema.map(({ name }) => name)).toEqual(["root", ...columns.map(({ name }) => name)]);
  expect(await parquetReadObjects({ file })).toEqual([]);
});

test("many rows of the same texts take little room", () => {
  const many = Array.from({ length: 10_000 }, (_, index): Cell[] => ["gold", index % 7, 0.5, true, at, "2026-03-01"]);
  expect(fileOf([many]).byteLength).toBeLessThan(20_000);
});
