// Keeps the tags that follow from segments: carried while a member is in the segment, and for some days after leaving it.
import type { SegmentRequest } from "@regulars/contracts/segments";
import type { Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { isTouched, type Scene } from "./scene.ts";

/** What is needed of a segment that has not ended. */
export interface TaggingSegment {
  readonly segmentId: string;
  readonly autoTag: SegmentRequest["autoTag"];
}

/** For touched members, once their memberships stand. Their rows are exactly the tags that they carry as of now. */
export function autoTagStatements(database: Database, scene: Scene, segments: readonly TaggingSegment[]) {
  const { tenantId } = scene;
  const now = new Date(scene.now).toISOString();
  const rules = rulesOf(segments);
  return [
    // A segment that ended, or gives another tag now, takes its tag along; so does a member who is gone.
    database.execute(sql`
      delete from auto_tags as a where a.tenant_id = ${tenantId} and ${isTouched(sql`a.member_id`, scene)} and (
        not exists (select from ${rules} where rule.segment_id = a.segment_id and rule.tag = a.tag)
        or not exists (select from members as m where m.tenant_id = ${tenantId} and m.member_id = a.member_id
          and m.is_person))`),
    database.execute(sql`
      insert into auto_tags (tenant_id, member_id, tag, segment_id, since)
      select ${tenantId}, s.member_id, rule.tag, s.segment_id, ${now}::timestamptz
      from segment_members as s
      join ${rules} on rule.segment_id = s.segment_id
      join members as m on m.tenant_id = ${tenantId} and m.member_id = s.member_id and m.is_person
      where s.tenant_id = ${tenantId} and ${isTouched(sql`s.member_id`, scene)} and s.until is null
      on conflict (tenant_id, member_id, tag, segment_id) do update set expires_at = null
      where auto_tags.expires_at is not null`),
    // Days are the tenant's: so many whole ones after the day of leaving, until midnight; none: at once.
    database.execute(sql`
      update auto_tags as a set expires_at = case when rule.days = 0 then ${now}::timestamptz
        else ((left_at at time zone ${scene.timeZone})::date + rule.days + 1)::timestamp at time zone ${scene.timeZone} end
      from (select a.member_id from auto_tags as a where a.tenant_id = ${tenantId} and ${isTouched(sql`a.member_id`, scene)}
        group by a.member_id) as t, ${rules}, lateral (
        select bool_or(s.until is null) as stays, coalesce(max(s.until), ${now}::timestamptz) as left_at
        from segment_members as s
        where s.tenant_id = ${tenantId} and s.member_id = t.member_id and s.segment_id = rule.segment_id) as stay
      where a.tenant_id = ${tenantId} and a.member_id = t.member_id and a.segment_id = rule.segment_id
        and a.tag = rule.tag and a.expires_at is null and stay.stays is not true`),
    database.execute(sql`
      delete from auto_tags as a
      where a.tenant_id = ${tenantId} and ${isTouched(sql`a.member_id`, scene)} and a.expires_at <= ${now}::timestamptz`),
  ] as const;
}

function rulesOf(segments: readonly TaggingSegment[]) {
  const rules = segments.flatMap(({ segmentId, autoTag: rule }) =>
    rule === null ? [] : [{ segment_id: segmentId, tag: rule.tag, days: rule.daysAfterLeaving }],
  );
  return sql`jsonb_to_recordset(${JSON.stringify(rules)}::jsonb) as rule(segment_id text, tag text, days int)`;
}
