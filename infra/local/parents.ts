// Decides when the local system has lost the program that started it, and must end as well.
import { commandLine, parentOf } from "./processes.ts";

const POLL_MILLISECONDS = 300;
/** npm, its shell, run.mjs, npx and its shell make five; the limit ends a walk that goes wrong. */
const ANCESTORS_MAX = 12;
const LAUNCHER = /(^|[/ ])(npm|npx|pnpm|corepack)(-cli\.js|\.c?js)?( |$)|run\.mjs/;
const SHELL = /^(\/\S*\/)?(sh|bash|dash|zsh) -c /;

/** Calls `onLost` once when a launcher above this process (npm, npx, run.mjs), or `REGULARS_PARENT_PID`, has ended. */
export function watchParents(onLost: () => void): () => void {
  const watched = launchers();
  const named = Number(process.env["REGULARS_PARENT_PID"]);
  if (named > 0) watched.push(named);
  if (watched.length === 0) return () => {};
  const timer = setInterval(() => {
    if (watched.every(isAlive)) return;
    clearInterval(timer);
    onLost();
  }, POLL_MILLISECONDS);
  return () => clearInterval(timer);
}

/** The unbroken chain of launchers above this process; a shell counts only when a launcher started it. */
function launchers(): number[] {
  const chain: number[] = [];
  let confirmed = 0;
  let pid: number | null = process.ppid;
  while (pid !== null && pid > 1 && chain.length < ANCESTORS_MAX) {
    const command = commandLine(pid);
    if (command === null) break;
    const isLauncher = LAUNCHER.test(command) && !SHELL.test(command);
    if (!isLauncher && !SHELL.test(command)) break;
    chain.push(pid);
    if (isLauncher) confirmed = chain.length;
    pid = parentOf(pid);
  }
  return chain.slice(0, confirmed);
}

/** `kill -0` costs no file read, so that polling it is free. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
