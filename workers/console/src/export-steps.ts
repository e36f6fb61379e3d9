// The steps of an export: some pages of rows become the next part of its file, and at the end the file is closed.
import type { Database } from "@regulars/schema/connection";
import { type Column, columnsOf } from "./export-columns.ts";
import { csvHeader, csvRows } from "./export-csv.ts";
import { type Cell, type ExportCursor, type ExportScope, readPage, ROWS_PER_PAGE } from "./export-pages.ts";
import { parquetFooter, parquetHeader, parquetRows } from "./export-parquet.ts";

export interface ExportAsk extends ExportScope {
  readonly id: string;
}

/** `rows` are read; the `footer` comes next; the file is `whole`; the database was `told`. */
export interface ExportProgress {
  readonly phase: "rows" | "footer" | "whole" | "told";
  readonly cursor: ExportCursor;
  readonly rows: number;
  readonly bytes: number;
  readonly unitsDone: number;
  /** Null until they were counted. */
  readonly unitsTotal: number | null;
  readonly failures: number;
}

/** What one step adds: bytes of the file, and what the footer of a Parquet file will say of them. */
export interface ExportStep {
  readonly bytes?: Uint8Array;
  readonly group?: string | null;
}

/** What a file begins with. */
export function headerOf(ask: ExportAsk): Uint8Array {
  return ask.request.format === "csv" ? csvHeader(columnsOfAsk(ask)) : parquetHeader();
}

/** Reads and writes the next rows: as many as a row group has, unless the rows or the time are over before. */
export async function addRows(
  database: Database,
  ask: ExportAsk,
  { before, until }: { readonly before: ExportProgress; readonly until: number },
): Promise<[ExportProgress, ExportStep]> {
  const rows: (readonly Cell[])[] = [];
  let units = 0;
  let cursor: ExportCursor | null = before.cursor;
  // At most two pages of rows are in memory: one that was not full, and a full one behind it.
  while (cursor !== null && rows.length < ROWS_PER_PAGE && Date.now() < until) {
    const page = await readPage(database, ask, cursor);
    rows.push(...page.rows);
    units += page.units;
    cursor = page.next;
  }
  const step = rows.length === 0 ? {} : encode(ask, rows, before.bytes);
  const after: ExportProgress = {
    ...before,
    phase: cursor === null ? "footer" : "rows",
    cursor: cursor ?? before.cursor,
    rows: before.rows + rows.length,
    bytes: before.bytes + (step.bytes?.byteLength ?? 0),
    unitsDone: before.unitsDone + units,
    failures: 0,
  };
  return [after, step];
}

/** Closes a file that has all rows; `groups` are those of a Parquet file. */
export function closeFile(
  ask: ExportAsk,
  before: ExportProgress,
  groups: readonly string[],
): [ExportProgress, ExportStep] {
  const { rows, bytes: offset } = before;
  const step =
    ask.request.format === "csv" ? {} : { bytes: parquetFooter(columnsOfAsk(ask), { groups, rows, offset }) };
  return [{ ...before, phase: "whole", bytes: offset + (step.bytes?.byteLength ?? 0) }, step];
}

function encode(ask: ExportAsk, rows: readonly (readonly Cell[])[], offset: number): ExportStep {
  const columns = columnsOfAsk(ask);
  return ask.request.format === "csv" ? { bytes: csvRows(columns, rows) } : parquetRows(columns, rows, offset);
}

const columnsOfAsk = ({ request }: ExportAsk): readonly Column[] => columnsOf(request.dataset, request.personal);
