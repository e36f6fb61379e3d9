// What members are found by, on a real PostgreSQL: that it follows from their documents, and that each search is a range of an index.
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { MemberDocument } from "@regulars/contracts/events";
import { startGateway, type Gateway } from "../../infra/local/gateway.ts";
import { applicationUrl } from "../../infra/local/migrate.ts";
import { openDatabase } from "../../packages/schema/src/connection.ts";
import { findMembers } from "../../workers/console/src/member-search-rows.ts";
import { searchText, wordsOf } from "../../workers/console/src/member-search-words.ts";
import { fillMembers, personOf } from "../bench/search-people.ts";
import {
  makeChanged,
  makeDocument,
  makeEnrolled,
  makeErased,
  makeMemberId,
  makePaid,
  TENANT,
} from "../e2e/make-events.ts";
import { asTenant, empty, project, startDatabase, type TestDatabase } from "../e2e/postgres-database.ts";

let database: TestDatabase;
let gateway: Gateway;

beforeAll(async () => {
  [database, gateway] = await Promise.all([startDatabase(), startGateway(0)]);
});
afterEach(async () => {
  await empty(database);
  await database.owner.query("truncate member_search_terms");
});
afterAll(async () => {
  await gateway.close();
  await database.stop();
});

async function find(asked: string, { tenantId = TENANT, limit = 50 } = {}) {
  const { user, password, host, port, database: name } = database.owner;
  const ownerUrl = `postgresql://${user}:${password}@${host}:${port}/${name}`;
  const opened = openDatabase({ databaseUrl: applicationUrl(ownerUrl), fetchEndpoint: gateway.endpoint });
  const rows = await findMembers(opened, tenantId, { words: wordsOf(asked), limit });
  return rows.map(({ member_id: memberId }) => Number(memberId.slice(-6)));
}

async function enrol(number: number, member: Partial<MemberDocument>, tenantId = TENANT): Promise<void> {
  const whole = { ...makeDocument("", `+8869000000${number}`), ...member };
  await project(
    database,
    [makeEnrolled({ tenantId, memberId: makeMemberId(number), sequence: 1, member: whole })],
    tenantId,
  );
}

const terms = async () => {
  const { rows } = await database.owner.query<{ term: string }>(
    "select tenant_id || ' ' || member_id || ' ' || term as term from member_search_terms order by 1",
  );
  return rows.map(({ term }) => term);
};

test("PostgreSQL and the console make the same text of every letter there is", async () => {
  const letters = Array.from({ length: 0x11_0000 }, (_, point) => point)
    .filter((point) => point < 0xd800 || point > 0xdfff)
    .map((point) => String.fromCodePoint(point))
    .filter((letter) => !/\p{Cc}|\p{Cn}/u.test(letter));
  const asked = letters.flatMap((letter) => [`a${letter}b`, letter]);
  const { rows } = await database.owner.query<{ told: string; text: string }>(
    // A letter that only one of the two knows of yet has no small form to the other.
    `select told, search_text(told, 60) as text from unnest($1::text[]) as told where unicode_assigned(told)`,
    [asked],
  );
  const different = rows.filter(({ told, text }) => searchText(told) !== text);
  expect(rows.length).toBeGreaterThan(asked.length * 0.98);
  expect(different.map(({ told, text }) => [told, searchText(told), text])).toEqual([]);
});

const word = fc.constantFrom("王小明", "Chen Mei", "台灣茶 有限公司", "王", "%_", "Ω", "");
const identity = fc.oneof(
  fc.constantFrom("+886912345678", "+886222334455").map((value) => ({ type: "phone" as const, value })),
  fc.constantFrom("a@x.tw", "b@x.tw", "c@y.tw").map((value) => ({ type: "email" as const, value })),
  fc.constantFrom("C-0012", "c-0012").map((value) => ({ type: "card" as const, value })),
);
const document = fc
  .record({ name: word, company: word, email: word, phone: word, identities: fc.array(identity, { maxLength: 4 }) })
  .map(({ identities, ...profile }): MemberDocument => ({
    ...makeDocument("", ""),
    identities,
    profile: Object.fromEntries(Object.entries(profile).filter(([, value]) => value !== "")),
  }));

test("after any history members are found by what their last documents say, and by nothing else", async () => {
  const history = fc.array(
    fc.array(fc.record({ member: fc.nat(2), document: fc.option(document) }), { maxLength: 4 }),
    {
      maxLength: 4,
    },
  );
  await fc.assert(
    fc.asyncProperty(history, async (batches) => {
      await empty(database);
      await database.owner.query("truncate member_search_terms");
      let sequence = 0;
      for (const batch of batches) {
        const events = batch.map(({ member, document: told }) => {
          const options = { memberId: makeMemberId(member + 1), sequence: (sequence += 1) };
          return told === null ? makeErased(options) : makeChanged({ ...options, member: told });
        });
        if (events.length > 0) await project(database, events);
      }
      const { rows } = await database.owner.query<{ term: string }>(
        `select m.tenant_id || ' ' || m.member_id || ' ' || t as term from members as m, profile_terms(m.profile) as t
         union select i.tenant_id || ' ' || i.member_id || ' ' || t from identities as i, identity_terms(i.type, i.value) as t
         order by 1`,
      );
      expect(await terms()).toEqual(rows.map(({ term }) => term));
    }),
    { numRuns: 60 },
  );
});

