// Statements between owners by period: what each receives and pays, with every line; and the lock that makes them final.
import {
  CLEARING_PERIODS_MAX,
  type ClearingBalances,
  type ClearingPeriod,
  type ClearingPeriods,
  type ClearingStatement,
  periodRangeQuery,
  statementFileQuery,
  statementQuery,
} from "@regulars/contracts/clearing";
import {
  booksOf,
  boundsOf,
  netsOf,
  type OwnerBook,
  type PairNet,
  periodOf,
  periodsBetween,
} from "@regulars/domain/clearing-periods";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { owners } from "@regulars/schema/tenants";
import { eq, sql } from "drizzle-orm";
import { type Call, done, type Handler, parameterOf, refused, type TenantRow, tenantOf } from "./call.ts";
import { lineAnswer, readLinePlace, statementDownload, writeLinePlace } from "./clearing-lines.ts";
import { type BookState, readBooks, readLines, readLockedNets, readOpenChanges } from "./clearing-rows.ts";
import { postgresCode } from "./database.ts";

export const clearingHandlers: Readonly<Record<string, Handler>> = {
  listClearingPeriods,
  getClearingStatement,
  downloadClearingStatement,
  getClearingBalances,
  lockClearingPeriod,
};

const UNIQUE_VIOLATION = "23505";

async function listClearingPeriods(call: Call): Promise<Read<ClearingPeriods>> {
  const tenant = tenantOf(call);
  const books = await readBooks(call.database, tenant);
  const present = periodOf(call.now, tenant.timeZone);
  const first = books.locked.at(-1)?.period ?? books.firstOpen ?? present;
  const periods = periodsBetween(first, present > first ? present : first).slice(-CLEARING_PERIODS_MAX);
  return done({ periods: periods.toReversed().map((period) => periodAnswer(books, period, tenant)) });
}

async function getClearingStatement(call: Call): Promise<Read<ClearingStatement>> {
  const query = readQuery(call.request.url, statementQuery);
  if (!query.ok) return query;
  const { ownerId, period, limit, cursor } = query.value;
  const after = cursor === undefined ? null : readLinePlace(cursor);
  if (cursor !== undefined && after === null) return refused("invalid_cursor", { field: "cursor" });
  if (!(await hasOwner(call, ownerId))) return refused("owner_not_found", { field: "ownerId" });
  const tenant = tenantOf(call);
  const books = await readBooks(call.database, tenant);
  const bounds = datesOf(period, tenant);
  const nets = (await readNets(call, books, [period, period])).get(period) ?? [];
  const own = nets.filter(({ ownerA, ownerB }) => ownerA === ownerId || ownerB === ownerId).toSorted(byOwners);
  const wish = { ownerId, period, ...bounds, books, after, limit: limit + 1 };
  const rows = await readLines(call.database, tenant.tenantId, wish);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return done({
    ownerId,
    ...periodAnswer(books, period, tenant),
    totals: totalsOf(own, ownerId),
    counterparties: own.map((net) => sideOf(net, ownerId)),
    lines: shown.map((row) => lineAnswer(row, ownerId, bounds.from)),
    nextCursor: rows.length > limit && last !== undefined ? writeLinePlace(last) : null,
  });
}

async function downloadClearingStatement(call: Call): Promise<Read<unknown>> {
  const query = readQuery(call.request.url, statementFileQuery);
  if (!query.ok) return query;
  const { ownerId, period } = query.value;
  if (!(await hasOwner(call, ownerId))) return refused("owner_not_found", { field: "ownerId" });
  const tenant = tenantOf(call);
  const books = await readBooks(call.database, tenant);
  return done(statementDownload(call.database, tenant, { ownerId, period, ...datesOf(period, tenant), books }));
}

async function getClearingBalances(call: Call): Promise<Read<ClearingBalances>> {
  const query = readQuery(call.request.url, periodRangeQuery);
  if (!query.ok) return query;
  const { from, to } = query.value;
  const periods = periodsBetween(from, to);
  if (periods.length === 0 || periods.length > CLEARING_PERIODS_MAX) {
    return refused("number_out_of_range", { field: "to", facts: { limit: `1-${CLEARING_PERIODS_MAX} periods` } });
  }
  const tenant = tenantOf(call);
  const books = await readBooks(call.database, tenant);
  const nets = await readNets(call, books, [from, to]);
  const answers = periods.map((period) => {
    const pairs = (nets.get(period) ?? []).toSorted(byOwners);
    return { ...periodAnswer(books, period, tenant), owners: booksOf(pairs), pairs };
  });
  return done({ periods: answers, sums: sumsOf(answers.flatMap((one) => one.owners)) });
}

