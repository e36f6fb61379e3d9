// Keys and tenants as published to KV, remembered by this isolate for seconds; stale rather than missing when KV is away.
import { keyPath, tenantPath, type KeyRecord, type TenantRecord } from "@regulars/contracts/directory";

/** A revoked key or a changed store is in force everywhere after KV's own minute at most plus this. */
const FRESH_MS = 5_000;
/** Records of this many keys and tenants are kept; a record is about 1 KB. */
const RECORDS_MAX = 5_000;
/** While one request reads a record again, the others go on with the one they know for this long. */
const RENEWAL_MS = 1_000;

interface Kept {
  readonly record: unknown;
  until: number;
}

const kept = new Map<string, Kept>();

export function findKey(directory: KVNamespace, keyId: string, now: number): Promise<KeyRecord | null> {
  return remember(directory, keyPath(keyId), now);
}

export function findTenant(directory: KVNamespace, tenantId: string, now: number): Promise<TenantRecord | null> {
  return remember(directory, tenantPath(tenantId), now);
}

/** Forgets a tenant and every key, so that the next request reads what the console has just published. */
export function forget(tenantId: string): void {
  for (const path of kept.keys()) if (path === tenantPath(tenantId) || path.startsWith(keyPath(""))) kept.delete(path);
}

// Keeps records and never promises: a request must not wait for the input or output of another one.
async function remember<Record>(directory: KVNamespace, path: string, now: number): Promise<Record | null> {
  const known = kept.get(path);
  // Only this function fills the map, and each path holds one kind of record, published by the console.
  if (known !== undefined && now < known.until) return known.record as Record | null;
  if (known !== undefined) known.until = now + RENEWAL_MS;
  try {
    const record = await directory.get<Record>(path, "json");
    if (kept.size >= RECORDS_MAX) kept.clear();
    // An unknown key is asked for again: it may have been published a moment ago.
    if (record !== null) kept.set(path, { record, until: now + FRESH_MS });
    else kept.delete(path);
    return record;
  } catch (error) {
    if (known === undefined) throw error;
    return known.record as Record | null;
  }
}
