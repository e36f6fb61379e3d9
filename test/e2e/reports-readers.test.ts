// Tests on a real PostgreSQL that a login of Metabase or Superset sees one tenant, without personal data, whatever it tries.
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeEnrolled, makeMemberId, makePaid, makeRefunded, TENANT } from "./make-events.ts";
import { makeHistory } from "./make-loyalty-events.ts";
import { asTenant, project, startDatabase, type TestDatabase } from "./postgres-database.ts";

const OTHER = "bad-days";
const PASSWORD = "a-long-password-of-a-reader-1";
/** The profile of every member in this file: none of it may be seen. */
const PERSONAL = ["王小明", "0912345678", "ming@example.com", "1990-02-03", "熟客股份有限公司"];

let database: TestDatabase;
let reader: pg.Client;
let views: string[];

beforeAll(async () => {
  database = await startDatabase();
  for (const tenantId of [TENANT, OTHER]) await fill(tenantId);
  await database.owner.query("select reports.create_report_reader('bi_good', $1, $2)", [PASSWORD, TENANT]);
  await database.owner.query("select reports.create_report_reader('bi_bad', $1, $2)", [PASSWORD, OTHER]);
  reader = await connect("bi_good");
  const { rows } = await reader.query<{ name: string }>(
    "select viewname as name from pg_views where schemaname = 'reports' order by 1",
  );
  views = rows.map(({ name }) => name);
});
afterAll(async () => {
  await reader?.end();
  await database?.stop();
});

async function connect(role: string, password = PASSWORD): Promise<pg.Client> {
  const { host, port, database: name } = database.owner;
  const client = new pg.Client({ host, port, database: name ?? "", user: role, password });
  await client.connect();
  return client;
}

/** A row of each tenant in every table that a view reads. */
async function fill(tenantId: string): Promise<void> {
  await asTenant(database, tenantId, async (client) => {
    const statements = [
      `insert into tenants (tenant_id, name, sandbox, time_zone, phone_region, currency, locale)
       values ($1, 'shop of ' || $1, true, 'Asia/Taipei', 'TW', 'TWD', 'zh-TW')`,
      "insert into regions values ($1, 'north', 'North')",
      "insert into owners values ($1, 'head', 'Head office', 'head_office')",
      `insert into stores (tenant_id, store_id, name, region_id, owner_id)
       values ($1, 'taipei', 'Taipei', 'north', 'head')`,
    ];
    for (const statement of statements) await client.query(statement, [tenantId]);
  });
  const options = { tenantId, memberId: makeMemberId(1) };
  const events = [
    makeEnrolled({ ...options, sequence: 1 }),
    makePaid({ ...options, sequence: 2, orderId: "o-1" }),
    makePaid({ ...options, sequence: 3, orderId: "o-2" }),
    makeRefunded({ ...options, sequence: 4, orderId: "o-1", paidSequence: 2 }),
  ];
  await project(database, events, tenantId);
  await project(database, makeHistory(makeMemberId(2), tenantId), tenantId);
  const [name, phone, email, birthday, company] = PERSONAL;
  const profile = { name, phone, email, birthday, company, gender: "female" };
  const labels = `5, 5, 5, 1, 'Champions', 'CHAMPIONS', 'active', 'A', 'high', null, false, false`;
  const id = makeMemberId(1);
  await asTenant(database, tenantId, async (client) => {
    const statements: [string, unknown[]?][] = [
      ["update members set profile = $1, consent = '{\"line\": true}'", [profile]],
      [
        `insert into member_figures values ($1, $2, '2026-03-01', 1, 1, 100, 100, '2026-02-01', '2026-02-01', 0, null, 0)`,
      ],
      [
        `insert into member_scores values ($1, $2, ${labels}, '2026-02-01', '2026-03-01', 30, '2026-03-03', '2026-04-03')`,
      ],
      [`insert into score_history values ($1, $2, '2026-01-01', '2026-02-01', ${labels})`],
      [
        `insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, members, created_at)
         values ($1, 'loyal', 1, 'Loyal', '{}', false, 'ready', 1, now())`,
      ],
      ["insert into segment_members values ($1, 'loyal', $2, now(), null, 1)"],
      [
        `insert into store_scorecards values ($1, 'taipei', '2026-03-01', 30, 1, 1, 100, 1, 1, 1, 0, 100, 5, 1, 50, 1, 1, 50)`,
      ],
      ["insert into profile_completeness values ($1, '', 'name', 1, 1, '2026-03-01')"],
      [
        `insert into repurchases values
        ($1, $2, 'sku', 'milk', '2026-02-01', 1, 0, 21, '2026-02-22', '2026-02-18', '2026-02-26', '2026-03-20')`,
      ],
      [`insert into affinity_rules values ($1, '', 1, '{fries}', 'shake', 10, 5, 0.9, 2, 0.1, null, '2026-03-01')`],
      ["insert into message_history values ($1, $2, 'message', 'line', null, now(), null, null)"],
      ["insert into insight_models values ($1, 'cuts', 1, '{}', '2026-03-01', now())"],
      [
        `insert into member_labels values ($1, $2, 'tags', 9, '["vip"]')
        on conflict (tenant_id, member_id, name) do update set value = excluded.value`,
      ],
      [
        "insert into referrals values ($1, $2, 'r', 9, now(), 'someone', 'points', 5, 'rewarded') on conflict do nothing",
      ],
    ];
    for (const [text, values] of statements) {
      const parameters = [tenantId, id].slice(0, text.includes("$2") ? 2 : 1);
      await client.query(text, values ?? parameters);
    }
  });
}

