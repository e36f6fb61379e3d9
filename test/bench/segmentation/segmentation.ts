// Measures how segmentation grows with members and orders: the whole, a part, the labels' exactness, and its memory.
import pg from "pg";
import type { BenchOptions } from "../arguments.ts";
import { spreadOf, type Spread } from "../statistics.ts";
import { TENANT } from "./draw-rows.ts";
import { compareLabels, type ExactLabels } from "./exact-labels.ts";
import { type Increment, measureIncrements } from "./increments.ts";
import { fitLine, type Line } from "./line.ts";
import type { MemoryPeak } from "./memory.ts";
import { SAMPLE_COUNT, saveSampleSegments } from "./sample-segments.ts";
import { type ScaleDatabase, startScaleDatabase } from "./scale-database.ts";
import { type StatementTime, timeStatements } from "./statement-times.ts";
import { measureWhole, type Whole } from "./whole.ts";
import { countDifferences, forget, forgetAll, keepCopies, refreshBins, workUntilDone } from "./work.ts";
import { type SegmentationWorker, startWorker } from "./worker.ts";

export interface SegmentationResult {
  readonly members: number;
  readonly orders: number;
  readonly segments: number;
  /** Of the orders' rows: the same seed gives the same. */
  readonly checksum: string;
  /** The very first work on a tenant, with the fits and all else of a night. */
  readonly firstMs: number;
  /** Everybody's figures and scores anew; and with the segments. */
  readonly plain: Whole;
  readonly segmented: Whole;
  /** A run that finds nothing to do. */
  readonly idleMs: number;
  readonly increments: readonly Increment[];
  readonly line: Line;
  readonly hundredthByFull: Spread;
  readonly labels: ExactLabels;
  /** Rows by which a full build differs from what the increments came to. */
  readonly differences: Readonly<Record<string, number>>;
  readonly memory: MemoryPeak;
  /** The most time first. */
  readonly statements: readonly StatementTime[];
}

export interface Bench {
  readonly database: ScaleDatabase;
  readonly application: pg.Client;
  readonly worker: SegmentationWorker;
  readonly rounds: number;
  say(line: string): void;
}

/** The local day of the bench's clock. */
const TODAY = "2026-06-30";
const SEED = 1;

export async function measureSegmentation(
  { scale: { rounds, members, orders, lines, keep } }: BenchOptions,
  say: (line: string) => void,
): Promise<SegmentationResult> {
  const endings: (() => Promise<unknown> | unknown)[] = [];
  const tell = (line: string) => say(`segmentation: ${line}`);
  try {
    const database = await startScaleDatabase({ members, orders, lines, keep, seed: SEED }, tell);
    endings.push(() => database.stop());
    const worker = await startWorker(database.applicationUrl);
    endings.push(() => worker.stop());
    const application = new pg.Client({ connectionString: database.applicationUrl });
    await application.connect();
    endings.push(() => application.end());
    await application.query("select set_config('app.tenant_id', $1, false)", [TENANT]);
    const found = await measure({ database, application, worker, rounds, say: tell });
    return { members, orders, segments: SAMPLE_COUNT, checksum: database.checksum, ...found };
  } finally {
    for (const end of endings.toReversed()) await end();
  }
}

async function measure(bench: Bench) {
  const { database, application, worker, say } = bench;
  const memory = worker.memory();
  const times = timeStatements();
  await forgetAll(database.owner);
  const { milliseconds: firstMs } = await workUntilDone(worker, { night: true });
  say(`the first work with a night's: ${Math.round(firstMs)} ms`);
  const plain = await measureWhole(bench, "without segments");
  const labels = await compareLabels(application, TODAY);
  say(
    labels.agreements
      .map(({ axis, raw, upToTies }) => `${axis} ${percent(raw)}, up to ties ${percent(upToTies)}`)
      .join("; "),
  );
  await saveSampleSegments(database.owner);
  const segmented = await measureWhole(bench, `with ${SAMPLE_COUNT} segments`);
  const { milliseconds: idleMs } = await workUntilDone(worker);
  const increments = await measureIncrements(bench);
  const line = fitLine(increments.map(({ members, milliseconds }) => ({ x: members, y: milliseconds })));
  const hundredths = increments.filter(({ share }) => share === 0.01);
  const hundredthByFull = spreadOf(hundredths.map(({ milliseconds }) => milliseconds / segmented.fullMs.median));
  say(`R² ${line.rSquared.toFixed(4)}; building all again ...`);
  const differences = await compareWithFullBuild(bench);
  say(`differences ${JSON.stringify(differences)}`);
  const peaks = { memory: await memory.stop(), statements: times.stop() };
  return { firstMs, plain, segmented, idleMs, increments, line, hundredthByFull, labels, differences, ...peaks };
}

async function compareWithFullBuild({ database, worker }: Bench): Promise<Record<string, number>> {
  await refreshBins(database.owner, worker);
  await keepCopies(database.owner);
  await forget(database.owner);
  await workUntilDone(worker, { rebuild: true });
  return countDifferences(database.owner);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
