// Starts the whole local system as a process of its own, for tests, benchmarks and tools.
import { spawn, type ChildProcess } from "node:child_process";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type LocalStack, readLocal } from "./data-folder.ts";
import { anyFreePort } from "./ports.ts";

const READY_MILLISECONDS = 120_000;
const STOP_MILLISECONDS = 30_000;
const LOG_LINES_MAX = 5000;
const LOG_LINES_SHOWN = 40;

export interface StackOptions {
  /** REGULARS_DATA; relative to the working folder. */
  readonly dataDir: string;
  /** Any free one when not given. */
  readonly port?: number;
  /** False shows the system's own lines as they come. */
  readonly quiet?: boolean;
}

export interface Crash {
  readonly killed: number;
  readonly pid: number;
  readonly readyMilliseconds: number;
}

export interface Stack {
  readonly url: string;
  readonly tenantId: string;
  readonly secretKey: string;
  readonly manageKey: string;
  readonly operatorKey: string;
  readonly databaseUrl: string;
  readonly control: string;
  /** As they are now: a crash changes them. */
  readonly pids: LocalStack["pids"];
  /** The last lines that the system said. */
  readonly logs: readonly string[];
  stop(): Promise<void>;
  /** Kills workerd by SIGKILL; resolves when it answers again. */
  crash(): Promise<Crash>;
  stopPostgres(): Promise<void>;
  startPostgres(): Promise<void>;
  /** Fires a cron trigger now; without `cron` the Worker's first one. None fires by itself here. */
  cron(worker: string, cron?: string): Promise<void>;
}

/** Resolves when the system is ready; throws with its last lines when it fails or is not ready in two minutes. */
export async function startStack({ dataDir, port, quiet = true }: StackOptions): Promise<Stack> {
  const dataPath = resolve(dataDir);
  const chosenPort = port ?? (await anyFreePort());
  const child = spawn(process.execPath, [join(dirname(fileURLToPath(import.meta.url)), "start.ts")], {
    env: {
      ...process.env,
      REGULARS_DATA: dataPath,
      REGULARS_PORT: String(chosenPort),
      REGULARS_PARENT_PID: String(process.pid),
      // What a test or benchmark sees must not depend on the minute in which it runs.
      REGULARS_CLOCK: "off",
    },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C reaches the test, which then stops its stack; if it dies instead, the stack sees that and ends.
    detached: true,
  });
  const logs = collectLines(child, quiet);
  await becameReady(child, dataPath, logs);
  return describeStack(child, dataPath, logs);
}

function describeStack(child: ChildProcess, dataPath: string, logs: readonly string[]): Stack {
  const current = () => {
    const local = readLocal(dataPath);
    if (local === null) throw new Error(`The local system of ${dataPath} does not run.${tail(logs)}`);
    return local;
  };
  const { url, control, databaseUrl, operatorKey, tenantId, secretKey, manageKey } = current();
  // A stack that said it is ready has seeded its tenant.
  const keys = { tenantId: tenantId ?? "", secretKey: secretKey ?? "", manageKey: manageKey ?? "" };
  return {
    url,
    control,
    databaseUrl,
    operatorKey,
    ...keys,
    logs,
    get pids() {
      return current().pids;
    },
    stop: () => stopChild(child, logs),
    // The control port answers this command with exactly this object.
    crash: async () => (await command(control, "crash")) as Crash,
    stopPostgres: async () => void (await command(control, "postgres/stop")),
    startPostgres: async () => void (await command(control, "postgres/start")),
    cron: async (worker, cron) => {
      const query = new URLSearchParams(cron === undefined ? { worker } : { worker, cron });
      await command(control, `cron?${query}`);
    },
  };
}

async function command(control: string, path: string): Promise<unknown> {
  const response = await fetch(`${control}/_local/${path}`, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(`POST /_local/${path} answered ${response.status}: ${text.trim()}`);
  return JSON.parse(text);
}

function collectLines(child: ChildProcess, quiet: boolean): readonly string[] {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > LOG_LINES_MAX) lines.shift();
      if (!quiet) console.error(line);
    });
  }
  return lines;
}

function becameReady(child: ChildProcess, dataPath: string, logs: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (failure?: string) => {
      clearTimeout(limit);
      clearInterval(poll);
      child.off("exit", onExit);
      if (failure === undefined) return resolve();
      child.kill("SIGTERM");
      reject(new Error(`${failure}${tail(logs)}`));
    };
    const onExit = (code: number | null) => finish(`The local system ended with code ${code} before it was ready.`);
    const limit = setTimeout(
      () => finish(`The local system was not ready in ${READY_MILLISECONDS / 1000} s.`),
      READY_MILLISECONDS,
    );
    const poll = setInterval(() => {
      const local = readLocal(dataPath);
      if (local?.ready === true && local.pids.supervisor === child.pid) finish();
    }, 20);
    child.on("exit", onExit);
  });
}

function stopChild(child: ChildProcess, logs: readonly string[]): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const limit = setTimeout(
      () => reject(new Error(`The local system did not stop in ${STOP_MILLISECONDS / 1000} s.${tail(logs)}`)),
      STOP_MILLISECONDS,
    );
    child.once("exit", () => {
      clearTimeout(limit);
      resolve();
    });
    child.kill("SIGTERM");
  });
}

function tail(logs: readonly string[]): string {
  return ` Its last lines:\n${logs.slice(-LOG_LINES_SHOWN).join("\n")}`;
}
