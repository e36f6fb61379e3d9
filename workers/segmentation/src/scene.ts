// What every statement of a run is about: a tenant, its clock, and the members that the transaction touches.
import { dayNumber, dayText } from "@regulars/insights/days";
import { type Database, openDatabase } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";

/** `today` is the local day of `now` in the tenant's zone: everything is worked out as of it, itself included. */
export interface Scene {
  readonly tenantId: string;
  readonly timeZone: string;
  /** Unix ms. */
  readonly now: number;
  readonly today: string;
}

/** Members of one transaction: their statements take a second or two, far below the limit of 30 s. */
export const TOUCHED_MAX = 5000;
/** No statement may take longer; the longest ones sum up a million members. */
const ROUND_TRIP_MILLISECONDS = 30_000;

export function sceneOf(context: Pick<Scene, "tenantId" | "timeZone" | "now">): Scene {
  const { tenantId, timeZone, now } = context;
  return { tenantId, timeZone, now, today: localDay(now, timeZone) };
}

/** The local day `YYYY-MM-DD` of an instant. */
export function localDay(instant: number, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone, dateStyle: "short" }).format(instant);
}

/** The local day so many days after another. */
export function dayAfter(day: string, days: number): string {
  return dayText(dayNumber(day) + days);
}

export function databaseOf(env: Pick<Env, "DATABASE_URL" | "NEON_FETCH_ENDPOINT">): Database {
  const { DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT: fetchEndpoint } = env;
  return openDatabase({ databaseUrl, fetchEndpoint, roundTripMilliseconds: ROUND_TRIP_MILLISECONDS });
}

/** Names the members of the transaction: statements after it read them by `touched_members()`, or by `isTouched`. */
export function touchMembers(database: Database, memberIds: readonly string[]) {
  return database.execute(sql`select set_config('app.touched', ${JSON.stringify(memberIds)}, true),
    set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), set_config('work_mem', '32MB', true)`);
}

/**
 * Rows of touched members in a table, as `alias`, each found by its key: `offset 0` keeps PostgreSQL from reading all rows of a tenant,
 * of which it may not know yet how many there are, and a run from costing what exists instead of what changed.
 */
export function touchedRows(table: SQL, alias: SQL, tenantId: string): SQL {
  return sql`touched_members() as touched(id) cross join lateral (
    select * from ${table} as x where x.tenant_id = ${tenantId}::text and x.member_id = touched.id offset 0) as ${alias}`;
}

/** The same as a condition, for statements that change rows. */
export function isTouched(memberId: SQL): SQL {
  return sql`${memberId} = any(array(select touched_members()))`;
}
