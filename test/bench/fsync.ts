// Counts the fsyncs of workerd by strace: what a write costs a disk, on the way to its answer and with what follows.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchOptions } from "./arguments.ts";
import type { Generator } from "./load.ts";
import type { RegularsSubject } from "./regulars.ts";
import { enrolMembers } from "./tenant.ts";
import type { Shape } from "./subject.ts";

const WRITES = 1000;
const MEMBERS_MADE = 50;
/** Alarm (8 s), confirmation (4 s) and putting away (10 s) are over by then. */
const FOLLOWS_MS = 22_000;
const ATTACH_MS = 1500;

export interface FsyncCount {
  readonly what: string;
  readonly writes: number;
  /** Until the last answer, by writes. */
  readonly perWrite: number;
  /** With claims of order ids, alarms, confirmations and putting objects away. */
  readonly withWhatFollows: number;
}

/** Null where there is no strace, or where it may not attach. */
export async function countFsyncs(
  subject: RegularsSubject,
  generator: Generator,
  { connections, quick }: BenchOptions,
  say: (line: string) => void,
): Promise<FsyncCount[] | null> {
  if (spawnSync("strace", ["-V"]).status !== 0) return null;
  const { url, key } = subject;
  const writes = quick ? WRITES / 10 : WRITES;
  const load = async (shape: Shape, width: number, count: number) => {
    const memberIds = subject.membersOf(shape);
    const prefix = `fsync-${Date.now().toString(36)}`;
    const wish = { url, key, memberIds, prefix, connections: width, operationsMax: count, seconds: 120 };
    const { done } = await generator.run({ ...wish, operation: "earn" });
    subject.note(shape, "earn", done);
    return done.reduce((sum, one) => sum + one, 0);
  };
  const names = Array.from({ length: MEMBERS_MADE }, (_, place) => `fsync-${place}`);
  const cases: readonly [string, () => Promise<number>][] = [
    [`earn, hot member, ${connections} connections`, () => load("hot", connections, writes)],
    ["earn, hot member, 1 connection", () => load("hot", 1, writes / 5)],
    [`earn, spread members, ${connections} connections`, () => load("spread", connections, writes)],
    ["enrol a member", async () => (await enrolMembers(url, key, names, 0)).length],
  ];
  const counts: FsyncCount[] = [];
  for (const [what, work] of cases) {
    const counted = await underStrace(subject.pid() ?? 0, work);
    if (counted === null) return null;
    counts.push({ what, ...counted });
    say(
      `fsync ${what}: ${counted.perWrite.toFixed(2)} a write, ${counted.withWhatFollows.toFixed(2)} with what follows`,
    );
  }
  return counts;
}

async function underStrace(pid: number, work: () => Promise<number>) {
  const file = join(tmpdir(), `regulars-fsync-${process.pid}`);
  const options = ["-f", "-ttt", "-e", "trace=fsync,fdatasync,msync,sync_file_range", "-p", String(pid), "-o", file];
  const strace = spawn("strace", options, { stdio: "ignore" });
  try {
    await sleep(ATTACH_MS);
    if (strace.exitCode !== null) return null;
    const from = Date.now() / 1000;
    const writes = await work();
    const answered = Date.now() / 1000;
    await sleep(FOLLOWS_MS);
    const times = readFileSync(file, "latin1").split("\n").flatMap(timeOfSync);
    const until = (limit: number) => times.filter((time) => time >= from && time < limit).length / writes;
    return { writes, perWrite: until(answered), withWhatFollows: until(Infinity) };
  } finally {
    // strace lets go of the process when it is asked to end; killed, it would leave it stopped.
    strace.kill("SIGINT");
    await new Promise((resolve) => (strace.exitCode === null ? strace.once("exit", resolve) : resolve(null)));
    rmSync(file, { force: true });
  }
}

/** A call that another thread interrupts is written twice; only its beginning counts. */
function timeOfSync(line: string): number[] {
  const [, time] = /^\d+ +(\d+\.\d+) (?:fsync|fdatasync|msync|sync_file_range)\(/.exec(line) ?? [];
  return time === undefined ? [] : [Number(time)];
}