/** Locks the next period once it is over; a period that is locked gives its lock again. */
async function lockClearingPeriod(call: Call): Promise<Read<ClearingPeriod>> {
  const tenant = tenantOf(call);
  const period = parameterOf(call, "period");
  const { from, until } = datesOf(period, tenant);
  const books = await readBooks(call.database, tenant);
  const next = books.firstOpen;
  if (books.locked.every((one) => one.period !== period)) {
    if (next !== null && period !== next) {
      return refused("period_not_next", { field: "period", facts: { next } });
    }
    if (until.getTime() > call.now) {
      return refused("period_not_over", { field: "period", facts: { until: until.toISOString() } });
    }
    // Where the time zone of a tenant changes, a period begins where the one before ended.
    const starts = (books.opened ?? from).toISOString();
    const locking = [until, new Date(call.now)].map((date) => date.toISOString());
    const lock = call.database.execute(
      sql`select lock_period(${period}, ${starts}::timestamptz, ${locking[0]}::timestamptz, ${locking[1]}::timestamptz)`,
    );
    try {
      await withTenant(call.database, tenant.tenantId, [lock]);
    } catch (error) {
      if (postgresCode(error) !== UNIQUE_VIOLATION) throw error;
    }
  }
  return done(periodAnswer(await readBooks(call.database, tenant), period, tenant));
}

// Open periods are worked out one after the other, since each carries to the next.
async function readNets(
  call: Call,
  books: BookState,
  [from, to]: readonly [from: string, to: string],
): Promise<ReadonlyMap<string, readonly PairNet[]>> {
  const tenant = tenantOf(call);
  const newest = books.locked[0]?.period;
  const first = newest !== undefined && newest < from ? newest : from;
  const nets = await readLockedNets(call.database, tenant.tenantId, [first, to]);
  if (books.firstOpen === null || to < books.firstOpen) return nets;
  const changes = await readOpenChanges(call.database, tenant, { books, until: datesOf(to, tenant).until });
  let carried = newest === undefined ? [] : (nets.get(newest) ?? []);
  for (const period of periodsBetween(books.firstOpen, to)) {
    carried = netsOf(carried, changes.get(period) ?? []);
    nets.set(period, carried);
  }
  return nets;
}

async function hasOwner(call: Call, ownerId: string): Promise<boolean> {
  const present = call.database.select({ id: owners.ownerId }).from(owners).where(eq(owners.ownerId, ownerId));
  const [rows] = await withTenant(call.database, tenantOf(call).tenantId, [present]);
  return rows.length > 0;
}

function periodAnswer(books: BookState, period: string, tenant: TenantRow): ClearingPeriod {
  const locked = books.locked.find((one) => one.period === period);
  const { from, until } =
    locked === undefined ? datesOf(period, tenant) : { from: locked.startsAt, until: locked.endsAt };
  const isBefore = books.opened !== null && books.firstOpen !== null && period < books.firstOpen;
  const state = locked !== undefined ? "locked" : isBefore ? "before" : "open";
  const lockedAt = locked?.lockedAt.toISOString() ?? null;
  return { period, state, from: from.toISOString(), until: until.toISOString(), lockedAt };
}

function datesOf(period: string, { timeZone }: TenantRow): { from: Date; until: Date } {
  const { from, until } = boundsOf(period, timeZone);
  return { from: new Date(from), until: new Date(until) };
}

function byOwners(one: PairNet, other: PairNet): number {
  const keyOf = ({ ownerA, ownerB, money }: PairNet) => JSON.stringify([ownerA, ownerB, money]);
  return keyOf(one) < keyOf(other) ? -1 : 1;
}

/** A pair as one of the two sees it: positive when it receives. */
function sideOf(net: PairNet, ownerId: string) {
  const isDebtor = net.ownerA === ownerId;
  const signed = (amount: number) => (isDebtor && amount !== 0 ? -amount : amount);
  return {
    ownerId: isDebtor ? net.ownerB : net.ownerA,
    money: net.money,
    openingMilli: signed(net.openingMilli),
    changeMilli: signed(net.changeMilli),
    settled: signed(net.settled),
    closingMilli: signed(net.closingMilli),
    lines: net.lines,
  };
}

function totalsOf(nets: readonly PairNet[], ownerId: string): ClearingStatement["totals"] {
  const linesOf = (money: string) => nets.reduce((sum, net) => (net.money === money ? sum + net.lines : sum), 0);
  return booksOf(nets)
    .filter((book) => book.ownerId === ownerId)
    .map(({ ownerId: _ownerId, ...net }) => ({ ...net, lines: linesOf(net.money) }));
}

function sumsOf(books: readonly OwnerBook[]): ClearingBalances["sums"] {
  const sums = new Map<string, ClearingBalances["sums"][number]>();
  for (const { ownerId: _ownerId, ...book } of books) {
    const sum = sums.get(book.money);
    const add = (column: "openingMilli" | "changeMilli" | "settled" | "closingMilli") =>
      (sum?.[column] ?? 0) + book[column];
    sums.set(book.money, {
      money: book.money,
      openingMilli: add("openingMilli"),
      changeMilli: add("changeMilli"),
      settled: add("settled"),
      closingMilli: add("closingMilli"),
    });
  }
  return [...sums.values()];
}
