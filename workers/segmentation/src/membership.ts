// Stores who is in each segment: for the members at hand, stays that begin and end, the events that tell it, and when to look again.
import type { SegmentNode } from "@regulars/contracts/segments";
import type { Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { isTouched, type Scene } from "./scene.ts";
import { judgedMembers } from "./segment-members.ts";

/** A definition that decides now, with the version that it is. */
export interface StoredSegment {
  readonly segmentId: string;
  readonly version: number;
  readonly definition: SegmentNode;
  /** The segment is built for the first time: whoever is in it has not just entered, so no event says so. */
  readonly isFirst?: boolean;
}

/** What one statement for a segment returns: how many of the touched members entered it and left it. */
export interface MembershipChange {
  readonly segmentId: string;
  readonly entered: number;
  readonly left: number;
}

type MembershipStatement = ReturnType<Database["execute"]>;

/**
 * Statements for the members of `touched_members()`, to be run in this order in one transaction: the first forgets when to look
 * again, then comes one for each segment, whose single row is a `MembershipChange`. `segments` must be in the order of
 * `orderInForce`: a segment sees those that it names as the statements before have stored them. Run again, nothing changes.
 * Without `counts` the numbers of members are left for `recount`: pages side by side would wait for each other's.
 */
export function membershipStatements(
  database: Database,
  scene: Scene,
  segments: readonly StoredSegment[],
  { counts = true } = {},
): [MembershipStatement, ...MembershipStatement[]] {
  const forget = database.execute(sql`delete from segment_flips
    where tenant_id = ${scene.tenantId}::text and ${isTouched(sql`member_id`)}`);
  return [forget, ...segments.map((segment) => storeMembership(database, scene, { ...segment, counts }))];
}

/** Counts the members of each segment anew, once a pass over everybody is through. */
export function recount(database: Database, { tenantId }: Scene) {
  return database.execute(sql`
    update segments as g set members = (select count(*)::int from segment_members as s
      where s.tenant_id = ${tenantId}::text and s.segment_id = g.segment_id and s.until is null)
    where g.tenant_id = ${tenantId}::text`);
}

/** The rows of the statements above, without that of the first. */
export function readMembershipChanges(results: readonly { readonly rows: readonly unknown[] }[]): MembershipChange[] {
  // The columns that `storeMembership` selects; one row a statement.
  return results.slice(1).flatMap(({ rows }) => rows as unknown as MembershipChange[]);
}

/**
 * Whoever is touched and no longer fulfils the definition, or may be in no segment at all, leaves. No two stays of a member begin at
 * one instant, also when a test clock stands still: their events have ids of their own, and the same ids if told again.
 */
function storeMembership(
  database: Database,
  scene: Scene,
  { segmentId, version, definition, isFirst = false, counts }: StoredSegment & { readonly counts: boolean },
) {
  const tenantId = sql`${scene.tenantId}::text`;
  const now = sql`${new Date(scene.now).toISOString()}::timestamptz`;
  const segment = sql`s.tenant_id = ${tenantId} and s.segment_id = ${segmentId}::text`;
  const facts = JSON.stringify({ segmentId, version });
  return database.execute(sql`
    with judged as materialized (${judgedMembers(definition, scene)}),
    present as materialized (
      select s.member_id from segment_members as s
      where ${segment} and s.until is null and ${isTouched(sql`s.member_id`)}
    ),
    left_now as (
      update segment_members as s set until = greatest(${now}, s.since)
      where ${segment} and s.until is null and s.member_id = any(array(
        select member_id from present except select member_id from judged where holds))
      returning s.member_id, s.since
    ),
    entered_now as (
      insert into segment_members (tenant_id, segment_id, member_id, since, version)
      select ${tenantId}, ${segmentId}::text, j.member_id, greatest(${now}, (
        select max(s.since) + interval '1 millisecond' from segment_members as s
        where ${segment} and s.member_id = j.member_id
      )), ${version}::int
      from judged as j
      where j.holds and j.member_id not in (select member_id from present)
      returning member_id, since
    ),
    told as (
      insert into insight_events (tenant_id, event_id, kind, member_id, facts, at)
      select ${tenantId},
        concat_ws(':', move.kind, ${segmentId}::text, move.member_id, floor(extract(epoch from move.since) * 1000)::bigint),
        move.kind, move.member_id, ${facts}::jsonb, ${now}
      from (
        select 'segment.left' as kind, member_id, since from left_now
        union all select 'segment.entered', member_id, since from entered_now
      ) as move where ${!isFirst}::boolean
      on conflict do nothing
    ),
    to_look_again as (
      insert into segment_flips as f (tenant_id, member_id, flips_at)
      select ${tenantId}, j.member_id, j.flips_at from judged as j where j.flips_at is not null
      on conflict (tenant_id, member_id) do update set flips_at = excluded.flips_at
      where excluded.flips_at < f.flips_at
    ),
    counts as (
      select (select count(*) from entered_now)::int as entered, (select count(*) from left_now)::int as "left"
    ),
    counted as (
      update segments as s set members = s.members + counts.entered - counts."left"
      from counts where ${segment} and counts.entered + counts."left" > 0 and ${counts}::boolean
    )
    select ${segmentId}::text as "segmentId", entered, "left" from counts`);
}
