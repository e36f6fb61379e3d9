// Stores who is in each segment: for the members at hand, stays that begin and end, the events that tell it, and when to look again.
import type { SegmentNode } from "@regulars/contracts/segments";
import type { Database } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { isTouched, joiningTouched, type Scene, touchedRows } from "./scene.ts";
import { judgedByAll } from "./segment-members.ts";

/** A definition that decides now, with the version that it is. */
export interface StoredSegment {
  readonly segmentId: string;
  readonly version: number;
  readonly definition: SegmentNode;
  /** The segment is built for the first time: whoever is in it has not just entered, so no event says so. */
  readonly isFirst?: boolean;
}

/** How many of the touched members entered a segment and left it. */
export interface MembershipChange {
  readonly segmentId: string;
  readonly entered: number;
  readonly left: number;
}

type MembershipStatement = ReturnType<Database["execute"]>;

/** Some of the segments, which one statement decides. */
interface Part {
  readonly segments: readonly StoredSegment[];
  /** When to look again is exactly what this part says, whatever it was; each further part can only bring it forward. */
  readonly isFirstPart: boolean;
  readonly counts: boolean;
}

/** Segments that one statement decides together: they share what they read of a member, and PostgreSQL plans it within milliseconds. */
const SEGMENTS_PER_STATEMENT = 10;

/**
 * Statements for the members that the transaction touches, to be run in this order in one transaction. Their rows are
 * `MembershipChange`s, one for each segment. `segments` must be in the order of `orderInForce`: a segment sees those that it names as
 * they are decided just before. Run again, nothing changes.
 * Without `counts` the numbers of members are left for `recount`: pages side by side would wait for each other's.
 */
export function membershipStatements(
  database: Database,
  scene: Scene,
  segments: readonly StoredSegment[],
  { counts = true } = {},
): MembershipStatement[] {
  if (segments.length === 0) return [lookNoMore(database, scene)];
  const parts = Array.from({ length: Math.ceil(segments.length / SEGMENTS_PER_STATEMENT) }, (_, index) =>
    segments.slice(index * SEGMENTS_PER_STATEMENT, (index + 1) * SEGMENTS_PER_STATEMENT),
  );
  const storing = parts.map((part, index) =>
    storeMemberships(database, scene, { segments: part, isFirstPart: index === 0, counts }),
  );
  return joiningTouched(database, scene, storing);
}

/** Without segments time changes nothing. */
function lookNoMore(database: Database, scene: Scene): MembershipStatement {
  return database.execute(sql`delete from segment_flips
    where tenant_id = ${scene.tenantId}::text and ${isTouched(sql`member_id`, scene)}`);
}

/** Counts the members of each segment anew, once a pass over everybody is through. */
export function recount(database: Database, { tenantId }: Scene) {
  return database.execute(sql`
    update segments as g set members = (select count(*)::int from segment_members as s
      where s.tenant_id = ${tenantId}::text and s.segment_id = g.segment_id and s.until is null)
    where g.tenant_id = ${tenantId}::text`);
}

/** What the statements above have told, among the results of a transaction. */
export function readMembershipChanges(results: readonly { readonly rows: readonly object[] }[]): MembershipChange[] {
  return results.flatMap(({ rows }) => rows).filter(isMembershipChange);
}

/** No other statement has such a column. */
const isMembershipChange = (row: object): row is MembershipChange => "segmentId" in row;

/**
 * CTEs that `storeMemberships` and `countChanges` begin with. `moves`: a row for each segment of `rules` and touched member who has to
 * enter it or to leave it, since the member fulfils the definition or no longer does, or may be in no segment at all. The
 * full join is never done as a loop in a loop, however few rows PostgreSQL expects.
 */
export function movesOfTouched(scene: Scene, segments: readonly StoredSegment[]): SQL {
  const rules = segments.map(({ segmentId, version, isFirst = false }, index) => ({
    place: index + 1,
    segment_id: segmentId,
    facts: { segmentId, version },
    version,
    is_first: isFirst,
  }));
  return sql`
    rules as materialized (
      select * from jsonb_to_recordset(${JSON.stringify(rules)}::jsonb)
        as r(place int, segment_id text, version int, facts jsonb, is_first boolean)
    ),
    judged as materialized (${judgedByAll(segments, scene)}),
    stays as materialized (
      -- Not found by segment: each would be looked up for each member.
      select s.segment_id, s.member_id, max(s.since) as since, bool_or(s.until is null) as is_in
      from ${touchedRows(sql`segment_members`, sql`s`, scene)}
      where s.segment_id = any(array(select segment_id from rules)) group by s.segment_id, s.member_id
    ),
    wanted as (
      select r.segment_id, j.member_id, r.version from judged as j cross join rules as r where j.holds[r.place]
    ),
    moves as materialized (
      select coalesce(w.segment_id, s.segment_id) as segment_id, coalesce(w.member_id, s.member_id) as member_id,
        w.version, s.since as last_since, w.member_id is not null as enters
      from wanted as w full join stays as s on s.member_id = w.member_id and s.segment_id = w.segment_id
      where (w.member_id is not null) <> coalesce(s.is_in, false)
    )`;
}

