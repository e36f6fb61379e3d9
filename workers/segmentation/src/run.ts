// One slice of work on a tenant: whoever changed, the passes over all, what is done once a day and once a night, and telling it.
import type { InsightContext, RunReport, SegmentationRpc } from "@regulars/contracts/segmentation-rpc";
import { type Database, withTenant } from "@regulars/schema/connection";
import { insightRuns } from "@regulars/schema/insights";
import { tenants } from "@regulars/schema/tenants";
import { refreshDay } from "./day.ts";
import { sendInsightEvents } from "./insight-outbox.ts";
import { pushLabels } from "./labels.ts";
import { type InsightState, isLeaseLost, keepLease, releaseLease, takeLease } from "./lease.ts";
import { bootstrapCycle, workNight } from "./night.ts";
import { isOver, openScope, reloadRules, type RunScope } from "./run-scope.ts";
import { databaseOf, type Scene, sceneOf } from "./scene.ts";
import { advanceSweep } from "./sweep-pages.ts";
import { askSweep, followProgram } from "./sweep-state.ts";
import { touchChanged } from "./touch-carefully.ts";
import { nextTouched } from "./touched.ts";

/** How long one slice works; whoever asked gets an answer then, and the rest is another slice. */
const SLICE_MILLISECONDS = 20_000;
/** Telling objects and the queue may take so much longer: they wait for what the slice has just decided. */
const TELLING_MILLISECONDS = 10_000;
/** A clock that is off by more than this is not the real one. */
const TEST_CLOCK_MILLISECONDS = 2 * 86_400_000;
/** One transaction for each; a run that needs more of them than this has a fault, and says so. */
const STEPS_MAX = 100_000;

export type RunWish = NonNullable<Parameters<SegmentationRpc["run"]>[1]> & {
  /** Cron asks, by the clock; everybody else says what time it is to be. */
  readonly byCron?: boolean;
};

/** Works until nothing is left or the slice is over. Whatever goes wrong is written down first, and then thrown: a run that lost its lease only stops. */
export async function runTenant(env: Env, context: InsightContext, wish: RunWish = {}): Promise<RunReport> {
  const scene = sceneOf(context);
  const database = databaseOf(env);
  const token = crypto.randomUUID();
  const startedAt = Date.now();
  const state = await takeLease(database, scene, token);
  if (state === null) return reportOf(scene, null, false);
  let scope: RunScope | null = null;
  let error: string | null = null;
  let finished = false;
  if (wish.byCron === true && (await livesByTestClock(database, scene, state))) {
    await releaseLease(database, scene, { token, error: state.lastError, lastRunAt: state.lastRunAt });
    return reportOf(scene, null, true);
  }
  try {
    scope = await openScope({ env, database, scene, token, until: startedAt + SLICE_MILLISECONDS }, state);
    finished = await work(scope, state, wish);
  } catch (cause) {
    // Another run has the lease and everything that follows; this one has nothing more to say.
    if (isLeaseLost(cause)) return reportOf(scene, scope, false);
    error = String(cause instanceof Error ? (cause.cause ?? cause) : cause).slice(0, 500);
    console.error(
      JSON.stringify({ message: "segmentation failed", tenantId: scene.tenantId, error: String(cause), cause: error }),
    );
  }
  await writeRun({ scene, scope, token, startedAt, error });
  await releaseLease(database, scene, { token, error });
  if (error !== null) throw new Error(`segmentation of ${scene.tenantId} failed: ${error}`);
  return reportOf(scene, scope, finished);
}

async function work(scope: RunScope, state: InsightState, wish: RunWish): Promise<boolean> {
  if (scope.models.cycle === undefined) await bootstrapCycle(scope);
  // Asked again while it is under way, a rebuild goes on.
  const isRebuild = wish.rebuild === true && !scope.sweep.withNeeds;
  const isFirst = scope.models.cuts === undefined && scope.sweep.pass === null;
  if (isRebuild || isFirst) await askSweep(scope, "figures");
  await followProgram(scope);
  const isNight = wish.night === true || state.night !== null;
  let finished = false;
  for (let steps = 0; steps < STEPS_MAX && !finished && !isOver(scope); steps += 1) {
    finished = !(await workOnce(scope, isNight));
  }
  const until = Date.now() + TELLING_MILLISECONDS;
  const pushed = await pushLabels(scope.env, scope.scene, until);
  const sent = await sendInsightEvents(scope.env, scope.scene, until);
  return finished && pushed.finished && sent;
}

/** One transaction's worth of what is most urgent; false when nothing is left. */
async function workOnce(scope: RunScope, isNight: boolean): Promise<boolean> {
  const { pass, wanted } = scope.sweep;
  // What is about to be summed up for everybody anew need not be for some of them before.
  const isAnew = pass === null && wanted === "figures";
  if (scope.models.cuts !== undefined && !isAnew) {
    if (await refreshDay(scope)) return true;
    const touched = await nextTouched(scope);
    if (touched.memberIds.length > 0) {
      await reloadRules(scope);
      scope.tally.membersChanged += touched.memberIds.length;
      await touchChanged(scope, touched);
      // The first buyers of a tenant need not wait a day for bins.
      if (scope.models.cuts.document.recencyDays.length === 0) await refreshDay(scope, { again: true });
      return true;
    }
  }
  if (await advanceSweep(scope)) return true;
  return workNight(scope, isNight);
}

/** A sandbox that was last worked out as of another time stays there until its developers come back: cron would undo it. */
async function livesByTestClock(
  database: Database,
  { tenantId, now }: Scene,
  { lastRunAt }: InsightState,
): Promise<boolean> {
  if (lastRunAt === null || Math.abs(lastRunAt.getTime() - now) < TEST_CLOCK_MILLISECONDS) return false;
  const [[tenant]] = await withTenant(database, tenantId, [
    database.select({ sandbox: tenants.sandbox }).from(tenants),
  ]);
  return tenant?.sandbox === true;
}

async function writeRun(run: {
  readonly scene: Scene;
  readonly scope: RunScope | null;
  readonly token: string;
  readonly startedAt: number;
  readonly error: string | null;
}): Promise<void> {
  const { scene, scope, token, startedAt, error } = run;
  if (scope === null) return;
  const { database, tally } = scope;
  // Runs that found nothing to do would hide those that did.
  if (error === null && Object.values(tally).every((count) => count === 0)) return;
  const row = { tenantId: scene.tenantId, runId: token, asOf: scene.today, ...tally, error };
  const times = { startedAt: new Date(startedAt), endedAt: new Date() };
  await withTenant(database, scene.tenantId, [
    database.insert(insightRuns).values({ ...row, ...times }),
    keepLease(database, token),
  ]);
}

function reportOf(scene: Scene, scope: RunScope | null, finished: boolean): RunReport {
  const none = { membersChanged: 0, membersScored: 0, segmentsEntered: 0, segmentsLeft: 0 };
  return { ran: scope !== null, finished, asOf: scene.today, ...(scope?.tally ?? none) };
}
