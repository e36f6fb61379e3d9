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

/** What is true now: Miniflare is made anew when it cannot bring workerd back. */
interface State {
  miniflare: Miniflare;
  pid: number | null;
  recovery: Promise<void> | null;
  isStopping: boolean;
}

export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const state: State = { miniflare: makeMiniflare(options), pid: null, recovery: null, isStopping: false };
  watchWorkerd(state, options);
  try {
    await state.miniflare.ready;
  } catch (error) {
    await stop(state);
    throw error;
  }
  return {
    pid: () => state.pid,
    crash: () => crash(state),
    scheduled: async ({ worker, cron }, time) => {
      const target = await state.miniflare.getWorker(worker);
      return (await target.scheduled({ cron, scheduledTime: time })).outcome;
    },
    stop: () => stop(state),
  };
}

/** Miniflare keeps its child to itself; Node tells of every child that this process makes. */
function watchWorkerd(state: State, options: RuntimeOptions) {
  subscribe("child_process", (message) => {
    // Node documents that this channel carries the child, of which command and pid are set once it is spawned.
    const { process: child } = message as { process: ChildProcess };
    child.once("spawn", () => {
      if (!child.spawnargs.some((part) => part.startsWith("--socket-addr=entry="))) return;
      setPid(child.pid ?? null);
      child.once("exit", () => {
        if (child.pid !== state.pid) return;
        setPid(null);
        if (state.isStopping) return;
        options.say("workerd ended unexpectedly; it is started again.");
        state.recovery ??= recover(state, options).finally(() => (state.recovery = null));
      });
    });
  });
  const setPid = (pid: number | null) => {
    state.pid = pid;
    options.onPid(pid);
  };
}

/** Miniflare starts workerd again by itself; when that start fails too, a new Miniflare does it. */
async function recover(state: State, options: RuntimeOptions): Promise<void> {
  for (let attempt = 1; attempt <= RETRIES_MAX && !state.isStopping; attempt += 1) {
    await sleep(attempt === 1 ? 0 : RETRY_MILLISECONDS);
    const hasFailed = await state.miniflare.ready.then(
      () => false,
      () => true,
    );
    if (state.isStopping || (!hasFailed && state.pid !== null)) return;
    if (!hasFailed) continue;
    await state.miniflare.dispose().catch(() => {});
    state.miniflare = makeMiniflare(options);
  }
  if (!state.isStopping) options.say("workerd does not start again. Stop the local system and start it anew.");
}

async function crash(state: State) {
  const killed = state.pid;
  if (killed === null) throw new Error("workerd does not run just now; wait for it and try again.");
  const since = performance.now();
  signalProcess(killed, "SIGKILL");
  while (state.pid === killed) await sleep(1);
  while (state.recovery !== null) await state.recovery;
  return { killed, pid: state.pid ?? 0, readyMilliseconds: Math.round(performance.now() - since) };
}

async function stop(state: State): Promise<void> {
  state.isStopping = true;
  await state.miniflare.dispose();
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
  // Whoever waits for it sees its failure; one that nobody waits for any more must not be reported by Node.
  miniflare.ready.catch(() => {});
  claimSignals();
  return miniflare;
}

/** Miniflare's own errors without the stacks of its code. */
class QuietLog extends Log {
  override log(message: string) {
    process.stderr.write(`${message.split("\n", 1)[0]}\n`);
  }
}
