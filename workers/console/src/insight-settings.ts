// Keeps how a tenant wants its members to be judged; a change of it has all members worked out again.
import { insightSettings, type InsightSettings, readInsightSettings } from "@regulars/contracts/insights-settings";
import { type Read, readJson } from "@regulars/edge/body";
import { canonicalJson } from "@regulars/edge/idempotency";
import { withTenant } from "@regulars/schema/connection";
import { insightStates } from "@regulars/schema/insights";
import { eq, type SQL, sql } from "drizzle-orm";
import { type Call, done, tenantOf } from "./call.ts";

export async function getInsightSettings(call: Call): Promise<Read<InsightSettings>> {
  return done(await readSettings(call));
}

export async function putInsightSettings(call: Call): Promise<Read<InsightSettings>> {
  const body = await readJson(call.request, insightSettings);
  if (!body.ok) return body;
  if (canonicalJson(await readSettings(call)) === canonicalJson(body.value)) return done(body.value);
  const { tenantId } = tenantOf(call);
  const settings = JSON.stringify(body.value);
  const store = sql`
    update insight_states set settings = ${settings}::jsonb where tenant_id = ${tenantId}`;
  await withTenant(call.database, tenantId, [
    call.database.execute(wantSweep(tenantId, sql`from (select 1) as once`)),
    call.database.execute(store),
  ]);
  return done(body.value);
}

/** Asks the runs to pass over all members from their orders on; `reason` is a source of one row, or of none: then nothing is asked. */
export function wantSweep(tenantId: string, reason: SQL): SQL {
  return sql`
    insert into insight_states as present (tenant_id, sweep)
    select ${tenantId}, '{"wanted": "figures"}'::jsonb ${reason}
    on conflict (tenant_id) do update
      set sweep = jsonb_set(coalesce(present.sweep, '{}'), '{wanted}', '"figures"')`;
}

async function readSettings(call: Call): Promise<InsightSettings> {
  const { tenantId } = tenantOf(call);
  const stored = call.database
    .select({ settings: insightStates.settings })
    .from(insightStates)
    .where(eq(insightStates.tenantId, tenantId));
  const [[row]] = await withTenant(call.database, tenantId, [stored]);
  return readInsightSettings(row?.settings ?? null);
}
