// Reads the cells of a pivot from PostgreSQL: members and what they bring, by two dimensions at once.
import { PIVOT_GROUPS_MAX, type PivotDimension } from "@regulars/contracts/insights-pivot";
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";
import { readWidely } from "./insight-report-read.ts";

export interface PivotFigures {
  readonly members: number;
  readonly buyers: number;
  readonly spend: number;
  readonly orders: number;
  readonly lifetimeValue: number;
  /** Members with a lifetime value. */
  readonly valued: number;
}

/** Of one cell; of a row or a column, where the other side `isAll`; or of the whole table. */
export interface PivotCell extends PivotFigures {
  readonly row: PivotKey;
  readonly column: PivotKey;
}

export interface PivotKey {
  readonly isAll: boolean;
  readonly key: string | null;
  readonly isOthers: boolean;
}

interface Wish {
  readonly rows: PivotDimension;
  readonly columns: PivotDimension;
  readonly segmentId?: string | undefined;
  readonly today: string;
}

/** Of a member `m` with figures `f`, scores `x`, tier `t` and home store `s`; segments `g` are joined where they are asked for. */
const DIMENSIONS: Readonly<Record<Exclude<PivotDimension, "ageBand">, SQL>> = {
  tier: sql`t.tier`,
  gender: sql`m.profile ->> 'gender'`,
  homeStore: sql`m.home_store_id`,
  region: sql`s.region_id`,
  source: sql`m.source`,
  stage: sql`x.stage`,
  rfmSegment: sql`x.rfm_segment`,
  band: sql`x.band`,
  profitGroup: sql`x.profit_group`,
  segment: sql`g.segment_id`,
};

/** Cells with their totals. A member is in as many segments as hold it, so totals beside segments are read of members. */
export async function readPivot(database: Database, tenant: TenantRow, wish: Wish): Promise<PivotCell[]> {
  const { tenantId } = tenant;
  const read = async (rows: PivotDimension | null, columns: PivotDimension | null) => {
    const query = database.execute<Record<string, string | null>>(pivotQuery(tenant, { ...wish, rows, columns }));
    const [found] = await readWidely(database, tenantId, [query]);
    return found.rows.map(pivotCell);
  };
  const { rows, columns } = wish;
  const cells = await read(rows, columns);
  if (rows !== "segment" && columns !== "segment") return cells;
  const ofMembers = rows === "segment" ? await read(null, columns) : await read(rows, null);
  const isOverlapping = ({ row, column }: PivotCell) => (rows === "segment" ? row : column).isAll;
  return [...cells.filter((cell) => !isOverlapping(cell)), ...ofMembers.filter(isOverlapping)];
}

function pivotCell(row: Record<string, string | null>): PivotCell {
  const figure = (name: string) => Number(row[name] ?? 0);
  const key = (side: string) => ({
    isAll: figure(`${side}_all`) === 1,
    key: row[`${side}_key`] ?? null,
    isOthers: figure(`${side}_others`) === 1,
  });
  return {
    row: key("row"),
    column: key("column"),
    members: figure("members"),
    buyers: figure("buyers"),
    spend: figure("spend"),
    orders: figure("orders"),
    lifetimeValue: figure("lifetime_value"),
    valued: figure("valued"),
  };
}

// Members of equal keys are summed first; groups beyond the limit, smallest first, become one.
function pivotQuery(
  tenant: TenantRow,
  { rows, columns, segmentId, today }: Omit<Wish, "rows" | "columns"> & Nullable<Pick<Wish, "rows" | "columns">>,
): SQL {
  const { tenantId } = tenant;
  const dimension = (name: PivotDimension | null) =>
    name === null ? sql`null::text` : name === "ageBand" ? ageBand(today) : DIMENSIONS[name];
  const members = sql`
    members as m
    left join member_figures as f on f.tenant_id = ${tenantId} and f.member_id = m.member_id
    left join member_scores as x on x.tenant_id = ${tenantId} and x.member_id = m.member_id
    left join member_tiers as t on t.tenant_id = ${tenantId} and t.member_id = m.member_id
    left join stores as s on s.tenant_id = ${tenantId} and s.store_id = m.home_store_id`;
  const stays = sql`left join segment_members as g on g.tenant_id = ${tenantId} and g.member_id = m.member_id
    and g.until is null`;
  const inSegment = sql`and m.member_id in (select i.member_id from segment_members as i
    where i.tenant_id = ${tenantId} and i.segment_id = ${segmentId ?? ""} and i.until is null)`;
  const chosen = sql`m.tenant_id = ${tenantId} and m.is_person
    ${segmentId === undefined ? sql`` : inSegment}`;
  // A cell beside segments has its members once for each segment that holds them: then a side is counted by members.
  const groups = (side: "row_key" | "column_key", of: PivotDimension | null, beside: PivotDimension | null) => {
    const sized =
      beside === "segment"
        ? sql`select ${dimension(of)} as key, count(*) as members from ${members} where ${chosen} group by 1`
        : sql`select ${sql.raw(side)} as key, sum(members) as members from cells group by 1`;
    return sql`select key, row_number() over (order by members desc, key) > ${PIVOT_GROUPS_MAX} as others
      from (${sized}) as sized where key is not null`;
  };
  return sql`
    with cells as materialized (
      select ${dimension(rows)} as row_key, ${dimension(columns)} as column_key, count(*) as members,
        count(f.member_id) as buyers, sum(f.spend) as spend, sum(f.orders) as orders,
        sum(x.lifetime_value) as lifetime_value, count(x.lifetime_value) as valued
      from ${members} ${rows === "segment" || columns === "segment" ? stays : sql``} where ${chosen} group by 1, 2
    ), shown as (
      select case when r.others then null else c.row_key end as row_key, coalesce(r.others, false)::int as row_others,
        case when k.others then null else c.column_key end as column_key, coalesce(k.others, false)::int as column_others,
        members, buyers, spend, orders, lifetime_value, valued
      from cells as c
      left join (${groups("row_key", rows, columns)}) as r on r.key = c.row_key
      left join (${groups("column_key", columns, rows)}) as k on k.key = c.column_key
    )
    select row_key, row_others, column_key, column_others, grouping(row_key) as row_all, grouping(column_key) as column_all,
      sum(members) as members, sum(buyers) as buyers, sum(spend) as spend, sum(orders) as orders,
      sum(lifetime_value) as lifetime_value, sum(valued) as valued
    from shown group by grouping sets (
      (row_key, row_others, column_key, column_others), (row_key, row_others), (column_key, column_others), ())`;
}

type Nullable<Fields> = { readonly [Name in keyof Fields]: Fields[Name] | null };

/** Years of age today, in the bands of public statistics; of the text of a birthday, as profiles have it. */
function ageBand(today: string): SQL {
  const birthday = sql`(m.profile ->> 'birthday')`;
  const [year, rest] = [Number(today.slice(0, 4)), today.slice(5)];
  const age = sql`(${year}::int - substr(${birthday}, 1, 4)::int - (substr(${birthday}, 6) > ${rest})::int)`;
  return sql`case when ${birthday} is null then null when ${age} < 18 then '0-17' when ${age} < 25 then '18-24'
    when ${age} < 35 then '25-34' when ${age} < 45 then '35-44' when ${age} < 55 then '45-54' when ${age} < 65 then '55-64'
    else '65+' end`;
}
