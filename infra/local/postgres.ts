// Owns the PostgreSQL server of the local system: makes it, starts it, and starts it again when it dies.
import { type ChildProcess, spawn } from "node:child_process";
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { type PostgresHome, preparePostgresHome } from "./postgres-account.ts";
import { endProcess, runsAs } from "./processes.ts";

const SUPERUSER = "postgres";
const OWNER = "regulars_owner";
const DATABASE = "regulars";
const RESTART_MILLISECONDS = 1000;
const PROBE_MILLISECONDS = 20;
/** Recovery after a crash replays at most a few checkpoints; longer than this is a fault to report. */
const READY_MILLISECONDS = 60_000;
/** Sessions of a server that was killed hold its memory for a moment, and a new server refuses to start until then. */
const START_ATTEMPTS_MAX = 20;
const STOP_MILLISECONDS = 15_000;
const SETTINGS = {
  listen_addresses: "127.0.0.1",
  unix_socket_directories: "",
  max_connections: "100",
  shared_buffers: "256MB",
  max_wal_size: "1GB",
  log_checkpoints: "off",
};

export interface Postgres {
  readonly ownerUrl: string;
  pid(): number | null;
  start(): Promise<void>;
  /** Stops it and keeps it stopped until `start`. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  readonly dataPath: string;
  readonly stackId: string;
  readonly password: string;
  readonly port: number;
  /** Other settings than those of a development machine. */
  readonly settings?: Readonly<Record<string, string>>;
  say(line: string): void;
  onPid(pid: number | null): void;
  /** Called with how to end a process before it is ready, so that an end in the middle stops it too. */
  onStarting(stop: () => Promise<void>): void;
}

/** The server given by DATABASE_URL: it is the caller's, so it is neither started nor stopped. */
export function foreignPostgres(ownerUrl: string): Postgres {
  const refuse = () => Promise.reject(new Error("PostgreSQL was given by DATABASE_URL: start and stop it yourself."));
  return { ownerUrl, pid: () => null, start: refuse, stop: refuse };
}

/** Makes the cluster the first time, starts the server, and makes the owner's role and database. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const home = preparePostgresHome(options.dataPath, options.stackId, options.say);
  if (!existsSync(join(home.data, "PG_VERSION"))) await initialise(home, options);
  await endStaleServer(home.data);
  const server = superviseServer(home, options);
  options.onStarting(server.stop);
  await server.start();
  await makeOwner(options);
  return { ...server, ownerUrl: connectionUrl(OWNER, DATABASE, options) };
}

function superviseServer(home: PostgresHome, options: PostgresOptions): Omit<Postgres, "ownerUrl"> {
  let child: ChildProcess | null = null;
  let isHeld = true;
  // Without this a test that ends without stopping its server would leave it.
  process.once("exit", () => child?.kill("SIGINT"));

  const onEnd = (ended: ChildProcess) => {
    if (child !== ended) return;
    child = null;
    options.onPid(null);
    if (isHeld) return;
    options.say("PostgreSQL ended unexpectedly; it is started again.");
    setTimeout(() => {
      if (!isHeld && child === null) start().catch((error: Error) => options.say(error.message));
    }, RESTART_MILLISECONDS);
  };

  const start = async () => {
    isHeld = false;
    for (let attempt = 1; child === null && !isHeld; attempt += 1) {
      const next = launch(home, options);
      child = next;
      options.onPid(next.pid ?? null);
      if (await becameReady(next, options)) next.once("exit", () => onEnd(next));
      else {
        child = null;
        options.onPid(null);
        if (attempt === START_ATTEMPTS_MAX) throw new Error(startFailure(options));
        await sleep(RESTART_MILLISECONDS / 2);
      }
    }
  };

  const stop = async () => {
    isHeld = true;
    const ending = child;
    child = null;
    options.onPid(null);
    // SIGINT is PostgreSQL's fast shutdown: sessions are ended, everything is written.
    if (ending?.pid !== undefined) {
      await endProcess(ending.pid, { signal: "SIGINT", patienceMilliseconds: STOP_MILLISECONDS });
    }
  };

  return { pid: () => child?.pid ?? null, start, stop };
}

/** A session of its own, so that Ctrl-C in a terminal reaches the supervisor first, which then stops this in order. */
function launch(home: PostgresHome, options: PostgresOptions): ChildProcess {
  const log = openSync(logPath(options), "a");
  const settings = Object.entries({ ...SETTINGS, ...options.settings }).flatMap(([name, value]) => [
    "-c",
    `${name}=${value}`,
  ]);
  const port = String(options.port);
  const child = spawn(join(home.binaries, "bin/postgres"), ["-D", home.data, "-p", port, ...settings], {
    ...home.account,
    cwd: home.data,
    stdio: ["ignore", log, log],
    detached: true,
  });
  child.on("error", (error) => options.say(`PostgreSQL could not be started: ${error.message}`));
  return child;
}

