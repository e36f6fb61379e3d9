// Keys and tenants as published to KV, remembered by this isolate for seconds; stale rather than missing when KV is away.
import { keyPath, tenantPath, type KeyRecord, type TenantRecord } from "@regulars/contracts/directory";

/** A revoked key or a changed store is in force everywhere after KV's own minute at most plus this. */
const FRESH_MS = 5_000;
/** Records of this many keys and tenants are kept; a record is about 1 KB. */
const RECORDS_MAX = 5_000;

interface Kept {
  readonly record: Promise<unknown>;
  readonly until: number;
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

function remember<Record>(directory: KVNamespace, path: string, now: number): Promise<Record | null> {
  const known = kept.get(path);
  // Only this function fills the map, and each path holds one kind of record, published by the console.
  if (known !== undefined && now < known.until) return known.record as Promise<Record | null>;
  if (kept.size >= RECORDS_MAX) kept.clear();
  const record = directory.get(path, "json").catch((error: unknown) => {
    if (known === undefined) throw error;
    return known.record;
  });
  kept.set(path, { record, until: now + FRESH_MS });
  record.catch(() => kept.delete(path));
  return record as Promise<Record | null>;
}
