// Makes, lists and revokes a tenant's secret keys; a secret is shown once and stored as its hash.
import {
  type CreateKey,
  createKey as createKeyShape,
  type Key,
  type KeyCreated,
  REQUESTS_PER_MINUTE_DEFAULT,
} from "@regulars/contracts/manage";
import { scope } from "@regulars/contracts/directory";
import { type Read, readJson } from "@regulars/edge/body";
import { hashSecret } from "@regulars/edge/credential";
import { canonicalJson, IDEMPOTENCY_KEY_HEADER, readIdempotencyKey } from "@regulars/edge/idempotency";
import { withTenant } from "@regulars/schema/connection";
import { apiKeys, stores } from "@regulars/schema/tenants";
import { asc, eq, sql } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { type KeyRow, publishKey } from "./publication.ts";
import { deriveKey, fullKey } from "./secrets.ts";

/** Keys of one tenant that a list shows: a chain of 1,000 stores with some tills each. */
const KEYS_LISTED_MAX = 10_000;

/** Makes a key. Repeated with the same idempotency key it gives the same key, since both follow from it. */
export async function createKey(call: Call): Promise<Read<KeyCreated>> {
  const { env, database, request } = call;
  const { tenantId } = tenantOf(call);
  const read = readIdempotencyKey(request.headers);
  if (!read.ok) return { ok: false, refusals: [read.refusal] };
  const body = await readJson(request, createKeyShape);
  if (!body.ok) return body;
  const wanted = withDefaults(body.value);
  if (wanted.storeIds !== null && wanted.scopes.includes("manage"))
    return refused("invalid_value", { field: "storeIds" });

  const { keyId, secret } = deriveKey(env.MASTER_KEY, tenantId, `requested ${read.key}`);
  const [known] = await withTenant(database, tenantId, [database.select({ id: stores.storeId }).from(stores)]);
  const unknown = wanted.storeIds?.findIndex((storeId) => !known.some(({ id }) => id === storeId)) ?? -1;
  if (unknown >= 0) {
    const facts = { storeId: wanted.storeIds?.[unknown] ?? "" };
    return refused("store_unknown", { field: `storeIds[${unknown}]`, facts });
  }
  const insert = database
    .insert(apiKeys)
    .values({ tenantId, keyId, secretHash: hashSecret(secret), ...wanted })
    .onConflictDoNothing();
  const present = database.select().from(apiKeys).where(eq(apiKeys.keyId, keyId));
  const [, [row]] = await withTenant(database, tenantId, [insert, present]);
  if (row === undefined || canonicalJson(fieldsOf(row)) !== canonicalJson(wanted)) {
    return refused("idempotency_key_reused", { field: IDEMPOTENCY_KEY_HEADER });
  }
  await publishKey(env, row);
  return done({ ...keyAnswer(row), key: fullKey(keyId, secret) });
}

export async function listKeys(call: Call): Promise<Read<{ keys: Key[] }>> {
  const { database } = call;
  const all = database
    .select()
    .from(apiKeys)
    .orderBy(asc(apiKeys.createdAt), asc(apiKeys.keyId))
    .limit(KEYS_LISTED_MAX);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [all]);
  return done({ keys: rows.map(keyAnswer) });
}

/** Revokes a key, once; a key may revoke itself. */
export async function revokeKey(call: Call): Promise<Read<Key>> {
  const { database, env } = call;
  const keyId = parameterOf(call, "keyId");
  const revoke = database
    .update(apiKeys)
    .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, now())` })
    .where(eq(apiKeys.keyId, keyId))
    .returning();
  const [[row]] = await withTenant(database, tenantOf(call).tenantId, [revoke]);
  if (row === undefined) return refused("key_not_found", { field: "keyId" });
  await publishKey(env, row);
  return done(keyAnswer(row));
}

function withDefaults({ name, scopes, storeIds = null, requestsPerMinute = REQUESTS_PER_MINUTE_DEFAULT }: CreateKey) {
  return { name, scopes, storeIds, requestsPerMinute };
}

const fieldsOf = ({ name, scopes, storeIds, requestsPerMinute }: KeyRow) => ({
  name,
  scopes,
  storeIds,
  requestsPerMinute,
});

function keyAnswer(row: KeyRow): Key {
  return {
    keyId: row.keyId,
    name: row.name,
    scopes: row.scopes.map((one) => scope.parse(one)),
    storeIds: row.storeIds,
    requestsPerMinute: row.requestsPerMinute,
    createdAt: row.createdAt.toISOString(),
    revokedAt: row.revokedAt?.toISOString() ?? null,
  };
}
