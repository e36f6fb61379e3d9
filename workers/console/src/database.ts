// Opens this Worker's PostgreSQL, and tells a database that is down from a statement that it refused.
import type { Refusal } from "@regulars/contracts/refusals";
import { type Database, openDatabase } from "@regulars/schema/connection";

let opened: { readonly url: string; readonly database: Database } | null = null;

export function databaseOf(env: Env): Database {
  if (opened?.url !== env.DATABASE_URL) {
    const options = { databaseUrl: env.DATABASE_URL, fetchEndpoint: env.NEON_FETCH_ENDPOINT };
    opened = { url: env.DATABASE_URL, database: openDatabase(options) };
  }
  return opened.database;
}

/** PostgreSQL's own code of an error, such as 23505 for a key that exists; null when it never answered. */
export function postgresCode(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("code" in cause && typeof cause.code === "string" && cause.code.length === 5) return cause.code;
  }
  return null;
}

/** The constraint that a statement broke. */
export function brokenConstraint(error: unknown): string | null {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ("constraint" in cause && typeof cause.constraint === "string") return cause.constraint;
  }
  return null;
}

/** `unavailable` when the database could not be reached or is starting or stopping; null for every other error. */
export function refusalOfDatabaseError(error: unknown): Refusal | null {
  const code = postgresCode(error);
  if (code !== null) return /^(08|53|57)/.test(code) ? { code: "unavailable" } : null;
  return isOfDriver(error) ? { code: "unavailable" } : null;
}

function isOfDriver(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.name === "NeonDbError") return true;
  }
  return false;
}
