// Starts a peer in a process of its own over the real PostgreSQL, and checks its ledger after the load.
import { fork } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { POINTS_AT_START } from "../requests.ts";

export type PeerKind = "for-update" | "tuned";

/** What a member's ledger must hold, given what was answered. */
export interface ExpectedMember {
  readonly memberId: string;
  readonly available: number;
  readonly orders: number;
}

export interface Peer {
  readonly url: string;
  readonly key: string;
  readonly pid: number;
  /** Throws when a sum is not what the answers said. */
  verify(expected: readonly ExpectedMember[]): Promise<void>;
  stop(): Promise<void>;
}

/** Makes a database for it beside the system's own, with members who have points to spend. */
export async function startPeer(kind: PeerKind, databaseUrl: string, memberIds: readonly string[]): Promise<Peer> {
  const url = await makeDatabase(databaseUrl, `bench_${kind.replace("-", "_")}`);
  const database = new pg.Client({ connectionString: url });
  await database.connect();
  for (const file of ["tables.sql", "functions.sql"]) {
    await database.query(readFileSync(fileURLToPath(new URL(file, import.meta.url)), "utf8"));
  }
  const key = randomBytes(24).toString("hex");
  await database.query("insert into api_keys values ($1)", [createHash("sha256").update(key).digest("hex")]);
  await database.query("insert into members select id, $2, 0 from unnest($1::text[]) as id", [
    memberIds,
    POINTS_AT_START,
  ]);
  await database.query(
    `insert into lots (member_id, rule, points, remaining, expires_at)
     select id, 'start', $2, $2, now() + interval '365 days' from unnest($1::text[]) as id`,
    [memberIds, POINTS_AT_START],
  );
  await database.query("analyze");
  const server = await startServer(kind, url);
  return {
    url: `http://127.0.0.1:${server.port}`,
    key,
    pid: server.pid,
    verify: (expected) => verify(database, expected),
    stop: async () => {
      server.stop();
      await database.end();
    },
  };
}

/** The settings that decide how durable a commit is, as the server has them. */
export async function durabilityOf(databaseUrl: string): Promise<Record<string, string>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const names = ["server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];
  const { rows } = await client.query<{ name: string; setting: string }>(
    "select name, setting from pg_settings where name = any($1)",
    [names],
  );
  await client.end();
  return Object.fromEntries(rows.map(({ name, setting }) => [name, setting]));
}

async function makeDatabase(databaseUrl: string, name: string): Promise<string> {
  const owner = new pg.Client({ connectionString: databaseUrl });
  await owner.connect();
  await owner.query(`drop database if exists ${name} with (force)`);
  await owner.query(`create database ${name}`);
  await owner.end();
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  return url.href;
}

function startServer(kind: PeerKind, url: string): Promise<{ port: number; pid: number; stop: () => void }> {
  const child = fork(fileURLToPath(new URL("./server.ts", import.meta.url)), [kind, url]);
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`the peer ${kind} ended with code ${code}`)));
    // Only server.ts answers here, once it listens.
    child.once("message", ({ port }: { port: number }) => {
      resolve({ port, pid: child.pid ?? 0, stop: () => void child.kill() });
    });
  });
}

async function verify(database: pg.Client, expected: readonly ExpectedMember[]): Promise<void> {
  const { rows } = await database.query<{ id: string }>(
    `with
       wanted as (select * from unnest($1::text[], $2::bigint[], $3::bigint[]) as w(id, available, orders)),
       counted as (select member_id as id, count(*) as orders from orders group by member_id),
       open as (select member_id as id, sum(remaining) as points from lots group by member_id)
     select wanted.id from wanted join members using (id) left join counted using (id) left join open using (id)
     where members.available <> wanted.available or members.held <> 0
        or wanted.orders <> coalesce(counted.orders, 0) or members.available <> coalesce(open.points, 0)
     limit 5`,
    [
      expected.map(({ memberId }) => memberId),
      expected.map(({ available }) => available),
      expected.map(({ orders }) => orders),
    ],
  );
  const sums = await database.query<{ sum: string }>("select coalesce(sum(points), 0) as sum from entries");
  if (rows.length > 0 || sums.rows[0]?.sum !== "0") {
    throw new Error(
      `a peer's ledger is wrong: members ${rows.map(({ id }) => id).join(", ")}; entries sum to ${sums.rows[0]?.sum}`,
    );
  }
}
