// A real PostgreSQL with the migrations, for tests of the projection alone: no Worker runs.
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MemberEvent } from "@regulars/contracts/events";
import pg from "pg";
import { applicationUrl, migrate } from "../../infra/local/migrate.ts";
import { anyFreePort } from "../../infra/local/ports.ts";
import { startPostgres } from "../../infra/local/postgres.ts";
import { TENANT } from "./make-events.ts";

/** Tables that follow from events: equal events must give equal rows. */
export const DERIVED_TABLES = [
  "members",
  "identities",
  "member_events",
  "transactions",
  "entries",
  "balances",
  "lots",
  "orders",
  "order_lines",
  "refunds",
  "alerts",
  "vouchers",
  "order_vouchers",
  "member_tiers",
  "tier_history",
  "activities",
  "transfers",
  "referrals",
  "order_grants",
  "member_labels",
  "member_search_terms",
  "dues",
] as const;

export interface TestDatabase {
  /** Passes row-level security: to look at tables and to damage them. */
  readonly owner: pg.Client;
  /** Who Workers connect as. */
  readonly application: pg.Client;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<TestDatabase> {
  const dataPath = mkdtempSync(join(tmpdir(), "regulars-postgres-"));
  // Run by root, PostgreSQL has a user of its own; what this one cannot reach is copied elsewhere and would stay there.
  chmodSync(dataPath, 0o755);
  const postgres = await startPostgres({
    dataPath,
    stackId: dataPath,
    password: "of-a-test",
    port: await anyFreePort(),
    say: () => {},
    onPid: () => {},
    onStarting: () => {},
  });
  await migrate(postgres.ownerUrl);
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  const application = new pg.Client({ connectionString: applicationUrl(postgres.ownerUrl) });
  await Promise.all([owner.connect(), application.connect()]);
  return {
    owner,
    application,
    stop: async () => {
      await Promise.all([owner.end(), application.end()]);
      await postgres.stop();
      rmSync(dataPath, { recursive: true, force: true });
    },
  };
}

/** Runs `work` in a transaction of the application as one tenant, like every statement of a Worker. */
export async function asTenant<Result>(
  { application }: TestDatabase,
  tenantId: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  await application.query("begin");
  try {
    await application.query("select set_config('app.tenant_id', $1, true)", [tenantId]);
    const result = await work(application);
    await application.query("commit");
    return result;
  } catch (error) {
    await application.query("rollback");
    throw error;
  }
}

/** Projects events of one tenant in one statement, as the projector does. Returns those that were there already. */
export async function project(
  database: TestDatabase,
  events: readonly MemberEvent[],
  tenantId = TENANT,
): Promise<unknown> {
  const lines = events.map(({ tenantId: _tenantId, member: _member, ...event }) => JSON.stringify(event));
  const documents = events
    .filter(({ member }) => member !== undefined)
    .map(({ memberId, epoch, sequence, at, member }) => ({ memberId, epoch, sequence, at, member }));
  const { rows } = await asTenant(database, tenantId, (client) =>
    client.query<{ repeated: unknown }>("select project_events($1, $2) as repeated", [
      lines.join("\n"),
      JSON.stringify(documents),
    ]),
  );
  return rows[0]?.repeated;
}

/** Every row of every derived table, as text in one order. */
export async function dump({ owner }: TestDatabase): Promise<Record<string, string[]>> {
  const tables: Record<string, string[]> = {};
  for (const table of DERIVED_TABLES) {
    const { rows } = await owner.query<{ row: string }>(`select to_jsonb(t)::text as row from ${table} t order by 1`);
    tables[table] = rows.map(({ row }) => row);
  }
  return tables;
}

export async function empty({ owner }: TestDatabase): Promise<void> {
  await owner.query(`truncate ${DERIVED_TABLES.join(", ")}`);
}
