// Measures the export of all members in a thread with the memory of a Worker: how long it takes, and how large the file is.
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { openDatabase } from "../../packages/schema/src/connection.ts";
import { countUnits, FIRST_PAGE } from "../../workers/console/src/export-pages.ts";
import {
  addRows,
  closeFile,
  type ExportAsk,
  type ExportProgress,
  headerOf,
} from "../../workers/console/src/export-steps.ts";

/** A Worker has 128 MB in all; a thread that needs more than these ends with an error. */
const MEGABYTES_MAX = { maxOldGenerationSizeMb: 80, maxYoungGenerationSizeMb: 16 };
const MEGABYTE = 1_000_000;

interface Place {
  readonly databaseUrl: string;
  readonly fetchEndpoint: string;
  readonly tenantId: string;
}

/** Throws when the memory is not enough. */
export async function measureExport(place: Place, say: (line: string) => void): Promise<void> {
  const { maxOldGenerationSizeMb: old, maxYoungGenerationSizeMb: young } = MEGABYTES_MAX;
  say(`\nexport of all members, in ${old + young} MB`);
  await new Promise<void>((resolve, reject) => {
    const thread = new Worker(new URL(import.meta.url), { workerData: place, resourceLimits: MEGABYTES_MAX });
    thread.on("message", say);
    thread.once("error", reject);
    thread.once("exit", () => resolve());
  });
}

async function exportAll(place: Place, format: "csv" | "parquet"): Promise<string> {
  const database = openDatabase(place);
  const request = { dataset: "members", format, personal: true } as const;
  const ask: ExportAsk = { id: "exp_bench", tenantId: place.tenantId, timeZone: "Asia/Taipei", request };
  const nothing = { rows: 0, unitsDone: 0, failures: 0, bytes: headerOf(ask).byteLength };
  const unitsTotal = await countUnits(database, ask);
  let progress: ExportProgress = { phase: "rows", cursor: FIRST_PAGE, unitsTotal, ...nothing };
  const groups: string[] = [];
  const since = performance.now();
  while (progress.phase === "rows") {
    const [after, { group }] = await addRows(database, ask, { before: progress, until: Infinity });
    progress = after;
    if (typeof group === "string") groups.push(group);
  }
  [progress] = closeFile(ask, progress, groups);
  const seconds = (performance.now() - since) / 1000;
  const figures = [`${progress.rows} rows`, `${(progress.bytes / MEGABYTE).toFixed(0)} MB`, `${seconds.toFixed(0)} s`];
  return `${format}: ${figures.join(", ")}`;
}

if (!isMainThread) {
  for (const format of ["csv", "parquet"] as const) {
    const line = await exportAll(workerData, format);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the port of a thread has no origin
    parentPort?.postMessage(line);
  }
}
