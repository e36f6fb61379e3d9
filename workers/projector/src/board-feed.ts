// Keeps the boards of stores up to date: works out what events change on them, adds it, and rebuilds a board.
import type { MemberEvent, Transaction } from "@regulars/contracts/events";
import { localTime } from "@regulars/domain/calendar";
import { openDatabase, withTenant, type Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { proxyDurable } from "itty-durable/proxy-durable";
import { addFigures, emptyFigures, type BoardFigures } from "./store-board.ts";

/** What one event changes on the board of its store, on the day that the order was placed. */
export interface BoardChange {
  readonly tenantId: string;
  readonly storeId: string;
  readonly placedAt: number;
  readonly orders: number;
  readonly sales: number;
  readonly given: Readonly<Record<string, number>>;
  readonly spent: Readonly<Record<string, number>>;
}

export function boardChanges(events: readonly MemberEvent[]): BoardChange[] {
  return events.flatMap(({ tenantId, body }) => {
    if (!("order" in body) || body.kind === "order.authorized") return [];
    const { storeId, placedAt, net, returned } = body.order;
    // A cancelled order has lines given back only when it had been paid.
    const hadBeenPaid = Object.keys(returned).length > 0;
    const orders = body.kind === "order.paid" ? 1 : body.kind !== "order.refunded" && hadBeenPaid ? -1 : 0;
    const given = pointsOf(body.transactions, "issued", -1);
    const spent = pointsOf(body.transactions, "redeemed", 1);
    return [{ tenantId, storeId, placedAt, orders, sales: orders * net, given, spent }];
  });
}

/** Adds the changes to their boards: one call a store. What fails is lost until the board is rebuilt. */
export async function feedBoards(env: Env, changes: readonly BoardChange[]): Promise<void> {
  try {
    for (const [tenantId, ofTenant] of Map.groupBy(changes, (change) => change.tenantId)) {
      const timeZone = await timeZoneOf(env, tenantId);
      const byStore = Map.groupBy(ofTenant, (change) => change.storeId);
      await Promise.all(
        [...byStore].map(([storeId, ofStore]) => boardOf(env, tenantId, storeId).add(sumOf(ofStore, timeZone))),
      );
    }
  } catch (error) {
    console.warn(JSON.stringify({ message: "board not fed", error: String(error) }));
  }
}

/** Puts on the board what PostgreSQL says of today. */
export async function rebuildBoard(env: Env, tenantId: string, storeId: string): Promise<void> {
  const database = databaseOf(env);
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ figures: BoardFigures }>(sql`select board_figures(${storeId}, now()) as figures`),
  ]);
  const [row] = rows;
  if (row !== undefined) await boardOf(env, tenantId, storeId).replace(row.figures);
}

/** The latest day of the changes, since a board shows one day. */
function sumOf(changes: readonly BoardChange[], timeZone: string): BoardFigures {
  return changes
    .map(({ placedAt, orders, sales, given, spent }) => ({
      day: dayOf(placedAt, timeZone),
      orders,
      sales,
      given,
      spent,
    }))
    .reduce(addFigures, emptyFigures(""));
}

function dayOf(instant: number, timeZone: string): string {
  const { year, month, day } = localTime(instant, timeZone);
  return [String(year).padStart(4, "0"), String(month).padStart(2, "0"), String(day).padStart(2, "0")].join("-");
}

function pointsOf(transactions: readonly Transaction[], account: string, sign: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { entries } of transactions) {
    for (const entry of entries) {
      if (entry.account === account) sums[entry.currency] = (sums[entry.currency] ?? 0) + sign * entry.points;
    }
  }
  return sums;
}

interface Board {
  add(change: BoardFigures): Promise<BoardFigures>;
  replace(figures: BoardFigures): Promise<BoardFigures>;
}

function boardOf(env: Env, tenantId: string, storeId: string): Board {
  // The proxy makes a method of every name; StoreBoard has these.
  return proxyDurable(env.STORE_BOARD, { parse: true }).get(`${tenantId}:${storeId}`) as Board;
}

// A tenant's time zone never changes while an isolate lives long enough to notice.
const timeZones = new Map<string, string>();
const TIME_ZONES_KEPT_MAX = 1000;

async function timeZoneOf(env: Env, tenantId: string): Promise<string> {
  const known = timeZones.get(tenantId);
  if (known !== undefined) return known;
  const database = databaseOf(env);
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ time_zone: string }>(sql`select time_zone from tenants`),
  ]);
  const timeZone = rows[0]?.time_zone ?? "UTC";
  if (timeZones.size >= TIME_ZONES_KEPT_MAX) timeZones.clear();
  timeZones.set(tenantId, timeZone);
  return timeZone;
}

function databaseOf(env: Env): Database {
  return openDatabase({ databaseUrl: env.DATABASE_URL, fetchEndpoint: env.NEON_FETCH_ENDPOINT });
}
