// Runs one shell command of the repository with its own tools on the PATH.
import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const repositoryRoot = fileURLToPath(new URL("..", import.meta.url));

export type Outcome = { readonly passed: boolean; readonly output: string };

/** Collects what the command prints; `folder` is relative to the repository. */
export function runCommand(command: string, folder = "."): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd: join(repositoryRoot, folder), env: environmentIn(folder), shell: true });
    const chunks: Buffer[] = [];
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ passed: code === 0, output: Buffer.concat(chunks).toString("utf8").trim() }));
  });
}

/** Lets the command write to the terminal itself, for what takes long. */
export function showCommand(command: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, { cwd: repositoryRoot, env: environmentIn("."), shell: true, stdio: "inherit" });
    child.on("error", reject);
    child.on("close", (code) => resolve(code === 0));
  });
}

/** Tools of the folder's own workspace come before those of the root, as pnpm would have it. */
function environmentIn(folder: string): NodeJS.ProcessEnv {
  const toolFolders = [folder, "."].map((path) => join(repositoryRoot, path, "node_modules/.bin"));
  return {
    ...process.env,
    PATH: [...toolFolders, process.env["PATH"]].join(delimiter),
    TURBO_TELEMETRY_DISABLED: "1",
    WRANGLER_SEND_METRICS: "false",
    ...(process.stdout.isTTY ? { FORCE_COLOR: "1" } : { NO_COLOR: "1" }),
  };
}
