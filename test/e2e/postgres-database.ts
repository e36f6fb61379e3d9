// A real PostgreSQL with the migrations and Neon's gateway, for tests of the projection alone: no Worker runs.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { startGateway } from "../../infra/local/gateway.ts";
import { applicationUrl, migrate } from "../../infra/local/migrate.ts";
import { anyFreePort } from "../../infra/local/ports.ts";
import { startPostgres } from "../../infra/local/postgres.ts";
import { openDatabase, type Database } from "../../packages/schema/src/connection.ts";

export interface TestDatabase {
  /** As Workers connect: by HTTP, as the application role. */
  readonly database: Database;
  /** As the owner connects, who passes row-level security: to look at tables and to damage them. */
  readonly owner: pg.Client;
  /** As the application role, without the gateway. */
  readonly application: pg.Client;
  stop(): Promise<void>;
}

export async function startDatabase(): Promise<TestDatabase> {
  const dataPath = mkdtempSync(join(tmpdir(), "regulars-postgres-"));
  let stopStarting: () => Promise<void> = async () => {};
  const postgres = await startPostgres({
    dataPath,
    stackId: dataPath,
    password: "of-a-test",
    port: await anyFreePort(),
    say: () => {},
    onPid: () => {},
    onStarting: (stop) => (stopStarting = stop),
  });
  await migrate(postgres.ownerUrl);
  const gateway = await startGateway(0);
  const databaseUrl = applicationUrl(postgres.ownerUrl);
  const owner = new pg.Client({ connectionString: postgres.ownerUrl });
  const application = new pg.Client({ connectionString: databaseUrl });
  await Promise.all([owner.connect(), application.connect()]);
  return {
    database: openDatabase({ databaseUrl, fetchEndpoint: gateway.endpoint }),
    owner,
    application,
    stop: async () => {
      await Promise.all([owner.end(), application.end()]);
      await gateway.close();
      await postgres.stop().finally(stopStarting);
      rmSync(dataPath, { recursive: true, force: true });
    },
  };
}
