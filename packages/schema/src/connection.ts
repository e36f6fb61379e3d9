// Opens PostgreSQL through Neon's HTTP driver, and runs statements as one tenant in one round trip.
import { neon, neonConfig } from "@neondatabase/serverless";
import { sql } from "drizzle-orm";
import type { BatchItem, BatchResponse } from "drizzle-orm/batch";
import { drizzle, type NeonHttpDatabase } from "drizzle-orm/neon-http";

/** A batch of 2,000 events takes under a second; a database that takes longer is down, and the batch comes again. */
const ROUND_TRIP_MILLISECONDS = 15_000;

export type Database = NeonHttpDatabase;

/**
 * `fetchEndpoint` is set only where a gateway stands in for Neon; empty means Neon's own. `roundTripMilliseconds`: how long a
 * transaction may take before it is given up, for Workers whose statements are long.
 */
export function openDatabase(options: {
  databaseUrl: string;
  fetchEndpoint?: string;
  roundTripMilliseconds?: number;
}): Database {
  neonConfig.fetchFunction = fetchWithin(options.roundTripMilliseconds ?? ROUND_TRIP_MILLISECONDS);
  if (options.fetchEndpoint) neonConfig.fetchEndpoint = options.fetchEndpoint;
  return drizzle({ client: neon(options.databaseUrl) });
}

/**
 * Runs the statements in one transaction and one round trip, seeing and changing rows of this tenant only. `planning`: settings of
 * PostgreSQL for these statements alone.
 * Returns their results in order; throws when any of them fails, and then none has had an effect.
 */
export async function withTenant<Statements extends readonly [BatchItem<"pg">, ...BatchItem<"pg">[]]>(
  database: Database,
  tenantId: string,
  statements: Statements,
  { planning = {} }: { readonly planning?: Readonly<Record<string, string>> } = {},
): Promise<BatchResponse<Statements>> {
  const settings = Object.entries({ "app.tenant_id": tenantId, ...planning }).map(
    ([name, value]) => sql`set_config(${name}, ${value}, true)`,
  );
  const set = database.execute(sql`select ${sql.join(settings, sql`, `)}`);
  const results: unknown[] = await database.batch([set, ...statements]);
  // The driver answers one result for each statement in order; the first is that of set_config.
  return results.slice(1) as BatchResponse<Statements>;
}

// The driver takes one signal for all its queries, so that each gets its own here.
function fetchWithin(milliseconds: number) {
  return (url: string, init: RequestInit): Promise<Response> =>
    fetch(url, { ...init, signal: AbortSignal.timeout(milliseconds) });
}
