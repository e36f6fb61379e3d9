// Runs loads in the generator's own process, one at a time.
import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Load, LoadResult } from "./generator.ts";

export interface Generator {
  run(load: Load): Promise<LoadResult>;
  stop(): void;
}

/** Starts the process; a load that gets one wrong answer throws with it. */
export function startGenerator(): Generator {
  const child = fork(fileURLToPath(new URL("./generator.ts", import.meta.url)));
  return { run: (load) => ask(child, load), stop: () => child.kill() };
}

function ask(child: ChildProcess, load: Load): Promise<LoadResult> {
  return new Promise((resolve, reject) => {
    const onExit = (code: number | null) => reject(new Error(`the load generator ended with code ${code}`));
    child.once("exit", onExit);
    // Only generator.ts answers here, with exactly one of the two.
    child.once("message", (message: { result: LoadResult } | { error: string }) => {
      child.off("exit", onExit);
      if ("error" in message) reject(new Error(message.error));
      else resolve(message.result);
    });
    child.send(load);
  });
}
