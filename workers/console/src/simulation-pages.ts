// Reads the past from PostgreSQL for a simulation, in statements that stay short: members page by page, with their events.
import type { MemberEvent } from "@regulars/contracts/events";
import { program as programShape } from "@regulars/contracts/program";
import { versionInForce } from "@regulars/contracts/directory";
import { compileProgram, type CompiledProgram } from "@regulars/domain/program";
import { type Database, withTenant } from "@regulars/schema/connection";
import { programs } from "@regulars/schema/tenants";
import { inArray, sql, type SQL } from "drizzle-orm";

/** Events of one statement: some 5 MB of JSON, half a second. */
const EVENTS_MAX = 1500;
const MEMBERS_MAX = 200;
/** Members of one statement that only sums what they have. */
const SUMMED_MEMBERS_MAX = 5000;
/** Programs of one tenant that a run keeps compiled: each is some tens of KB. */
const PROGRAMS_KEPT_MAX = 200;

export interface PastScope {
  readonly tenantId: string;
  readonly from: number;
  readonly to: number;
  /** The part of all members that is looked at. */
  readonly sample: number;
}

export interface MemberPast {
  readonly memberId: string;
  readonly events: readonly PastEvent[];
}

export type PastEvent = Pick<MemberEvent, "sequence" | "at" | "testTime" | "body">;

/** The next members with anything since `from`, complete; empty after the last. */
export async function readPasts(database: Database, scope: PastScope, after: string): Promise<MemberPast[]> {
  const [{ rows }] = await withTenant(database, scope.tenantId, [
    database.execute<{ member_id: string; epoch: number; events: string }>(sql`
      select member_id, epoch, events from members
      where member_id > ${after} and last_at >= ${new Date(scope.from).toISOString()} and ${sampled(scope.sample)}
      order by member_id limit ${MEMBERS_MAX}`),
  ]);
  let sum = 0;
  const fitting = rows.filter(({ events }, index) => (sum += Number(events)) <= EVENTS_MAX || index === 0);
  const pasts: MemberPast[] = [];
  const [first] = fitting;
  if (first !== undefined && Number(first.events) > EVENTS_MAX) return [await readLong(database, scope, first)];
  if (fitting.length === 0) return pasts;
  const wanted = JSON.stringify(fitting.map(({ member_id: memberId }) => memberId));
  const found = await readEvents(
    database,
    scope.tenantId,
    sql`
    e.member_id = any (array(select jsonb_array_elements_text(${wanted}::jsonb)))`,
  );
  const byMember = Map.groupBy(found, ({ memberId }) => memberId);
  for (const { member_id: memberId } of fitting) pasts.push({ memberId, events: byMember.get(memberId) ?? [] });
  return pasts;
}

// A member with more events than fit one statement.
async function readLong(database: Database, { tenantId }: PastScope, member: { member_id: string }) {
  const memberId = member.member_id;
  const events: PastEvent[] = [];
  for (;;) {
    const last = events.at(-1)?.sequence ?? 0;
    const part = await readEvents(database, tenantId, sql`e.member_id = ${memberId} and e.sequence > ${last}`);
    events.push(...part);
    if (part.length < EVENTS_MAX) return { memberId, events };
  }
}

async function readEvents(database: Database, tenantId: string, which: SQL) {
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ memberId: string; sequence: number; at: number; testTime: boolean; body: MemberEvent["body"] }>(
      sql`select e.member_id as "memberId", e.sequence::double precision as sequence,
        (extract(epoch from e.at) * 1000)::double precision as at, e.test_time as "testTime", e.body
      from member_events as e join members as m on m.tenant_id = e.tenant_id and m.member_id = e.member_id
      where e.epoch = m.epoch and ${which}
      order by e.member_id, e.sequence limit ${EVENTS_MAX}`,
    ),
  ]);
  return rows;
}

/** Points outstanding at `to` of members with nothing since `from`, by currency; `last` is null after the last page. */
export async function readQuiet(
  database: Database,
  { tenantId, from, to, sample }: PastScope,
  after: string,
): Promise<{ last: string | null; sums: Record<string, number> }> {
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ last: string | null; sums: Record<string, number> }>(sql`
      with page as (
        select tenant_id, member_id, last_at from members where member_id > ${after}
        order by member_id limit ${SUMMED_MEMBERS_MAX}
      ), quiet as (
        select * from page where coalesce(last_at, 'epoch') < ${new Date(from).toISOString()} and ${sampled(sample)}
      ), parts as (
        select b.currency, b.available + b.pending + b.held as points from quiet join balances as b using (tenant_id, member_id)
        union all
        select l.currency, -l.available from quiet join lots as l using (tenant_id, member_id)
        where l.expires_at <= ${new Date(to).toISOString()}
      )
      select (select max(member_id) from page) as last,
        (select coalesce(jsonb_object_agg(s.currency, s.points), '{}')
         from (select currency, sum(points) as points from parts group by currency) as s) as sums`),
  ]);
  return rows[0] ?? { last: null, sums: {} };
}

/** Orders placed in the window: what a run is likely to see. */
export async function countOrders(database: Database, { tenantId, from, to, sample }: PastScope): Promise<number> {
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ count: number }>(sql`
      select count(*)::double precision as count from orders
      where placed_at >= ${new Date(from).toISOString()} and placed_at < ${new Date(to).toISOString()}
        and state <> 'authorized' and ${sampled(sample)}`),
  ]);
  return rows[0]?.count ?? 0;
}

/** The same members in every run of a sample. */
function sampled(sample: number): SQL {
  if (sample >= 1) return sql`true`;
  return sql`('x' || left(md5(member_id), 6))::bit(24)::integer < ${Math.round(sample * 2 ** 24)}`;
}

const compiled = new Map<string, CompiledProgram>();

/** Compiled versions of a tenant's program, for events that name them. Throws, when asked, for one that is not there. */
export async function programsOf(
  database: Database,
  tenantId: string,
  events: Iterable<PastEvent>,
): Promise<(version: number) => CompiledProgram> {
  const missing = new Set<number>();
  for (const { body } of events) {
    if ("order" in body && !compiled.has(`${tenantId}:${body.order.programVersion}`))
      missing.add(body.order.programVersion);
  }
  if (missing.size > 0) {
    const wanted = database
      .select()
      .from(programs)
      .where(inArray(programs.version, [...missing]));
    const [rows] = await withTenant(database, tenantId, [wanted]);
    if (compiled.size + rows.length > PROGRAMS_KEPT_MAX) compiled.clear();
    for (const { version, document } of rows) {
      compiled.set(`${tenantId}:${version}`, compileProgram(version, programShape.parse(document)));
    }
  }
  return (version) => {
    const found = compiled.get(`${tenantId}:${version}`);
    if (found === undefined) throw new Error(`version ${version} of the program is not there`);
    return found;
  };
}

/** The version in force at an instant; null when nothing was published. */
export async function programInForce(
  database: Database,
  tenantId: string,
  at: number,
): Promise<CompiledProgram | null> {
  const versions = database.select({ version: programs.version, from: programs.effectiveFrom }).from(programs);
  const [rows] = await withTenant(database, tenantId, [versions]);
  const listed = rows.map(({ version, from }) => ({ version, effectiveFrom: from.getTime() }));
  const version = versionInForce(listed, at);
  if (version === null) return null;
  const document = database
    .select()
    .from(programs)
    .where(inArray(programs.version, [version]));
  const [[row]] = await withTenant(database, tenantId, [document]);
  return row === undefined ? null : compileProgram(version, programShape.parse(row.document));
}
