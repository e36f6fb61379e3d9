// Writes rows of an export as comma-separated values that a spreadsheet opens: UTF-8 with a byte order mark, RFC 4180.
import type { Column } from "./export-columns.ts";
import type { Cell } from "./export-pages.ts";
import { csvRow } from "./download.ts";

/** Without it Excel takes Chinese for the code page of the computer. */
const BYTE_ORDER_MARK = "\uFEFF";

export function csvHeader(columns: readonly Column[]): Uint8Array {
  return new TextEncoder().encode(BYTE_ORDER_MARK + csvRow(columns.map(({ name }) => name)));
}

export function csvRows(columns: readonly Column[], rows: readonly (readonly Cell[])[]): Uint8Array {
  const instants = columns.map(({ kind }) => kind === "instant");
  const lines = rows.map((row) =>
    csvRow(row.map((cell, index) => (instants[index] && cell !== null ? new Date(Number(cell)).toISOString() : cell))),
  );
  return new TextEncoder().encode(lines.join(""));
}
