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
  /** Whom the transaction touches, where that is a stretch of ids and no list. */
  readonly stretch?: Stretch;
}

/** Everybody after one id until another, as a pass over all takes them: no list of ids, and no look for each of them. */
export interface Stretch {
  readonly after: string;
  readonly upTo: string;
  /** How many there were when it was cut. */
  readonly members: number;
}

/** The members of one transaction. */
export type Page = readonly string[] | Stretch;

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

/** The scene of a transaction about the page. */
export function sceneWith(scene: Scene, page: Page): Scene {
  return isStretch(page) ? { ...scene, stretch: page } : scene;
}

export function isStretch(page: Page): page is Stretch {
  return "upTo" in page;
}

/**
 * Names the members of the transaction: statements after it find them by `touchedRows`, `isTouched` and `touchedIds` of a scene with the page.
 * Plans are the same whatever PostgreSQL has counted: by index, in memory, without remembering what is asked for only once, and never
 * compiled for the few seconds that they run.
 */
export function touchMembers(database: Database, page: Page) {
  const ids = isStretch(page) ? [] : page;
  return database.execute(sql`select set_config('app.touched', ${JSON.stringify(ids)}, true),
    set_config('enable_seqscan', 'off', true), set_config('enable_memoize', 'off', true), set_config('jit', 'off', true),
    set_config('work_mem', '32MB', true)`);
}

/**
 * The statements, which join rows of touched members. In a stretch they are run without loops in loops: what PostgreSQL takes for a few
 * rows may be thousands. Listed members are found by loops over their keys.
 */
export function joiningTouched<Statement>(
  database: Database,
  { stretch }: Pick<Scene, "stretch">,
  statements: readonly Statement[],
): (Statement | ReturnType<Database["execute"]>)[] {
  if (stretch === undefined || statements.length === 0) return [...statements];
  const loops = (setting: "on" | "off") =>
    database.execute(sql`select set_config('enable_nestloop', ${setting}, true)`);
  return [loops("off"), ...statements, loops("on")];
}

/**
 * Rows of touched members in a table, as `alias`. Of listed ones each is found by its key: `offset 0` keeps PostgreSQL from reading
 * all rows of a tenant, of which it may not know yet how many there are, and a run from costing what exists instead of what changed.
 */
export function touchedRows(table: SQL, alias: SQL, scene: Scene): SQL {
  const own = sql`x.tenant_id = ${scene.tenantId}::text`;
  return scene.stretch === undefined
    ? sql`touched_members() as touched(id) cross join lateral (
        select * from ${table} as x where ${own} and x.member_id = touched.id offset 0) as ${alias}`
    : sql`(select * from ${table} as x where ${own} and ${isTouched(sql`x.member_id`, scene)} offset 0) as ${alias}`;
}

/** The same as a condition, for statements that change rows. */
export function isTouched(memberId: SQL, { stretch }: Scene): SQL {
  return stretch === undefined
    ? sql`${memberId} = any(array(select touched_members()))`
    : sql`(${memberId} > ${stretch.after}::text and ${memberId} <= ${stretch.upTo}::text)`;
}

/** A query of the ids of touched members who may have rows in the table: of a stretch, those who have. */
export function holders(table: SQL, scene: Scene): SQL {
  return scene.stretch === undefined
    ? touchedIds(scene)
    : sql`select h.member_id from ${table} as h
        where h.tenant_id = ${scene.tenantId}::text and ${isTouched(sql`h.member_id`, scene)}`;
}

/** A query of the ids of touched members, also of those who are gone. */
export function touchedIds(scene: Scene): SQL {
  return scene.stretch === undefined ? sql`select touched_members() as member_id` : holders(sql`members`, scene);
}
