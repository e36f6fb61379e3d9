// Counts how many members have told each part of their profile: of all members, and of every segment.
import { sql } from "drizzle-orm";
import { type NightScope, readRows, writeRows } from "./night-scope.ts";

/** Members of one statement, with their identities and memberships: about a second. */
const PAGE_MEMBERS = 20_000;

/** What is counted, and when it is told. A phone or an email may be an identity or a word of the profile. */
const FIELDS = {
  name: sql`profile ->> 'name' is not null`,
  phone: sql`profile ->> 'phone' is not null or 'phone' = any(types)`,
  email: sql`profile ->> 'email' is not null or 'email' = any(types)`,
  line: sql`'line' = any(types)`,
  birthday: sql`profile ->> 'birthday' is not null`,
  /** Whoever would rather not say has not told it. */
  gender: sql`profile ->> 'gender' <> 'undisclosed'`,
  address: sql`profile ->> 'address' is not null`,
  /** To be written to on any channel, or for any purpose. */
  consent: sql`jsonb_path_exists(consent, '$.* ? (@ == true)')`,
} as const;
type Field = keyof typeof FIELDS;
// The guarantee of the cast: these are the keys of that very object.
const fields = Object.keys(FIELDS) as Field[];

type Count = { readonly segmentId: string; readonly members: number; readonly last: string | null } & Record<
  Field,
  number
>;

/** Counts page by page over the members, and stores the sums in place of those of the night before. */
export async function countCompleteness(scope: NightScope): Promise<void> {
  const sums = new Map<string, { members: number; filled: Record<Field, number> }>();
  for (let after: string | null = ""; after !== null;) {
    const page: Count[] = await readCounts(scope, after);
    for (const count of page) {
      const known = sums.get(count.segmentId);
      const filled = Object.fromEntries(fields.map((field) => [field, (known?.filled[field] ?? 0) + count[field]]));
      // The guarantee of the cast: it was made from every field.
      sums.set(count.segmentId, {
        members: (known?.members ?? 0) + count.members,
        filled: filled as Record<Field, number>,
      });
    }
    after = page.find(({ last }) => last !== null)?.last ?? null;
  }
  const rows = [...sums].flatMap(([segmentId, { members, filled }]) =>
    fields.map((field) => ({ segmentId, field, members, filled: filled[field] })),
  );
  const { tenantId, today } = scope.scene;
  await writeRows(scope, [
    sql`delete from profile_completeness where tenant_id = ${tenantId}`,
    sql`insert into profile_completeness (tenant_id, segment_id, field, members, filled, counted_on)
      select ${tenantId}, r."segmentId", r.field, r.members, r.filled, ${today}::date
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb)
        as r("segmentId" text, field text, members int, filled int)`,
  ]);
}

/** The next members by id: a row for all of them, with the last one's id, and one for each segment they are in. */
function readCounts(scope: NightScope, after: string): Promise<Count[]> {
  const { tenantId } = scope.scene;
  const told = sql.join(
    fields.map((field) => sql`coalesce(${FIELDS[field]}, false) as ${sql.identifier(field)}`),
    sql`, `,
  );
  const counted = sql.join(
    fields.map((field) => sql`(count(*) filter (where ${sql.identifier(field)}))::int as ${sql.identifier(field)}`),
    sql`, `,
  );
  return readRows<Count>(
    scope,
    sql`with page as (
        select member_id, profile, consent from members
        where tenant_id = ${tenantId} and is_person and member_id > ${after}
        order by member_id limit ${PAGE_MEMBERS}
      ),
      told as materialized (
        select p.member_id, ${told}
        from page as p cross join lateral (
          select array(select i.type from identities as i
            where i.tenant_id = ${tenantId} and i.member_id = p.member_id) as types
        ) as i
      )
      select '' as "segmentId", count(*)::int as members, max(member_id) as last, ${counted} from told
      union all
      select s.segment_id, count(*)::int, null, ${counted}
      from told as t join segment_members as s
        on s.tenant_id = ${tenantId} and s.member_id = t.member_id and s.until is null
      group by s.segment_id`,
  );
}
