// Lets one run at a time work on a tenant: a lease that is kept by every transaction, and runs out by itself.
import { type Database, withTenant } from "@regulars/schema/connection";
import { insightStates } from "@regulars/schema/insights";
import { sql } from "drizzle-orm";
import type { Scene } from "./scene.ts";

/** A transaction that takes longer than this has failed; whoever comes after a crash waits as long at the most. */
const LEASE_SECONDS = 90;

export type InsightState = typeof insightStates.$inferSelect;

/** The tenant's state, with the lease on it under `token`; null while another run holds it. */
export async function takeLease(database: Database, { tenantId }: Scene, token: string): Promise<InsightState | null> {
  const taken = database.execute(sql`
    insert into insight_states as s (tenant_id, lease_token, lease_until)
    values (${tenantId}::text, ${token}::text, clock_timestamp() + make_interval(secs => ${LEASE_SECONDS}::int))
    on conflict (tenant_id) do update set lease_token = excluded.lease_token, lease_until = excluded.lease_until
    where s.lease_until is null or s.lease_until < clock_timestamp() or s.lease_token = excluded.lease_token
    returning s.tenant_id`);
  const [{ rows }, [state]] = await withTenant(database, tenantId, [taken, database.select().from(insightStates)]);
  return rows.length === 0 ? null : (state ?? null);
}

/** Put last into a transaction that writes: without the lease none of it has an effect. Last, since it locks the row. */
export function keepLease(database: Database, token: string) {
  return database.execute(sql`select keep_lease(${token}::text, ${LEASE_SECONDS}::int)`);
}

/** Lets the next run begin at once; `error` stays visible until a run ends well. */
export async function releaseLease(
  database: Database,
  { tenantId, now }: Scene,
  release: { readonly token: string; readonly error: string | null; readonly lastRunAt?: Date | null },
): Promise<void> {
  const { token, error, lastRunAt = new Date(now) } = release;
  const at = lastRunAt?.toISOString() ?? null;
  const statement = database.execute(sql`
    update insight_states set lease_until = null, last_run_at = ${at}::timestamptz, last_error = ${error}::text
    where tenant_id = ${tenantId}::text and lease_token = ${token}::text`);
  await withTenant(database, tenantId, [statement]);
}

/** Whether an error says that another run has taken over. */
export function isLeaseLost(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause.message.includes("lease_lost")) return true;
  }
  return false;
}
