// Says on what a benchmark ran: without it the figures mean nothing.
import { execFileSync } from "node:child_process";
import { statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { cpus, release, totalmem, loadavg } from "node:os";

const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0xef53: "ext4",
  0x01021994: "tmpfs",
  0x9123683e: "btrfs",
  0x58465342: "xfs",
  0x794c7630: "overlayfs",
};

export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly workerd: string;
  /** Above the cores, others used the machine too and the ranges are wide. */
  readonly loadAtStart: number;
  readonly commit: string;
}

export function describeMachine(): Machine {
  const processors = cpus();
  return {
    processor: processors[0]?.model.trim() ?? "unknown",
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()}`,
    node: process.version,
    workerd: workerdVersion(),
    loadAtStart: loadavg()[0] ?? NaN,
    commit: commit(),
  };
}

/** The kind of file system that a folder lies on. */
export function fileSystemOf(folder: string): string {
  const { type } = statfsSync(folder);
  return FILE_SYSTEMS[type] ?? `file system 0x${type.toString(16)}`;
}

function workerdVersion(): string {
  const miniflare = createRequire(import.meta.url).resolve("miniflare");
  // A package's own description always has a version.
  const { version } = createRequire(miniflare)("workerd/package.json") as { version: string };
  return version;
}

function commit(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
