// The results as tables in Markdown, for the screen and for docs/performance.md alike.
import type { Aim } from "./aim.ts";
import { ratesOf, ratioOf, type Measured } from "./calls.ts";
import { OWNERS, type FsyncCount } from "./fsync.ts";
import type { HopResult } from "./hop.ts";
import { markdownTable } from "./markdown-table.ts";
import type { RichResult } from "./rich.ts";
import { OPERATIONS, type Operation } from "./requests.ts";
import { describeSpread, spreadOf } from "./statistics.ts";
import { SHAPES, type Shape, type SubjectName } from "./subject.ts";

const SUBJECTS: readonly SubjectName[] = ["ceiling", "regulars tmpfs", "regulars disk", "for update", "tuned"];
const RATIOS: readonly (readonly [SubjectName, SubjectName])[] = [
  ["regulars tmpfs", "ceiling"],
  ["regulars disk", "for update"],
  ["regulars disk", "tuned"],
  ["regulars tmpfs", "for update"],
];

/** Requests a second, p50 and p99, and processor time of one request, by subject. */
export function levelsTable(calls: readonly Measured[], shape: Shape): string[] {
  const rows = OPERATIONS.map((operation) => [
    operation,
    ...SUBJECTS.map((subject) => level(calls, { shape, subject, operation })),
  ]);
  return markdownTable([`${shape}: req/s (p50/p99 ms)`, ...SUBJECTS], rows);
}

/** Ratios within rounds. */
export function ratiosTable(calls: readonly Measured[]): string[] {
  const rows = SHAPES.flatMap((shape) =>
    OPERATIONS.map((operation) => [
      `${operation} ${shape}`,
      ...RATIOS.map(([subject, by]) => {
        const ratio = ratioOf(calls, { shape, operation, subject, by });
        return ratio === null ? "-" : describeSpread(ratio);
      }),
    ]),
  );
  return markdownTable(["ratio, median [min-max]", ...RATIOS.map(([subject, by]) => `${subject} / ${by}`)], rows);
}

/** Processor time of one request (µs): steadier than rates where others use the machine too. */
export function processorTable(calls: readonly Measured[]): string[] {
  const subjects = ["ceiling", "regulars tmpfs", "regulars disk"] as const;
  const rows = SHAPES.flatMap((shape) =>
    OPERATIONS.map((operation) => {
      const times = subjects.map((subject) =>
        found(calls, { shape, subject, operation }).map((one) => one.processorUs),
      );
      return [
        `${operation} ${shape}`,
        ...times.map((all) => (all.length === 0 ? "-" : `${Math.round(spreadOf(all).median)}`)),
      ];
    }),
  );
  return markdownTable(["workerd, µs of processor a request", ...subjects], rows);
}

export function hopTable({ rates, ratios }: HopResult): string[] {
  const rows = ratios.map(({ shape, call, by, ratio }) => {
    const rate = (name: string) => String(Math.round(rates[`${shape} ${name}`]?.median ?? NaN));
    return [`${call} / ${by}, ${shape}`, rate(call), rate(by), describeSpread(ratio)];
  });
  return markdownTable(["one call to an object", "req/s", "by RPC, req/s", "ratio"], rows);
}

export function richTable({ rates, ratios }: RichResult): string[] {
  const rows = Object.entries(rates).map(([name, rate]) => {
    const ratio = ratios[name];
    return [name, describeSpread(rate), ratio === undefined ? "-" : describeSpread(ratio)];
  });
  return markdownTable(["a large program", "req/s", "by the ceiling"], rows);
}

export function fsyncTable(counts: readonly FsyncCount[]): string[] {
  const rows = counts.map(({ what, writes, perWrite, withWhatFollows }) => [
    what,
    String(writes),
    ...OWNERS.map((owner) => perWrite[owner].toFixed(2)),
    withWhatFollows.toFixed(2),
  ]);
  return markdownTable(["fsyncs a write until answered", "writes", ...OWNERS, "all, with what follows"], rows);
}

export function aimsTable(aims: readonly Aim[]): string[] {
  const rows = aims.map(({ what, aim, measured, met }) => [what, aim, measured, met ? "met" : "NOT MET"]);
  return markdownTable(["aim", "wanted", "measured", ""], rows);
}

interface Which {
  readonly shape: Shape;
  readonly subject: SubjectName;
  readonly operation: Operation;
}

function found(calls: readonly Measured[], { shape, subject, operation }: Which): Measured[] {
  return calls.filter(
    (one) => one.shape === shape && one.subject === subject && (one.operation === operation || subject === "ceiling"),
  );
}

function level(calls: readonly Measured[], which: Which): string {
  const all = found(calls, which);
  if (all.length === 0) return "-";
  const median = (values: number[]) => spreadOf(values).median;
  const p50 = median(all.map(({ p50Ms }) => p50Ms));
  const p99 = median(all.map(({ p99Ms }) => p99Ms));
  return `${Math.round(median(ratesOf(calls, which)))} (${p50.toFixed(1)}/${p99.toFixed(0)})`;
}
