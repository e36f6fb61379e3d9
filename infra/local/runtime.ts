// Owns workerd: starts all Workers in one Miniflare and keeps them running on the same port when it dies.
import { subscribe } from "node:diagnostics_channel";
import type { ChildProcess } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import type { Trigger } from "./clock.ts";
import { signalProcess } from "./processes.ts";
import { writeWorkerOutput } from "./worker-output.ts";
import type { LocalWorkers } from "./workers.ts";

const RETRY_MILLISECONDS = 250;
/** Half a minute of failed starts is a fault to report, not to wait for. */
const RETRIES_MAX = 120;

export interface Runtime {
  pid(): number | null;
  /** Kills workerd as a crash would, and resolves when it answers again. */
  crash(): Promise<{ killed: number; pid: number; readyMilliseconds: number }>;
  /** Resolves when workerd answers. */
  ready(): Promise<void>;
  scheduled(trigger: Trigger, time: Date): Promise<string>;
  stop(): Promise<void>;
}

export interface RuntimeOptions {
  readonly port: number;
  readonly dataPath: string;
  readonly workers: LocalWorkers;
  say(line: string): void;
  onPid(pid: number | null): void;
  /** Miniflare claims signals whenever one is made; this takes them back. */
  claimSignals(): void;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  let isStopping = false;
  let pid: number | null = null;
  let miniflare = makeMiniflare(options);
  let recovery: Promise<void> | null = null;

  subscribe("child_process", (message) => {
    // The channel is documented to carry the process that is being made; its command is known once it is spawned.
    const { process: child } = message as { process: ChildProcess };
    child.once("spawn", () => {
      if (!child.spawnargs.some((part) => part.startsWith("--socket-addr=entry="))) return;
      pid = child.pid ?? null;
      options.onPid(pid);
      child.once("exit", () => {
        if (child.pid !== pid) return;
        pid = null;
        options.onPid(null);
        if (isStopping) return;
        options.say("workerd ended unexpectedly; it is started again.");
        recovery ??= recover().finally(() => (recovery = null));
      });
    });
  });

  /** Miniflare starts workerd again by itself; when that start fails too, a new Miniflare does it. */
  const recover = async () => {
    for (let attempt = 1; attempt <= RETRIES_MAX && !isStopping; attempt += 1) {
      await sleep(attempt === 1 ? 0 : RETRY_MILLISECONDS);
      const hasFailed = await miniflare.ready.then(
        () => false,
        () => true,
      );
      if (isStopping || (!hasFailed && pid !== null)) return;
      if (!hasFailed) continue;
      await miniflare.dispose().catch(() => {});
      miniflare = makeMiniflare(options);
    }
    if (!isStopping) options.say("workerd does not start again. Stop the local system and start it anew.");
  };

  const ready = async () => {
    while (recovery !== null) await recovery;
    await miniflare.ready;
  };

  await miniflare.ready.catch(async (error: unknown) => {
    isStopping = true;
    await miniflare.dispose().catch(() => {});
    throw error;
  });
  return {
    pid: () => pid,
    ready,
    crash: async () => {
      const killed = pid;
      if (killed === null) throw new Error("workerd does not run just now; wait for it and try again.");
      const since = performance.now();
      signalProcess(killed, "SIGKILL");
      while (pid === killed) await sleep(1);
      await ready();
      return { killed, pid: pid ?? 0, readyMilliseconds: Math.round(performance.now() - since) };
    },
    scheduled: async ({ worker, cron }, time) => {
      const target = await miniflare.getWorker(worker);
      return (await target.scheduled({ cron, scheduledTime: time })).outcome;
    },
    stop: async () => {
      isStopping = true;
      await miniflare.dispose();
    },
  };
}

function makeMiniflare({ port, dataPath, workers, claimSignals }: RuntimeOptions): Miniflare {
  const temporary = join(dataPath, "tmp");
  rmSync(temporary, { recursive: true, force: true });
  const converted = convertV4MiniflareOptions({
    host: "127.0.0.1",
    port,
    workers: [...workers.options],
    resourcePersistencePath: join(dataPath, "workerd"),
    resourceTmpPath: temporary,
    log: new QuietLog(LogLevel.ERROR),
    logRequests: false,
    // Otherwise it is fetched from the network.
    cf: false,
    telemetry: { enabled: false },
    // Only then does workerd say which exceptions nobody caught; it says nothing else by it.
    verbose: true,
    handleStructuredLogs: writeWorkerOutput,
  });
  const miniflare = new Miniflare(converted);
  claimSignals();
  return miniflare;
}

/** Miniflare's own errors without the stacks of its code. */
class QuietLog extends Log {
  override log(message: string) {
    process.stderr.write(`${message.split("\n", 1)[0]}\n`);
  }
}
