// Lets the Worker run until it has nothing left to do, and takes away what it has worked out, to begin again.
import type { RunReport } from "@regulars/contracts/segmentation-rpc";
import type pg from "pg";
import { NOW, TENANT, TIME_ZONE } from "./draw-rows.ts";
import type { RunWish, SegmentationWorker } from "./worker.ts";

export interface Work {
  readonly milliseconds: number;
  /** Slices of time that it took. */
  readonly slices: number;
  readonly membersScored: number;
}

/** Half an hour of slices of seconds: a run that comes to no end is a fault to report. */
const SLICES_MAX = 2000;
const MINUTE = 60_000;

/** The bench's clock: noon of the last day, and a minute later with each piece of work. */
let minutes = 0;

export function nextMoment(): Date {
  minutes += 1;
  return new Date(NOW + minutes * MINUTE);
}

export async function workUntilDone(worker: SegmentationWorker, wish: RunWish = {}): Promise<Work> {
  const context = { tenantId: TENANT, timeZone: TIME_ZONE, now: nextMoment().getTime() };
  const since = performance.now();
  let membersScored = 0;
  for (let slices = 1; slices <= SLICES_MAX; slices += 1) {
    const report: RunReport = await worker.run(context, slices === 1 ? wish : {});
    if (!report.ran) throw new Error("Another run holds the tenant, which nobody else knows.");
    membersScored += report.membersScored;
    if (report.finished) return { milliseconds: performance.now() - since, slices, membersScored };
  }
  throw new Error(`The work was not done after ${SLICES_MAX} slices.`);
}

/** What stands of each member; and what was fitted from all, and how far runs came. */
const OF_MEMBERS = [
  "member_changes",
  "member_figures",
  "member_scores",
  "score_history",
  "segment_members",
  "segment_flips",
  "auto_tags",
  "label_pushes",
  "insight_events",
  "repurchases",
] as const;
const OF_ALL = [
  "insight_models",
  "order_expectations",
  "insight_states",
  "insight_runs",
  "repurchase_cycles",
  "segments",
  "segment_versions",
] as const;

/** Tables that the Worker fills. */
export const WORKED_OUT: readonly string[] = [...OF_MEMBERS, ...OF_ALL];

/** Members are as if no run had ever been; models stay, so that a full build is by the same ones. */
export async function forget(owner: pg.Client): Promise<void> {
  await owner.query(`truncate ${OF_MEMBERS.join(", ")}`);
  await owner.query("update segments set state = 'building', built_version = null, built_at = null, members = 0");
}

/** The tenant has neither models nor segments either. */
export async function forgetAll(owner: pg.Client): Promise<void> {
  await owner.query(`truncate ${WORKED_OUT.join(", ")}`);
}

/** What must be the same whichever way it was worked out. When a stay began is not: it depends on the day of the build. */
const COMPARED: Readonly<Record<string, string>> = {
  member_figures: "*",
  member_scores: "*",
  segment_members: "tenant_id, segment_id, member_id, version, until",
};

/** As on a new day: a full build measures the bins anew, so that what it is compared with has to be by the same. */
export async function refreshBins(owner: pg.Client, worker: SegmentationWorker): Promise<void> {
  await owner.query("update insight_states set day_done = null where tenant_id = $1", [TENANT]);
  await workUntilDone(worker);
}

export async function keepCopies(owner: pg.Client): Promise<void> {
  for (const table of Object.keys(COMPARED)) {
    await owner.query(`drop table if exists bench.before_${table}`);
    await owner.query(`create unlogged table bench.before_${table} as table ${table}`);
  }
}

/** Rows of each table that are in the copy alone or in the table alone. */
export async function countDifferences(owner: pg.Client): Promise<Record<string, number>> {
  const differences: Record<string, number> = {};
  for (const [table, columns] of Object.entries(COMPARED)) {
    const stays = table === "segment_members" ? "where until is null" : "";
    const [before, now] = [
      `select ${columns} from bench.before_${table} ${stays}`,
      `select ${columns} from ${table} ${stays}`,
    ];
    const { rows } = await owner.query<{ count: number }>(
      `select ((select count(*) from ((${before}) except all (${now})) as gone)
        + (select count(*) from ((${now}) except all (${before})) as come))::float8 as count`,
    );
    differences[table] = rows[0]?.count ?? NaN;
    await owner.query(`drop table bench.before_${table}`);
  }
  return differences;
}
