// Counts the processor time of PostgreSQL with all its processes: steadier than wall time where others use the machine too.
import { readFileSync } from "node:fs";

/** The kernel counts in hundredths of a second on every common Linux. */
const TICK_MS = 10;

/** Of the server's children that run, and of those that have ended; 0 where the kernel does not say. */
export function serverProcessorMs(pid: number | null): number {
  try {
    const ended = ticks(pid, 13) + ticks(pid, 14);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim().split(" ").filter(Boolean);
    const running = children.reduce((sum, child) => sum + ticks(child, 11) + ticks(child, 12), 0);
    return (ended + running) * TICK_MS;
  } catch {
    return 0;
  }
}

/** A field of the process's state, counted from the one behind its name; 0 when it has just ended. */
function ticks(pid: number | string | null, field: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ")[field]);
  } catch {
    return 0;
  }
}
