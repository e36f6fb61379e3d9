// The results of segmentation as tables, and each aim beside its figure.
import type { Aim } from "../aim.ts";
import { describeSpread, spreadOf } from "../statistics.ts";
import { markdownTable } from "../markdown-table.ts";
import type { SegmentationResult } from "./segmentation.ts";
import type { Whole } from "./whole.ts";

const MEGABYTE = 1_000_000;
const MEMORY_MAX = 128 * MEGABYTE;
const STATEMENT_MS_MAX = 30_000;
const STATEMENTS_SHOWN = 12;
const STATEMENT_LENGTH = 90;

export function segmentationTables(found: SegmentationResult): string[] {
  const { members, orders, segments, checksum, labels, memory, statements } = found;
  return [
    `Segmentation: ${members} members, ${orders} orders (checksum ${checksum}).`,
    ...wholeTable(found),
    "",
    ...partsTable(found),
    "",
    ...markdownTable(
      ["labels against exact ntile(5)", "members", "the same", "the same up to ties"],
      labels.agreements.map(({ axis, members: scored, raw, upToTies }) => [
        axis,
        String(scored),
        percent(raw),
        percent(upToTies),
      ]),
    ),
    "",
    ...markdownTable(
      ["statements of the Worker, most time first", "times", "all, ms", "longest, ms"],
      statements
        .slice(0, STATEMENTS_SHOWN)
        .map(({ text, count, totalMs, longestMs }) => [
          text.slice(0, STATEMENT_LENGTH).replaceAll("|", "/"),
          String(count),
          String(Math.round(totalMs)),
          String(Math.round(longestMs)),
        ]),
    ),
    "",
    `Worker: isolate ${megabytes(memory.isolateBytes)} MB, whole workerd process ${megabytes(memory.processBytes)} MB ` +
      `(most of ${memory.samples} samples). Segments: ${segments}.`,
  ];
}

function wholeTable({ plain, segmented, segments, firstMs, idleMs }: SegmentationResult): string[] {
  const row = (what: string, { scanMs, parallelScanMs, fullMs, ...whole }: Whole) => [
    what,
    ...[scanMs, parallelScanMs, fullMs, whole.fullByScan, whole.fullByParallelScan, whole.processorByScan].map(
      describeSpread,
    ),
  ];
  return [
    ...markdownTable(
      [
        "full build",
        "scan, ms",
        "scan by three processes, ms",
        "full, ms",
        "full / scan",
        "full / parallel scan",
        "the same by processor time",
      ],
      [row("without segments", plain), row(`with ${segments} segments`, segmented)],
    ),
    "",
    `The very first work on the tenant with a night's: ${Math.round(firstMs)} ms; a run with nothing to do: ${Math.round(idleMs)} ms.`,
  ];
}

function partsTable({ increments, line }: SegmentationResult): string[] {
  const shares = [...new Set(increments.map(({ share }) => share))].toSorted((one, other) => one - other);
  const rows = shares.map((share) => {
    const taken = increments.filter((one) => one.share === share);
    return [
      `${Number((100 * share).toFixed(1))} %`,
      String(Math.round(spreadOf(taken.map(({ members }) => members)).median)),
      describeSpread(spreadOf(taken.map(({ milliseconds }) => milliseconds))),
    ];
  });
  return [
    ...markdownTable(["touched", "members", "ms, median [min-max]"], rows),
    "",
    `${line.slope.toFixed(3)} ms a member and ${Math.round(line.intercept)} ms a run, R² ${line.rSquared.toFixed(4)}.`,
  ];
}

export function segmentationAims(found: SegmentationResult): Aim[] {
  const { plain, segmented, segments, hundredthByFull, line, labels, differences, memory, statements } = found;
  const differing = Object.values(differences).reduce((sum, count) => sum + count, 0);
  const { isolateBytes } = memory;
  const longestMs = Math.max(0, ...statements.map((statement) => statement.longestMs));
  return [
    full("full build / sequential scan of the orders", plain),
    full(`the same with ${segments} segments`, segmented),
    {
      what: "1 % touched / full build",
      aim: "≤ 0.05",
      measured: hundredthByFull.median.toFixed(4),
      met: hundredthByFull.median <= 0.05,
    },
    {
      what: "cost by members touched, 0.1 % to 10 %: R² of a line",
      aim: "≥ 0.95",
      measured: line.rSquared.toFixed(4),
      met: line.rSquared >= 0.95,
    },
    ...labels.agreements.map(({ axis, upToTies }) => ({
      what: `labels as exact ntile up to ties: ${axis}`,
      aim: "≥ 98 %",
      measured: percent(upToTies),
      met: upToTies >= 0.98,
    })),
    {
      what: "members without a label, or with one too many",
      aim: "0",
      measured: String(labels.missing),
      met: labels.missing === 0,
    },
    {
      what: "rows by which increments differ from a full build",
      aim: "0",
      measured: String(differing),
      met: differing === 0,
    },
    {
      what: "memory of the Worker",
      aim: "< 128 MB",
      measured: `${megabytes(isolateBytes)} MB`,
      met: isolateBytes < MEMORY_MAX,
    },
    {
      what: "longest statement",
      aim: "< 30 s",
      measured: `${(longestMs / 1000).toFixed(2)} s`,
      met: longestMs < STATEMENT_MS_MAX,
    },
  ];
}

function full(what: string, { fullByScan }: Whole): Aim {
  return { what, aim: "≤ 12", measured: describeSpread(fullByScan), met: fullByScan.median <= 12 };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}

function megabytes(bytes: number): string {
  return (bytes / MEGABYTE).toFixed(1);
}
