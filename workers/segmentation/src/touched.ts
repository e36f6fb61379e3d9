// Says which members a run has to look at now: those whose rows changed, and those whom time alone has changed.
import { withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { LANES } from "./lanes.ts";
import type { RunScope } from "./run-scope.ts";
import { isStretch, type Page, type Stretch, TOUCHED_MAX } from "./scene.ts";

/** A page is smaller where each member is judged for many segments: a transaction stays within seconds. */
const SEGMENTS_OF_A_FULL_PAGE = 20;

/** Rounds of all lanes for one read of marks. */
const ROUNDS = 2;

export interface Touched {
  readonly memberIds: readonly string[];
  readonly changeIds: readonly number[];
}

/** Members of one transaction. */
export function pageSize({ segments }: Pick<RunScope, "segments">): number {
  return Math.max(200, Math.floor(TOUCHED_MAX / Math.max(1, segments.length / SEGMENTS_OF_A_FULL_PAGE)));
}

/** The next members that changed or whose day has come, oldest marks first, then those whose hour has; none when all is as it should be. */
export async function nextTouched(scope: RunScope): Promise<Touched> {
  const limit = pageSize(scope) * LANES * ROUNDS;
  const { database, scene } = scope;
  const [{ rows }] = await withTenant(database, scene.tenantId, [
    database.execute<{ change_id: number; member_id: string }>(sql`
      select change_id::float8 as change_id, member_id from member_changes
      where tenant_id = ${scene.tenantId}::text order by tenant_id, change_id limit ${limit}`),
  ]);
  const changeIds = rows.map(({ change_id: id }) => id);
  // By id: rows of members who follow each other lie near each other in every index.
  const memberIds = [...new Set(rows.map(({ member_id: id }) => id))].toSorted();
  if (memberIds.length > 0) return { memberIds, changeIds };
  return { memberIds: await dueMembers(scope, limit), changeIds: [] };
}

async function dueMembers({ database, scene }: RunScope, limit: number): Promise<string[]> {
  const { tenantId, now } = scene;
  const at = sql`${new Date(now).toISOString()}::timestamptz`;
  const due = database.execute<{ member_id: string }>(sql`
    (select member_id from segment_flips where tenant_id = ${tenantId}::text and flips_at <= ${at} limit ${limit})
    union
    (select member_id from auto_tags where tenant_id = ${tenantId}::text and expires_at <= ${at} limit ${limit})
    limit ${limit}`);
  const [{ rows }] = await withTenant(database, tenantId, [due]);
  return rows.map(({ member_id: id }) => id);
}

/** Members whose orders may have changed since they were summed up, by id: read again and again, nothing is taken away. */
export async function pendingMembers(
  { database, scene }: RunScope,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
  const { tenantId, now } = scene;
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ member_id: string }>(sql`
      select member_id from member_changes where tenant_id = ${tenantId}::text and member_id > ${after}::text
      union
      select member_id from segment_flips where tenant_id = ${tenantId}::text and member_id > ${after}::text
        and flips_at <= ${new Date(now).toISOString()}::timestamptz
      order by member_id limit ${limit}`),
  ]);
  return rows.map(({ member_id: id }) => id);
}

/** The next stretches of a pass over all, so many of so many members; whoever may be gone too, so that nothing of theirs stays. */
export async function nextStretches(
  { database, scene }: RunScope,
  { after, size, count }: { readonly after: string; readonly size: number; readonly count: number },
): Promise<Stretch[]> {
  const [{ rows }] = await withTenant(database, scene.tenantId, [
    database.execute<{ up_to: string; members: number }>(sql`
      select max(member_id) as up_to, count(*)::int as members
      from (
        select member_id, (row_number() over (order by member_id) - 1) / ${size}::int as stretch
        from members where tenant_id = ${scene.tenantId}::text and member_id > ${after}::text
        order by member_id limit ${size * count}
      ) as numbered group by stretch order by stretch`),
  ]);
  return rows.map(({ up_to: upTo, members }, index) => ({ after: rows[index - 1]?.up_to ?? after, upTo, members }));
}

/** The ids of a page, one by one. */
export async function membersOf({ database, scene }: RunScope, page: Page): Promise<readonly string[]> {
  if (!isStretch(page)) return page;
  const { after, upTo } = page;
  const [{ rows }] = await withTenant(database, scene.tenantId, [
    database.execute<{ member_id: string }>(sql`
      select member_id from members
      where tenant_id = ${scene.tenantId}::text and member_id > ${after}::text and member_id <= ${upTo}::text
      order by member_id`),
  ]);
  return rows.map(({ member_id: id }) => id);
}
