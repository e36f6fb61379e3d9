// Reads clearing from PostgreSQL: which periods are locked, what pairs of owners owe, and the lines of a statement.
import { type PairChange, type PairNet, nextPeriod, periodOf } from "@regulars/domain/clearing-periods";
import { clearingNets, clearingPeriods } from "@regulars/schema/clearing";
import { type Database, withTenant } from "@regulars/schema/connection";
import { and, desc, gte, lte, type SQL, sql } from "drizzle-orm";
import type { TenantRow } from "./call.ts";

export interface LockedPeriod {
  readonly period: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly lockedAt: Date;
}

/** How far the books are: the locked periods, newest first, and the first period that is open. */
export interface BookState {
  readonly locked: readonly LockedPeriod[];
  /** Null when nothing was ever owed. */
  readonly firstOpen: string | null;
  /** The end of the newest locked period. */
  readonly opened: Date | null;
}

/** A locked period a month for a century. */
const LOCKED_MAX = 1200;

export async function readBooks(database: Database, { tenantId, timeZone }: TenantRow): Promise<BookState> {
  const [locked, first] = await withTenant(database, tenantId, [
    database.select().from(clearingPeriods).orderBy(desc(clearingPeriods.endsAt)).limit(LOCKED_MAX),
    database.execute<{ at: string | null }>(
      sql`select (extract(epoch from min(at)) * 1000)::bigint as at from dues
          where tenant_id = current_setting('app.tenant_id')`,
    ),
  ]);
  const [newest] = locked;
  const firstAt = first.rows[0]?.at ?? null;
  const beginning = firstAt === null ? null : periodOf(Number(firstAt), timeZone);
  return {
    locked,
    firstOpen: newest === undefined ? beginning : nextPeriod(newest.period),
    opened: newest?.endsAt ?? null,
  };
}

/** What pairs settled in the locked periods of a range. */
export async function readLockedNets(
  database: Database,
  tenantId: string,
  [from, to]: readonly [from: string, to: string],
): Promise<Map<string, PairNet[]>> {
  const within = and(gte(clearingNets.period, from), lte(clearingNets.period, to));
  const query = database
    .select()
    .from(clearingNets)
    .where(within)
    .orderBy(clearingNets.period, clearingNets.ownerA, clearingNets.ownerB);
  const [rows] = await withTenant(database, tenantId, [query]);
  const nets = new Map<string, PairNet[]>();
  for (const { tenantId: _tenantId, period, ...net } of rows) nets.set(period, [...(nets.get(period) ?? []), net]);
  return nets;
}

/** What pairs owe for lines before `until` that no locked period has, by the open period that each line falls into. */
export async function readOpenChanges(
  database: Database,
  { tenantId, timeZone }: TenantRow,
  { books, until }: { books: BookState; until: Date },
): Promise<Map<string, PairChange[]>> {
  const query = database.execute<{
    period: string;
    a: string;
    b: string;
    money: string;
    change: string;
    lines: string;
  }>(
    sql`select to_char(at at time zone ${timeZone}, 'YYYY-MM') as period, least(debtor, creditor) as a,
          greatest(debtor, creditor) as b, money, count(*) as lines,
          sum(case when debtor < creditor then 1 else -1 end * times * amount_milli) as change
        from open_lines(${openedOf(books)}, ${until.toISOString()}::timestamptz)
        group by 1, 2, 3, 4 order by 1, 2, 3, 4`,
  );
  const [{ rows }] = await withTenant(database, tenantId, [query]);
  const changes = new Map<string, Map<string, PairChange>>();
  for (const { period, a: ownerA, b: ownerB, money, change, lines } of rows) {
    // What happened in a locked period falls into the first open one, together with that one's own.
    const falls = books.firstOpen !== null && period < books.firstOpen ? books.firstOpen : period;
    const pairs = changes.get(falls) ?? new Map<string, PairChange>();
    const key = JSON.stringify([ownerA, ownerB, money]);
    const known = pairs.get(key) ?? { ownerA, ownerB, money, changeMilli: 0, lines: 0 };
    const sum = { changeMilli: known.changeMilli + Number(change), lines: known.lines + Number(lines) };
    pairs.set(key, { ownerA, ownerB, money, ...sum });
    changes.set(falls, pairs);
  }
  return new Map([...changes].map(([period, pairs]) => [period, [...pairs.values()]]));
}

export interface LinePlace {
  readonly at: Date;
  readonly memberId: string;
  readonly sequence: number;
  readonly position: number;
  readonly times: number;
}

export type LineRow = LinePlace & {
  readonly orderId: string | null;
  readonly storeId: string | null;
  readonly issuerStoreId: string | null;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  readonly points: number;
  readonly amountMilli: number;
  readonly money: string;
  readonly lot: string | null;
  readonly voucherId: string | null;
  readonly reason: string;
};

export interface LinesWish {
  readonly ownerId: string;
  readonly period: string;
  readonly from: Date;
  readonly until: Date;
  readonly books: BookState;
  readonly after: LinePlace | null;
  readonly limit: number;
}

/** Lines of one owner's statement, oldest first. */
export async function readLines(database: Database, tenantId: string, wish: LinesWish): Promise<LineRow[]> {
  const { ownerId, after, limit } = wish;
  const later =
    after === null
      ? sql`true`
      : sql`(at, member_id, sequence, position, times) > (${after.at.toISOString()}::timestamptz, ${after.memberId},
          ${after.sequence}::bigint, ${after.position}::smallint, ${after.times}::smallint)`;
  const query = database.execute<Record<string, string | null>>(
    sql`select (extract(epoch from at) * 1000)::bigint as at, member_id, sequence, position, times, order_id, store_id,
          issuer_store_id, debtor, creditor, currency, points, amount_milli, money, lot, voucher_id, reason
        from ${sourceOf(wish)} and (debtor = ${ownerId} or creditor = ${ownerId}) and ${later}
        order by at, member_id, sequence, position, times limit ${limit}`,
  );
  const [{ rows }] = await withTenant(database, tenantId, [query]);
  return rows.map((row) => ({
    at: new Date(Number(row["at"])),
    memberId: row["member_id"] ?? "",
    sequence: Number(row["sequence"]),
    position: Number(row["position"]),
    times: Number(row["times"]),
    orderId: row["order_id"] ?? null,
    storeId: row["store_id"] ?? null,
    issuerStoreId: row["issuer_store_id"] ?? null,
    debtor: row["debtor"] ?? "",
    creditor: row["creditor"] ?? "",
    currency: row["currency"] ?? "",
    points: Number(row["points"]),
    amountMilli: Number(row["amount_milli"]),
    money: row["money"] ?? "",
    lot: row["lot"] ?? null,
    voucherId: row["voucher_id"] ?? null,
    reason: row["reason"] ?? "",
  }));
}

// The first open period also has what happened before it and no locked one has.
function sourceOf({ period, from, until, books }: LinesWish): SQL {
  if (books.locked.some((one) => one.period === period)) {
    return sql`clearing_lines where tenant_id = current_setting('app.tenant_id') and period = ${period}`;
  }
  // A month before the first locked one is closed without a statement: what it has yet is late.
  if (books.opened !== null && until <= books.opened) return sql`clearing_lines where false`;
  const open = sql`open_lines(${openedOf(books)}, ${until.toISOString()}::timestamptz) where true`;
  return period === books.firstOpen ? open : sql`${open} and at >= ${from.toISOString()}::timestamptz`;
}

function openedOf({ opened }: BookState): SQL {
  return opened === null ? sql`'-infinity'::timestamptz` : sql`${opened.toISOString()}::timestamptz`;
}
