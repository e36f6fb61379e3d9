// How a version of a segment comes into force: what it would change is counted first, and a large change waits for somebody.
import {
  BREAKER_MEMBERS_MIN,
  BREAKER_PERCENT_DEFAULT,
  type SegmentNode,
  type SegmentRequest,
} from "@regulars/contracts/segments";
import type { Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type MembershipChange, movesOfTouched, type StoredSegment } from "./membership.ts";
import type { Scene } from "./scene.ts";

/** A row of `segments` with the definitions that a run needs. */
export interface SegmentRow {
  readonly segmentId: string;
  readonly version: number;
  readonly state: "building" | "ready" | "held" | "failed";
  readonly builtVersion: number | null;
  readonly releasedVersion: number | null;
  readonly breakerPercent: number | null;
  readonly members: number;
  /** Taken away: whoever is still in it leaves. */
  readonly ended: boolean;
  readonly definition: SegmentNode;
  /** Of the built version; null before the first build. */
  readonly builtDefinition: SegmentNode | null;
  readonly autoTag: SegmentRequest["autoTag"];
  readonly atCheckout: boolean;
}

const NOBODY: SegmentNode = { kind: "not", node: { kind: "everyone" } };

/** Whether a version waits to be worked out for all members. A failed one is tried again. */
export function needsBuild({ state, ended, version, builtVersion }: SegmentRow): boolean {
  return !ended && state !== "held" && (state !== "ready" || builtVersion !== version);
}

/**
 * Whether its changes must be counted before. A change of the stored version to a new one is guarded by the breaker, and nothing
 * else is: a first build, or one of a segment with nobody in it, has nothing to compare with; and what regular runs change, members
 * themselves or the calendar has changed, however much it is on the first of a month.
 */
export function needsCount(row: SegmentRow): boolean {
  const { builtVersion, releasedVersion, version, members } = row;
  const isGuarded = builtVersion !== null && builtVersion !== version && members > 0;
  return needsBuild(row) && isGuarded && releasedVersion !== version;
}

/** Whether a build changes so much that somebody has to look first: `entered` and `left` together against those stored. */
export function isTooLarge(change: Pick<MembershipChange, "entered" | "left">, row: SegmentRow): boolean {
  const changed = change.entered + change.left;
  const percent = row.breakerPercent ?? BREAKER_PERCENT_DEFAULT;
  return changed >= BREAKER_MEMBERS_MIN && changed * 100 > row.members * percent;
}

/**
 * The definitions by which membership is stored now: the built version until a new one is applied, which `applying` names by its
 * segment's id: then touched members are judged by the new one, whether a sweep or a change of theirs has touched them.
 */
export function segmentsInForce(rows: readonly SegmentRow[], applying: ReadonlySet<string>): StoredSegment[] {
  return rows.flatMap(({ segmentId, version, definition, builtVersion, builtDefinition, ended }) => {
    if (ended) return [{ segmentId, version: builtVersion ?? version, definition: NOBODY }];
    if (applying.has(segmentId))
      return [{ segmentId, version, definition, ...(builtVersion === null && { isFirst: true }) }];
    if (builtVersion === null || builtDefinition === null) return [];
    return [{ segmentId, version: builtVersion, definition: builtDefinition }];
  });
}

/** The segments of a tenant, by id; of those that have ended, the ones that somebody is still in. */
export function segmentRows(database: Database, tenantId: string) {
  return database.execute<{ row: SegmentRow }>(sql`
    select jsonb_build_object(
      'segmentId', s.segment_id, 'version', s.version, 'state', s.state, 'builtVersion', s.built_version,
      'releasedVersion', s.released_version, 'breakerPercent', s.breaker_percent, 'members', s.members, 'ended', s.ended_at is not null,
      'definition', s.definition, 'autoTag', s.auto_tag, 'atCheckout', s.at_checkout, 'builtDefinition',
      case when s.built_version = s.version then s.definition else v.document end
    ) as row
    from segments as s
    left join segment_versions as v
      on v.tenant_id = s.tenant_id and v.segment_id = s.segment_id and v.version = s.built_version
    where s.tenant_id = ${tenantId}::text and (s.ended_at is null or s.members > 0)
    order by s.segment_id`);
}

/** One row, a `MembershipChange`: how many of the touched members would enter and leave if this version were in force. */
export function countChanges(database: Database, scene: Scene, segment: StoredSegment) {
  return database.execute(sql`
    with ${movesOfTouched(scene, [segment])}
    select ${segment.segmentId}::text as "segmentId", count(*) filter (where enters)::int as entered,
      count(*) filter (where not enters)::int as "left"
    from moves`);
}

interface Build {
  readonly segmentId: string;
  /** The version that was built; the row may stand at a later one that was saved meanwhile. */
  readonly version: number;
}

/** Everybody is stored by this version now. */
export function finishBuild(database: Database, scene: Scene, build: Build & { readonly milliseconds: number }) {
  const { segmentId, version, milliseconds } = build;
  const isSame = sql`version = ${version}::int`;
  return database.execute(sql`
    update segments set built_version = ${version}::int, built_at = ${instantOf(scene)},
      build_milliseconds = ${Math.round(milliseconds)}::int, error = case when ${isSame} then null else error end,
      state = case when ${isSame} then 'ready' else state end
    where tenant_id = ${scene.tenantId}::text and segment_id = ${segmentId}::text`);
}

/** The version cannot be built: what is stored stays as it is, and the next sweep tries again. */
export function failBuild(database: Database, scene: Scene, build: Build & { readonly error: string }) {
  return database.execute(sql`
    update segments set state = 'failed', error = ${build.error}::text
    where ${isBuilding(scene, build)}`);
}

/** The breaker has stopped the version: nobody has moved, and an alert asks for a person. `error` tells the figures. */
export function holdBuild(database: Database, scene: Scene, build: Build & MembershipChange) {
  const { segmentId, version, entered, left } = build;
  return database.execute(sql`
    with held as (
      update segments set state = 'held',
        error = concat('segment_held: entered ', ${entered}::int, ', left ', ${left}::int, ', members ', members)
      where ${isBuilding(scene, build)}
      returning members
    )
    insert into alerts (tenant_id, alert_id, kind, facts, raised_at)
    select ${scene.tenantId}::text, ${`segment_held:${segmentId}:${version}`}::text, 'segment_held', jsonb_build_object(
      'segmentId', ${segmentId}::text, 'version', ${version}::int, 'entered', ${entered}::int, 'left', ${left}::int,
      'members', held.members
    ), ${instantOf(scene)} from held
    on conflict (tenant_id, alert_id) do nothing`);
}

function isBuilding({ tenantId }: Scene, { segmentId, version }: Build) {
  return sql`tenant_id = ${tenantId}::text and segment_id = ${segmentId}::text and version = ${version}::int
    and state in ('building', 'failed')`;
}

function instantOf({ now }: Scene) {
  return sql`${new Date(now).toISOString()}::timestamptz`;
}
