// Where the rows of every dataset stand in PostgreSQL, and the key by which one page follows another.
import type { ExportDataset } from "@regulars/contracts/exports";
import { sql, type SQL } from "drizzle-orm";
import type { ExportScope } from "./export-pages.ts";

interface KeyColumn {
  readonly name: string;
  readonly type: "text" | "date" | "integer";
}
const key = (type: KeyColumn["type"], ...names: string[]): KeyColumn[] => names.map((name) => ({ name, type }));

/** The key of rows `x`: within a member if they are of members. */
const KEYS: Readonly<Record<ExportDataset, readonly KeyColumn[]>> = {
  members: [],
  orders: key("text", "order_id"),
  order_lines: key("text", "order_id", "line_id"),
  refunds: key("text", "order_id", "refund_id"),
  balances: key("text", "currency"),
  segment_members: key("text", "segment_id"),
  score_history: key("date", "since"),
  repurchases: key("text", "kind", "ref"),
  scorecards: [...key("date", "day"), ...key("text", "store_id")],
  affinity_rules: [...key("text", "segment_id"), ...key("integer", "place")],
};

export const isOfMembers = (dataset: ExportDataset) => dataset !== "scorecards" && dataset !== "affinity_rules";

/** The columns of the key, for the order of rows; a constant where a member has one row. */
export function keyColumns(dataset: ExportDataset): SQL {
  const columns = KEYS[dataset].map(({ name }) => sql`x.${sql.identifier(name)}`);
  return columns.length === 0 ? sql`x.member_id` : sql.join(columns, sql`, `);
}

/** The key of a row as texts. */
export function keyOf(dataset: ExportDataset): SQL {
  const texts = KEYS[dataset].map(({ name }) => sql`x.${sql.identifier(name)}::text`);
  return sql`array[${sql.join(texts, sql`, `)}]::text[]`;
}

/** Rows whose key comes after another. */
export function isAfter(dataset: ExportDataset, after: readonly string[]): SQL {
  const values = KEYS[dataset].map(({ type }, index) => sql`${after[index] ?? ""}::${sql.raw(type)}`);
  return sql`(${keyColumns(dataset)}) > (${sql.join(values, sql`, `)})`;
}

/** The members that are asked for, as tables and a condition: all, or those who are in the segment now. */
export function membersOf({ tenantId, request: { segmentId } }: ExportScope): SQL {
  if (segmentId === undefined) return sql`members where tenant_id = ${tenantId}`;
  return sql`segment_members where tenant_id = ${tenantId} and segment_id = ${segmentId} and until is null`;
}

/** Rows `x` of member `p` with what is joined to them, and the conditions that they must meet. */
export function sourceOf({ tenantId, timeZone, request }: ExportScope): SQL {
  const { dataset, segmentId, from, until } = request;
  const zone = sql`cross join (select ${timeZone}::text as zone) as z`;
  const own = sql`where x.tenant_id = ${tenantId} and x.member_id = p.member_id`;
  const joined = (table: string, short: string) =>
    sql`left join ${sql.identifier(table)} as ${sql.identifier(short)}
      on ${sql.identifier(short)}.tenant_id = x.tenant_id and ${sql.identifier(short)}.member_id = x.member_id`;
  switch (dataset) {
    case "members":
      return sql`members as x ${joined("member_tiers", "t")} ${joined("member_scores", "s")}
        ${joined("member_figures", "f")} ${own} and x.is_person`;
    case "orders":
      return sql`orders as x ${zone} ${own} and x.undone is null ${instants(sql`x.placed_at`, request, timeZone)}`;
    case "order_lines":
      return sql`order_lines as x
        join orders as o on o.tenant_id = x.tenant_id and o.member_id = x.member_id and o.order_id = x.order_id
        ${zone} ${own} and o.undone is null ${instants(sql`o.placed_at`, request, timeZone)}`;
    case "refunds":
      return sql`refunds as x ${own} ${instants(sql`x.at`, request, timeZone)}`;
    case "balances":
      return sql`balances as x ${own}`;
    case "segment_members":
      return sql`segment_members as x ${own} and x.until is null
        ${segmentId === undefined ? sql`` : sql`and x.segment_id = ${segmentId}`}`;
    case "score_history":
      return sql`score_history as x ${own} ${days(sql`x.since`, request)}`;
    case "repurchases":
      return sql`repurchases as x ${own}`;
    case "scorecards":
      return sql`store_scorecards as x where x.tenant_id = ${tenantId} ${days(sql`x.day`, { from, until })}`;
    case "affinity_rules":
      return sql`affinity_rules as x where x.tenant_id = ${tenantId}
        ${segmentId === undefined ? sql`` : sql`and x.segment_id = ${segmentId}`}`;
  }
}

interface Window {
  readonly from?: string | undefined;
  readonly until?: string | undefined;
}

/** Instants on local days, the first and the last included. */
function instants(at: SQL, { from, until }: Window, timeZone: string): SQL {
  const starts = (day: string, more: number) =>
    sql`((${day}::date + ${more}::int)::timestamp at time zone ${timeZone})`;
  return sql`${from === undefined ? sql`` : sql`and ${at} >= ${starts(from, 0)}`}
    ${until === undefined ? sql`` : sql`and ${at} < ${starts(until, 1)}`}`;
}

function days(day: SQL, { from, until }: Window): SQL {
  return sql`${from === undefined ? sql`` : sql`and ${day} >= ${from}::date`}
    ${until === undefined ? sql`` : sql`and ${day} <= ${until}::date`}`;
}
