// Pages of what a segment was and of who was in it: its versions, its members at an instant, the stays of one member.
import { listQuery } from "@regulars/contracts/manage";
import {
  type MemberSegmentsPage,
  segmentMembersQuery,
  type SegmentMembersPage,
  type SegmentVersionsPage,
} from "@regulars/contracts/segment-answers";
import type { SegmentNode } from "@regulars/contracts/segments";
import { memberId } from "@regulars/contracts/values";
import { type Read, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { members } from "@regulars/schema/members";
import { segmentMembers, segments, segmentVersions } from "@regulars/schema/segments";
import { and, asc, desc, eq, gt, isNull, lt, lte, or } from "drizzle-orm";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { readPlace, writePlace } from "./page-place.ts";
import { readSegmentRow, segmentNotFound } from "./segments.ts";

/** Above every version: they are counted one by one. */
const BEYOND_ALL = 2_147_483_647;

export async function listSegmentVersions(call: Call): Promise<Read<SegmentVersionsPage>> {
  const query = readQuery(call.request.url, listQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const before = cursor === undefined ? BEYOND_ALL : Number(/^[1-9]\d{0,8}$/.exec(cursor)?.[0] ?? 0);
  if (before === 0) return refused("invalid_cursor", { field: "cursor" });
  const row = await readSegmentRow(call);
  if (row === null) return segmentNotFound();
  const { version } = segmentVersions;
  const wanted = and(
    eq(segmentVersions.tenantId, row.tenantId),
    eq(segmentVersions.segmentId, row.segmentId),
    lt(version, before),
  );
  const page = call.database
    .select()
    .from(segmentVersions)
    .where(wanted)
    .orderBy(desc(version))
    .limit(limit + 1);
  const [rows] = await withTenant(call.database, row.tenantId, [page]);
  const shown = rows.slice(0, limit);
  return done({
    versions: shown.map((one) => ({
      version: one.version,
      // The guarantee of the cast: only definitions that `segmentRequest` has read are stored.
      definition: one.document as SegmentNode,
      savedAt: one.savedAt.toISOString(),
    })),
    nextCursor: rows.length > limit ? String(shown.at(-1)?.version) : null,
  });
}

export async function listSegmentMembers(call: Call): Promise<Read<SegmentMembersPage>> {
  const query = readQuery(call.request.url, segmentMembersQuery);
  if (!query.ok) return query;
  const { limit, cursor, at } = query.value;
  if (cursor !== undefined && !memberId.safeParse(cursor).success) {
    return refused("invalid_cursor", { field: "cursor" });
  }
  const row = await readSegmentRow(call);
  if (row === null) return segmentNotFound();
  const { since, until } = segmentMembers;
  const instant = at === undefined ? null : new Date(at);
  const wanted = and(
    eq(segmentMembers.tenantId, row.tenantId),
    eq(segmentMembers.segmentId, row.segmentId),
    instant === null ? isNull(until) : and(lte(since, instant), or(isNull(until), gt(until, instant))),
    gt(segmentMembers.memberId, cursor ?? ""),
  );
  const page = call.database
    .select()
    .from(segmentMembers)
    .where(wanted)
    .orderBy(asc(segmentMembers.memberId))
    .limit(limit + 1);
  const [rows] = await withTenant(call.database, row.tenantId, [page]);
  const shown = rows.slice(0, limit);
  return done({
    members: shown.map((one) => ({ memberId: one.memberId, ...stayOf(one) })),
    nextCursor: rows.length > limit ? (shown.at(-1)?.memberId ?? null) : null,
  });
}

export async function listMemberSegments(call: Call): Promise<Read<MemberSegmentsPage>> {
  const query = readQuery(call.request.url, listQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const after = cursor === undefined ? null : readPlace(cursor);
  if (cursor !== undefined && after === null) return refused("invalid_cursor", { field: "cursor" });
  const { database } = call;
  const { tenantId } = tenantOf(call);
  const who = parameterOf(call, "memberId");
  const { since, segmentId } = segmentMembers;
  const older = after === null ? undefined : or(lt(since, after.at), and(eq(since, after.at), lt(segmentId, after.id)));
  const [[member], rows] = await withTenant(database, tenantId, [
    database
      .select({ erasedAt: members.erasedAt })
      .from(members)
      .where(and(eq(members.tenantId, tenantId), eq(members.memberId, who))),
    database
      .select({ stay: segmentMembers, name: segments.name })
      .from(segmentMembers)
      .innerJoin(segments, and(eq(segments.tenantId, segmentMembers.tenantId), eq(segments.segmentId, segmentId)))
      .where(and(eq(segmentMembers.tenantId, tenantId), eq(segmentMembers.memberId, who), older))
      .orderBy(desc(since), desc(segmentId))
      .limit(limit + 1),
  ]);
  if (member === undefined) return refused("member_not_found", { field: "memberId" });
  if (member.erasedAt !== null) return refused("member_erased", { field: "memberId" });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1)?.stay;
  return done({
    segments: shown.map(({ stay, name }) => ({ segmentId: stay.segmentId, name, ...stayOf(stay) })),
    nextCursor: rows.length > limit && last !== undefined ? writePlace({ at: last.since, id: last.segmentId }) : null,
  });
}

function stayOf({ since, until, version }: typeof segmentMembers.$inferSelect) {
  return { since: since.toISOString(), until: until?.toISOString() ?? null, version };
}
