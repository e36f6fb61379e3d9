// Publishes every tenant again from PostgreSQL, so that a publication that failed half way does not stay so.
import { keyPath, programPath, tenantPath } from "@regulars/contracts/directory";
import type { TenantPublished } from "@regulars/contracts/manage";
import type { Read } from "@regulars/edge/body";
import { type Database, withTenant } from "@regulars/schema/connection";
import { apiKeys, programs } from "@regulars/schema/tenants";
import { eq } from "drizzle-orm";
import { type Call, done, parameterOf, refused } from "./call.ts";
import { databaseOf } from "./database.ts";
import { republishShadow } from "./shadow.ts";
import { keyRecord, publishKey, publishProgram, publishTenant } from "./publication.ts";

/** Tenants of one run: each costs a few reads, and an invocation may make 1,000 calls. */
const TENANTS_PER_RUN = 50;
/** Where the next run continues. */
const CURSOR_PATH = "republish:cursor";

/** One run over the next tenants that the directory knows; the one after the last begins again. */
export async function republishAll(env: Env): Promise<void> {
  const database = databaseOf(env);
  const cursor = await env.DIRECTORY.get(CURSOR_PATH);
  const page = await env.DIRECTORY.list({ prefix: tenantPath(""), limit: TENANTS_PER_RUN, cursor });
  for (const { name } of page.keys) {
    const tenantId = name.slice(tenantPath("").length);
    try {
      await republish(env, database, tenantId);
    } catch (error) {
      console.error(JSON.stringify({ message: "republication failed", tenantId, error: String(error) }));
    }
  }
  if (page.list_complete) await env.DIRECTORY.delete(CURSOR_PATH);
  else await env.DIRECTORY.put(CURSOR_PATH, page.cursor);
}

/** The operator's own run over one tenant. */
export async function publishTenantAgain(call: Call): Promise<Read<TenantPublished>> {
  const published = await republish(call.env, call.database, parameterOf(call, "tenantId"));
  return published === null ? refused("tenant_not_found", { field: "tenantId" }) : done(published);
}

/** Writes the programs that are missing and the keys that differ, then the tenant's record; null without a tenant. */
async function republish(env: Env, database: Database, tenantId: string): Promise<TenantPublished | null> {
  const [keys, versions] = await withTenant(database, tenantId, [
    database.select().from(apiKeys),
    database.select({ version: programs.version }).from(programs),
  ]);
  const published = { tenantId, keys: 0, programs: 0 };
  for (const { version } of versions) {
    if ((await env.DIRECTORY.get(programPath(tenantId, version))) !== null) continue;
    const document = database.select().from(programs).where(eq(programs.version, version));
    const [[row]] = await withTenant(database, tenantId, [document]);
    if (row === undefined) continue;
    await publishProgram(env, row);
    published.programs += 1;
  }
  for (const key of keys) {
    if ((await env.DIRECTORY.get(keyPath(key.keyId))) === JSON.stringify(keyRecord(key))) continue;
    await publishKey(env, key);
    published.keys += 1;
  }
  await republishShadow(env, database, tenantId);
  return (await publishTenant(env, database, tenantId)) ? published : null;
}
