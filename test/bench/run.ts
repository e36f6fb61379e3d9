// `npm run bench`: measures Regulars, its ceiling and its peers in one interleaved run; a table on screen, JSON beside it.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { judge } from "./aims.ts";
import { readArguments, USAGE, type BenchOptions } from "./arguments.ts";
import { measureCalls } from "./calls.ts";
import { startCeiling } from "./ceiling.ts";
import { countFsyncs } from "./fsync.ts";
import { measureGrowth } from "./growth.ts";
import { measureHop } from "./hop.ts";
import { startGenerator } from "./load.ts";
import { describeMachine, fileSystemOf } from "./machine.ts";
import { ceilingSubject, memberNames, peerSubject } from "./others.ts";
import { durabilityOf, startPeer } from "./peer/peer.ts";
import { measureProjection } from "./projection.ts";
import { startRegulars } from "./regulars.ts";
import { report } from "./report.ts";
import { measureRich } from "./rich.ts";
import { measureSegmentation } from "./segmentation/segmentation.ts";

const MEMORY = "/dev/shm";
const DISK_FOLDER = resolve(".regulars/bench/disk");
const MEMORY_FOLDER = `${MEMORY}/regulars-bench-${process.pid}`;

const NOTHING_MEASURED = {
  durability: null,
  fileSystems: null,
  calls: [],
  hop: null,
  growth: null,
  projection: null,
  rich: null,
  fsyncs: null,
};

const options = readArguments(process.argv.slice(2));
if (options === null) {
  console.log(USAGE);
  process.exit(0);
}
if (!existsSync(MEMORY)) {
  console.error(`The benchmark needs a tmpfs at ${MEMORY}, which every Linux has.`);
  process.exit(1);
}
const endings: (() => Promise<void> | void)[] = [];
let failure: unknown = null;
process.once("SIGINT", () => void endAll().then(() => process.exit(130)));
try {
  await bench(options);
} catch (error) {
  failure = error;
}
await endAll();
if (failure !== null) console.error(failure);
process.exit(failure === null ? 0 : 1);

async function bench(wanted: BenchOptions): Promise<void> {
  const machine = describeMachine();
  const startedAt = new Date();
  const needsSystem = [...wanted.sections].some((section) => section !== "segmentation");
  const measured = needsSystem ? await measureSystem(wanted) : NOTHING_MEASURED;
  const segmentation = wanted.sections.has("segmentation") ? await measureSegmentation(wanted, say) : null;
  const results = { ...measured, segmentation };
  const aims = judge(results);
  const { sections, ...sizes } = wanted;
  const command = `npm run bench -- ${process.argv.slice(2).join(" ")}`.trimEnd();
  const run = { date: startedAt.toISOString(), command, machine, options: { ...sizes, sections: [...sections] } };
  const found = { ...run, minutes: Math.round((Date.now() - startedAt.getTime()) / 60_000), ...results, aims };
  mkdirSync(dirname(resolve(wanted.out)), { recursive: true });
  writeFileSync(wanted.out, `${JSON.stringify(found, null, 2)}\n`);
  console.log(report(found).join("\n"));
  say(`written to ${wanted.out}`);
}

/** Sections that load whole local systems; the section "segmentation" has a database of its own. */
async function measureSystem(wanted: BenchOptions) {
  const { members, sections } = wanted;
  const generator = startGenerator();
  endings.push(() => generator.stop());
  say("starting the ceiling, two local systems and enrolling members ...");
  const ceiling = await startCeiling(`${MEMORY_FOLDER}-ceiling`);
  endings.push(() => ceiling.stop());
  const disk = await startRegulars({ name: "regulars disk", folder: DISK_FOLDER, members });
  endings.push(() => disk.stop());
  const memory = await startRegulars({ name: "regulars tmpfs", folder: MEMORY_FOLDER, members });
  endings.push(() => memory.stop());
  const { databaseUrl } = disk.stack;
  const durability = await durabilityOf(databaseUrl);
  const fileSystems = { disk: fileSystemOf(DISK_FOLDER), memory: fileSystemOf(MEMORY_FOLDER) };

  const hop = sections.has("hop") ? await measureHop(ceiling, generator, wanted, say) : null;
  let calls: Awaited<ReturnType<typeof measureCalls>> = [];
  if (sections.has("calls")) {
    const ids = Object.values(memberNames(members)).flat();
    const forUpdate = await startPeer("for-update", databaseUrl, ids);
    const tuned = await startPeer("tuned", databaseUrl, ids);
    const subjects = [
      ceilingSubject(ceiling, members),
      memory,
      peerSubject("for update", forUpdate, members),
      disk,
      peerSubject("tuned", tuned, members),
    ];
    try {
      calls = await measureCalls(subjects, generator, wanted, say);
    } finally {
      await Promise.all([forUpdate.stop(), tuned.stop()]);
    }
  }
  const growth = sections.has("growth") ? await measureGrowth(memory, generator, wanted, say) : null;
  const projection = sections.has("projection")
    ? await measureProjection({ disk, memory }, generator, wanted, say)
    : null;
  const rich = sections.has("program") ? await measureRich({ memory, ceiling }, generator, wanted, say) : null;
  const fsyncs = sections.has("fsync") ? await countFsyncs({ subject: disk, ceiling, generator }, wanted, say) : null;
  if (sections.has("fsync") && fsyncs === null)
    say("fsync: strace is not here or may not attach, so nothing was counted");
  await Promise.all([disk.verify("hot"), disk.verify("spread"), memory.verify("hot"), memory.verify("spread")]);
  return { durability, fileSystems, calls, hop, growth, projection, rich, fsyncs };
}

async function endAll(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) {
    try {
      await end();
    } catch (error) {
      console.error(error);
    }
  }
}

function say(line: string) {
  console.error(`${new Date().toISOString().slice(11, 19)} ${line}`);
}
