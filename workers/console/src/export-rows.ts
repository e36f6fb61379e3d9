// The rows of `insight_exports`: what was asked for, how far it is, and how it ended.
import { EXPORTS_RUNNING_MAX, type ExportRequest } from "@regulars/contracts/exports";
import { type Database, withTenant } from "@regulars/schema/connection";
import { insightExports } from "@regulars/schema/insights";
import { segments } from "@regulars/schema/segments";
import { and, desc, eq, isNull, sql } from "drizzle-orm";
import type { PagePlace } from "./page-place.ts";

export type ExportRow = typeof insightExports.$inferSelect;

interface Key {
  readonly tenantId: string;
  readonly id: string;
}

export async function readRow(database: Database, { tenantId, id }: Key): Promise<ExportRow | null> {
  const [[row]] = await withTenant(database, tenantId, [
    database.select().from(insightExports).where(isRow({ tenantId, id })),
  ]);
  return row ?? null;
}

export async function listRows(
  database: Database,
  tenantId: string,
  { after, limit }: { readonly after: PagePlace | null; readonly limit: number },
): Promise<ExportRow[]> {
  const { tenantId: tenant, createdAt, exportId } = insightExports;
  const older =
    after === null
      ? sql`true`
      : sql`(${createdAt}, ${exportId}) < (${after.at.toISOString()}::timestamptz, ${after.id})`;
  const [rows] = await withTenant(database, tenantId, [
    database
      .select()
      .from(insightExports)
      .where(and(eq(tenant, tenantId), older))
      .orderBy(desc(createdAt), desc(exportId))
      .limit(limit),
  ]);
  return rows;
}

/** Writes that an export begins, unless it is written already or too many run. */
export async function insertRow(
  database: Database,
  { tenantId, id }: Key,
  asked: { readonly request: ExportRequest; readonly requestHash: string; readonly at: Date },
): Promise<void> {
  const { request, requestHash, at } = asked;
  await withTenant(database, tenantId, [
    database.execute(sql`
      insert into insight_exports (tenant_id, export_id, dataset, format, request_hash, request, state, rows_done,
        rows_total, bytes, created_at)
      select ${tenantId}, ${id}, ${request.dataset}, ${request.format}, ${requestHash},
        ${JSON.stringify(request)}::jsonb, 'running', 0, 0, 0, ${at.toISOString()}::timestamptz
      where (select count(*) from insight_exports where tenant_id = ${tenantId} and state = 'running')
        < ${EXPORTS_RUNNING_MAX}::int
      on conflict do nothing`),
  ]);
}

/** Writes how far a running export is, or how it ended; false when it does not run any more. */
export async function updateRow(
  database: Database,
  key: Key,
  changes: Partial<typeof insightExports.$inferInsert>,
): Promise<boolean> {
  const [rows] = await withTenant(database, key.tenantId, [
    database
      .update(insightExports)
      .set(changes)
      .where(and(isRow(key), eq(insightExports.state, "running")))
      .returning({ id: insightExports.exportId }),
  ]);
  return rows.length > 0;
}

/** Writes that nothing is kept of an export any more, whether it ran or was done. */
export async function cancelRow(database: Database, key: Key, at: Date): Promise<void> {
  const { state } = insightExports;
  const set = { state: "cancelled" as const, endedAt: sql`coalesce(ended_at, ${at.toISOString()}::timestamptz)` };
  await withTenant(database, key.tenantId, [
    database
      .update(insightExports)
      .set(set)
      .where(and(isRow(key), sql`${state} in ('running', 'done')`)),
  ]);
}

export async function hasSegment(database: Database, tenantId: string, segmentId: string): Promise<boolean> {
  const present = and(eq(segments.tenantId, tenantId), eq(segments.segmentId, segmentId), isNull(segments.endedAt));
  const [rows] = await withTenant(database, tenantId, [
    database.select({ id: segments.segmentId }).from(segments).where(present),
  ]);
  return rows.length > 0;
}

const isRow = ({ tenantId, id }: Key) => and(eq(insightExports.tenantId, tenantId), eq(insightExports.exportId, id));
