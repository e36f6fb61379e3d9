// Tenants and networks as the console published them, for what an object does without a caller: time, duties, wallets.
import { tenantPath, versionInForce, type TenantRecord } from "@regulars/contracts/directory";
import type { CallContext } from "@regulars/contracts/rpc";
import type { CompiledProgram } from "@regulars/domain/program";
import { loadProgram } from "./programs.ts";

/** A record is about as fresh here as at the edge, which reads it again after five seconds. */
const FRESH_MS = 5_000;
const RECORDS_KEPT_MAX = 1_000;
const kept = new Map<string, { record: TenantRecord | null; until: number }>();

/** The record of a tenant or a network; null when none was published. */
export async function tenantRecord(env: Env, tenantId: string): Promise<TenantRecord | null> {
  const known = kept.get(tenantId);
  const now = Date.now();
  if (known !== undefined && now < known.until) return known.record;
  const record = await env.DIRECTORY.get<TenantRecord>(tenantPath(tenantId), "json");
  if (kept.size >= RECORDS_KEPT_MAX) kept.clear();
  if (record !== null) kept.set(tenantId, { record, until: now + FRESH_MS });
  return record;
}

/** The program in force now and the tenant's zone, or null when there is no record to say. */
export async function currentOf(
  env: Env,
  tenantId: string,
  now: number,
): Promise<{ program: CompiledProgram | null; timeZone: string } | null> {
  const tenant = await tenantRecord(env, tenantId);
  if (tenant === null) return null;
  const version = versionInForce(tenant.programs, now);
  const program = version === null ? null : await loadProgram(env.DIRECTORY, tenantId, version);
  return { program, timeZone: tenant.timeZone };
}

/** What a call to another object carries: the time is the duty's, the version the one in force there then. */
export async function contextOf(
  env: Env,
  { tenantId, memberId }: { readonly tenantId: string; readonly memberId: string },
  { now, testTime }: { readonly now: number; readonly testTime: boolean },
): Promise<CallContext> {
  const tenant = await tenantRecord(env, tenantId);
  const timeZone = tenant?.timeZone ?? "UTC";
  const programVersion = tenant === null ? null : versionInForce(tenant.programs, now);
  return { tenantId, memberId, now, testTime, timeZone, programVersion };
}
