// Applies migrations/postgres/*.sql in order, once each, and refuses one that was changed after it was applied.
import { createHash, createHmac } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { dataFolderPath, readLocal, repositoryRoot } from "./data-folder.ts";

const APPLICATION_ROLE = "regulars_app";
const BREAKPOINT = /-->\s*statement-breakpoint/;
/** Any number, the same for every process that migrates: two of them at once take turns. */
const LOCK_KEY = 7_348_256;

interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
  readonly checksum: string;
}

/** Brings the database of `ownerUrl` up to date; returns the names of what was applied now. */
export async function migrate(ownerUrl: string, folder = migrationsFolder()): Promise<string[]> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [LOCK_KEY]);
    await client.query(`create table if not exists applied_migrations (
      name text primary key, checksum text not null, applied_at timestamptz not null default now())`);
    const known = await client.query<{ name: string; checksum: string }>(
      "select name, checksum from applied_migrations",
    );
    const applied = new Map(known.rows.map(({ name, checksum }) => [name, checksum]));
    const pending = checkedPending(readMigrations(folder), applied);
    for (const migration of pending) await apply(client, migration);
    await enableApplicationRole(client, ownerUrl);
    return pending.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/** The URL that Workers use: the application role, which row-level security binds. */
export function applicationUrl(ownerUrl: string): string {
  const url = new URL(ownerUrl);
  url.password = applicationPassword(url);
  url.username = APPLICATION_ROLE;
  return url.href;
}

/** A function of the owner's password, so that all stacks that share a server agree on it. */
function applicationPassword({ password }: URL): string {
  const chosen = process.env["REGULARS_APP_PASSWORD"];
  return chosen ?? createHmac("sha256", password).update(APPLICATION_ROLE).digest("hex");
}

function checkedPending(migrations: Migration[], applied: ReadonlyMap<string, string>): Migration[] {
  for (const name of applied.keys()) {
    if (migrations.some((migration) => migration.name === name)) continue;
    throw new Error(
      `Migration ${name} was applied to this database, but its file is gone. Bring it back, ${orStartEmpty}`,
    );
  }
  const pending: Migration[] = [];
  for (const migration of migrations) {
    const checksum = applied.get(migration.name);
    if (checksum === undefined) pending.push(migration);
    else if (checksum !== migration.checksum) {
      const advice = `Undo the change and add a new file instead, ${orStartEmpty}`;
      throw new Error(`Migration ${migration.name} was changed after it was applied to this database. ${advice}`);
    } else if (pending[0] !== undefined) {
      throw new Error(
        `Migration ${pending[0].name} comes before ${migration.name}, which is applied. Give it a later number.`,
      );
    }
  }
  return pending;
}

const orStartEmpty = "or remove the data folder (.regulars) to begin with empty data.";

async function apply(client: pg.Client, { name, statements, checksum }: Migration): Promise<void> {
  await client.query("begin");
  try {
    for (const statement of statements) await client.query(statement);
    await client.query("insert into applied_migrations (name, checksum) values ($1, $2)", [name, checksum]);
    await client.query("commit");
  } catch (cause) {
    await client.query("rollback");
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`Migration ${name} failed and changed nothing: ${reason}`, { cause });
  }
}

/** The role is made by a migration; its password is not written in one. */
async function enableApplicationRole(client: pg.Client, ownerUrl: string): Promise<void> {
  const role = await client.query<{ rolsuper: boolean; rolbypassrls: boolean }>(
    "select rolsuper, rolbypassrls from pg_roles where rolname = $1",
    [APPLICATION_ROLE],
  );
  const found = role.rows[0];
  if (found === undefined) throw new Error(`No migration made the role ${APPLICATION_ROLE}, which Workers connect as.`);
  if (found.rolsuper || found.rolbypassrls) {
    throw new Error(`The role ${APPLICATION_ROLE} passes row-level security: alter it to nosuperuser nobypassrls.`);
  }
  const password = client.escapeLiteral(applicationPassword(new URL(ownerUrl)));
  await client.query(`alter role ${APPLICATION_ROLE} login password ${password}`);
}

function readMigrations(folder: string): Migration[] {
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder} with migrations.`);
  const names = readdirSync(folder).filter((name) => /^\d{4}_.+\.sql$/.test(name));
  return names.sort().map((name) => {
    const text = readFileSync(join(folder, name), "utf8");
    const statements = text.split(BREAKPOINT).filter((statement) => statement.trim() !== "");
    return { name, statements, checksum: createHash("sha256").update(text).digest("hex") };
  });
}

function migrationsFolder(): string {
  return join(repositoryRoot, "migrations/postgres");
}

if (import.meta.main) {
  const ownerUrl = process.env["DATABASE_URL"] ?? readLocal(dataFolderPath())?.databaseUrl;
  if (ownerUrl === undefined) throw new Error("Set DATABASE_URL to the owner of the database, or run npm start first.");
  const applied = await migrate(ownerUrl);
  console.log(applied.length === 0 ? "The database is up to date." : `Applied ${applied.join(", ")}.`);
}
