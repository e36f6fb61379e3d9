// The rows of segments: read with what they name, and written only as long as nothing that was read has changed.
import type { SegmentShown } from "@regulars/contracts/segment-answers";
import { BREAKER_PERCENT_DEFAULT, type SegmentNode, type SegmentRequest } from "@regulars/contracts/segments";
import { type Database, withTenant } from "@regulars/schema/connection";
import { memberLists, segments } from "@regulars/schema/segments";
import { and, eq, inArray, sql } from "drizzle-orm";
import type { Nameable } from "./segment-references.ts";

export type SegmentRow = typeof segments.$inferSelect;

/** A segment among those of its tenant. `print` differs once one of them has another definition, and is never the newer. */
export interface SegmentView extends Nameable {
  readonly row: SegmentRow | null;
  readonly print: string;
}

interface Place {
  readonly database: Database;
  readonly tenantId: string;
}

interface Saving {
  readonly segmentId: string;
  readonly version: number;
  readonly request: SegmentRequest;
  /** Whether those who are in it now must be looked at, since what they carry changes. */
  readonly marks: boolean;
  readonly now: number;
  readonly print: string;
}

/** Every version counts up and none comes back, so no two states of a tenant's segments are alike. */
const printOf = (tenantId: string) => sql`(
  select coalesce(sum(version), 0) || '.' || count(*) filter (where ended_at is null)
  from segments where tenant_id = ${tenantId})`;

// Each statement sees what was written before it. The print is read first, so that what comes between makes the write fail.
export async function viewSegment(
  { database, tenantId }: Place,
  segmentId: string | null,
  lists: readonly string[],
): Promise<SegmentView> {
  const named = sql<string[]>`jsonb_path_query_array(definition, 'strict $.** ? (@.kind == "segment").segmentId')`;
  const ofTenant = eq(segments.tenantId, tenantId);
  const [[stamp], [row], live, listed] = await withTenant(database, tenantId, [
    database.select({ print: sql<string>`${printOf(tenantId)}` }).from(sql`(select 1) as once`),
    database
      .select()
      .from(segments)
      .where(and(ofTenant, eq(segments.segmentId, segmentId ?? ""))),
    database
      .select({ id: segments.segmentId, named })
      .from(segments)
      .where(and(ofTenant, sql`ended_at is null`)),
    database
      .selectDistinct({ listId: memberLists.listId })
      .from(memberLists)
      .where(
        and(eq(memberLists.tenantId, tenantId), inArray(memberLists.listId, lists.length > 0 ? [...lists] : [""])),
      ),
  ]);
  return {
    row: row ?? null,
    segments: new Map(live.map((one) => [one.id, one.named])),
    lists: new Set(listed.map(({ listId }) => listId)),
    print: stamp?.print ?? "",
  };
}

/** False when the segments of the tenant are not as they were when `print` was read; then nothing is written. */
export async function saveSegment({ database, tenantId }: Place, saving: Saving): Promise<boolean> {
  const { segmentId, version, request, marks, now, print } = saving;
  const at = new Date(now).toISOString();
  const autoTag = request.autoTag === null ? null : JSON.stringify(request.autoTag);
  const write = sql`
    with saved as (
      insert into segments as present (tenant_id, segment_id, version, name, definition, at_checkout, auto_tag, state,
        members, breaker_percent, created_at)
      select ${tenantId}, ${segmentId}, ${version}::int, ${request.name}, ${JSON.stringify(request.definition)}::jsonb,
        ${request.atCheckout}::boolean, ${autoTag}::jsonb, 'building', 0, ${request.breakerPercent}::int, ${at}::timestamptz
      where ${printOf(tenantId)} = ${print}
      on conflict (tenant_id, segment_id) do update set
        version = excluded.version, name = excluded.name, definition = excluded.definition,
        at_checkout = excluded.at_checkout, auto_tag = excluded.auto_tag, breaker_percent = excluded.breaker_percent,
        state = case
          when present.version <> excluded.version then 'building'
          when present.state = 'held' and present.breaker_percent is distinct from excluded.breaker_percent then 'building'
          else present.state end,
        error = case when present.version <> excluded.version then null else present.error end,
        ended_at = null
      returning 1
    ), versioned as (
      insert into segment_versions (tenant_id, segment_id, version, document, saved_at)
      select ${tenantId}, ${segmentId}, ${version}::int, ${JSON.stringify(request.definition)}::jsonb, ${at}::timestamptz
      from saved
      on conflict do nothing
    ), marked as (${markingOf(tenantId, segmentId)} and ${marks}::boolean and exists (select from saved))
    select 1 as done from saved`;
  return writeAlone({ database, tenantId }, write);
}

/** Ends a segment; whoever is in it is looked at by the next run. False as `saveSegment`. */
export async function endSegment(
  { database, tenantId }: Place,
  { segmentId, now, print }: Pick<Saving, "segmentId" | "now" | "print">,
): Promise<boolean> {
  const write = sql`
    with ended as (
      update segments set ended_at = ${new Date(now).toISOString()}::timestamptz
      where tenant_id = ${tenantId} and segment_id = ${segmentId} and ended_at is null and ${printOf(tenantId)} = ${print}
      returning 1
    ), marked as (${markingOf(tenantId, segmentId)} and exists (select from ended))
    select 1 as done from ended`;
  return writeAlone({ database, tenantId }, write);
}

export function shownSegment(row: SegmentRow): SegmentShown {
  return {
    id: row.segmentId,
    version: row.version,
    name: row.name,
    // The guarantee of both casts: only what `segmentRequest` has read is stored.
    definition: row.definition as SegmentNode,
    atCheckout: row.atCheckout,
    autoTag: row.autoTag as SegmentRequest["autoTag"],
    breakerPercent: row.breakerPercent ?? BREAKER_PERCENT_DEFAULT,
    state: row.state,
    builtVersion: row.builtVersion,
    builtAt: row.builtAt?.toISOString() ?? null,
    buildMilliseconds: row.buildMilliseconds,
    error: row.error,
    members: row.members,
    createdAt: row.createdAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
  };
}

/** Whoever is in the segment, or still carries a tag of it after leaving. */
const markingOf = (tenantId: string, segmentId: string) => sql`
      insert into member_changes (tenant_id, member_id)
      select ${tenantId}, member_id from (
        select member_id from segment_members
        where tenant_id = ${tenantId} and segment_id = ${segmentId} and until is null
        union
        select member_id from auto_tags where tenant_id = ${tenantId} and segment_id = ${segmentId}
      ) as concerned
      where true`;

// One writer of a tenant's segments at a time: whoever waited sees what the other has written, and its print fails.
async function writeAlone({ database, tenantId }: Place, write: ReturnType<typeof sql>): Promise<boolean> {
  const [, { rows }] = await withTenant(database, tenantId, [
    database.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`segments ${tenantId}`}, 0))`),
    database.execute(write),
  ]);
  return rows.length > 0;
}
