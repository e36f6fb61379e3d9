// Decides whether a process id still belongs to a program of ours, and ends it.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const POLL_MILLISECONDS = 20;

/** The command line of a live process, its arguments separated by spaces, or null when no such process runs. */
export function commandLine(pid: number): string | null {
  if (process.platform !== "linux") return psField(pid, "command");
  try {
    const text = readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
    // A process that ended but was not yet collected by its parent has no command line.
    return text === "" ? null : text;
  } catch {
    return null;
  }
}

/** The id of a live process's parent, or null. */
export function parentOf(pid: number): number | null {
  if (process.platform !== "linux") return Number(psField(pid, "ppid")) || null;
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) || null;
  } catch {
    return null;
  }
}

/** Whether `pid` runs and its command line contains every one of `marks`. */
export function runsAs(pid: number, marks: readonly string[]): boolean {
  const command = commandLine(pid);
  return command !== null && marks.every((mark) => command.includes(mark));
}

/** Sends `signal`; false when the process is gone already. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}

/** Asks a process to end, and kills it when it has not ended in time. */
export async function endProcess(pid: number, how: { signal: NodeJS.Signals; patienceMilliseconds: number }) {
  signalProcess(pid, how.signal);
  if (await endedWithin(pid, how.patienceMilliseconds)) return;
  signalProcess(pid, "SIGKILL");
  if (!(await endedWithin(pid, how.patienceMilliseconds))) {
    throw new Error(`Process ${pid} does not end, not even by kill -9. End it by hand, then start again.`);
  }
}

async function endedWithin(pid: number, milliseconds: number): Promise<boolean> {
  const until = Date.now() + milliseconds;
  while (commandLine(pid) !== null) {
    if (Date.now() > until) return false;
    await sleep(POLL_MILLISECONDS);
  }
  return true;
}

function psField(pid: number, field: "command" | "ppid"): string | null {
  try {
    const text = execFileSync("ps", ["-p", String(pid), "-o", `${field}=`], { encoding: "utf8" }).trim();
    return text === "" ? null : text;
  } catch {
    return null;
  }
}
