// Finds members in PostgreSQL by words: ranges of their terms, each bounded, so that a common surname costs what a rare one does.
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql, type SQL } from "drizzle-orm";
import { afterPrefix, phrasesOf, type SearchWord, type TermRange } from "./member-search-words.ts";

/** Members whose other words are looked up in their documents: some 20 ms. More share each word only when it is very common. */
const CANDIDATES_MAX = 2000;
/** Terms of one range that are read for the names that have all of several common words: some 5 ms. */
const COMMON_TERMS_MAX = 20_000;
/** A member may stand in one range more than once: a name with one letter again and again. */
const TERMS_PER_MEMBER = 4;

/** What a statement gives; `spend` as text, as PostgreSQL writes a bigint. */
export type FoundRow = {
  readonly member_id: string;
  readonly name: string | null;
  readonly company: string | null;
  readonly phone_tail: string | null;
  readonly tier: string | null;
  readonly home_store_id: string | null;
  readonly stage: string | null;
  readonly last_day: string | null;
  readonly spend: string | null;
};

/** The best `limit` members whose terms match every word. */
export async function findMembers(
  database: Database,
  tenantId: string,
  { words, limit }: { readonly words: readonly SearchWord[]; readonly limit: number },
): Promise<FoundRow[]> {
  const [first, ...others] = words;
  if (first === undefined) return [];
  const hits =
    others.length === 0 ? hitsOf(tenantId, first, limit) : await hitsOfAll(database, { tenantId, words, limit });
  const [{ rows }] = await withTenant(database, tenantId, [database.execute<FoundRow>(shown(tenantId, hits, limit))]);
  return rows;
}

/** Rows (rank, term, member_id) of members that match the one word. */
function hitsOf(tenantId: string, word: SearchWord, limit: number): SQL {
  const ranges = word.ranges.map((range) => rangeOf(tenantId, range, limit * TERMS_PER_MEMBER));
  const own = sql`(select 0 as rank, '' as term, member_id from members
    where tenant_id = ${tenantId} and member_id = ${word.memberId})`;
  return union(word.memberId === null ? ranges : [own, ...ranges]);
}

// The first terms of a range, in the order of the key.
function rangeOf(tenantId: string, { prefix, rank, whole }: TermRange, limit: number): SQL {
  return sql`(select case when term = ${prefix} then ${whole}::int else ${rank}::int end as rank, term, member_id
    from member_search_terms
    where tenant_id = ${tenantId} and term >= ${prefix} and term < ${afterPrefix(prefix)}
    order by term, member_id limit ${limit}::int)`;
}

const union = (parts: readonly SQL[]) => sql.join([...parts], sql` union all `);

interface Wish {
  readonly tenantId: string;
  readonly words: readonly SearchWord[];
  readonly limit: number;
}

/** Rows of members that match every word, led by the word that fewest members have. */
async function hitsOfAll(database: Database, wish: Wish): Promise<SQL> {
  const { tenantId, words } = wish;
  const counts = words.map(({ ranges }) => {
    const terms = union(ranges.map((range) => rangeOf(tenantId, range, CANDIDATES_MAX + 1)));
    return sql`(select count(*)::int from (select from (${terms}) as t limit ${CANDIDATES_MAX + 1}::int) as few)`;
  });
  const [{ rows }] = await withTenant(database, tenantId, [
    database.execute<{ counts: number[] }>(sql`select array[${sql.join(counts, sql`, `)}] as counts`),
  ]);
  const found = rows[0]?.counts ?? [];
  const fewest = Math.min(...found);
  const rarest = words[found.indexOf(fewest)];
  return rarest === undefined || fewest > CANDIDATES_MAX ? hitsOfCommon(wish) : hitsLedBy(rarest, wish);
}

/** Members that match the rarest word, if their documents have the others. */
function hitsLedBy(rarest: SearchWord, { tenantId, words }: Wish): SQL {
  const ranges = union(rarest.ranges.map((range) => rangeOf(tenantId, range, CANDIDATES_MAX)));
  const others = words.filter((word) => word !== rarest).map((word) => sql`(${documentHas(word)})`);
  return sql`
    select ${phraseRank(sql`c.name`, words)} + c.rank as rank, c.term, c.member_id
    from (
      select h.*, m.profile, search_text(m.profile ->> 'name', 60) as name,
        search_text(m.profile ->> 'company', 60) as company
      from (select distinct on (member_id) * from (${ranges}) as r order by member_id, rank, term) as h
      join members as m on m.tenant_id = ${tenantId} and m.member_id = h.member_id
      offset 0
    ) as c
    where ${sql.join(others, sql` and `)}`;
}

