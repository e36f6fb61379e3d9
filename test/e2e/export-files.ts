// Rows to export, written straight into PostgreSQL, and files that were exported, read back.
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import type pg from "pg";
import { parseRows } from "../replay/csv.ts";

export const MEMBERS = 30_000;
export const SEGMENT_MEMBERS = 777;

/** Straight into PostgreSQL: an export reads nothing else. Every third member has two orders, one of them with two lines. */
export async function fillExports(owner: pg.Client, tenantId: string): Promise<void> {
  const statements = [
    `insert into members (tenant_id, member_id, epoch, events, last_sequence, profile, consent, home_store_id, enrolled_at)
     select $1, 'mbr_' || lpad(n::text, 26, '0'), 1, 1, 1, jsonb_build_object('name', '=王' || n, 'company', 'a "b", c'),
       '{"email": true}', 'taipei-xinyi', '2026-01-01T00:00:00.123Z'::timestamptz + n * interval '1 second'
     from generate_series(1, ${MEMBERS}) as n`,
    `insert into identities select tenant_id, member_id, 'phone', '+886' || right(member_id, 9) from members where tenant_id = $1`,
    `insert into orders (tenant_id, member_id, order_id, sequence, state, store_id, region_id, owner_id, currency, placed_at,
       program_version, gross, net, payable, refunded)
     select tenant_id, member_id, 'o-' || right(member_id, 5) || '-' || k, k, 'paid', 'taipei-xinyi', 'north', 'head', 'TWD',
       '2026-03-01T15:59:59Z'::timestamptz + k * interval '1 second', 1, 1000 * k, 1000 * k, 1000 * k, 0
     from members, generate_series(0, 1) as k where tenant_id = $1 and right(member_id, 5)::int % 3 = 0`,
    `insert into order_lines select tenant_id, member_id, order_id, l::text, '-tea', null, 1, 0, 500, 0
     from orders, generate_series(1, 1 + sequence::int) as l where tenant_id = $1`,
    `insert into balances select tenant_id, member_id, c, 5, 0, 0 from members, unnest(array['points', 'stamps']) as c
     where tenant_id = $1 and right(member_id, 5)::int % 7 = 0`,
    `insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, members, created_at)
     values ($1, 'regulars', 1, 'Regulars', '{}', false, 'ready', ${SEGMENT_MEMBERS}, now())`,
    `insert into segment_members select tenant_id, 'regulars', member_id, '2026-02-01', null, 1 from members
     where tenant_id = $1 and right(member_id, 5)::int <= ${SEGMENT_MEMBERS}`,
    `insert into member_scores select tenant_id, member_id, 3, 2, 1, 5, 'Loyal Customers', 'LOYAL', 'active', 'A', 'high', null,
       false, true, '2026-10-01', '2026-11-01', 30.25, '2026-12-01', '2027-01-01', 0.1, null, null, 12345.678, null
     from members where tenant_id = $1 and right(member_id, 5)::int % 2 = 0`,
  ];
  for (const statement of statements) await owner.query(statement, [tenantId]);
  await owner.query("analyze");
}

export type Cell = string | number | boolean | null;
export interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
}

/** The names of the columns, and the cells of each row. */
export function readCsv(bytes: Buffer): Table {
  if (bytes.subarray(0, 3).toString("hex") !== "efbbbf") throw new Error("a CSV file begins with a byte order mark");
  const [columns = [], ...rows] = parseRows(bytes.subarray(3).toString("utf8"), ",");
  return { columns, rows };
}

export async function readParquet(bytes: Buffer): Promise<Table> {
  const file = new Uint8Array(bytes).buffer;
  const { schema } = parquetMetadata(file);
  const columns = schema.slice(1).map(({ name }) => name);
  const days = new Set(schema.filter((one) => one.logical_type?.type === "DATE").map(({ name }) => name));
  const objects = await parquetReadObjects({ file });
  const cellOf = (value: unknown, name: string): Cell => {
    if (value instanceof Date) return days.has(name) ? value.toISOString().slice(0, 10) : value.toISOString();
    if (typeof value === "bigint") return Number(value);
    // The guarantee of the cast: the columns have no other types.
    return (value ?? null) as Cell;
  };
  return { columns, rows: objects.map((row) => columns.map((name) => cellOf(row[name], name))) };
}

/** As a CSV file has it: everything is text, and a text that looks like a formula has an apostrophe. */
export const asCsv = (rows: Table["rows"]) =>
  rows.map((row) =>
    row.map((cell) => {
      if (cell === null) return "";
      return typeof cell === "string" && /^[=+\-@]/.test(cell) ? `'${cell}` : String(cell);
    }),
  );
