// Publishes what PostgreSQL holds to DIRECTORY, where the edge reads it; doing it again changes nothing.
import {
  keyPath,
  type KeyRecord,
  programPath,
  scope,
  tenantPath,
  type TenantRecord,
} from "@regulars/contracts/directory";
import { language, locationHint, tenant as tenantShape } from "@regulars/contracts/manage";
import { networkTenantId } from "@regulars/contracts/networks";
import type { MemberApiRpc } from "@regulars/contracts/rpc";
import { shadowPath, type ShadowRecord } from "@regulars/contracts/simulations";
import { canonicalJson } from "@regulars/edge/idempotency";
import { type Database, withTenant } from "@regulars/schema/connection";
import { networkMembers } from "@regulars/schema/networks";
import { type apiKeys, programs, stores, tenants } from "@regulars/schema/tenants";
import { asc } from "drizzle-orm";

/** A record that changed while it was being published is published again, at most so often. */
const ROUNDS_MAX = 3;
/** KV takes one write a second for one entry; a refused write is tried again after that. */
const PUT_ATTEMPTS_MAX = 3;
const PUT_PAUSE_MILLISECONDS = 1100;

export type KeyRow = typeof apiKeys.$inferSelect;
export type ProgramRow = typeof programs.$inferSelect;

/** Publishes a tenant's record; false when there is none. Two at once could leave the older one, so each looks again after it has written. */
export async function publishTenant(env: Env, database: Database, tenantId: string): Promise<boolean> {
  let published = "";
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    const record = await readRecord(database, tenantId);
    if (record === null) return false;
    const text = canonicalJson(record);
    if (text === published) break;
    await put(env, tenantPath(tenantId), text);
    published = text;
  }
  await refresh(env, tenantId);
  return true;
}

/** A published version never changes, so writing it twice is harmless. It comes before the record that names it. */
export async function publishProgram(
  env: Env,
  row: Pick<ProgramRow, "tenantId" | "version" | "document">,
): Promise<void> {
  await put(env, programPath(row.tenantId, row.version), JSON.stringify(row.document));
}

/** The candidate that the projector evaluates live orders by; null stops it. */
export async function publishShadow(env: Env, tenantId: string, record: ShadowRecord | null): Promise<void> {
  if (record === null) await env.DIRECTORY.delete(shadowPath(tenantId));
  else await put(env, shadowPath(tenantId), JSON.stringify(record));
}

export async function publishKey(env: Env, row: KeyRow): Promise<void> {
  await put(env, keyPath(row.keyId), JSON.stringify(keyRecord(row)));
  await refresh(env, row.tenantId);
}

export function keyRecord(row: KeyRow): KeyRecord {
  return {
    keyId: row.keyId,
    tenantId: row.tenantId,
    secretHash: row.secretHash,
    scopes: row.scopes.map((name) => scope.parse(name)),
    storeIds: row.storeIds,
    requestsPerMinute: row.requestsPerMinute,
    revokedAt: row.revokedAt?.getTime() ?? null,
  };
}

async function readRecord(database: Database, tenantId: string): Promise<TenantRecord | null> {
  const [found, storeRows, versions, joined] = await withTenant(database, tenantId, [
    database.select().from(tenants),
    database.select().from(stores).orderBy(asc(stores.storeId)),
    database
      .select({ version: programs.version, effectiveFrom: programs.effectiveFrom })
      .from(programs)
      .orderBy(asc(programs.version)),
    database.select().from(networkMembers).orderBy(asc(networkMembers.networkId)),
  ]);
  const [tenant] = found;
  if (tenant === undefined) return null;
  return {
    tenantId,
    name: tenant.name,
    sandbox: tenant.sandbox,
    timeZone: tenant.timeZone,
    phoneRegion: tenant.phoneRegion,
    currency: tenant.currency,
    locale: language.parse(tenant.locale),
    jurisdiction: tenantShape.shape.jurisdiction.parse(tenant.jurisdiction),
    stores: Object.fromEntries(
      storeRows.map(({ storeId, regionId, ownerId, locationHint: hint }) => [
        storeId,
        { regionId, ownerId, locationHint: locationHint.nullable().parse(hint) },
      ]),
    ),
    programs: versions.map(({ version, effectiveFrom }) => ({ version, effectiveFrom: effectiveFrom.getTime() })),
    ...(joined.length > 0 && { networks: networksOf(joined) }),
  };
}

function networksOf(joined: readonly { readonly networkId: string }[]): NonNullable<TenantRecord["networks"]> {
  return Object.fromEntries(joined.map(({ networkId }) => [networkId, { tenantId: networkTenantId(networkId) }]));
}

async function put(env: Env, path: string, text: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await env.DIRECTORY.put(path, text);
    } catch (error) {
      if (attempt === PUT_ATTEMPTS_MAX) throw retryable(error);
      await new Promise((resume) => setTimeout(resume, PUT_PAUSE_MILLISECONDS));
    }
  }
}

/** What is stored can be published by the same request again, so the caller is told to repeat it. */
function retryable(cause: unknown): Error {
  return Object.assign(new Error("DIRECTORY could not be written", { cause }), { retryable: true });
}

/** Best effort: an isolate that is not told reads KV again by itself within seconds. */
async function refresh(env: Env, tenantId: string): Promise<void> {
  try {
    // The guarantee of the cast: the binding names the entrypoint MemberApi, which implements MemberApiRpc.
    await (env.MEMBER_API as unknown as MemberApiRpc).refresh(tenantId);
  } catch (error) {
    console.warn(JSON.stringify({ message: "refresh failed", tenantId, error: String(error) }));
  }
}