/** True when it answers, false when it ended before. */
async function becameReady(child: ChildProcess, options: PostgresOptions): Promise<boolean> {
  const until = Date.now() + READY_MILLISECONDS;
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  while (!hasEnded()) {
    const client = new pg.Client({ connectionString: connectionUrl(SUPERUSER, "postgres", options) });
    client.on("error", () => {});
    try {
      await client.connect();
      return !hasEnded();
    } catch {
      if (Date.now() > until) throw new Error(startFailure(options));
      await sleep(PROBE_MILLISECONDS);
    } finally {
      await client.end().catch(() => {});
    }
  }
  return false;
}

async function initialise(home: PostgresHome, options: PostgresOptions): Promise<void> {
  options.say("Making the PostgreSQL data ...");
  const unfinished = `${home.data}.new`;
  const passwordFile = `${unfinished}.password`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true, mode: 0o700 });
  writeFileSync(passwordFile, `${options.password}\n`, { mode: 0o600 });
  if (home.account !== undefined) {
    for (const path of [unfinished, passwordFile]) chownSync(path, home.account.uid, home.account.gid);
  }
  const initArguments = [
    `--pgdata=${unfinished}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--no-instructions",
  ];
  try {
    await run(join(home.binaries, "bin/initdb"), initArguments, home, options);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  // Renamed only when whole: a start that was interrupted here begins again.
  rmSync(home.data, { recursive: true, force: true });
  renameSync(unfinished, home.data);
}

function run(command: string, commandArguments: string[], home: PostgresHome, options: PostgresOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArguments, { ...home.account, cwd: "/", stdio: ["ignore", "pipe", "pipe"] });
    options.onStarting(async () => void child.kill());
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += String(chunk)));
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${command} failed:\n${output}`))));
  });
}

/** After a supervisor was killed its server still runs; after a machine was, the file may name any process. */
async function endStaleServer(data: string): Promise<void> {
  const lock = join(data, "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number(readFileSync(lock, "utf8").split("\n")[0]);
  if (pid > 0 && runsAs(pid, ["postgres", `-D ${data}`])) {
    await endProcess(pid, { signal: "SIGINT", patienceMilliseconds: STOP_MILLISECONDS });
  }
  rmSync(lock, { force: true });
}

/** Like the roles that Neon makes: may make roles and sees every row, but is no superuser. */
async function makeOwner(options: PostgresOptions): Promise<void> {
  const client = new pg.Client({ connectionString: connectionUrl(SUPERUSER, "postgres", options) });
  await client.connect();
  try {
    const role = await client.query("select from pg_roles where rolname = $1", [OWNER]);
    if (role.rowCount === 0) {
      const password = client.escapeLiteral(options.password);
      await client.query(`create role ${OWNER} login createrole createdb bypassrls password ${password}`);
    }
    const database = await client.query("select from pg_database where datname = $1", [DATABASE]);
    if (database.rowCount === 0) await client.query(`create database ${DATABASE} owner ${OWNER}`);
  } finally {
    await client.end();
  }
}

function connectionUrl(user: string, database: string, { password, port }: PostgresOptions): string {
  return `postgresql://${user}:${password}@127.0.0.1:${port}/${database}`;
}

function logPath({ dataPath }: PostgresOptions): string {
  return join(dataPath, "postgres.log");
}

function startFailure(options: PostgresOptions): string {
  const lines = existsSync(logPath(options)) ? readFileSync(logPath(options), "utf8").trimEnd().split("\n") : [];
  const log = lines.slice(-5).join("\n");
  const advice = `Remove ${options.dataPath} to begin with empty data.`;
  return `PostgreSQL does not start; the end of ${logPath(options)}:\n${log}\n${advice}`;
}
