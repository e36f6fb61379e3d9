// Works on the pass that is under way, a page at a time, and begins and ends passes.
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import { refreshCuts } from "./day.ts";
import { LANES, sideBySide } from "./lanes.ts";
import { keepLease } from "./lease.ts";
import { type MembershipChange, readMembershipChanges, recount } from "./membership.ts";
import { fitModels } from "./night.ts";
import { reloadRules, type RunScope } from "./run-scope.ts";
import { joiningTouched, sceneWith, type Stretch, touchMembers } from "./scene.ts";
import { countChanges, finishBuild, holdBuild, isTooLarge } from "./segment-builds.ts";
import { nextPass, rowsOfPass, type Sweep } from "./sweep.ts";
import { keepSweep } from "./sweep-state.ts";
import { expectEverybody, flipsOfFutureOrders } from "./touch.ts";
import { storeFiguresCarefully, touchCarefully } from "./touch-carefully.ts";
import { nextStretches, pageSize } from "./touched.ts";

/** Rounds of all lanes before the cursor is written: fewer round trips, and not much to do again after a crash. */
const ROUNDS = 8;

/** The next stretches, or the beginning or the end of a pass; false when there is nothing to do for everybody. */
export async function advanceSweep(scope: RunScope): Promise<boolean> {
  await reloadRules(scope);
  const { sweep } = scope;
  if (sweep.pass === null) {
    const next = nextPass(sweep, scope.segments, Date.now());
    if (next === null) return false;
    await keepSweep(scope, next, next.pass === "figures" ? [answerMarks(scope)] : []);
    return true;
  }
  const { ahead } = scope;
  const goesOn = ahead?.cursor === sweep.cursor;
  // A pass that another run began may be of another day, by which everybody is older.
  if (sweep.pass === "scores" && !goesOn) await expectEverybody(scope);
  const following = (after: string) => nextStretches(scope, { after, size: pageSize(scope), count: LANES * ROUNDS });
  const stretches = goesOn ? ahead.stretches : await following(sweep.cursor);
  const last = stretches.at(-1);
  if (last === undefined) {
    scope.ahead = null;
    await endPass(scope);
    return true;
  }
  const [counts, next] = await Promise.all([workStretches(scope, stretches), following(last.upTo)]);
  await keepSweep(scope, { ...sweep, counts, cursor: last.upTo });
  scope.ahead = { cursor: last.upTo, stretches: next };
  return true;
}

/** Whoever is marked when everybody is summed up need not be looked at once more: whatever marked them is there to be read. */
function answerMarks({ database, scene }: RunScope) {
  return database.execute(sql`delete from member_changes where tenant_id = ${scene.tenantId}::text`);
}

/** Returns what the pass has counted so far. */
async function workStretches(scope: RunScope, stretches: readonly Stretch[]): Promise<Sweep["counts"]> {
  const counts = { ...scope.sweep.counts };
  await sideBySide(stretches, async (stretch) => {
    if (scope.sweep.pass === "count") addChanges(counts, await countStretch(scope, stretch));
    else await workStretch(scope, stretch);
  });
  return counts;
}

function workStretch(scope: RunScope, stretch: Stretch): Promise<void> {
  const { pass, withNeeds } = scope.sweep;
  if (pass === "figures") return storeFiguresCarefully(scope, stretch);
  return touchCarefully(scope, stretch, { figures: false, scores: pass === "scores", needs: withNeeds });
}

/** What the versions would change for these members. */
async function countStretch(scope: RunScope, stretch: Stretch): Promise<MembershipChange[]> {
  const { database, sweep, token, segments } = scope;
  const scene = sceneWith(scope.scene, stretch);
  const counting = rowsOfPass(sweep, segments);
  const statements: BatchItem<"pg">[] = counting.map((row) => countChanges(database, scene, row));
  const items: [BatchItem<"pg">, ...BatchItem<"pg">[]] = [
    touchMembers(database, stretch),
    ...joiningTouched(database, scene, statements),
    keepLease(database, token),
  ];
  const results = await withTenant(database, scene.tenantId, items);
  // Every item is an `execute`, whose result has rows.
  return readMembershipChanges(results as { rows: object[] }[]);
}

function addChanges(
  counts: Record<string, Pick<MembershipChange, "entered" | "left">>,
  changes: readonly MembershipChange[],
): void {
  for (const { segmentId, entered, left } of changes) {
    const before = counts[segmentId] ?? { entered: 0, left: 0 };
    counts[segmentId] = { entered: before.entered + entered, left: before.left + left };
  }
}

async function endPass(scope: RunScope): Promise<void> {
  const { sweep } = scope;
  if (sweep.pass === "figures") {
    await refreshCuts(scope);
    // The first time there is nothing to score by yet; later on, models are the night's.
    const wanted = scope.models.orders === undefined ? await fitModels(scope) : null;
    await keepSweep(scope, { ...sweep, pass: null, wanted: wanted === "figures" ? wanted : sweep.wanted });
    return;
  }
  await (sweep.pass === "count" ? judgeCounts(scope) : finishBuilds(scope));
}

/** Versions that change little pass the breaker; the others are held until somebody has looked. */
async function judgeCounts(scope: RunScope): Promise<void> {
  const { database, scene, sweep, segments } = scope;
  const passed: Record<string, number> = { ...sweep.passed };
  const held: BatchItem<"pg">[] = [];
  for (const row of rowsOfPass(sweep, segments)) {
    const { segmentId, version } = row;
    const change = { segmentId, ...(sweep.counts[segmentId] ?? { entered: 0, left: 0 }) };
    if (isTooLarge(change, row)) held.push(holdBuild(database, scene, { version, ...change }));
    else passed[segmentId] = version;
  }
  await keepSweep(scope, { ...sweep, pass: null, versions: {}, counts: {}, passed }, held);
}

async function finishBuilds(scope: RunScope): Promise<void> {
  const { database, scene, sweep, segments } = scope;
  const milliseconds = Date.now() - sweep.startedAt;
  const built = rowsOfPass(sweep, segments);
  const finished = built.map(({ segmentId, version }) =>
    finishBuild(database, scene, { segmentId, version, milliseconds }),
  );
  const names = new Set(built.map(({ segmentId }) => segmentId));
  const passed = Object.fromEntries(Object.entries(sweep.passed).filter(([segmentId]) => !names.has(segmentId)));
  await keepSweep(scope, { ...sweep, pass: null, withNeeds: false, versions: {}, passed }, [
    ...finished,
    recount(database, scene),
    flipsOfFutureOrders(database, scene),
  ]);
}
