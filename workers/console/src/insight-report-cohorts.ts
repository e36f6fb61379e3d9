// Answers with the triangle of cohorts: who came in a month, and how many, or how much of them, came again after.
import {
  COHORT_MONTHS_MAX,
  COHORT_MONTHS_USUAL,
  cohortsQuery,
  type CohortsReport,
} from "@regulars/contracts/insights-trade";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { monthNumber, monthText } from "@regulars/insights/series/cohorts";
import { sql } from "drizzle-orm";
import { type Call, done, refused, type TenantRow, tenantOf } from "./call.ts";
import { beginnings, counts, kept } from "./insight-report-orders.ts";
import { dayAfter } from "./insight-report-ranges.ts";
import { readWidely } from "./insight-report-read.ts";

/** What the members of a cohort did in a month. */
export interface CohortCell {
  readonly month: string;
  readonly active: string;
  readonly members: number;
  readonly revenue: number;
}

export async function getInsightCohorts(call: Call): Promise<Read<CohortsReport>> {
  const query = readQuery(call.request.url, cohortsQuery);
  if (!query.ok) return query;
  const tenant = tenantOf(call);
  const present = localDay(call.now, tenant.timeZone).slice(0, 7);
  const { measure, until = present } = query.value;
  const from = query.value.from ?? monthText(monthNumber(present) - COHORT_MONTHS_USUAL + 1);
  const months = monthNumber(until) - monthNumber(from) + 1;
  if (months < 1 || months > COHORT_MONTHS_MAX) {
    return refused("number_out_of_range", { field: "until", facts: { limit: `1-${COHORT_MONTHS_MAX} months` } });
  }
  const last = until < present ? until : present;
  const cells = await readCohorts(call, tenant, { from, last, measure });
  return done({ from, until, measure, money: tenant.currency, ...trianglesOf(cells, { from, last, measure }) });
}

/** What is not asked for is 0 in every cell but for the members of a cohort's first month, who are its size. */
async function readCohorts(
  call: Call,
  tenant: TenantRow,
  { from, last, measure }: { readonly from: string; readonly last: string; readonly measure: "members" | "revenue" },
): Promise<CohortCell[]> {
  const { tenantId } = tenant;
  const months = monthsBetween(from, nextMonth(last));
  // Of the month that is under way, days to come do not count yet.
  const tomorrow = dayAfter(localDay(call.now, tenant.timeZone), 1);
  const days = months.map((month) => `${month}-01`);
  const bounds = beginnings([...days.slice(0, -1), [days.at(-1) ?? tomorrow, tomorrow].sort()[0] ?? tomorrow], tenant);
  // Months are numbered from 1; what lies before them is 0. One pass along the index orders_by_member, no sort.
  const came = sql`
    select member_id, min(month) as first, bit_or(1::bigint << month) as seen
    from (
      select o.member_id, width_bucket(o.placed_at, (select list from bounds)) as month from orders as o
      where o.tenant_id = ${tenantId} and ${counts} and o.placed_at < (select list[cardinality(list)] from bounds)
    ) as placed
    group by member_id`;
  const seen = days.slice(1).map((_, at) => sql`count(*) filter (where (seen >> ${at + 1}::int) & 1 = 1)`);
  const members = sql`
    select c.first, m.month, m.members, 0 as revenue
    from (select first, array[${sql.join(seen, sql`, `)}] as members from came where first >= 1 group by 1) as c,
      unnest(c.members) with ordinality as m (members, month)
    where m.members > 0`;
  const revenue = sql`
    select c.first, width_bucket(o.placed_at, (select list from bounds)) as month,
      0 as members, sum(${kept}) as revenue
    from came as c join orders as o on o.tenant_id = ${tenantId} and o.member_id = c.member_id
    where c.first >= 1 and ${counts} and o.placed_at < (select list[cardinality(list)] from bounds) group by 1, 2
    union all select first, first, count(*), 0 from came where first >= 1 group by 1`;
  const query = call.database.execute<Record<string, string>>(sql`
    with bounds as materialized (select ${bounds} as list), came as materialized (${came})
    ${measure === "members" ? members : revenue}`);
  const [found] = await readWidely(call.database, tenantId, [query]);
  return found.rows.map((row) => ({
    month: months[Number(row["first"]) - 1] ?? "",
    active: months[Number(row["month"]) - 1] ?? "",
    members: Number(row["members"]),
    revenue: Number(row["revenue"]),
  }));
}

const nextMonth = (month: string) => monthText(monthNumber(month) + 1);

function monthsBetween(from: string, until: string): string[] {
  const length = monthNumber(until) - monthNumber(from) + 1;
  return Array.from({ length }, (_, at) => monthText(monthNumber(from) + at));
}

/** Rows of the triangle, each as long as there are months to see, and all of them together weighted by size. */
export function trianglesOf(
  cells: readonly CohortCell[],
  { from, last, measure }: { readonly from: string; readonly last: string; readonly measure: "members" | "revenue" },
): Pick<CohortsReport, "cohorts" | "overall"> {
  const lastMonth = monthNumber(last);
  const byMonth = Map.groupBy(cells, ({ month }) => month);
  const cohorts: CohortsReport["cohorts"] = [];
  for (let month = monthNumber(from); month <= lastMonth; month += 1) {
    const own = byMonth.get(monthText(month)) ?? [];
    const sumAt = (wanted: number, what: "members" | "revenue") =>
      own.filter(({ active }) => monthNumber(active) === wanted).reduce((sum, cell) => sum + cell[what], 0);
    const size = sumAt(month, "members");
    const values = Array.from({ length: lastMonth - month + 1 }, (_, age) => sumAt(month + age, measure));
    cohorts.push({
      month: monthText(month),
      size,
      values,
      rates: values.map((value) => (size === 0 ? 0 : value / size)),
    });
  }
  const longest = cohorts[0]?.values.length ?? 0;
  const overall = Array.from({ length: longest }, (_, age) => {
    const old = cohorts.filter(({ values }) => values.length > age);
    const size = old.reduce((sum, cohort) => sum + cohort.size, 0);
    return size === 0 ? 0 : old.reduce((sum, { values }) => sum + (values[age] ?? 0), 0) / size;
  });
  return { cohorts, overall };
}
