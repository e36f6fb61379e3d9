// Ends what a supervisor that was killed left running, and nothing else.
import { type LocalStack, readLocal } from "./data-folder.ts";
import { endProcess, runsAs } from "./processes.ts";

const PATIENCE_MILLISECONDS = 10_000;

/** Throws when a supervisor still works on this data; otherwise ends the processes that a dead one left. */
export async function clearLeftovers(dataPath: string): Promise<void> {
  const last = readLocal(dataPath);
  if (last === null) return;
  const { supervisor, workerd } = last.pids;
  if (supervisor !== process.pid && runsAs(supervisor, ["start.ts"])) {
    throw new Error(
      `Regulars already runs on this data (process ${supervisor}, ${last.url}). ` +
        `Stop that one (kill ${supervisor}), or set REGULARS_DATA and REGULARS_PORT to start another beside it.`,
    );
  }
  // PostgreSQL's own leftovers are found by its postmaster.pid, see postgres.ts.
  if (workerd !== null && runsAs(workerd, ["workerd", `entry=${entryAddress(last)}`])) {
    await endProcess(workerd, { signal: "SIGKILL", patienceMilliseconds: PATIENCE_MILLISECONDS });
  }
}

function entryAddress(stack: LocalStack): string {
  return new URL(stack.url).host;
}
