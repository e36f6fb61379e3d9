// Reads the rows of an export in statements that stay short: members page by page with what each has, or rows by their key.
import type { ExportRequest } from "@regulars/contracts/exports";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql, type SQL } from "drizzle-orm";
import { type Column, columnsOf } from "./export-columns.ts";
import { isAfter, isOfMembers, keyColumns, keyOf, membersOf, sourceOf } from "./export-sources.ts";

/** Rows of one statement: some 3 MB of JSON. */
export const ROWS_PER_PAGE = 10_000;
/** Members of one statement when each has one row, and when each has some. */
const MEMBERS_PER_PAGE = 5000;
const MEMBERS_WITH_ROWS_PER_PAGE = 1000;

export interface ExportScope {
  readonly tenantId: string;
  readonly timeZone: string;
  readonly request: ExportRequest;
}

/** The last member of the page before, and the key of their last row if they may have more; empty before the first page. */
export interface ExportCursor {
  readonly memberId: string;
  readonly key: readonly string[] | null;
}

export type Cell = string | number | boolean | null;

/** `units`: members, or rows of no member, that are done with this page. `next` is null after the last page. */
export interface ExportPage {
  readonly rows: readonly (readonly Cell[])[];
  readonly units: number;
  readonly next: ExportCursor | null;
}

export const FIRST_PAGE: ExportCursor = { memberId: "", key: null };

export function readPage(database: Database, scope: ExportScope, cursor: ExportCursor): Promise<ExportPage> {
  return isOfMembers(scope.request.dataset) ? readMembers(database, scope, cursor) : readRows(database, scope, cursor);
}

/** How many units the pages of an export have together. */
export async function countUnits(database: Database, scope: ExportScope): Promise<number> {
  const source = isOfMembers(scope.request.dataset) ? membersOf(scope) : sourceOf(scope);
  const [{ rows }] = await withTenant(database, scope.tenantId, [
    database.execute<{ count: number }>(sql`select count(*)::int as count from ${source}`),
  ]);
  return rows[0]?.count ?? 0;
}

// `place` is that of the member in the page. A page without members is the last one.
type MemberRow = {
  upto: string | null;
  members: number;
  member_id: string | null;
  place: number | null;
  key: string[] | null;
  line: Cell[] | null;
};

async function readMembers(database: Database, scope: ExportScope, cursor: ExportCursor): Promise<ExportPage> {
  const { dataset, personal } = scope.request;
  const size = dataset === "members" ? MEMBERS_PER_PAGE : MEMBERS_WITH_ROWS_PER_PAGE;
  const { memberId, key } = cursor;
  const left = key === null ? sql`` : sql`and (p.member_id > ${memberId} or ${isAfter(dataset, key)})`;
  const [{ rows }] = await withTenant(database, scope.tenantId, [
    database.execute<MemberRow>(sql`
      with page as materialized (
        select m.member_id, row_number() over (order by m.member_id)::int as place from (
          select member_id from ${membersOf(scope)}
          and member_id ${key === null ? sql`>` : sql`>=`} ${memberId} order by member_id limit ${size}::int
        ) as m
      ), found as (
        select p.member_id, p.place, r.number, r.key, r.line
        from page as p cross join lateral (
          select row_number() over (order by ${keyColumns(dataset)}) as number, ${keyOf(dataset)} as key,
            ${lineOf(columnsOf(dataset, personal))} as line
          from ${sourceOf(scope)} ${left} order by ${keyColumns(dataset)} limit ${ROWS_PER_PAGE}::int
        ) as r
        order by p.place, r.number limit ${ROWS_PER_PAGE}::int
      )
      select u.upto, u.members, f.member_id, f.place, f.key, f.line
      from (select max(member_id) as upto, count(*)::int as members from page) as u
      left join found as f on true
      order by f.place, f.number`),
  ]);
  return pageOf(rows);
}

function pageOf(found: readonly MemberRow[]): ExportPage {
  const rows = found.flatMap(({ line }) => (line === null ? [] : [line]));
  const [first] = found;
  const last = found.at(-1);
  if (first === undefined || last === undefined || first.upto === null) return { rows, units: 0, next: null };
  if (rows.length < ROWS_PER_PAGE) return { rows, units: first.members, next: { memberId: first.upto, key: null } };
  return {
    rows,
    units: (last.place ?? 1) - 1,
    next: { memberId: last.member_id ?? first.upto, key: last.key },
  };
}

async function readRows(database: Database, scope: ExportScope, { key }: ExportCursor): Promise<ExportPage> {
  const { dataset, personal } = scope.request;
  const left = key === null ? sql`` : sql`and ${isAfter(dataset, key)}`;
  const [{ rows }] = await withTenant(database, scope.tenantId, [
    database.execute<{ key: string[]; line: Cell[] }>(sql`
      select ${keyOf(dataset)} as key, ${lineOf(columnsOf(dataset, personal))} as line
      from ${sourceOf(scope)} ${left} order by ${keyColumns(dataset)} limit ${ROWS_PER_PAGE}::int`),
  ]);
  const last = rows.at(-1);
  const next = rows.length < ROWS_PER_PAGE || last === undefined ? null : { memberId: "", key: last.key };
  return { rows: rows.map(({ line }) => line), units: rows.length, next };
}

/** The cells of a row as JSON: instants in Unix ms, days as text, everything else as it is. */
function lineOf(columns: readonly Column[]): SQL {
  const cells = columns.map(({ kind, value }) => {
    if (kind === "instant") return sql`(extract(epoch from ${value}) * 1000)::bigint`;
    return kind === "day" ? sql`(${value})::text` : value;
  });
  return sql`json_build_array(${sql.join(cells, sql`, `)})`;
}
