// Writes where the passes over everybody stand, and what somebody wishes of them.
import { withTenant } from "@regulars/schema/connection";
import type { BatchItem } from "drizzle-orm/batch";
import { sql } from "drizzle-orm";
import { keepLease } from "./lease.ts";
import type { RunScope } from "./run-scope.ts";
import { IDLE, type Sweep } from "./sweep.ts";

/** What includes the others comes first. */
const STRENGTHS = ["figures", "scores", "segments"] as const;

/** Notes that everybody is to be summed up, or only scored, anew; a pass under way begins again. */
export async function askSweep(scope: RunScope, wanted: NonNullable<Sweep["wanted"]>): Promise<void> {
  const { passed, tellsInsights, wanted: before, pass } = scope.sweep;
  const strongest = STRENGTHS.find((strength) => [wanted, before, pass].includes(strength)) ?? wanted;
  await keepSweep(scope, { ...IDLE, passed, tellsInsights, wanted: strongest });
}

/** Objects are told stage, band and churn risk once a program looks at them: from then on, everybody's. */
export async function followProgram(scope: RunScope): Promise<void> {
  if (scope.usesInsights === scope.sweep.tellsInsights) return;
  scope.sweep = { ...scope.sweep, tellsInsights: scope.usesInsights };
  await askSweep(scope, "segments");
}

/** Writes how far the sweep is, together with what ends a pass. A wish that the console wrote meanwhile stays. */
export async function keepSweep(scope: RunScope, sweep: Sweep, more: readonly BatchItem<"pg">[] = []): Promise<void> {
  const { database, scene, token } = scope;
  const before = scope.sweep.wanted;
  const results = await withTenant(database, scene.tenantId, [
    database.execute<{ wanted: Sweep["wanted"] }>(sql`
      update insight_states set sweep = ${JSON.stringify(sweep)}::jsonb || case
        when sweep ->> 'wanted' is distinct from ${before}::text and sweep ->> 'wanted' is not null
        then jsonb_build_object('wanted', sweep ->> 'wanted') else '{}' end
      where tenant_id = ${scene.tenantId}::text returning sweep ->> 'wanted' as wanted`),
    ...more,
    keepLease(database, token),
  ]);
  scope.sweep = { ...sweep, wanted: results[0].rows[0]?.wanted ?? null };
}
