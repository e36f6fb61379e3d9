// Makes tenants and tells about them.
import { createHash } from "node:crypto";
import { jurisdictionOf } from "@regulars/contracts/directory";
import {
  type CreateTenant,
  createTenant as createTenantShape,
  REQUESTS_PER_MINUTE_DEFAULT,
  type Tenant,
  type TenantCreated,
  language,
  tenant as tenantShape,
} from "@regulars/contracts/manage";
import { type Read, readJson } from "@regulars/edge/body";
import { hashSecret } from "@regulars/edge/credential";
import { canonicalJson, IDEMPOTENCY_KEY_HEADER, readIdempotencyKey } from "@regulars/edge/idempotency";
import { type Database, withTenant } from "@regulars/schema/connection";
import { apiKeys, owners, regions, stores, tenants } from "@regulars/schema/tenants";
import { eq } from "drizzle-orm";
import { type Call, done, refused, tenantOf, type TenantRow } from "./call.ts";
import { postgresCode } from "./database.ts";
import { type KeyRow, publishKey, publishTenant } from "./publication.ts";
import { deriveKey, deriveTenantId, fullKey } from "./secrets.ts";

const UNIQUE_VIOLATION = "23505";

/** Makes a tenant with its regions, owners, stores and the key that manages it. */
export async function createTenant(call: Call): Promise<Read<TenantCreated>> {
  const body = await readJson(call.request, createTenantShape);
  if (!body.ok) return body;
  const unknown = findUnknownReference(body.value);
  if (unknown !== null) return refused("invalid_value", { field: unknown });
  const named = nameOf(call, body.value);
  if (!named.ok) return named;
  return makeTenant(call, named.value, body.value);
}

/** Inserts and publishes a tenant under an id; the same tenant again gives the same answer. */
export async function makeTenant(
  { env, database }: Call,
  tenantId: string,
  tenant: CreateTenant,
): Promise<Read<TenantCreated>> {
  // The key's id follows from the whole request, so its presence tells a repeated request from another one.
  const fingerprint = createHash("sha256").update(canonicalJson(tenant)).digest("hex");
  const { keyId, secret } = deriveKey(env.MASTER_KEY, tenantId, `created ${fingerprint}`);
  const key = await insertOrFind(database, tenantId, tenant, { keyId, secretHash: hashSecret(secret) });
  if (key === null) {
    return tenant.tenantId === undefined
      ? refused("idempotency_key_reused", { field: IDEMPOTENCY_KEY_HEADER })
      : refused("resource_exists", { field: "tenantId" });
  }
  await publishTenant(env, database, tenantId);
  await publishKey(env, key);
  return done({ tenantId, manageKey: fullKey(keyId, secret) });
}

export async function getTenant(call: Call): Promise<Read<Tenant>> {
  return done(tenantAnswer(tenantOf(call)));
}

function tenantAnswer(row: TenantRow): Tenant {
  return {
    ...row,
    locale: language.parse(row.locale),
    jurisdiction: tenantShape.shape.jurisdiction.parse(row.jurisdiction),
    createdAt: row.createdAt.toISOString(),
  };
}

/** The caller's own id, or one that follows from the key of the request. */
function nameOf({ env, request }: Call, tenant: CreateTenant): Read<string> {
  const { tenantId, jurisdiction = null } = tenant;
  if (tenantId !== undefined) {
    // The id says where the tenant's objects must stay, to everybody who opens one.
    return jurisdictionOf(tenantId) === jurisdiction ? done(tenantId) : refused("invalid_value", { field: "tenantId" });
  }
  const read = readIdempotencyKey(request.headers);
  if (!read.ok) return { ok: false, refusals: [read.refusal] };
  return done(deriveTenantId(env.MASTER_KEY, read.key, jurisdiction));
}

function findUnknownReference(tenant: CreateTenant): string | null {
  const regionIds = new Set(tenant.regions.map(({ id }) => id));
  const ownerIds = new Set(tenant.owners.map(({ id }) => id));
  for (const [index, { regionId, ownerId }] of tenant.stores.entries()) {
    if (!regionIds.has(regionId)) return `stores[${index}].regionId`;
    if (!ownerIds.has(ownerId)) return `stores[${index}].ownerId`;
  }
  return null;
}

/** The manager's key of a tenant that this request has made, now or before; null when another request made it. */
async function insertOrFind(
  database: Database,
  tenantId: string,
  tenant: CreateTenant,
  key: { keyId: string; secretHash: string },
): Promise<KeyRow | null> {
  try {
    await withTenant(database, tenantId, insertions(database, tenantId, tenant, key));
  } catch (error) {
    if (postgresCode(error) !== UNIQUE_VIOLATION) throw error;
  }
  const present = database.select().from(apiKeys).where(eq(apiKeys.keyId, key.keyId));
  const [[row]] = await withTenant(database, tenantId, [present]);
  return row ?? null;
}

function insertions(
  database: Database,
  tenantId: string,
  tenant: CreateTenant,
  key: { keyId: string; secretHash: string },
) {
  const { name, sandbox, timeZone, phoneRegion, currency, locale, jurisdiction = null } = tenant;
  const manageKey = { ...key, name: "manage", scopes: ["manage"], storeIds: null };
  return [
    database.insert(tenants).values({ tenantId, name, sandbox, timeZone, phoneRegion, currency, locale, jurisdiction }),
    database.insert(regions).values(tenant.regions.map(({ id, ...rest }) => ({ tenantId, regionId: id, ...rest }))),
    database.insert(owners).values(tenant.owners.map(({ id, ...rest }) => ({ tenantId, ownerId: id, ...rest }))),
    database.insert(stores).values(tenant.stores.map(({ id, ...rest }) => ({ tenantId, storeId: id, ...rest }))),
    database.insert(apiKeys).values({ tenantId, ...manageKey, requestsPerMinute: REQUESTS_PER_MINUTE_DEFAULT }),
  ] as const;
}
