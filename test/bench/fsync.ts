// Counts the fsyncs of workerd by strace: what a write costs a disk, on the way to its answer and with what follows.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchOptions } from "./arguments.ts";
import type { Ceiling } from "./ceiling.ts";
import type { Load } from "./generator.ts";
import type { Generator } from "./load.ts";
import type { RegularsSubject } from "./regulars.ts";
import type { Shape } from "./subject.ts";
import { enrolMembers } from "./tenant.ts";

const WRITES = 1000;
const MEMBERS_MADE = 50;
/** Alarm (8 s), confirmation (4 s) and putting away (10 s) are over by then. */
const FOLLOWS_MS = 22_000;
const ATTACH_MS = 1500;

/** Whose files were synced: the members' own objects, the index of claims, the store of alarms, anything else. */
export const OWNERS = ["object", "index", "alarms", "other"] as const;
type Owner = (typeof OWNERS)[number];

export interface FsyncCount {
  readonly what: string;
  readonly writes: number;
  /** Of one write, until the last was answered. */
  readonly perWrite: Readonly<Record<Owner, number>>;
  /** Of one write, with claims, alarms, confirmations and putting objects away. */
  readonly withWhatFollows: number;
}

/** Null where there is no strace, or where it may not attach. */
export async function countFsyncs(
  { subject, ceiling, generator }: { subject: RegularsSubject; ceiling: Ceiling; generator: Generator },
  { connections, quick }: BenchOptions,
  say: (line: string) => void,
): Promise<FsyncCount[] | null> {
  if (spawnSync("strace", ["-V"]).status !== 0) return null;
  const { url, key } = subject;
  const writes = quick ? WRITES / 10 : WRITES;
  const run = async (shape: Shape, wish: Pick<Load, "operation" | "connections"> & Partial<Load>) => {
    const prefix = `fsync-${Date.now().toString(36)}`;
    const load = { url, key, memberIds: subject.membersOf(shape), prefix, seconds: 120, ...wish };
    const { done } = await generator.run(load);
    subject.note(shape, wish.operation, done);
    return done.reduce((sum, one) => sum + one, 0);
  };
  const earn = (shape: Shape, width: number, operationsMax: number): Case => ({
    what: `earn, ${shape}, ${width} connection${width === 1 ? "" : "s"}`,
    pid: subject.pid(),
    prepare: () => run(shape, { operation: "balance", connections, once: true }),
    work: () => run(shape, { operation: "earn", connections: width, operationsMax }),
  });
  const names = Array.from({ length: MEMBERS_MADE }, (_, place) => `fsync-${Date.now().toString(36)}-${place}`);
  const create = { url: ceiling.url, key: "create", memberIds: names, prefix: "create", connections: 1, seconds: 60 };
  const cases: readonly Case[] = [
    earn("hot", connections, writes),
    earn("hot", 1, writes / 5),
    earn("spread", connections, writes),
    { what: "enrol", pid: subject.pid(), work: async () => (await enrolMembers(url, key, names, 0)).length },
    {
      what: "floor: a new object with one row",
      pid: ceiling.pid,
      work: async () => (await generator.run({ ...create, operation: "earn", once: true })).done.length,
    },
  ];
  const counts: FsyncCount[] = [];
  for (const one of cases) {
    const counted = await underStrace(one);
    if (counted === null) return null;
    counts.push(counted);
    const parts = OWNERS.map((owner) => `${owner} ${counted.perWrite[owner].toFixed(2)}`);
    say(
      `fsync ${one.what}: ${parts.join(", ")} a write; all that follows included ${counted.withWhatFollows.toFixed(2)}`,
    );
  }
  return counts;
}

interface Case {
  readonly what: string;
  readonly pid: number | null;
  readonly prepare?: () => Promise<unknown>;
  /** Answers how many writes it made. */
  readonly work: () => Promise<number>;
}

async function underStrace({ what, pid, prepare, work }: Case): Promise<FsyncCount | null> {
  const file = join(tmpdir(), `regulars-fsync-${process.pid}`);
  const options = ["-f", "-ttt", "-y", "-e", "trace=fsync,fdatasync", "-p", String(pid), "-o", file];
  const strace = spawn("strace", options, { stdio: "ignore" });
  try {
    await sleep(ATTACH_MS);
    if (strace.exitCode !== null) return null;
    await prepare?.();
    await sleep(ATTACH_MS);
    const from = Date.now() / 1000;
    const writes = await work();
    const answered = Date.now() / 1000;
    await sleep(FOLLOWS_MS);
    const syncs = readFileSync(file, "latin1")
      .split("\n")
      .flatMap(syncOf)
      .filter(({ time }) => time >= from);
    const before = Map.groupBy(
      syncs.filter(({ time }) => time < answered),
      ({ owner }) => owner,
    );
    const of = (owner: Owner) => (before.get(owner)?.length ?? 0) / writes;
    const perWrite = { object: of("object"), index: of("index"), alarms: of("alarms"), other: of("other") };
    return { what, writes, perWrite, withWhatFollows: syncs.length / writes };
  } finally {
    // strace lets go of the process when it is asked to end; killed, it would leave it stopped.
    strace.kill("SIGINT");
    await new Promise((resolve) => (strace.exitCode === null ? strace.once("exit", resolve) : resolve(null)));
    rmSync(file, { force: true });
  }
}

/** A call that another thread interrupts is written twice; only its beginning counts. */
function syncOf(line: string): { time: number; owner: Owner }[] {
  const [, time, path = ""] = /^\d+ +(\d+\.\d+) f(?:data)?sync\(\d+<([^>]*)>/.exec(line) ?? [];
  return time === undefined ? [] : [{ time: Number(time), owner: ownerOf(path) }];
}

function ownerOf(path: string): Owner {
  if (path.includes("/metadata.sqlite")) return "alarms";
  if (path.includes("IdentityIndex")) return "index";
  return path.includes("MemberLedger") || path.includes("Nothing") ? "object" : "other";
}