test("a member is found by any part of the name, the ends of numbers, and an email's beginning", async () => {
  await enrol(1, {
    profile: { name: "Wang  Xiao-Ming", company: "台灣好茶股份有限公司", email: "Work@Office.com.tw" },
    identities: [
      { type: "phone", value: "+886912345678" },
      { type: "email", value: "mei@gmail.com" },
      { type: "card", value: "AB-00123" },
    ],
  });
  await enrol(2, { profile: { name: "王小明" } });
  const asked =
    "w|wang x|ＷＡＮＧ|ming|xiao|好茶|公司|678|0912345678|0912-345-678|+886 912 345 678|mei@|mei@gmail.com|gmail.c|@gmail|work@|office.com|ab-00123|AB-|123|wang 678|678 好茶 mei|王小明|小|明|王 明|小明 王";
  const found = await Promise.all(asked.split("|").map((text) => find(text)));
  expect(asked.split("|").map((text, index) => [text, ...(found[index] ?? [])])).toEqual(
    asked.split("|").map((text) => [text, /[王小明]/.test(text) ? 2 : 1]),
  );
  for (const text of [
    "78",
    "wang 王",
    "ei@gmail",
    "mail.com",
    "0012",
    "%",
    "_",
    "w%",
    "___",
    "' or 1=1 --",
    "王_明",
    "\\",
  ]) {
    expect([text, await find(text)]).toEqual([text, []]);
  }
});

test("wildcards and quotes are letters like others", async () => {
  await enrol(1, { profile: { name: "100%_tea'); drop table members; --" } });
  await enrol(2, { profile: { name: "100 tea" } });
  for (const text of ["%", "100%", "%_", "'); drop", "--"]) expect([text, await find(text)]).toEqual([text, [1]]);
  expect(await find("100")).toEqual([1, 2].toReversed());
});

test("whole names come first, then beginnings, then parts", async () => {
  for (const [number, name] of ["林小明", "小明", "小明志", "王小明", "明小"].entries())
    await enrol(number + 1, { profile: { name } });
  expect(await find("小明")).toEqual([2, 3, 1, 4]);
  expect(await find("小明", { limit: 2 })).toEqual([2, 3]);
  expect(await find("王 小明")).toEqual([4]);
});

test("another tenant's members are never found", async () => {
  await enrol(1, { profile: { name: "王小明" } });
  await enrol(2, { profile: { name: "王小明" } }, "bad-days");
  expect(await find("王小明")).toEqual([1]);
  expect(await find("王小明", { tenantId: "bad-days" })).toEqual([2]);
  expect(await find("王 明", { tenantId: "bad-days" })).toEqual([2]);
  expect(await find(makeMemberId(1), { tenantId: "bad-days" })).toEqual([]);
  expect(await find(makeMemberId(1))).toEqual([1]);
});

test("a common surname and a rare number are found together, and so are two common letters", async () => {
  const count = 36_000;
  await fillMembers(database.owner, { tenantId: TENANT, count, say: () => {} });
  await database.owner.query("analyze members, identities, member_search_terms");
  const people = Array.from({ length: count }, (_, index) => ({ number: index + 1, ...personOf(index + 1) }));
  const expected = (matches: (person: (typeof people)[number]) => boolean) =>
    people.filter(matches).map(({ number }) => number);
  const first = people.find(({ name }) => name.startsWith("陳"))!;
  const tail = first.phone.slice(-4);
  const both = expected(
    ({ name, phone, company }) => (name.includes("陳") || company?.includes("陳") === true) && phone.endsWith(tail),
  );
  expect((await find(`陳 ${tail}`)).sort((one, other) => one - other)).toEqual(both);
  // Each of these letters alone matches more than are looked at one by one.
  const common = expected(({ name }) => name.includes("a") && name.includes("n"));
  for (const letter of ["a", "n"]) expect(expected(({ name }) => name.includes(letter)).length).toBeGreaterThan(2000);
  const found = await find("a n");
  expect(found.length).toBe(50);
  expect(found.filter((number) => !common.includes(number))).toEqual([]);
});

test("a search is a range of the index for the role of the application", async () => {
  await fillMembers(database.owner, { tenantId: TENANT, count: 3000, say: () => {} });
  await database.owner.query("vacuum analyze member_search_terms");
  const plan = await asTenant(database, TENANT, async (client) => {
    const { rows } = await client.query<{ "QUERY PLAN": string }>(
      `explain select member_id from member_search_terms
       where tenant_id = $1 and term >= $2 and term < $3 order by term, member_id limit 80`,
      [TENANT, "n:明", "n:昏"],
    );
    return rows.map((row) => row["QUERY PLAN"]).join("\n");
  });
  expect(plan).toContain("Index Only Scan using member_search_terms_tenant_id_term_member_id_pk");
  expect(plan).toMatch(/Index Cond: .*term >= 'n:明'.*term < 'n:昏'/);
  expect(plan).not.toMatch(/Sort|Seq Scan/);
});

test("events without a document leave what members are found by alone", async () => {
  await enrol(1, { profile: { name: "王小明" } });
  const place = async () => {
    const { rows } = await database.owner.query<{ place: string }>(
      "select ctid::text || xmin::text as place from member_search_terms order by 1",
    );
    return rows.map((row) => row.place);
  };
  const before = await place();
  expect(before.length).toBeGreaterThan(3);
  await project(database, [makePaid({ sequence: 2, orderId: "o-1" })]);
  const same = { ...makeDocument("", "+88690000001"), profile: { name: "王小明", note: "likes tea" } };
  await project(database, [
    makeChanged({ sequence: 3, member: { ...same, identities: [{ type: "phone", value: "+88690000001" }] } }),
  ]);
  const after = await place();
  expect(after.filter((row) => before.includes(row)).length).toBeGreaterThanOrEqual(before.length - 1);
});
