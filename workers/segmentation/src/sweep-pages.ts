// Works on the pass that is under way, a page at a time, and begins and ends passes.
import { withTenant } from "@regulars/schema/connection";
import type { BatchItem } from "drizzle-orm/batch";
import { refreshCuts } from "./day.ts";
import { keepLease } from "./lease.ts";
import { readMembershipChanges, recount } from "./membership.ts";
import { fitModels } from "./night.ts";
import { reloadRules, type RunScope } from "./run-scope.ts";
import { touchMembers } from "./scene.ts";
import { countChanges, finishBuild, holdBuild, isTooLarge } from "./segment-builds.ts";
import { nextPass, rowsOfPass, type Sweep } from "./sweep.ts";
import { keepSweep } from "./sweep-state.ts";
import { expectEverybody, flipsOfFutureOrders } from "./touch.ts";
import { storeFiguresCarefully, touchCarefully } from "./touch-carefully.ts";
import { nextOfAll, pageSize } from "./touched.ts";

/** Figures and scores of so many pages are worked out side by side: PostgreSQL has more than one core. */
const LANES = 2;
/** Pages that a lane does before the cursor is written: fewer round trips, and not much to do again after a crash. */
const PAGES_PER_LANE = 3;

/** The next page, or the beginning or the end of a pass; false when there is nothing to do for everybody. */
export async function advanceSweep(scope: RunScope): Promise<boolean> {
  await reloadRules(scope);
  const { sweep } = scope;
  if (sweep.pass === null) {
    const next = nextPass(sweep, scope.segments, Date.now());
    if (next === null) return false;
    await keepSweep(scope, next);
    return true;
  }
  if (sweep.pass === "scores" && !scope.hasExpectations) await expectEverybody(scope);
  const size = pageSize(scope);
  const limit = size * LANES * (sweep.pass === "count" ? 1 : PAGES_PER_LANE);
  const { ahead } = scope;
  const memberIds = ahead?.cursor === sweep.cursor ? ahead.memberIds : await nextOfAll(scope, sweep.cursor, limit);
  const last = memberIds.at(-1);
  if (last === undefined) {
    scope.ahead = null;
    await endPass(scope);
    return true;
  }
  const [counts, following] = await Promise.all([workPage(scope, memberIds, size), nextOfAll(scope, last, limit)]);
  await keepSweep(scope, { ...sweep, counts, cursor: last });
  scope.ahead = { cursor: last, memberIds: following };
  return true;
}

async function workPage(scope: RunScope, memberIds: readonly string[], size: number): Promise<Sweep["counts"]> {
  if (scope.sweep.pass === "count") return countPage(scope, memberIds);
  await workSideBySide(scope, memberIds, size);
  return scope.sweep.counts;
}

/** Each lane takes the next page whenever it is through with one. */
async function workSideBySide(scope: RunScope, memberIds: readonly string[], size: number): Promise<void> {
  const work = scope.sweep.pass === "figures" ? storeFiguresCarefully : touchForPass;
  let from = 0;
  const lane = async () => {
    while (from < memberIds.length) {
      const page = memberIds.slice(from, from + size);
      from += size;
      await work(scope, page);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

function touchForPass(scope: RunScope, memberIds: readonly string[]): Promise<void> {
  return touchCarefully(scope, memberIds, {
    figures: false,
    scores: scope.sweep.pass === "scores",
    needs: scope.sweep.withNeeds,
  });
}

/** What the versions would change for these members, added to what they would for those before. */
async function countPage(scope: RunScope, memberIds: readonly string[]): Promise<Sweep["counts"]> {
  const { database, scene, sweep, token, segments } = scope;
  const counting = rowsOfPass(sweep, segments);
  const statements: BatchItem<"pg">[] = counting.map((row) => countChanges(database, scene, row));
  const items = [touchMembers(database, memberIds), ...statements, keepLease(database, token)] as const;
  const results = await withTenant(database, scene.tenantId, items);
  // The first result is that of touching, which `readMembershipChanges` passes over; the last one has no such row.
  const changes = readMembershipChanges(results.slice(0, -1) as { rows: unknown[] }[]);
  const counts = { ...sweep.counts };
  for (const { segmentId, entered, left } of changes) {
    const before = counts[segmentId] ?? { entered: 0, left: 0 };
    counts[segmentId] = { entered: before.entered + entered, left: before.left + left };
  }
  return counts;
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
    flipsOfFutureOrders(scope),
  ]);
}
