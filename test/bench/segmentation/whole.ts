// Measures a full build of all members beside a sequential scan of the orders, turn by turn.
import type pg from "pg";
import { type Spread, spreadOf } from "../statistics.ts";
import { TENANT } from "./draw-rows.ts";
import { serverProcessorMs } from "./processor.ts";
import type { Bench } from "./segmentation.ts";
import { forget, workUntilDone } from "./work.ts";

/** One process reads all orders, or as many as PostgreSQL would take; then everybody is worked out anew. */
interface Round {
  readonly scanMs: number;
  readonly parallelScanMs: number;
  readonly fullMs: number;
  readonly scanProcessorMs: number;
  readonly fullProcessorMs: number;
}

export interface Whole {
  readonly scanMs: Spread;
  readonly parallelScanMs: Spread;
  readonly fullMs: Spread;
  /** Within one round; the last by processor time of PostgreSQL. */
  readonly fullByScan: Spread;
  readonly fullByParallelScan: Spread;
  readonly processorByScan: Spread;
}

const SCANS = 3;
const PROCESSES = 2;
const WITHOUT_INDEXES = ["indexscan", "indexonlyscan", "bitmapscan"].map((kind) => `set enable_${kind} = off`);

export async function measureWhole(bench: Bench, what: string): Promise<Whole> {
  const rounds: Round[] = [];
  for (let number = 1; number <= bench.rounds; number += 1) {
    const round = await measureRound(bench);
    const figures = Object.entries(round).map(([name, took]) => `${name} ${Math.round(took)}`);
    bench.say(`${what}, round ${number}: ${figures.join(", ")}`);
    rounds.push(round);
  }
  const spread = (of: (round: Round) => number) => spreadOf(rounds.map(of));
  return {
    scanMs: spread(({ scanMs }) => scanMs),
    parallelScanMs: spread(({ parallelScanMs }) => parallelScanMs),
    fullMs: spread(({ fullMs }) => fullMs),
    fullByScan: spread(({ fullMs, scanMs }) => fullMs / scanMs),
    fullByParallelScan: spread(({ fullMs, parallelScanMs }) => fullMs / parallelScanMs),
    processorByScan: spread(({ fullProcessorMs, scanProcessorMs }) => fullProcessorMs / scanProcessorMs),
  };
}

async function measureRound({ database, application, worker }: Bench): Promise<Round> {
  await forget(database.owner);
  const processor = () => serverProcessorMs(database.pid());
  const before = processor();
  const scanMs = await medianScan(application, 0);
  const scanProcessorMs = (processor() - before) / SCANS;
  const parallelScanMs = await medianScan(application, PROCESSES);
  const beforeFull = processor();
  const { milliseconds: fullMs } = await workUntilDone(worker, { rebuild: true });
  return { scanMs, parallelScanMs, fullMs, scanProcessorMs, fullProcessorMs: processor() - beforeFull };
}

/** As the application, under row-level security. */
async function medianScan(application: pg.Client, processes: number): Promise<number> {
  await application.query([...WITHOUT_INDEXES, `set max_parallel_workers_per_gather = ${processes}`].join("; "));
  const taken: number[] = [];
  for (let scan = 1; scan <= SCANS; scan += 1) {
    const since = performance.now();
    await application.query("select count(*), sum(payable - refunded) from orders where tenant_id = $1", [TENANT]);
    taken.push(performance.now() - since);
  }
  await application.query(WITHOUT_INDEXES.map((set) => set.replace("off", "default")).join("; "));
  return spreadOf(taken).median;
}
