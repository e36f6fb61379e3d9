// Compares members' objects with PostgreSQL page by page, and heals the copy. Members that PostgreSQL never heard of are
// not found here: their objects publish by themselves until they are confirmed.
import type { MemberDifference, ReconcilePage } from "@regulars/contracts/rpc";
import { openDatabase, withTenant, type Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { differencesOf, type CopyAudit } from "./compare.ts";
import { eachOf } from "./each-of.ts";
import { healMember, type MemberAudit } from "./heal.ts";
import { ledgerOf, plainContext } from "./ledger-object.ts";

/** Objects asked at one time: each folds all its events. */
const AUDITS_MAX = 20;
/** Members of a page: each is a call of its object. */
const PAGE_MAX = 200;
/** Events under way arrive within a batch's wait; what differs is looked at again before it is called a difference. */
const SETTLE_MILLISECONDS = 2000;
/** Events published again pass through the queue: this often they are looked for, for about ten seconds. */
const HEAL_LOOKS_MAX = 5;

export interface PageWish {
  readonly cursor: string | null;
  readonly limit: number;
  readonly heal: boolean;
}

export async function reconcilePage(env: Env, tenantId: string, page: PageWish): Promise<ReconcilePage> {
  const database = openDatabase({ databaseUrl: env.DATABASE_URL, fetchEndpoint: env.NEON_FETCH_ENDPOINT });
  const limit = Math.min(Math.max(page.limit, 1), PAGE_MAX);
  const memberIds = await membersAfter(database, tenantId, page.cursor ?? "", limit);
  const audit = (ids: readonly string[]) => auditMembers(env, database, tenantId, ids);
  let differing = await audit(memberIds);
  if (differing.length > 0) {
    await scheduler.wait(SETTLE_MILLISECONDS);
    differing = await audit(idsOf(differing));
  }
  const differences = differing.flatMap((member) => member.differences);
  const healed = page.heal ? differing.length - (await heal(env, database, tenantId, differing, audit)).length : 0;
  const nextCursor = memberIds.length < limit ? null : (memberIds.at(-1) ?? null);
  return { checked: memberIds.length, differences, healed, nextCursor };
}

type Audited = MemberAudit & { readonly differences: readonly MemberDifference[] };

/** Heals in two rounds, the gentle one first. Returns who still differs. */
async function heal(
  env: Env,
  database: Database,
  tenantId: string,
  members: readonly Audited[],
  audit: (ids: readonly string[]) => Promise<Audited[]>,
): Promise<readonly Audited[]> {
  let differing = members;
  for (const round of ["complete", "replace"] as const) {
    await eachOf(differing, AUDITS_MAX, (member) => healMember(env, database, tenantId, member, round));
    for (let look = 0; look < HEAL_LOOKS_MAX && differing.length > 0; look += 1) {
      await scheduler.wait(SETTLE_MILLISECONDS);
      differing = await audit(idsOf(differing));
    }
  }
  return differing;
}

/** The members among these that differ from their objects. */
async function auditMembers(
  env: Env,
  database: Database,
  tenantId: string,
  memberIds: readonly string[],
): Promise<Audited[]> {
  if (memberIds.length === 0) return [];
  const wanted = JSON.stringify(memberIds);
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ copy: CopyAudit }>(
      sql`select copy from audit_members(array(select jsonb_array_elements_text(${wanted}::jsonb))) as copy`,
    ),
  ]);
  const differing: Audited[] = [];
  await eachOf(rows, AUDITS_MAX, async ({ copy }) => {
    const { memberId } = copy;
    const object = await ledgerOf(env, tenantId, memberId).audit(plainContext(tenantId, memberId));
    const differences = differencesOf(object, copy);
    if (differences.length > 0) differing.push({ object, copy, differences });
  });
  return differing.sort((one, other) => (one.copy.memberId < other.copy.memberId ? -1 : 1));
}

async function membersAfter(database: Database, tenantId: string, cursor: string, limit: number): Promise<string[]> {
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ member_id: string }>(
      sql`select member_id from members where member_id > ${cursor} order by member_id limit ${limit}`,
    ),
  ]);
  return rows.map((row) => row.member_id);
}

const idsOf = (members: readonly Audited[]) => members.map(({ copy }) => copy.memberId);
