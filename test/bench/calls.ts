// Every call of every subject on a hot member and over many, interleaved: one table of what was measured in each round.
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchOptions } from "./arguments.ts";
import type { LoadResult } from "./generator.ts";
import type { Generator } from "./load.ts";
import { processorMs } from "./processes.ts";
import type { Operation } from "./requests.ts";
import { rotated, spreadOf, type Spread } from "./statistics.ts";
import { SHAPES, type Shape, type Subject, type SubjectName } from "./subject.ts";

/** The ceiling stands under every ratio, so it is measured more than once a turn. */
const CEILING_LOADS = 3;
const BREATH_MS = 100;

export interface Measured {
  readonly round: number;
  readonly shape: Shape;
  readonly subject: SubjectName;
  readonly operation: Operation;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the subject's own process for one request (µs). */
  readonly processorUs: number;
}

let loads = 0;

/** Measures all subjects in each round, in an order that rotates; checks each subject's sums after its turn. */
export async function measureCalls(
  subjects: readonly Subject[],
  generator: Generator,
  options: BenchOptions,
  say: (line: string) => void,
): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (let round = 0; round < options.rounds; round += 1) {
    for (const shape of SHAPES) {
      for (const subject of rotated(subjects, round)) {
        const turn = await takeTurn({ subject, shape, round, generator, options });
        measured.push(...turn);
        const rates = turn.map(({ operation, perSecond }) => `${operation} ${Math.round(perSecond)}/s`);
        say(`round ${round + 1}/${options.rounds} ${shape.padEnd(6)} ${subject.name.padEnd(14)} ${rates.join("  ")}`);
      }
    }
  }
  return measured;
}

/** Requests per second of one subject in each round; several loads of a round become their median. */
export function ratesOf(
  measured: readonly Measured[],
  { shape, subject, operation }: { shape: Shape; subject: SubjectName; operation: Operation },
): number[] {
  const found = measured.filter(
    (one) => one.shape === shape && one.subject === subject && (one.operation === operation || subject === "ceiling"),
  );
  const rounds = Map.groupBy(found, ({ round }) => round);
  return [...rounds.values()].map((ofRound) => spreadOf(ofRound.map(({ perSecond }) => perSecond)).median);
}

/** One subject's rate by another's, round by round. */
export function ratioOf(
  measured: readonly Measured[],
  { shape, operation, subject, by }: { shape: Shape; operation: Operation; subject: SubjectName; by: SubjectName },
): Spread | null {
  const own = ratesOf(measured, { shape, subject, operation });
  const others = ratesOf(measured, { shape, subject: by, operation });
  if (own.length === 0 || own.length !== others.length) return null;
  return spreadOf(own.map((rate, round) => rate / (others[round] ?? NaN)));
}

interface Turn {
  readonly subject: Subject;
  readonly shape: Shape;
  readonly round: number;
  readonly generator: Generator;
  readonly options: BenchOptions;
}

async function takeTurn({ subject, shape, round, generator, options }: Turn): Promise<Measured[]> {
  const { connections, seconds } = options;
  const memberIds = subject.membersOf(shape);
  const run = async (wish: { operation: Operation; seconds: number; once?: boolean }): Promise<LoadResult> => {
    loads += 1;
    const prefix = `bench-${Date.now().toString(36)}-${loads}`;
    const { url, key } = subject;
    const result = await generator.run({ url, key, memberIds, connections, prefix, ...wish });
    subject.note(shape, wish.operation, result.done);
    return result;
  };
  await subject.warm(shape, async (wish) => void (await run({ seconds: 1, ...wish })));
  const measured: Measured[] = [];
  const isCeiling = subject.name === "ceiling";
  for (const operation of isCeiling ? Array<Operation>(CEILING_LOADS).fill("earn") : subject.operations) {
    const before = processorMs(subject.pid());
    const { requests, seconds: took, p50Ms, p99Ms } = await run({ operation, seconds });
    const processorUs = ((processorMs(subject.pid()) - before) * 1000) / requests;
    measured.push({
      round,
      shape,
      subject: subject.name,
      operation,
      perSecond: requests / took,
      p50Ms,
      p99Ms,
      processorUs,
    });
    await sleep(BREATH_MS);
  }
  await subject.verify(shape);
  await subject.settle(shape);
  return measured;
}
