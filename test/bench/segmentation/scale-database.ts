// Owns the PostgreSQL of this section: a server on a folder of its own, filled once, and kept when that is asked for.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { applicationUrl, migrate } from "../../../infra/local/migrate.ts";
import { anyFreePort } from "../../../infra/local/ports.ts";
import { startPostgres } from "../../../infra/local/postgres.ts";
import { filledWith, type Filling, fillTables, nameOf } from "./fill-tables.ts";

/** Of a server for millions of orders: a sixth of this machine's memory, and a checkpoint every few minutes. */
const SETTINGS = { shared_buffers: "4GB", max_wal_size: "4GB" };

export interface ScaleDatabase {
  /** Passes row-level security. */
  readonly owner: pg.Client;
  /** Who Workers connect as. */
  readonly applicationUrl: string;
  readonly checksum: string;
  pid(): number | null;
  stop(): Promise<void>;
}

export interface ScaleDatabaseOptions extends Filling {
  /** A folder that stays, with the rows in it; null: one that goes. */
  readonly keep: string | null;
}

export async function startScaleDatabase(
  { keep, ...filling }: ScaleDatabaseOptions,
  say: (line: string) => void,
): Promise<ScaleDatabase> {
  const dataPath = keep === null ? mkdtempSync(join(tmpdir(), "regulars-scale-")) : resolve(keep);
  mkdirSync(dataPath, { recursive: true });
  // Run by root, PostgreSQL has a user of its own, which has to reach the folder.
  chmodSync(dataPath, 0o755);
  const postgres = await startScaleServer(dataPath, say);
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  const stop = async () => {
    await owner.end().catch(() => {});
    await postgres.stop();
    if (keep === null) rmSync(dataPath, { recursive: true, force: true });
  };
  try {
    await migrate(postgres.ownerUrl);
    await owner.connect();
    const checksum = await fillOnce(owner, filling, say);
    return { owner, applicationUrl: applicationUrl(postgres.ownerUrl), checksum, pid: postgres.pid, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The server on a folder of it, whatever is in there. */
export async function startScaleServer(dataPath: string, say: (line: string) => void) {
  return startPostgres({
    dataPath,
    stackId: dataPath,
    password: "of-a-bench",
    port: await anyFreePort(),
    settings: SETTINGS,
    say,
    onPid: () => {},
    onStarting: () => {},
  });
}

async function fillOnce(owner: pg.Client, filling: Filling, say: (line: string) => void): Promise<string> {
  const found = await filledWith(owner);
  if (found === null) return fillTables(owner, filling, say);
  const wanted = nameOf(filling);
  if (wanted !== found.what)
    throw new Error(`The folder holds ${found.what}, not ${wanted}: give another, or remove it.`);
  return found.checksum;
}
