// Answers with who needs what in the days to come, by product and by day.
import { type RepurchaseReport, repurchaseQuery, DUE_PRODUCTS_MAX } from "@regulars/contracts/insights-trade";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type Call, done, refused, tenantOf } from "./call.ts";
import { dayAfter } from "./insight-report-ranges.ts";

/** A row of `repurchases`, as reports read it. */
export interface DueRow extends Record<string, unknown> {
  readonly member_id: string;
  readonly kind: "sku" | "category";
  readonly ref: string;
  readonly last_day: string;
  readonly due_on: string;
  readonly window_from: string;
  readonly window_until: string;
  readonly cycle_days: number;
  readonly churn_from: string;
}

export const DUE_COLUMNS = sql`r.member_id, r.kind, r.ref, r.last_day::text, r.due_on::text, r.window_from::text,
  r.window_until::text, r.cycle_days, r.churn_from::text`;

export async function listRepurchases(call: Call): Promise<Read<RepurchaseReport>> {
  const query = readQuery(call.request.url, repurchaseQuery);
  if (!query.ok) return query;
  const { withinDays, kind, ref, limit, cursor } = query.value;
  const after = cursor === undefined ? null : readDuePlace(cursor);
  if (cursor !== undefined && after === null) return refused("invalid_cursor", { field: "cursor" });
  const tenant = tenantOf(call);
  const { tenantId } = tenant;
  const from = localDay(call.now, tenant.timeZone);
  const until = dayAfter(from, withinDays);
  const ofKind = sql`r.tenant_id = ${tenantId} and r.kind = ${kind} ${ref === undefined ? sql`` : sql`and r.ref = ${ref}`}`;
  const isDue = sql`${ofKind} and r.due_on between ${from}::date and ${until}::date`;
  const beyond =
    after === null
      ? sql``
      : sql`and (r.due_on, r.member_id, r.ref) > (${after.day}::date, ${after.memberId}, ${after.ref})`;
  const { database } = call;
  const [products, days, members] = await withTenant(database, tenantId, [
    database.execute<Record<string, string | null>>(sql`
      select d.ref, d.members, d.overdue, c.median_days, c.members as cycle_members, c.gaps as cycle_gaps
      from (
        select r.ref, count(*) filter (where r.due_on >= ${from}::date) as members,
          count(*) filter (where r.due_on < ${from}::date) as overdue
        from repurchases as r
        where ${ofKind} and r.due_on <= ${until}::date and (r.due_on >= ${from}::date or r.churn_from > ${from}::date)
        group by 1 order by 2 desc, 3 desc, 1 limit ${DUE_PRODUCTS_MAX}
      ) as d
      left join repurchase_cycles as c on c.tenant_id = ${tenantId} and c.kind = ${kind} and c.ref = d.ref
      order by d.members desc, d.overdue desc, d.ref`),
    database.execute<{ day: string; members: string }>(sql`
      select r.due_on::text as day, count(distinct r.member_id) as members from repurchases as r where ${isDue}
      group by 1 order by 1`),
    database.execute<DueRow>(sql`
      select ${DUE_COLUMNS} from repurchases as r where ${isDue} ${beyond}
      order by r.due_on, r.member_id, r.ref limit ${limit + 1}`),
  ]);
  const shown = members.rows.slice(0, limit);
  const last = shown.at(-1);
  return done({
    from,
    until,
    kind,
    products: products.rows.map(productAnswer),
    days: days.rows.map(({ day, members: count }) => ({ day, members: Number(count) })),
    members: shown.map((row) => ({ memberId: row.member_id, ...dueAnswer(row) })),
    nextCursor: members.rows.length > limit && last !== undefined ? writeDuePlace(last) : null,
  });
}

export function dueAnswer(row: DueRow) {
  return {
    kind: row.kind,
    ref: row.ref,
    lastDay: row.last_day,
    dueOn: row.due_on,
    windowFrom: row.window_from,
    windowUntil: row.window_until,
    cycleDays: row.cycle_days,
    churnFrom: row.churn_from,
  };
}

function productAnswer(row: Record<string, string | null>): RepurchaseReport["products"][number] {
  const count = (name: string) => Number(row[name] ?? 0);
  const median = row["median_days"] ?? null;
  return {
    ref: row["ref"] ?? "",
    members: count("members"),
    overdue: count("overdue"),
    medianDays: median === null ? null : Number(median),
    cycleMembers: count("cycle_members"),
    cycleGaps: count("cycle_gaps"),
  };
}

/** Where a page ended: `ref` stands last, for it may hold any sign. */
export const writeDuePlace = ({
  due_on: day,
  member_id: memberId,
  ref,
}: Pick<DueRow, "due_on" | "member_id" | "ref">) => `${day}.${memberId}.${ref}`;

/** Null when the text was not made by `writeDuePlace`. */
export function readDuePlace(cursor: string): { day: string; memberId: string; ref: string } | null {
  const [, day, memberId, ref] = /^(\d{4}-\d{2}-\d{2})\.(\w+)\.(.+)$/s.exec(cursor) ?? [];
  if (day === undefined || memberId === undefined || ref === undefined) return null;
  return Number.isNaN(Date.parse(day)) || /\0/.test(ref) ? null : { day, memberId, ref };
}
