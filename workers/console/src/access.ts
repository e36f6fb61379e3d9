// Decides who may call an operation: the operator by the operator's key, a tenant's manager by a key with scope `manage`.
import { parseKey } from "@regulars/contracts/directory";
import { language } from "@regulars/contracts/manage";
import type { Operation } from "@regulars/contracts/operations";
import { instant } from "@regulars/contracts/values";
import type { Read } from "@regulars/edge/body";
import { hashSecret, readBearer, secretMatches } from "@regulars/edge/credential";
import { languageOf } from "@regulars/edge/language";
import { makeRateLimiter } from "@regulars/edge/rate-limit";
import type { RequestContext } from "@regulars/edge/request-context";
import type { Database } from "@regulars/schema/connection";
import { apiKeys, tenants } from "@regulars/schema/tenants";
import { eq, sql } from "drizzle-orm";
import { done, refused, type TenantRow } from "./call.ts";

interface Admitted {
  readonly tenant: TenantRow | null;
  readonly now: number;
}

interface Surroundings {
  readonly env: Env;
  readonly database: Database;
  readonly context: RequestContext;
}

const limiter = makeRateLimiter();
const TEST_TIME_HEADER = "Regulars-Test-Time";

/** Admits a request or refuses it; also settles the answer's language and quota. */
export async function admit(headers: Headers, operation: Operation, around: Surroundings): Promise<Read<Admitted>> {
  const credential = readBearer(headers);
  if (credential === null) return refused("key_missing", { field: "Authorization" });
  if (operation.scope !== "operator") return admitManager(headers, credential, around);
  const { OPERATOR_KEY } = around.env;
  const isOperator = OPERATOR_KEY !== "" && secretMatches(credential, hashSecret(OPERATOR_KEY));
  return isOperator ? done({ tenant: null, now: Date.now() }) : refused("key_invalid", { field: "Authorization" });
}

async function admitManager(headers: Headers, credential: string, around: Surroundings): Promise<Read<Admitted>> {
  const { database, context } = around;
  const parts = parseKey(credential);
  const found = parts === null ? null : await findKey(database, parts.keyId);
  if (parts === null || found === null || !secretMatches(parts.secret, found.key.secretHash)) {
    return refused("key_invalid", { field: "Authorization" });
  }
  const { key, tenant } = found;
  if (key.revokedAt !== null) return refused("key_invalid", { field: "Authorization" });
  const now = Date.now();
  context.language = languageOf(headers.get("Accept-Language"), language.parse(tenant.locale));
  context.quota = limiter.take(key.keyId, key.requestsPerMinute, now);
  if (!context.quota.allowed) {
    return refused("rate_limited", { facts: { retryAfterSeconds: context.quota.resetSeconds } });
  }
  // A key of some stores could make itself a key of all stores.
  if (!key.scopes.includes("manage") || key.storeIds !== null) {
    return refused("scope_missing", { field: "Authorization", facts: { scope: "manage" } });
  }
  return readNow(headers, tenant, now);
}

function readNow(headers: Headers, tenant: TenantRow, now: number): Read<Admitted> {
  const testTime = headers.get(TEST_TIME_HEADER);
  if (testTime === null) return done({ tenant, now });
  if (!tenant.sandbox) return refused("test_time_not_allowed", { field: TEST_TIME_HEADER });
  if (!instant.safeParse(testTime).success) return refused("invalid_test_time", { field: TEST_TIME_HEADER });
  return done({ tenant, now: Date.parse(testTime) });
}

/** The key and its tenant in one round trip: the policy of keys shows one key by its id before the tenant is known. */
async function findKey(database: Database, keyId: string) {
  const [, keys, , found] = await database.batch([
    database.execute(sql`select set_config('app.key_id', ${keyId}, true)`),
    database.select().from(apiKeys).where(eq(apiKeys.keyId, keyId)),
    database.execute(
      sql`select set_config('app.tenant_id', coalesce((select tenant_id from api_keys where key_id = ${keyId}), ''), true)`,
    ),
    database
      .select()
      .from(tenants)
      .where(sql`tenant_id = current_setting('app.tenant_id', true)`),
  ]);
  const [key] = keys;
  const [tenant] = found;
  return key === undefined || tenant === undefined ? null : { key, tenant };
}
