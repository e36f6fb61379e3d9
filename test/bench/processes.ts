// What the kernel knows of a subject's process: its processor time, and whether it has come to rest.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** The kernel counts in hundredths of a second on every common Linux. */
const TICK_MS = 10;
const REST_PROBE_MS = 250;
/** A process that uses less than this of one core does nothing worth waiting for. */
const REST_SHARE = 0.06;
const REST_MAX_MS = 60_000;

/** Processor time used so far by all threads (ms), user and system; 0 where the kernel does not say. */
export function processorMs(pid: number | null): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
  } catch {
    return 0;
  }
}

/** Waits until a process has been at rest for a while, so that its deferred work falls on nobody else's turn. */
export async function untilAtRest(pid: number | null): Promise<void> {
  const until = Date.now() + REST_MAX_MS;
  for (let quiet = 0; quiet < 3 && Date.now() < until;) {
    const before = processorMs(pid);
    await sleep(REST_PROBE_MS);
    quiet = processorMs(pid) - before < REST_PROBE_MS * REST_SHARE ? quiet + 1 : 0;
  }
}
