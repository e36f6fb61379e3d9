// Counts who would be in a segment, with a few of them, before it is saved.
import type { Asked, InsightContext } from "@regulars/contracts/segmentation-rpc";
import type { SegmentNode, SegmentPreview } from "@regulars/contracts/segments";
import { type Database, withTenant } from "@regulars/schema/connection";
import { type SQL, sql } from "drizzle-orm";
import { answered, isTooSlow } from "./database-errors.ts";
import { databaseOf, type Scene, sceneOf } from "./scene.ts";
import { isInPopulation, judgedMembers, matchingMembers } from "./segment-members.ts";

export interface PreviewLimits {
  readonly exactMilliseconds: number;
  readonly estimateMilliseconds: number;
  /** Members by whom the number of all is estimated. */
  readonly judgedMax: number;
}

/**
 * Somebody waits: ten million orders are not read in that time, but 20,000 members are looked at one by one in about a second, and
 * tell a share within 0.7 percentage points (95 %).
 */
const LIMITS: PreviewLimits = { exactMilliseconds: 6_000, estimateMilliseconds: 8_000, judgedMax: 20_000 };

interface Question {
  readonly definition: SegmentNode;
  readonly scene: Scene;
  /** Members to show. */
  readonly sample: number;
}

type Counted = Omit<SegmentPreview, "milliseconds">;

/**
 * One pass over all members as things are now, or an estimate where that takes too long; refused when that does too. Segments that
 * the definition names count by what is stored. Who is shown follows from ids alone, so asking again shows the same members.
 */
export function previewSegment(
  env: Pick<Env, "DATABASE_URL" | "NEON_FETCH_ENDPOINT">,
  context: InsightContext,
  definition: SegmentNode,
  sample: number,
  limits = LIMITS,
): Promise<Asked<SegmentPreview>> {
  return answered({ whenSlow: "segment_too_slow" }, async () => {
    const database = databaseOf(env);
    const question = { definition, scene: sceneOf(context), sample };
    const startedAt = Date.now();
    const counted = (await countAll(database, question, limits)) ?? (await estimate(database, question, limits));
    return { ok: true, value: { ...counted, milliseconds: Date.now() - startedAt } };
  });
}

/** Null when it takes too long. */
async function countAll(database: Database, question: Question, limits: PreviewLimits): Promise<Counted | null> {
  const { scene, definition } = question;
  const matching = matchingMembers(definition, scene);
  const statement = sql`with matching as materialized (${matching}), ${shown(question)}
    select (select count(*) from matching)::int as members, ${countMembers(scene)} as "of", false as estimated,
      (select list from shown) as sample`;
  try {
    const [, { rows }] = await withTenant(database, scene.tenantId, [
      limit(database, limits.exactMilliseconds),
      database.execute<Counted & Record<string, unknown>>(statement),
    ]);
    return onlyRow(rows);
  } catch (error) {
    if (isTooSlow(error)) return null;
    throw error;
  }
}

/** From members whom chance has chosen, always the same ones. */
async function estimate(database: Database, question: Question, limits: PreviewLimits): Promise<Counted> {
  const { scene, definition } = question;
  const choose = sql`select set_config('app.touched', coalesce((
    select jsonb_agg(x.member_id) from (
      select m.member_id from members as m where m.tenant_id = ${scene.tenantId} and ${isInPopulation}
      order by md5(m.member_id) limit ${limits.judgedMax}::int
    ) as x), '[]')::text, true)`;
  const statement = sql`with judged as materialized (${judgedMembers(definition, scene)}),
    matching as (select member_id from judged where holds), ${shown(question)},
    counts as (select count(*) as judged, count(*) filter (where holds) as inside, ${countMembers(scene)} as "of" from judged)
    select coalesce(round(inside::float8 / nullif(judged, 0) * "of"), 0)::int as members, "of",
      judged < "of" as estimated, (select list from shown) as sample
    from counts`;
  const [, , { rows }] = await withTenant(database, scene.tenantId, [
    limit(database, limits.estimateMilliseconds),
    database.execute(choose),
    database.execute<Counted & Record<string, unknown>>(statement),
  ]);
  return onlyRow(rows);
}

/** Compiling the many expressions of a definition would take longer than it saves. */
function limit(database: Database, milliseconds: number) {
  return database.execute(
    sql`select set_config('statement_timeout', ${String(milliseconds)}, true), set_config('jit', 'off', true)`,
  );
}

function countMembers({ tenantId }: Scene): SQL {
  return sql`(select count(*) from members as m where m.tenant_id = ${tenantId} and ${isInPopulation})::int`;
}

/** `chosen` and `shown`: a few of `matching`, with their names, by their ids. */
function shown({ scene, sample }: Question): SQL {
  return sql`chosen as (select member_id from matching order by md5(member_id), member_id limit ${sample}::int),
    shown as (
      select coalesce(json_agg(json_build_object('memberId', m.member_id, 'name', m.profile ->> 'name')
        order by m.member_id), '[]') as list
      from chosen join members as m on m.tenant_id = ${scene.tenantId} and m.member_id = chosen.member_id
    )`;
}

function onlyRow<Row>([row]: readonly Row[]): Row {
  if (row === undefined) throw new Error("a query that counts has one row");
  return row;
}
