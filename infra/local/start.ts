// Runs the local system as a foreground program: one line when it is ready; Ctrl-C, or the end of npm, ends all of it.
import { dataFolderPath, type LocalStack } from "./data-folder.ts";
import { type LocalSystem, startLocalSystem } from "./local-system.ts";
import { watchParents } from "./parents.ts";
import { anyFreePort } from "./ports.ts";
import { signalProcess } from "./processes.ts";

const PORT_DEFAULT = 8787;
/** PostgreSQL writes a last checkpoint when it stops; longer than this and everything is killed. */
const STOP_MILLISECONDS = 25_000;
const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const parts: LocalSystem = { pids: { workerd: null, postgres: null }, endings: [] };
let isEnding = false;

claimSignals();
process.on("exit", killWhatIsLeft);
process.on("uncaughtException", (error) => void fail(error));
process.on("unhandledRejection", (error) => say(`Unexpected: ${text(error)}`));
// When npm was killed nobody reads these any more, which must not keep the rest from ending.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});
watchParents(() => void end(0));

const startedAt = performance.now();
try {
  const [dataPath, port, hasClock] = [dataFolderPath(), await publicPort(), process.env["REGULARS_CLOCK"] !== "off"];
  const options = { dataPath, port, hasClock, say, claimSignals, end: () => end(0) };
  console.log(readyLine(await startLocalSystem(parts, options)));
} catch (error) {
  await fail(error);
}

function readyLine({ url, docsUrl, tenantId, secretKey, manageKey, databaseUrl }: LocalStack): string {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  return (
    `Regulars is ready (${seconds} s): ${url} | docs ${docsUrl} | tenant ${tenantId} | key ${secretKey} ` +
    `| manage key ${manageKey} | database ${databaseUrl} | Ctrl-C stops it`
  );
}

async function publicPort(): Promise<number> {
  const asked = process.env["REGULARS_PORT"] ?? String(PORT_DEFAULT);
  const port = /^\d{1,5}$/.test(asked) ? Number(asked) : NaN;
  if (!(port <= 65_535)) throw new Error(`REGULARS_PORT is "${asked}". Give a number up to 65535; 0 takes a free one.`);
  return port === 0 ? await anyFreePort() : port;
}

/** The first signal ends everything in order; one more ends it at once. Whoever else listens would end us half-way. */
function claimSignals() {
  for (const signal of SIGNALS) {
    process.removeAllListeners(signal);
    process.on(signal, () => (isEnding ? process.exit(1) : void end(0)));
  }
}

/** Ends what was started, the latest first; what fails to end is killed on exit. */
async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  const limit = setTimeout(() => process.exit(1), STOP_MILLISECONDS);
  for (const ending of parts.endings.toReversed()) {
    try {
      await ending();
    } catch (error) {
      say(text(error));
    }
  }
  clearTimeout(limit);
  process.exit(code);
}

async function fail(error: unknown): Promise<void> {
  if (isEnding) return;
  say(text(error));
  await end(1);
}

function killWhatIsLeft() {
  for (const pid of [parts.pids.workerd, parts.pids.postgres]) if (pid !== null) signalProcess(pid, "SIGKILL");
}

function say(line: string) {
  process.stderr.write(`${line}\n`);
}

/** A message says what to do; where in our files it was thrown helps only whoever debugs them. */
function text(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return process.env["REGULARS_DEBUG"] === undefined ? error.message : (error.stack ?? error.message);
}
