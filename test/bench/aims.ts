// The aims of the issue beside what was measured: met or not, by the median.
import type { FsyncCount } from "./fsync.ts";
import type { GrowthResult } from "./growth.ts";
import { ratioOf, type Measured } from "./calls.ts";
import { BATCH_WAIT_MS, type ProjectionResult } from "./projection.ts";
import type { Spread } from "./statistics.ts";
import type { Operation } from "./requests.ts";
import type { Shape, SubjectName } from "./subject.ts";

export interface Aim {
  readonly what: string;
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Results {
  readonly calls: readonly Measured[];
  readonly fsyncs: readonly FsyncCount[] | null;
  readonly growth: GrowthResult | null;
  readonly projection: ProjectionResult | null;
}

const LAG_MS = 250;

export function judge({ calls, fsyncs, growth, projection }: Results): Aim[] {
  return [
    ...(["hot", "spread"] as const).flatMap((shape) => [
      byCeiling(calls, shape, "earn", 0.7),
      byCeiling(calls, shape, "redeem", 0.55),
      byCeiling(calls, shape, "hold", 0.55),
    ]),
    byForUpdate(calls, "hot", 6),
    byForUpdate(calls, "spread", 1),
    ...(fsyncs ?? []).map(({ what, perWrite }) => {
      const limit = what.startsWith("enrol") ? 3 : 1;
      return { what: `fsyncs: ${what}`, aim: `≤ ${limit}`, measured: perWrite.toFixed(2), met: perWrite <= limit };
    }),
    ...(growth === null ? [] : [atLeast("earn with a long history / empty member", 0.9, growth.ratio)]),
    ...(projection === null ? [] : projected(projection)),
  ].filter((aim) => aim !== null);
}

export function describeSpread({ median, min, max }: Spread): string {
  return `${figure(median)} [${figure(min)}-${figure(max)}]`;
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

function projected({ drain, lag }: ProjectionResult): Aim[] {
  const lagMax = BATCH_WAIT_MS + LAG_MS;
  const rate = Math.round(drain.perSecond);
  const p99 = Math.round(lag.p99Ms);
  return [
    { what: "events drained into PostgreSQL", aim: "≥ 5000/s", measured: `${rate}/s`, met: rate >= 5000 },
    { what: "lag p99 at 300 orders/s", aim: `≤ ${lagMax} ms`, measured: `${p99} ms`, met: p99 <= lagMax },
  ];
}

function figure(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
