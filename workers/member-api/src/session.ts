// Who is calling, for which tenant, and at what time: everything of a request that its credential and headers decide.
import { parseKey, type KeyRecord, type Scope, type TenantRecord } from "@regulars/contracts/directory";
import type { Refusal } from "@regulars/contracts/refusals";
import { instant } from "@regulars/contracts/values";
import { tenantKeyOf } from "@regulars/domain/naming";
import { readBearer, secretMatches } from "@regulars/edge/credential";
import { languageOf } from "@regulars/edge/language";
import { makeRateLimiter } from "@regulars/edge/rate-limit";
import type { RequestContext } from "@regulars/edge/request-context";
import { findKey, findTenant } from "./directory.ts";

export interface Session {
  readonly key: KeyRecord;
  readonly tenant: TenantRecord;
  readonly tenantKey: string;
  /** Unix ms: ours, or the caller's in a sandbox. */
  readonly now: number;
  readonly testTime: boolean;
}

export const TEST_TIME_HEADER = "Regulars-Test-Time";

const limiter = makeRateLimiter();
// Hashing a secret is the dearest step of a request, so a verified credential is remembered with its record.
const verified = new WeakMap<KeyRecord, string>();

/** The session of a request, or why it may not go on. Counts the request against the key's quota. */
export async function openSession(
  env: Env,
  headers: Headers,
  scope: Scope,
  context: RequestContext,
): Promise<Session | Refusal> {
  const real = Date.now();
  const credential = readBearer(headers);
  if (credential === null) return { code: "key_missing", field: "Authorization" };
  const parsed = parseKey(credential);
  const key = parsed && (await findKey(env.DIRECTORY, parsed.keyId, real));
  if (parsed === null || key === null || key.revokedAt !== null || !isSecretOf(key, parsed.secret)) {
    return { code: "key_invalid", field: "Authorization" };
  }
  context.quota = limiter.take(key.keyId, key.requestsPerMinute, real);
  if (!context.quota.allowed) {
    return { code: "rate_limited", facts: { retryAfterSeconds: context.quota.resetSeconds } };
  }
  const tenant = await findTenant(env.DIRECTORY, key.tenantId, real);
  if (tenant === null) return { code: "key_invalid", field: "Authorization" };
  context.language = languageOf(headers.get("Accept-Language"), tenant.locale);
  if (!key.scopes.includes(scope)) return { code: "scope_missing", facts: { scope } };
  const time = timeOf(headers, tenant, real);
  if ("code" in time) return time;
  return { key, tenant, tenantKey: tenantKeyOf(env.MASTER_KEY, tenant.tenantId), ...time };
}

/** Why this key may not act for a store, or null. */
export function refuseStore({ key, tenant }: Session, storeId: string, field: string): Refusal | null {
  if (tenant.stores[storeId] === undefined) return { code: "store_unknown", field };
  return key.storeIds === null || key.storeIds.includes(storeId) ? null : { code: "store_not_allowed", field };
}

function isSecretOf(key: KeyRecord, secret: string): boolean {
  if (verified.get(key) === secret) return true;
  const matches = secretMatches(secret, key.secretHash);
  if (matches) verified.set(key, secret);
  return matches;
}

function timeOf(headers: Headers, tenant: TenantRecord, real: number): { now: number; testTime: boolean } | Refusal {
  const wanted = headers.get(TEST_TIME_HEADER);
  if (wanted === null) return { now: real, testTime: false };
  if (!tenant.sandbox) return { code: "test_time_not_allowed", field: TEST_TIME_HEADER };
  if (!instant.safeParse(wanted).success) return { code: "invalid_test_time", field: TEST_TIME_HEADER };
  return { now: Date.parse(wanted), testTime: true };
}