/** Whether the document of candidate `c` has a word where its terms would have it. */
function documentHas({ text, ranges }: SearchWord): SQL {
  const inParts = [sql`strpos(c.name, ${text}) > 0`, sql`strpos(c.company, ${text}) > 0`];
  const numbers = ranges.filter(({ prefix }) => !/^[NnCc]:/.test(prefix));
  if (numbers.length === 0) return sql.join(inParts, sql` or `);
  const matches = sql.join(
    numbers.map(({ prefix }) => sql`starts_with(t.term, ${prefix})`),
    sql` or `,
  );
  return sql.join(
    [
      ...inParts,
      sql`exists (
        select from (
          select identity_terms(i.type, i.value) as term from identities as i
          where i.tenant_id = current_setting('app.tenant_id') and i.member_id = c.member_id
          union all select phone_terms('P:', c.profile ->> 'phone')
          union all select email_terms('E:', 'H:', c.profile ->> 'email')
        ) as t
        where ${matches})`,
    ],
    sql` or `,
  );
}

/** Names and companies that have every word; a term has all that comes after its first letter, so the words take turns to lead. */
function hitsOfCommon({ tenantId, words, limit }: Wish): SQL {
  const parts = words.flatMap((word) =>
    word.ranges
      .filter(({ prefix }) => /^[NnCc]:/.test(prefix))
      .map((range) => {
        const others = words.filter((other) => other !== word);
        const all = others.map(({ text }) => sql`strpos(substr(r.term, 3), ${text}) > 0`);
        return sql`(select ${phraseRank(sql`substr(r.term, 3)`, words)} as rank, r.term, r.member_id
          from (${rangeOf(tenantId, range, COMMON_TERMS_MAX)}) as r
          where ${sql.join(all, sql` and `)} limit ${limit * TERMS_PER_MEMBER}::int)`;
      }),
  );
  // Whole names may stand behind the terms that are read.
  const phrases = phrasesOf(words).map((phrase) => ({ prefix: `N:${phrase}`, rank: 1, whole: 0 }));
  return union([...phrases.map((range) => rangeOf(tenantId, range, limit)), ...parts]);
}

/** The words one after the other, with a space between them or without, are the whole name, its beginning, or neither. */
function phraseRank(name: SQL, words: readonly SearchWord[]): SQL {
  const phrases = phrasesOf(words);
  const is = phrases.map((phrase) => sql`${name} = ${phrase}`);
  const begins = phrases.map((phrase) => sql`starts_with(${name}, ${phrase})`);
  return sql`case when ${sql.join(is, sql` or `)} then 0 when ${sql.join(begins, sql` or `)} then 1 else 2 end`;
}

function shown(tenantId: string, hits: SQL, limit: number): SQL {
  // The limit keeps each a search by its key, whatever the planner thinks of the table's size.
  const oneOf = (table: string, short: string) =>
    sql`left join lateral (select * from ${sql.identifier(table)} as o
      where o.tenant_id = ${tenantId} and o.member_id = b.member_id limit 1) as ${sql.identifier(short)} on true`;
  return sql`
    with best as materialized (
      select b.member_id, b.rank, b.term
      from (select distinct on (member_id) * from (${hits}) as h order by member_id, rank, term) as b
      order by b.rank, b.term, b.member_id limit ${limit}::int
    )
    select b.member_id, m.profile ->> 'name' as name, m.profile ->> 'company' as company,
      right(coalesce((select min(i.value) from identities as i
        where i.tenant_id = ${tenantId} and i.member_id = b.member_id and i.type = 'phone'), m.profile ->> 'phone'), 3)
        as phone_tail,
      t.tier, m.home_store_id, s.stage, f.last_day::text, f.spend
    from best as b
    join members as m on m.tenant_id = ${tenantId} and m.member_id = b.member_id and m.is_person
    ${oneOf("member_tiers", "t")} ${oneOf("member_scores", "s")} ${oneOf("member_figures", "f")}
    order by b.rank, b.term, b.member_id`;
}
