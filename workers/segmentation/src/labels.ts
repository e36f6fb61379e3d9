// Decides what members' objects are to carry, and which of them must be told: segments at checkout, tags of segments, and insights.
import type { MemberInsights } from "@regulars/contracts/acts-life";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { type LabelPush, type PushOutcome, tellMembers } from "./label-calls.ts";
import { databaseOf, type Scene, touchedRows } from "./scene.ts";

/** Members of one page: told within a second or two, so that a run stops soon after its time is over. */
const PUSHES_PER_PAGE = 500;

/**
 * For touched members, once memberships, auto tags and scores stand: freezes what each is to carry. Stage, band and churn risk go along
 * only where `tellsInsights`: a program looks at them. Where that is something
 * new, `wanted` grows: at least by one, and to the clock's own figure, so that it grows also after rows were lost.
 */
export function labelStatements(database: Database, scene: Scene, { tellsInsights = true } = {}) {
  const { tenantId } = scene;
  const now = new Date(scene.now).toISOString();
  return [
    database.execute(sql`
      delete from label_pushes as p where p.tenant_id = ${tenantId} and p.member_id = any(array(
        select m.member_id from ${touchedRows(sql`members`, sql`m`, scene)} where m.erased_at is not null))`),
    database.execute(sql`
      insert into label_pushes (tenant_id, member_id, wanted, told, tags, segments, facts)
      select ${tenantId}, m.member_id, ${scene.now}::bigint, 0, tagged.tags, inside.segments, known.facts
      from (select m.member_id from ${touchedRows(sql`members`, sql`m`, scene)} where m.is_person) as m
      cross join lateral (
        select coalesce(array_agg(distinct a.tag order by a.tag), '{}') as tags from auto_tags as a
        where a.tenant_id = ${tenantId} and a.member_id = m.member_id
          and (a.expires_at is null or a.expires_at > ${now}::timestamptz)) as tagged
      cross join lateral (
        select coalesce(array_agg(s.segment_id order by s.segment_id), '{}') as segments
        from segment_members as s
        join segments as g on g.tenant_id = ${tenantId} and g.segment_id = s.segment_id
          and g.at_checkout and g.ended_at is null
        where s.tenant_id = ${tenantId} and s.member_id = m.member_id and s.until is null) as inside
      left join lateral (
        select jsonb_build_object('stage', stage, 'band', band, 'churnRisk', churn_risk) as facts
        from member_scores as c where c.tenant_id = ${tenantId} and c.member_id = m.member_id) as known on ${tellsInsights}::boolean
      where tagged.tags <> '{}' or inside.segments <> '{}' or known.facts is not null
        or exists (select from label_pushes as p where p.tenant_id = ${tenantId} and p.member_id = m.member_id)
      on conflict (tenant_id, member_id) do update set tags = excluded.tags, segments = excluded.segments,
        facts = excluded.facts, wanted = greatest(label_pushes.wanted + 1, excluded.wanted), error = null
      where (label_pushes.tags, label_pushes.segments, label_pushes.facts)
        is distinct from (excluded.tags, excluded.segments, excluded.facts)`),
  ] as const;
}

interface PushReport {
  readonly told: number;
  readonly failed: number;
  /** False when members were left for the next run because the time was over. */
  readonly finished: boolean;
}

/**
 * Tells every member whose object has not answered for what is wanted, until `until` (Unix ms). Killed at any moment it loses
 * nothing: the same key with the same body gets the same answer, and a new want has a new key.
 */
export async function pushLabels(env: Env, scene: Scene, until: number): Promise<PushReport> {
  const database = databaseOf(env);
  const report = { told: 0, failed: 0 };
  for (let after = ""; ;) {
    if (Date.now() >= until) return { ...report, finished: false };
    const pushes = await waitingPushes(database, scene, after);
    if (pushes.length > 0) {
      const outcomes = await tellMembers(env, scene, pushes);
      await keepOutcomes(database, scene, outcomes);
      const told = outcomes.filter((outcome) => outcome.told).length;
      report.told += told;
      report.failed += outcomes.length - told;
    }
    const last = pushes.at(-1);
    if (last === undefined || pushes.length < PUSHES_PER_PAGE) return { ...report, finished: true };
    after = last.memberId;
  }
}

/** The next members that wait, in order of id: one whose call fails is passed until the next run. */
export async function waitingPushes(
  database: Database,
  { tenantId }: Pick<Scene, "tenantId">,
  after: string,
): Promise<LabelPush[]> {
  interface Row extends Record<string, unknown> {
    readonly member_id: string;
    readonly wanted: number;
    readonly tags: string[];
    readonly segments: string[];
    readonly facts: MemberInsights | null;
  }
  const page = database.execute<Row>(sql`
    select member_id, wanted::float8 as wanted, tags, segments, facts from label_pushes
    where tenant_id = ${tenantId} and wanted > told and member_id > ${after}
    order by member_id limit ${PUSHES_PER_PAGE}`);
  const [{ rows }] = await withTenant(database, tenantId, [page]);
  return rows.map(({ member_id: memberId, ...push }) => ({ memberId, ...push }));
}

/** Writes what came of a page; a want that has moved on meanwhile stays to be told. */
export async function keepOutcomes(
  database: Database,
  { tenantId }: Pick<Scene, "tenantId">,
  outcomes: readonly PushOutcome[],
): Promise<void> {
  const statement = database.execute(sql`
    update label_pushes as p set
      told = case when o.told then greatest(p.told, o.wanted) else p.told end,
      wanted = case when o.anew then p.wanted + 1 else p.wanted end,
      error = o.error
    from jsonb_to_recordset(${JSON.stringify(outcomes)}::jsonb)
      as o("memberId" text, wanted bigint, told boolean, anew boolean, error text)
    where p.tenant_id = ${tenantId} and p.member_id = o."memberId"`);
  await withTenant(database, tenantId, [statement]);
}
