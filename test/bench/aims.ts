// The aims of the issue beside what was measured: met or not, by the median.
import type { Aim } from "./aim.ts";
import type { FsyncCount } from "./fsync.ts";
import type { GrowthResult } from "./growth.ts";
import { ratioOf, type Measured } from "./calls.ts";
import { BATCH_WAIT_MS, type ProjectionResult } from "./projection.ts";
import type { RichResult } from "./rich.ts";
import { segmentationAims } from "./segmentation/report.ts";
import type { SegmentationResult } from "./segmentation/segmentation.ts";
import { describeSpread, type Spread } from "./statistics.ts";
import type { Operation } from "./requests.ts";
import type { Shape, SubjectName } from "./subject.ts";

export interface Results {
  readonly calls: readonly Measured[];
  readonly fsyncs: readonly FsyncCount[] | null;
  readonly growth: GrowthResult | null;
  readonly projection: ProjectionResult | null;
  readonly rich: RichResult | null;
  readonly segmentation: SegmentationResult | null;
}

const LAG_MS = 250;
const CHECKPOINTS_MAX = 0.05;

export function judge({ calls, fsyncs, growth, projection, rich, segmentation }: Results): Aim[] {
  return [
    ...(["hot", "spread"] as const).flatMap((shape) => [
      byCeiling(calls, shape, "earn", 0.7),
      byCeiling(calls, shape, "redeem", 0.55),
      byCeiling(calls, shape, "hold", 0.55),
    ]),
    byForUpdate(calls, "hot", 6),
    byForUpdate(calls, "spread", 1),
    ...(fsyncs ?? []).flatMap(syncAim),
    ...(growth === null ? [] : [atLeast("earn with a long history / empty member", 0.9, growth.ratio)]),
    ...(projection === null ? [] : projected(projection)),
    ...Object.entries(rich?.ratios ?? {})
      .filter(([name]) => name.includes("200 rules"))
      .map(([name, ratio]) => atLeast(`${name} / ceiling`, 0.5, ratio)),
    ...(segmentation === null ? [] : segmentationAims(segmentation)),
  ].filter((aim) => aim !== null);
}

function byCeiling(calls: readonly Measured[], shape: Shape, operation: Operation, aim: number): Aim | null {
  return compared(calls, { shape, operation, subject: "regulars tmpfs", by: "ceiling" }, aim);
}

function byForUpdate(calls: readonly Measured[], shape: Shape, aim: number): Aim | null {
  return compared(calls, { shape, operation: "earn", subject: "regulars disk", by: "for update" }, aim);
}

function compared(
  calls: readonly Measured[],
  pair: { shape: Shape; operation: Operation; subject: SubjectName; by: SubjectName },
  aim: number,
): Aim | null {
  const ratio = ratioOf(calls, pair);
  const { shape, operation, subject, by } = pair;
  return ratio === null ? null : atLeast(`${operation} ${shape}: ${subject} / ${by}`, aim, ratio);
}

function atLeast(what: string, aim: number, ratio: Spread): Aim {
  return { what, aim: `≥ ${aim.toFixed(2)}`, measured: describeSpread(ratio), met: ratio.median >= aim };
}

function projected({ drain, lags }: ProjectionResult): Aim[] {
  const lagMax = BATCH_WAIT_MS + LAG_MS;
  const rate = Math.round(drain.perSecond);
  return [
    { what: "events drained into PostgreSQL", aim: "≥ 5000/s", measured: `${rate}/s`, met: rate >= 5000 },
    ...lags.map(({ subject, perSecond, p99Ms }) => ({
      what: `lag p99 at ${Math.round(perSecond)} orders/s: ${subject}`,
      aim: `≤ ${lagMax} ms`,
      measured: `${Math.round(p99Ms)} ms`,
      met: p99Ms <= lagMax,
    })),
  ];
}

/** What a write waits for is its own object; an enrolment waits for the index as well. */
function syncAim({ what, perWrite }: FsyncCount): Aim[] {
  if (what.startsWith("floor")) return [];
  const { object, index, alarms, other } = perWrite;
  const isEnrolment = what === "enrol";
  const measured = isEnrolment ? object + index + alarms + other : object;
  const limit = isEnrolment ? 3 : 1;
  const name = isEnrolment ? "fsyncs to enrol a member" : `fsyncs of the object a write: ${what}`;
  // A checkpoint of SQLite now and then is no second sync of a write.
  return [{ what: name, aim: `≤ ${limit}`, measured: measured.toFixed(2), met: measured <= limit + CHECKPOINTS_MAX }];
}