/**
 * Nobody's stays in a segment begin twice at one instant, also when a test clock stands still: their events have ids of their
 * own, and the same ids if told again.
 */
function storeMemberships(database: Database, scene: Scene, { segments, isFirstPart, counts }: Part) {
  const tenantId = sql`${scene.tenantId}::text`;
  const now = sql`${new Date(scene.now).toISOString()}::timestamptz`;
  return database.execute(sql`
    with ${movesOfTouched(scene, segments)},
    left_now as (
      update segment_members as s set until = greatest(${now}, s.since)
      where s.tenant_id = ${tenantId} and s.until is null
        and s.member_id = any(array(select member_id from moves where not enters))
        and ((s.segment_id, s.member_id) in (select segment_id, member_id from moves where not enters)) is true
      returning s.segment_id, s.member_id, s.since
    ),
    entered_now as (
      insert into segment_members (tenant_id, segment_id, member_id, since, version)
      select ${tenantId}, m.segment_id, m.member_id, greatest(${now}, m.last_since + interval '1 millisecond'), m.version
      from moves as m where m.enters
      returning segment_id, member_id, since
    ),
    told as (
      insert into insight_events (tenant_id, event_id, kind, member_id, facts, at)
      select ${tenantId},
        concat_ws(':', move.kind, move.segment_id, move.member_id, floor(extract(epoch from move.since) * 1000)::bigint),
        move.kind, move.member_id, r.facts, ${now}
      from (
        select 'segment.left' as kind, segment_id, member_id, since from left_now
        union all select 'segment.entered', segment_id, member_id, since from entered_now
      ) as move join rules as r on r.segment_id = move.segment_id and not r.is_first
      on conflict do nothing
    ),
    ${flipsOfJudged(scene, isFirstPart)},
    counts as (
      select r.place, r.segment_id, (select count(*)::int from entered_now as e where e.segment_id = r.segment_id) as entered,
        (select count(*)::int from left_now as l where l.segment_id = r.segment_id) as "left"
      from rules as r
    ),
    -- Two pages at a time lock segments in one order.
    locked as materialized (
      select s.segment_id from segments as s where s.tenant_id = ${tenantId} and ${counts}::boolean
        and s.segment_id in (select segment_id from counts where entered + "left" > 0)
      order by s.segment_id for update
    ),
    counted as (
      update segments as s set members = s.members + c.entered - c."left"
      from counts as c join locked as l on l.segment_id = c.segment_id
      where s.tenant_id = ${tenantId} and s.segment_id = c.segment_id
    )
    select segment_id as "segmentId", entered, "left" from counts order by place`);
}

/**
 * CTEs that store when members are to be looked at again. Mostly that is as it was, so only rows that differ are written; rows that are
 * new are added without looking for others' of the same key, since nobody else writes those of a tenant whose lease is held.
 */
function flipsOfJudged(scene: Scene, isFirstPart: boolean): SQL {
  const tenantId = sql`${scene.tenantId}::text`;
  const isOther = isFirstPart ? sql`flips_at <> before` : sql`flips_at < before`;
  return sql`
    looked as materialized (
      select f.member_id, f.flips_at from ${touchedRows(sql`segment_flips`, sql`f`, scene)}
    ),
    flips as materialized (
      select j.member_id, j.flips_at, l.flips_at as before
      from judged as j left join looked as l on l.member_id = j.member_id where j.flips_at is not null
    ),
    looks_first as (
      insert into segment_flips (tenant_id, member_id, flips_at)
      select ${tenantId}, member_id, flips_at from flips where before is null
    ),
    looks_again as (
      update segment_flips as f set flips_at = n.flips_at from (select * from flips where ${isOther}) as n
      where f.tenant_id = ${tenantId} and f.member_id = n.member_id
        and f.member_id = any(array(select member_id from flips where ${isOther}))
    ),
    looks_no_more as (
      delete from segment_flips as f where ${isFirstPart}::boolean and f.tenant_id = ${tenantId}
        and f.member_id = any(array(select member_id from looked except select member_id from flips))
    )`;
}
