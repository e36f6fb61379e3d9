import { sql } from "drizzle-orm";
import { expect, test } from "vitest";
import type { Column, ColumnKind } from "./export-columns.ts";
import { csvHeader, csvRows } from "./export-csv.ts";

const column = (name: string, kind: ColumnKind): Column => ({ name, kind, value: sql``, personal: false });
const columns = [column("name", "text"), column("spend", "integer"), column("at", "instant"), column("day", "day")];
const textOf = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);

test("a file begins with the mark by which Excel knows UTF-8", () => {
  expect(Array.from(csvHeader(columns).subarray(0, 3))).toEqual([0xef, 0xbb, 0xbf]);
  expect(textOf(csvHeader(columns))).toBe("\uFEFFname,spend,at,day\r\n");
});

test("a text that a spreadsheet would run is only a text, and a negative number stays one", () => {
  const at = Date.UTC(2026, 2, 1);
  const rows = [
    ["=HYPERLINK(1)", -5, at, "2026-03-01"],
    ['王 "小明", Jr.', 0, null, null],
    ["+886912", 1, null, null],
    ["@x", 1, null, null],
    ["-x\ny", 1, null, null],
  ];
  expect(textOf(csvRows(columns, rows)).split("\r\n")).toEqual([
    "'=HYPERLINK(1),-5,2026-03-01T00:00:00.000Z,2026-03-01",
    '"王 ""小明"", Jr.",0,,',
    "'+886912,1,,",
    "'@x,1,,",
    '"\'-x\ny",1,,',
    "",
  ]);
});