const countOf = async (client: pg.Client, view: string) => {
  const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from reports.${view}`);
  return rows[0]?.count;
};

async function counts(): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const view of views) all.push([view, await countOf(reader, view)]);
  return all;
}

const codeOf = (query: Promise<unknown>) =>
  query.then(
    () => "it was done",
    (error: { code: string }) => error.code,
  );
const FORBIDDEN = "42501";

describe("a reader", () => {
  test("sees rows of its own tenant in every view", async () => {
    expect(views.length).toBeGreaterThanOrEqual(25);
    for (const view of views) expect([view, await countOf(reader, view)]).not.toEqual([view, 0]);
    expect((await reader.query("select name from tenant")).rows).toEqual([{ name: `shop of ${TENANT}` }]);
  });

  test("sees as many rows as its tenant has, and the other reader the other's", async () => {
    const extra = { tenantId: OTHER, memberId: makeMemberId(7), sequence: 1 };
    await project(database, [makeEnrolled(extra)], OTHER);
    const other = await connect("bi_bad");
    const { rows } = await other.query("select member_id from members order by 1");
    const own = await reader.query("select member_id from members order by 1");
    expect(rows.length).toBe(own.rows.length + 1);
    expect(own.rows.map(({ member_id: id }) => id)).not.toContain(makeMemberId(7));
    await other.end();
  });

  test("sees nothing more when it sets the tenant that the application's policy goes by", async () => {
    const before = await counts();
    for (const tenant of [OTHER, TENANT, ""]) {
      await reader.query("select set_config('app.tenant_id', $1, false)", [tenant]);
      expect(await counts()).toEqual(before);
      expect((await reader.query("select name from tenant")).rows).toEqual([{ name: `shop of ${TENANT}` }]);
    }
    await reader.query("reset app.tenant_id");
  });

  test("would see the other tenant by that setting, were it not for the restrictive policy", async () => {
    const policy = "policy tenant_of_reader_only on public.members";
    await reader.query("select set_config('app.tenant_id', $1, false)", [OTHER]);
    const own = (await countOf(reader, "member_consents")) ?? 0;
    await database.owner.query(`drop ${policy}`);
    const seen = await countOf(reader, "member_consents");
    await database.owner.query(
      `create ${policy} as restrictive for select to regulars_reports
       using (tenant_id = (select reports.reader_tenant()))`,
    );
    // Rows of both tenants: whichever of the two other policies allows a row, shows it.
    expect(seen).toBeGreaterThan(own);
    expect(await countOf(reader, "member_consents")).toBe(own);
    await reader.query("reset app.tenant_id");
  });

  test("cannot take another role, nor pass row-level security", async () => {
    const roles = ["regulars_app", "regulars_owner", "regulars_reports", "regulars_readers", "bi_bad", "postgres"];
    for (const role of roles) {
      expect([role, await codeOf(reader.query(`set role ${role}`))]).toEqual([role, FORBIDDEN]);
      expect([role, await codeOf(reader.query(`set session authorization ${role}`))]).toEqual([role, FORBIDDEN]);
    }
    await reader.query("set row_security = off");
    // A query that a policy would have filtered fails then; it never answers with more.
    expect(await codeOf(reader.query("select count(*) from members"))).toBe(FORBIDDEN);
    await reader.query("reset row_security");
  });

  test("reads no table, and changes none, even once it may write", async () => {
    const { rows } = await database.owner.query<{ name: string }>(
      `select format('%I.%I', n.nspname, c.relname) as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname in ('public', 'reports') and c.relkind in ('r', 'p', 'S', 'm') order by 1`,
    );
    expect(rows.length).toBeGreaterThan(60);
    await reader.query("set default_transaction_read_only = off");
    for (const { name } of rows) {
      for (const statement of [`select * from ${name}`, `delete from ${name}`, `truncate ${name}`]) {
        const code = await codeOf(reader.query(statement));
        // A sequence cannot be deleted from by anybody.
        expect([statement, [FORBIDDEN, "42809"].includes(code)]).toEqual([statement, true]);
      }
    }
    for (const view of views) {
      expect(await codeOf(reader.query(`delete from reports.${view}`))).not.toBe("it was done");
    }
    expect(await codeOf(reader.query("create table reports.mine (a int)"))).toBe(FORBIDDEN);
    expect(await codeOf(reader.query("create table public.mine (a int)"))).toBe(FORBIDDEN);
    expect(await codeOf(reader.query("create view reports.mine as select 1"))).toBe(FORBIDDEN);
    await reader.query("reset default_transaction_read_only");
  });

  test("can call none of the functions that the application works with to any effect", async () => {
    const before = await database.owner.query("select count(*) from member_events");
    await reader.query("set default_transaction_read_only = off");
    await reader.query("set search_path = public");
    await reader.query("select set_config('app.tenant_id', $1, false)", [OTHER]);
    const calls = [
      "select public.find_key('key')",
      "select public.project_events('', '[]')",
      `select public.rebuild_member('${makeMemberId(1)}')`,
      `select public.forget_events('${makeMemberId(1)}')`,
      `select public.audit_members(array['${makeMemberId(1)}'])`,
      "select public.board_figures('taipei', now())",
      "select public.lock_period('2026-03', now(), now(), now())",
      "select public.keep_lease('x', 1)",
      `select reports.create_report_reader('bi_more', '${PASSWORD}', '${OTHER}')`,
      "select reports.drop_report_reader('bi_bad')",
    ];
    for (const call of calls) expect([call, await codeOf(reader.query(call))]).toEqual([call, FORBIDDEN]);
    expect((await database.owner.query("select count(*) from member_events")).rows).toEqual(before.rows);
    await reader.query("reset app.tenant_id");
    await reader.query("reset search_path");
    await reader.query("reset default_transaction_read_only");
  });

  test("learns nothing from a cheap function that looks at rows before they are filtered", async () => {
    await reader.query("set default_transaction_read_only = off");
    // Anybody may make functions of the session itself; one that claims to cost nothing would be asked first.
    await reader.query(`create function pg_temp.look(seen text) returns boolean language plpgsql cost 0.0000001 as
      $$begin raise notice '%', seen; return true; end$$`);
    const seen: string[] = [];
    const listen = ({ message = "" }) => seen.push(message);
    reader.on("notice", listen);
    await reader.query("select count(*) from members where pg_temp.look(member_id)");
    await reader.query("select count(*) from tenant where pg_temp.look(name)");
    reader.off("notice", listen);
    expect(seen).toContain(`shop of ${TENANT}`);
    expect(seen).not.toContain(`shop of ${OTHER}`);
    expect(seen).not.toContain(makeMemberId(7));
    await reader.query("reset default_transaction_read_only");
  });

  test("sees no name, phone, email, birthday or company, nor any identity", async () => {
    const texts = [...PERSONAL];
    for (const view of views) {
      const { rows } = await reader.query<{ row: string }>(`select to_jsonb(v)::text as row from reports.${view} v`);
      const shown = texts.filter((text) => rows.some(({ row }) => row.includes(text)));
      expect([view, shown]).toEqual([view, []]);
    }
    expect((await reader.query("select distinct birth_year, gender from members")).rows).toEqual([
      { birth_year: 1990, gender: "female" },
    ]);
  });

  test("works with the limits that it was given, which are not its protection", async () => {
    const settings = await reader.query("select current_setting('statement_timeout') as timeout");
    expect(settings.rows).toEqual([{ timeout: "1min" }]);
    expect(await codeOf(reader.query("create temporary table mine (a int)"))).toBe("25006");
    const role = await database.owner.query(
      `select rolconnlimit, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = 'bi_good'`,
    );
    const may = { rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false };
    expect(role.rows).toEqual([{ rolconnlimit: 10, ...may }]);
  });
});

describe("the owner of the views", () => {
  test("owns nothing but the views, has no login and is bound by row-level security", async () => {
    const { rows } = await database.owner.query(
      `select rolcanlogin, rolsuper, rolbypassrls from pg_roles where rolname = 'regulars_reports'`,
    );
    expect(rows).toEqual([{ rolcanlogin: false, rolsuper: false, rolbypassrls: false }]);
    const owned = await database.owner.query<{ name: string }>(
      `select relname as name from pg_class where pg_get_userbyid(relowner) = 'regulars_reports' order by 1`,
    );
    expect(owned.rows.map(({ name }) => name)).toEqual(views);
  });

  test("is bound, in every table that it may read, to the tenant of whoever logged in", async () => {
    const { rows } = await database.owner.query<{ name: string; permissive: number; restrictive: number }>(
      `select c.relname as name,
         count(*) filter (where p.polpermissive)::int as permissive,
         count(*) filter (where not p.polpermissive)::int as restrictive
       from pg_class c
       left join pg_policy p on p.polrelid = c.oid and p.polroles = array['regulars_reports'::regrole::oid]
         and pg_get_expr(p.polqual, c.oid) like '%reader_tenant()%'
       where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
         and has_any_column_privilege('regulars_reports', c.oid, 'SELECT')
       group by 1 order by 1`,
    );
    expect(rows.length).toBeGreaterThanOrEqual(29);
    for (const row of rows) expect(row).toEqual({ name: row.name, permissive: 1, restrictive: 1 });
  });
});

describe("making readers", () => {
  const make = (role: string, password = PASSWORD, tenantId = TENANT) =>
    codeOf(database.owner.query("select reports.create_report_reader($1, $2, $3)", [role, password, tenantId]));

  test("a role that is there for something else never becomes a reader", async () => {
    expect(await make("regulars_app")).toBe("42710");
    expect(await make("regulars_reports")).toBe("42710");
    expect(await make("bi_good", PASSWORD, OTHER)).toBe("42710");
  });

  test("a name that is none, a short password and a tenant that is not there are refused", async () => {
    expect(await make('x"; drop table members; --')).toBe("22023");
    expect(await make("bi_new", "short")).toBe("22023");
    expect(await make("bi_new", PASSWORD, "nobody")).toBe("22023");
  });

  test("a reader that is made again has a new password; one that is dropped sees nothing any more", async () => {
    expect(await make("bi_third", "the-first-password-of-it")).toBe("it was done");
    expect(await make("bi_third", "the-second-password-of-it")).toBe("it was done");
    expect(await codeOf(connect("bi_third", "the-first-password-of-it"))).toBe("28P01");
    const third = await connect("bi_third", "the-second-password-of-it");
    expect(await countOf(third, "members")).toBeGreaterThan(0);
    await database.owner.query("select reports.drop_report_reader('bi_third')");
    expect(await codeOf(third.query("select count(*) from reports.members"))).toBe(FORBIDDEN);
    await third.end().catch(() => {});
  });

  test("a login that is in the group of readers but of no tenant sees no rows", async () => {
    await database.owner.query(`create role bi_lost login password '${PASSWORD}'`);
    await database.owner.query("grant regulars_readers to bi_lost");
    const lost = await connect("bi_lost");
    await lost.query("select set_config('app.tenant_id', $1, false)", [TENANT]);
    for (const view of views) expect([view, await countOf(lost, view)]).toEqual([view, 0]);
    await lost.end();
    await database.owner.query("drop role bi_lost");
  });
});

test("the guide names every view with every column, and no other", async () => {
  const guide = readFileSync(new URL("../../docs/reports.md", import.meta.url), "utf8");
  const { rows } = await reader.query<{ view: string; columns: string[] }>(
    `select table_name as view, array_agg(column_name::text order by ordinal_position) as columns
     from information_schema.columns where table_schema = 'reports' group by 1 order by 1`,
  );
  for (const { view, columns } of rows) {
    const [, section = ""] = guide.split(`### \`reports.${view}\`\n`);
    const named = [...section.split("\n#")[0]!.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    expect([view, named]).toEqual([view, columns]);
  }
  expect([...guide.matchAll(/^### `reports\.(\w+)`$/gm)].map(([, name]) => name).sort()).toEqual(views);
});
