// What is done once a local day, before anything else: bins and bands are measured again, and whoever is elsewhere is marked, or everybody scored.
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { markOutdated, measureCuts } from "./cuts.ts";
import { keepLease } from "./lease.ts";
import { readModels, saysTheSame, writeModel } from "./models.ts";
import { NO_CUTS, type RunScope } from "./run-scope.ts";
import { askSweep } from "./sweep-state.ts";
import { storeFiguresCarefully } from "./touch-carefully.ts";
import { pageSize, pendingMembers } from "./touched.ts";

/** Does it where it was not done today; false when it was. */
export async function refreshDay(scope: RunScope, { again = false } = {}): Promise<boolean> {
  const { database, scene, token, dayDone } = scope;
  if (dayDone === scene.today && !again) return false;
  // A test clock may go back: figures that count days to come are made anew for everybody, and that pass measures by them.
  if (dayDone !== null && dayDone > scene.today) await askSweep(scope, "figures");
  else await measureAgain(scope);
  await withTenant(database, scene.tenantId, [
    database.execute(
      sql`update insight_states set day_done = ${scene.today}::date where tenant_id = ${scene.tenantId}::text`,
    ),
    keepLease(database, token),
  ]);
  scope.dayDone = scene.today;
  return true;
}

async function measureAgain(scope: RunScope): Promise<void> {
  const { database, scene, token } = scope;
  await sumUpPending(scope);
  await refreshCuts(scope);
  const cuts = scope.models.cuts?.document ?? NO_CUTS;
  const areMarked = await markOutdated(database, scene, { cuts, token });
  const { pass, wanted } = scope.sweep;
  const isComing = pass === "figures" || wanted === "figures" || wanted === "scores";
  if (!areMarked && !isComing) await askSweep(scope, "scores");
}

/** Cuts are those of today's figures: whoever waits is summed up first, and scored by the new cuts after. */
async function sumUpPending(scope: RunScope): Promise<void> {
  const limit = pageSize(scope);
  for (let after: string | undefined = ""; after !== undefined;) {
    const page: string[] = await pendingMembers(scope, { after, limit });
    await storeFiguresCarefully(scope, page);
    after = page.length < limit ? undefined : page.at(-1);
  }
}

/** Brings the cuts of the figures as they stand into force, where they differ from those before. */
export async function refreshCuts(scope: RunScope): Promise<void> {
  const { database, scene, token, settings, moneyUnit, models } = scope;
  const document = (await measureCuts(database, scene, { settings, moneyUnit })) ?? NO_CUTS;
  if (models.cuts !== undefined && saysTheSame(models.cuts.document, document)) return;
  await writeModel(database, scene, { token, kind: "cuts", document });
  scope.models = await readModels(database, scene);
}
