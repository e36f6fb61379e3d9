// What is done once a local night: models are fitted again, and then the steps of night-steps.ts, each once.
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { fitCycle, type NewModels, refit } from "./fits.ts";
import { keepLease } from "./lease.ts";
import { type ModelDocuments, readModels, writeModel } from "./models.ts";
import { nightSteps } from "./night-steps.ts";
import { sampleOrders } from "./order-sample.ts";
import type { NightProgress, RunScope } from "./run-scope.ts";
import { askSweep } from "./sweep-state.ts";

/** Shops are closed, and the day that is over is whole. */
const NIGHT_FROM_HOUR = 3;
const FIT = "fit";

/** The next step of tonight's work, if it is time for it (or it is wanted now); false when nothing is left of it. */
export async function workNight(scope: RunScope, isWanted: boolean): Promise<boolean> {
  const { scene, nightDone, night } = scope;
  if (nightDone === scene.today || (!isWanted && localHour(scene) < NIGHT_FROM_HOUR)) return false;
  const done = night?.day === scene.today ? night.done : [];
  if (!done.includes(FIT)) {
    const wanted = await fitModels(scope);
    if (wanted !== null) await askSweep(scope, wanted);
    await keepProgress(scope, [...done, FIT]);
    return true;
  }
  const step = nightSteps.find(({ name }) => !done.includes(name));
  if (step === undefined) {
    await endNight(scope);
    return true;
  }
  const { env, database, settings, token } = scope;
  await step.work({ env, database, scene, settings, keep: () => keepLease(database, token) });
  await keepProgress(scope, [...done, step.name]);
  return true;
}

/** The cycle by which the first figures are summed up. */
export async function bootstrapCycle(scope: RunScope): Promise<void> {
  const orders = await sampleOrders(scope.database, scope.scene);
  await bring(scope, { cycle: fitCycle(orders, scope.settings) });
}

/** Fits every model and brings what differs into force. What is to be worked out anew for everybody by it; null: nothing. */
export async function fitModels(scope: RunScope): Promise<"figures" | "scores" | null> {
  const { database, scene, models, settings } = scope;
  const fitted = refit(scene, await sampleOrders(database, scene), models, settings);
  await bring(scope, fitted);
  if (fitted.cycle !== undefined) return "figures";
  return isNewSay(fitted.orders, models.orders) || isNewSay(fitted.spending, models.spending) ? "scores" : null;
}

/** A refusal in the place of another says what is missing now, and changes nobody's score. */
function isNewSay(
  fitted: { readonly model: string | null } | undefined,
  before: { readonly document: { readonly model: string | null } } | undefined,
): boolean {
  return fitted !== undefined && (fitted.model !== null || (before?.document.model ?? null) !== null);
}

async function bring(scope: RunScope, fitted: NewModels): Promise<void> {
  const { database, scene, token } = scope;
  // The keys of NewModels are kinds, each with its own document.
  for (const [kind, document] of Object.entries(fitted) as [keyof NewModels, ModelDocuments[keyof NewModels]][]) {
    await writeModel(database, scene, { token, kind, document });
  }
  scope.models = await readModels(database, scene);
}

async function keepProgress(scope: RunScope, done: readonly string[]): Promise<void> {
  const { database, scene, token } = scope;
  const night: NightProgress = { day: scene.today, done };
  await withTenant(database, scene.tenantId, [
    database.execute(sql`update insight_states set night = ${JSON.stringify(night)}::jsonb
      where tenant_id = ${scene.tenantId}::text`),
    keepLease(database, token),
  ]);
  scope.night = night;
}

async function endNight(scope: RunScope): Promise<void> {
  const { database, scene, token } = scope;
  await withTenant(database, scene.tenantId, [
    database.execute(sql`update insight_states set night = null, night_done = ${scene.today}::date
      where tenant_id = ${scene.tenantId}::text`),
    keepLease(database, token),
  ]);
  scope.night = null;
  scope.nightDone = scene.today;
}

function localHour({ now, timeZone }: RunScope["scene"]): number {
  return Number(new Intl.DateTimeFormat("en-GB", { timeZone, hour: "2-digit", hourCycle: "h23" }).format(now));
}
