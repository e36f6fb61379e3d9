// Runs one TypeScript file of this repository under the right Node and pnpm, on a machine that has only Node 20 and npm.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const onWindows = process.platform === "win32";
const tools = ["-p", "node@24", "-p", "pnpm@12.21.0"];

const [script, ...scriptArguments] = process.argv.slice(2);
if (script === undefined) fail("Usage: node run.mjs <file.ts> [arguments]");

const env = { ...process.env, PATH: pathWithTools() };
install();
runForeground("node", [script, ...scriptArguments]);

/** The PATH that npx makes for the pinned tools; asking for it keeps npx itself out of the chain of processes. */
function pathWithTools() {
  const npx = ["--yes", "--prefer-offline", "--loglevel=error", ...tools, "-c", "node -p process.env.PATH"];
  const found = spawnSync("npx", npx, { cwd: root, encoding: "utf8", shell: onWindows });
  if (found.status !== 0) fail(`npx could not install Node 24 and pnpm:\n${found.stderr}`);
  return found.stdout.trim();
}

function install() {
  if (!existsSync(join(root, "node_modules"))) console.log("Installing dependencies (the first time only) ...");
  const options = { cwd: root, env, encoding: "utf8", shell: onWindows };
  const installed = spawnSync("pnpm", ["install", "--frozen-lockfile", "--reporter=append-only"], options);
  if (installed.status !== 0) fail(`pnpm install failed:\n${installed.stdout}${installed.stderr}`);
}

/** Runs until the child ends, hands every signal on, and ends as the child ended. */
function runForeground(command, commandArguments) {
  const child = spawn(command, commandArguments, { cwd: root, env, stdio: "inherit", shell: onWindows });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
  // npm dies of a signal without handing it on; a changed parent is how its children learn of that.
  const parent = process.ppid;
  setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 500).unref();
  child.on("error", (error) => fail(error.message));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
