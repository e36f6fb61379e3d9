// Writes rows of an export as row groups of a Parquet file, one after the other, so that it can go on after any of them.
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Column, ColumnKind } from "./export-columns.ts";
import type { Cell } from "./export-pages.ts";

/** Bytes of the file that come next, and for the footer what is in them, as JSON. */
export interface ParquetPart {
  readonly bytes: Uint8Array;
  readonly group: string;
}

const DAY_MILLISECONDS = 86_400_000;
const CREATED_BY = "regulars";

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];
type RowGroup = ParquetWriter["row_groups"][number];
type Types = Pick<SchemaElement, "type" | "converted_type" | "logical_type">;
const TYPES: Readonly<Record<ColumnKind, Types>> = {
  text: { type: "BYTE_ARRAY", converted_type: "UTF8", logical_type: { type: "STRING" } },
  integer: { type: "INT64" },
  double: { type: "DOUBLE" },
  boolean: { type: "BOOLEAN" },
  instant: {
    type: "INT64",
    converted_type: "TIMESTAMP_MILLIS",
    logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" },
  },
  day: { type: "INT32", converted_type: "DATE", logical_type: { type: "DATE" } },
};

/** What a file begins with. */
export const parquetHeader = (): Uint8Array => new TextEncoder().encode("PAR1");

/** One row group, `offset` bytes after the beginning of the file. */
export function parquetRows(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  offset: number,
): ParquetPart {
  const { parquet, writer } = writerAt(columns, offset);
  const columnData = columns.map(({ name, kind }, index) => ({
    name,
    data: rows.map((row) => valueOf(kind, row[index] ?? null)),
    // An index of pages stands at the end of the file: a group would have to be remembered whole.
    offsetIndex: false,
  }));
  void parquet.write({ columnData, rowGroupSize: Math.max(1, rows.length) });
  return { bytes: bytesOf(writer), group: JSON.stringify(parquet.row_groups[0], writeBigInt) };
}

/** What a file ends with: where all its row groups are. */
export function parquetFooter(
  columns: readonly Column[],
  { groups, rows, offset }: { readonly groups: readonly string[]; readonly rows: number; readonly offset: number },
): Uint8Array {
  const { parquet, writer } = writerAt(columns, offset);
  // The guarantee of the cast: `parquetRows` wrote the text.
  parquet.row_groups = groups.map((group) => JSON.parse(group, readBigInt) as RowGroup);
  parquet.num_rows = BigInt(rows);
  void parquet.finish();
  return bytesOf(writer);
}

/** A writer that believes to have written `offset` bytes, and holds none of them. */
function writerAt(columns: readonly Column[], offset: number) {
  const writer = new ByteWriter();
  const root: SchemaElement = { name: "root", num_children: columns.length };
  const leaves = columns.map(({ name, kind }): SchemaElement => ({
    name,
    repetition_type: "OPTIONAL",
    ...TYPES[kind],
  }));
  const parquet = new ParquetWriter({ writer, schema: [root, ...leaves], createdBy: CREATED_BY });
  writer.index = 0;
  writer.offset = offset;
  return { parquet, writer };
}

function bytesOf(writer: ByteWriter): Uint8Array {
  return new Uint8Array(writer.getBuffer());
}

function valueOf(kind: ColumnKind, cell: Cell): string | number | bigint | boolean | Date | null {
  if (cell === null) return null;
  switch (kind) {
    case "integer":
    case "instant":
      return BigInt(cell);
    case "day":
      return Date.parse(`${String(cell)}T00:00:00Z`) / DAY_MILLISECONDS;
    // PostgreSQL writes infinity in JSON as text.
    case "double":
      return Number(cell);
    case "boolean":
    case "text":
      return cell;
  }
}

/** JSON has no large integers. */
const writeBigInt = (_name: string, value: unknown) => (typeof value === "bigint" ? { bigint: String(value) } : value);

function readBigInt(_name: string, value: unknown): unknown {
  const isWritten = typeof value === "object" && value !== null && "bigint" in value;
  return isWritten ? BigInt(String(value.bigint)) : value;
}
