// Keeps the segments of a tenant: lists, makes, changes, ends and releases them. Who is in one, the runs work out.
import { type SegmentShown, type SegmentsPage, segmentsQuery } from "@regulars/contracts/segment-answers";
import { SEGMENTS_MAX, segmentRequest, type SegmentRequest } from "@regulars/contracts/segments";
import type { Refusal } from "@regulars/contracts/refusals";
import { slug } from "@regulars/contracts/values";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { canonicalJson } from "@regulars/edge/idempotency";
import { withTenant } from "@regulars/schema/connection";
import { segments } from "@regulars/schema/segments";
import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { readDefinition } from "./segment-questions.ts";
import { listsNamed, refusalsOfNames } from "./segment-references.ts";
import {
  endSegment,
  saveSegment,
  type SegmentRow,
  type SegmentView,
  shownSegment,
  viewSegment,
} from "./segment-rows.ts";

/** Each try fails only because another manager's write came between; five in a row are a storm of writes. */
const WRITE_ATTEMPTS_MAX = 5;
/** Segments that a refusal names. */
const NAMED_MAX = 5;

export async function listSegments(call: Call): Promise<Read<SegmentsPage>> {
  const query = readQuery(call.request.url, segmentsQuery);
  if (!query.ok) return query;
  const { limit, cursor, ended } = query.value;
  if (cursor !== undefined && !slug.safeParse(cursor).success) return refused("invalid_cursor", { field: "cursor" });
  const { tenantId } = tenantOf(call);
  const wanted = and(
    eq(segments.tenantId, tenantId),
    gt(segments.segmentId, cursor ?? ""),
    ended === "true" ? undefined : isNull(segments.endedAt),
  );
  const page = call.database
    .select()
    .from(segments)
    .where(wanted)
    .orderBy(asc(segments.segmentId))
    .limit(limit + 1);
  const [rows] = await withTenant(call.database, tenantId, [page]);
  const shown = rows.slice(0, limit);
  const nextCursor = rows.length > limit ? (shown.at(-1)?.segmentId ?? null) : null;
  return done({ segments: shown.map(shownSegment), nextCursor });
}

export async function getSegment(call: Call): Promise<Read<SegmentShown>> {
  const row = await readSegmentRow(call);
  return row === null ? segmentNotFound() : done(shownSegment(row));
}

export async function putSegment(call: Call): Promise<Read<SegmentShown>> {
  const body = await readDefinition(() => readJson(call.request, segmentRequest));
  if (!body.ok) return body;
  const request = body.value;
  const segmentId = parameterOf(call, "segmentId");
  const lists = listsNamed(request.definition);
  for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt += 1) {
    const view = await viewSegment(placeOf(call), segmentId, lists);
    const change = changeOf(view.row, request);
    if (view.row !== null && change === "none") return done(shownSegment(view.row));
    const [first, ...others] = change === "definition" ? whyNot(segmentId, request, view) : [];
    if (first !== undefined) return { ok: false, refusals: [first, ...others] };
    const saved = await saveSegment(placeOf(call), {
      segmentId,
      version: (view.row?.version ?? 0) + (change === "definition" ? 1 : 0),
      request,
      marks: view.row !== null && changesLabels(view.row, request),
      now: call.now,
      print: view.print,
    });
    if (saved) return getSegment(call);
  }
  return refused("overloaded");
}

export async function deleteSegment(call: Call): Promise<Read<SegmentShown>> {
  const segmentId = parameterOf(call, "segmentId");
  for (let attempt = 0; attempt < WRITE_ATTEMPTS_MAX; attempt += 1) {
    const view = await viewSegment(placeOf(call), segmentId, []);
    if (view.row === null) return segmentNotFound();
    if (view.row.endedAt !== null) return done(shownSegment(view.row));
    const users = [...view.segments].filter(([id, named]) => id !== segmentId && named.includes(segmentId));
    if (users.length > 0) {
      const names = users.slice(0, NAMED_MAX).map(([id]) => id);
      return refused("segment_in_use", { field: "segmentId", facts: { segments: names.join(", ") } });
    }
    if (await endSegment(placeOf(call), { segmentId, now: call.now, print: view.print })) return getSegment(call);
  }
  return refused("overloaded");
}

/** The version that is held is worked out again, and then nothing holds it. */
export async function releaseSegment(call: Call): Promise<Read<SegmentShown>> {
  const { tenantId } = tenantOf(call);
  const release = sql`
    update segments set state = 'building', released_version = version
    where tenant_id = ${tenantId} and segment_id = ${parameterOf(call, "segmentId")} and state = 'held' and ended_at is null`;
  await withTenant(call.database, tenantId, [call.database.execute(release)]);
  return getSegment(call);
}

/** The segment that the path names, whether it lives or has ended. */
export async function readSegmentRow(call: Call): Promise<SegmentRow | null> {
  const { tenantId } = tenantOf(call);
  const wanted = and(eq(segments.tenantId, tenantId), eq(segments.segmentId, parameterOf(call, "segmentId")));
  const [[row]] = await withTenant(call.database, tenantId, [call.database.select().from(segments).where(wanted)]);
  return row ?? null;
}

export const segmentNotFound = () => refused("segment_not_found", { field: "segmentId" });

const placeOf = (call: Call) => ({ database: call.database, tenantId: tenantOf(call).tenantId });

/** One that has ended begins anew, so that its members are worked out again. */
function changeOf(row: SegmentRow | null, request: SegmentRequest): "none" | "terms" | "definition" {
  if (row === null || row.endedAt !== null) return "definition";
  const { definition, ...terms } = shownSegment(row);
  if (canonicalJson(definition) !== canonicalJson(request.definition)) return "definition";
  const isSame = terms.name === request.name && terms.breakerPercent === request.breakerPercent;
  return isSame && !changesLabels(row, request) ? "none" : "terms";
}

/** Whether members of the segment carry other tags, or show checkouts another segment, than before. */
function changesLabels(row: SegmentRow, { atCheckout, autoTag }: SegmentRequest): boolean {
  return row.atCheckout !== atCheckout || canonicalJson(row.autoTag) !== canonicalJson(autoTag);
}

function whyNot(segmentId: string, { definition }: SegmentRequest, view: SegmentView): Refusal[] {
  const refusals = refusalsOfNames(definition, segmentId, view);
  if (refusals.length > 0 || view.segments.has(segmentId) || view.segments.size < SEGMENTS_MAX) return refusals;
  return [{ code: "segments_limit", field: "segmentId", facts: { limit: SEGMENTS_MAX } }];
}
