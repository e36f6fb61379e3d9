// Reads a delimited file, plain or gzipped, as rows that answer by column name.
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Reads a whole file; the encoding is UTF-8, or Latin-1 where that is not valid. */
export function readTable(path: string, delimiter: string): Table {
  const bytes = readFileSync(path);
  const content = path.endsWith(".gz") ? gunzipSync(bytes) : bytes;
  const [columns, ...rows] = parseRows(decode(content), delimiter);
  if (columns === undefined) throw new Error(`${path} is empty: its first line must name the columns`);
  return { name: path, columns, rows };
}

/** A table as text that `readTable` reads back. */
export function writeTable({ columns, rows }: Table): string {
  const quote = (value: string) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  return [columns, ...rows].map((row) => `${row.map(quote).join(",")}\n`).join("");
}

/** Where a column stands in each row. */
export function columnIndex(table: Table, column: string): number {
  const index = table.columns.indexOf(column);
  if (index === -1) throw new Error(`${table.name} has no column "${column}". It has: ${table.columns.join(", ")}`);
  return index;
}

/** Fields by RFC 4180: quoted fields may hold delimiters, line ends and doubled quotes. */
export function parseRows(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length) {
    const { field, end } = text[at] === '"' ? quotedField(text, at) : plainField(text, at, delimiter);
    row.push(field);
    at = end;
    if (text[at] === delimiter) {
      at += 1;
      if (at === text.length) row.push("");
      continue;
    }
    if (text[at] === "\r") at += 1;
    if (text[at] === "\n") at += 1;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push(row);
  return rows;
}

function plainField(text: string, start: number, delimiter: string) {
  let end = start;
  while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") end += 1;
  return { field: text.slice(start, end), end };
}

function quotedField(text: string, start: number) {
  let close = text.indexOf('"', start + 1);
  while (close !== -1 && text[close + 1] === '"') close = text.indexOf('"', close + 2);
  if (close === -1) throw new Error(`A quote that opens at character ${start} never closes`);
  return { field: text.slice(start + 1, close).replaceAll('""', '"'), end: close + 1 };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("latin1").decode(bytes);
  }
}
