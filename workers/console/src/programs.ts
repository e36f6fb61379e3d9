// Publishes versions of a tenant's program and reads them back; a published version never changes.
import { PUBLISH_LEAD_SECONDS } from "@regulars/contracts/limits";
import {
  listQuery,
  type ProgramPublished,
  programQuery,
  type Programs,
  type PublishedProgram,
} from "@regulars/contracts/manage";
import { type Program, program } from "@regulars/contracts/program";
import type { Refusal } from "@regulars/contracts/refusals";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { canonicalJson } from "@regulars/edge/idempotency";
import { type Database, withTenant } from "@regulars/schema/connection";
import { networkMembers } from "@regulars/schema/networks";
import { owners, programs } from "@regulars/schema/tenants";
import { and, desc, eq, lt } from "drizzle-orm";
import { type Call, done, refused, tenantOf, type TenantRow } from "./call.ts";
import { postgresCode } from "./database.ts";
import { type ProgramRow, publishProgram, publishTenant } from "./publication.ts";
import { checkHeadOffice } from "./program-check-clearing.ts";
import { checkNetworks } from "./program-check-sharing.ts";
import { checkProgram } from "./program-check.ts";

/** Two managers who publish at once get two versions; more than this many at once is a loop gone wild. */
const ATTEMPTS_MAX = 5;
const UNIQUE_VIOLATION = "23505";

/** Publishes the next version; a document equal to the present version gives that version again. */
export async function putProgram(call: Call): Promise<Read<ProgramPublished>> {
  const { env, database, request, now } = call;
  const tenant = tenantOf(call);
  const body = await readJson(request, program);
  if (!body.ok) return body;
  const [first, ...others] = [
    ...checkProgram(body.value),
    ...(await checkOwners(call, body.value)),
    ...(await checkJoined(call, body.value)),
  ];
  if (first !== undefined) return { ok: false, refusals: [first, ...others] };
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const latest = await readLatest(database, tenant.tenantId);
    const isPresent = latest !== null && isSame(latest.document, body.value);
    if (!isPresent && isTooSoon(tenant, body.value, now)) {
      const facts = { reason: "program_too_soon", seconds: PUBLISH_LEAD_SECONDS };
      return refused("invalid_program", { field: "effectiveFrom", facts });
    }
    const row = isPresent ? latest : await insertNext(database, tenant, { latest, document: body.value, now });
    if (row === null) continue;
    await publishProgram(env, row);
    await publishTenant(env, database, tenant.tenantId);
    return done(answerOf(row));
  }
  return refused("unavailable");
}

// Without clearing nobody's owners are asked for.
async function checkOwners(call: Call, { clearing }: Program): Promise<Refusal[]> {
  if (clearing === undefined) return [];
  const all = call.database.select({ id: owners.ownerId }).from(owners);
  const [rows] = await withTenant(call.database, tenantOf(call).tenantId, [all]);
  return checkHeadOffice(
    clearing,
    rows.map(({ id }) => id),
  );
}

// Without coins nobody's networks are asked for.
async function checkJoined(call: Call, document: Program): Promise<Refusal[]> {
  if (document.currencies.every(({ network }) => network === undefined)) return [];
  const all = call.database.select({ id: networkMembers.networkId }).from(networkMembers);
  const [rows] = await withTenant(call.database, tenantOf(call).tenantId, [all]);
  return checkNetworks(
    document,
    rows.map(({ id }) => id),
  );
}

/** Reads one version, by default the latest. */
export async function getProgram(call: Call): Promise<Read<PublishedProgram>> {
  const { database, request } = call;
  const { tenantId } = tenantOf(call);
  const query = readQuery(request.url, programQuery);
  if (!query.ok) return query;
  const { version } = query.value;
  const row = await readLatest(database, tenantId, version);
  if (row === null) return refused("program_not_found", version === undefined ? {} : { field: "version" });
  return done({ ...answerOf(row), program: program.parse(row.document) });
}

export async function listPrograms(call: Call): Promise<Read<Programs>> {
  const { database, request } = call;
  const query = readQuery(request.url, listQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const before = cursor === undefined ? Number.MAX_SAFE_INTEGER : Number(cursor);
  if (!Number.isSafeInteger(before) || before < 1) return refused("invalid_cursor", { field: "cursor" });
  const { tenantId, version, effectiveFrom, publishedAt } = programs;
  const page = database
    .select({ tenantId, version, effectiveFrom, publishedAt })
    .from(programs)
    .where(before > MAX_VERSION ? undefined : lt(version, before))
    .orderBy(desc(version))
    .limit(limit + 1);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [page]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  return done({
    programs: shown.map(answerOf),
    nextCursor: rows.length > limit && last !== undefined ? String(last.version) : null,
  });
}

/** Versions are stored as 32-bit integers. */
const MAX_VERSION = 2_147_483_647;

async function readLatest(database: Database, tenantId: string, version?: number): Promise<ProgramRow | null> {
  const wanted = version === undefined ? undefined : eq(programs.version, version);
  const latest = database.select().from(programs).where(and(wanted)).orderBy(desc(programs.version)).limit(1);
  const [[row]] = await withTenant(database, tenantId, [latest]);
  return row ?? null;
}

/** Sections that came after a document was published have their defaults, as its readers see them. */
function isSame(published: unknown, wanted: Program): boolean {
  return canonicalJson(program.parse(published)) === canonicalJson(wanted);
}

/** The row of the next version, or null when somebody else has just published it. */
async function insertNext(
  database: Database,
  { tenantId, sandbox }: TenantRow,
  publication: { latest: ProgramRow | null; document: Program; now: number },
): Promise<ProgramRow | null> {
  const { latest, document, now } = publication;
  const row: ProgramRow = {
    tenantId,
    version: (latest?.version ?? 0) + 1,
    document,
    effectiveFrom: new Date(effectiveFromOf(document, sandbox, now)),
    publishedAt: new Date(now),
  };
  try {
    await withTenant(database, tenantId, [database.insert(programs).values(row)]);
    return row;
  } catch (error) {
    if (postgresCode(error) === UNIQUE_VIOLATION) return null;
    throw error;
  }
}

/** In a sandbox a version decides every order at once, also those that a test places in the past. */
function effectiveFromOf(document: Program, sandbox: boolean, now: number): number {
  if (document.effectiveFrom !== undefined) return Date.parse(document.effectiveFrom);
  return sandbox ? 0 : now + PUBLISH_LEAD_SECONDS * 1000;
}

/** Until KV has spread a version, places would disagree about which one decides. */
function isTooSoon({ sandbox }: TenantRow, { effectiveFrom }: Program, now: number): boolean {
  if (sandbox || effectiveFrom === undefined) return false;
  return Date.parse(effectiveFrom) < now + PUBLISH_LEAD_SECONDS * 1000;
}

function answerOf(row: Pick<ProgramRow, "version" | "effectiveFrom" | "publishedAt">): ProgramPublished {
  return {
    version: row.version,
    effectiveFrom: row.effectiveFrom.toISOString(),
    publishedAt: row.publishedAt.toISOString(),
  };
}
