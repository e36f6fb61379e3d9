// Tests on a real PostgreSQL that no tenant can see or move anything of another, table by table.
import { afterAll, beforeAll, expect, test } from "vitest";
import { makeEnrolled, makeMemberId, makePaid, makeRefunded, makeUndone, TENANT } from "./make-events.ts";
import { makeHistory, makePaidWith } from "./make-loyalty-events.ts";
import { asTenant, project, startDatabase, type TestDatabase } from "./postgres-database.ts";

const OTHER = "bad-days";
const TABLES = `select c.relname as name, c.relrowsecurity as enabled, c.relforcerowsecurity as forced,
    pg_get_userbyid(c.relowner) as owner,
    (select json_agg(json_build_object(
       'using', pg_get_expr(p.polqual, c.oid), 'check', pg_get_expr(p.polwithcheck, c.oid)))
     from pg_policy p where p.polrelid = c.oid and p.polroles = '{0}') as policies,
    (select string_agg(quote_ident(a.attname), ', ') from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
       and not a.attisdropped and a.attgenerated = '' and a.attidentity = '') as columns
  from pg_class c
  where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    and exists (select from pg_attribute a where a.attrelid = c.oid and a.attname = 'tenant_id')
  order by 1`;

let database: TestDatabase;
let tables: string[];
/** The columns of each table that a statement may write. */
const columnsOf = new Map<string, string>();

beforeAll(async () => {
  database = await startDatabase();
  const { rows } = await database.owner.query<{ name: string; columns: string }>(TABLES);
  tables = rows.map(({ name }) => name);
  for (const { name, columns } of rows) columnsOf.set(name, columns);
  for (const tenantId of [TENANT, OTHER]) await fillEveryTable(tenantId);
});
afterAll(() => database.stop());

async function fillEveryTable(tenantId: string): Promise<void> {
  await asTenant(database, tenantId, async (client) => {
    await client.query(
      `insert into tenants (tenant_id, name, sandbox, time_zone, phone_region, currency, locale)
       values ($1, 'a tenant', true, 'Asia/Taipei', 'TW', 'TWD', 'zh-TW')`,
      [tenantId],
    );
    await client.query("insert into regions values ($1, 'north', 'North')", [tenantId]);
    await client.query("insert into owners values ($1, 'head', 'Head office', 'head_office')", [tenantId]);
    await client.query(
      `insert into stores (tenant_id, store_id, name, region_id, owner_id)
       values ($1, 'taipei', 'Taipei', 'north', 'head')`,
      [tenantId],
    );
    await client.query(
      `insert into api_keys (tenant_id, key_id, name, secret_hash, scopes, requests_per_minute)
       values ($1, $2, 'till', 'hash', '{checkout}', 60)`,
      [tenantId, `key-of-${tenantId}`],
    );
    await client.query("insert into programs values ($1, 1, '{}', now())", [tenantId]);
    await client.query(
      "insert into dead_letters (tenant_id, message_id, attempts, reason, body) values ($1, 'm', 1, 'junk', '{}')",
      [tenantId],
    );
  });
  const options = { tenantId, memberId: makeMemberId(1) };
  const events = [
    makeEnrolled({ ...options, sequence: 1 }),
    makePaid({ ...options, sequence: 2, orderId: "o-1" }),
    makeRefunded({ ...options, sequence: 3, orderId: "o-1", paidSequence: 2 }),
    makeUndone({ ...options, sequence: 4, orderId: "o-2" }),
  ];
  await project(database, events, tenantId);
  await project(database, [...makeHistory(makeMemberId(2), tenantId), makeOwing(tenantId)], tenantId);
  await fillBesideEvents(tenantId);
  await fillWhatIsEmpty(tenantId);
}

/** An order that makes one owner owe another, and the month in which it does. */
function makeOwing(tenantId: string) {
  const due = {
    debtor: "south-wind",
    creditor: "head",
    currency: "points",
    points: 1,
    amountMilli: 1000,
    money: "TWD",
    lot: null,
    reason: "redeemed",
    storeId: "taipei",
    issuerStoreId: null,
  } as const;
  return makePaidWith({ tenantId, memberId: makeMemberId(3), sequence: 1, orderId: "o-3" }, {}, { dues: [due] });
}

async function fillBesideEvents(tenantId: string): Promise<void> {
  await asTenant(database, tenantId, async (client) => {
    await client.query("select lock_period('2026-03', '2026-02-28T16:00Z', '2026-03-31T16:00Z', now())");
    await client.query(
      `insert into simulations (tenant_id, simulation_id, request_hash, document, from_at, to_at, sample, state,
         orders_done, orders_total, created_at)
       values ($1, 'sim', 'hash', '{}', now(), now(), 1, 'running', 0, 0, now())`,
      [tenantId],
    );
    await client.query("insert into network_members values ($1, 'coins')", [tenantId]);
    await client.query("insert into shadows values ($1, 'shd', '{}', now())", [tenantId]);
    await client.query("insert into shadow_days values ($1, 'shd', '2026-03-01', 1, 1)", [tenantId]);
    await client.query("insert into shadow_differences values ($1, 'shd', '2026-03-01', 'r', 'c', 1, 2, 1)", [
      tenantId,
    ]);
    await client.query("insert into shadow_examples values ($1, 'shd', '2026-03-01', 'm', 'o', '{}', '{}')", [
      tenantId,
    ]);
  });
}

/** Whatever is still empty gets a row of values that mean nothing, by the types of its columns. */
async function fillWhatIsEmpty(tenantId: string): Promise<void> {
  const values: Record<string, unknown> = {
    text: "x",
    character: "N",
    jsonb: "{}",
    date: "2026-03-01",
    boolean: true,
    ARRAY: "{}",
    "timestamp with time zone": "2026-03-01T00:00:00Z",
  };
  for (const table of tables) {
    if ((await count(tenantId, table)) !== 0) continue;
    const { rows } = await database.owner.query<{ name: string; type: string }>(
      `select column_name as name, data_type as type from information_schema.columns
       where table_schema = 'public' and table_name = $1 and is_identity = 'NO' and is_generated = 'NEVER'`,
      [table],
    );
    const row = Object.fromEntries(rows.map(({ name, type }) => [name, values[type] ?? 1]));
    await asTenant(database, tenantId, (client) =>
      client.query(
        `insert into ${table} (${columnsOf.get(table)}) select ${columnsOf.get(table)}
         from jsonb_populate_record(null::${table}, $1)`,
        [JSON.stringify({ ...row, tenant_id: tenantId })],
      ),
    );
  }
}

const count = async (tenantId: string, table: string, where = "") => {
  const query = `select count(*)::int as count from ${table} ${where}`;
  const { rows } = await asTenant(database, tenantId, (client) => client.query<{ count: number }>(query));
  return rows[0]?.count;
};

test("every table with a tenant forces row-level security, for reading and for writing", async () => {
  const { rows } = await database.owner.query<{
    name: string;
    enabled: boolean;
    forced: boolean;
    owner: string;
    policies: { using: string; check: string }[];
  }>(TABLES);
  expect(rows.length).toBe(62);
  const own = "(tenant_id = current_setting('app.tenant_id'::text, true))";
  for (const { name, enabled, forced, owner, policies } of rows) {
    expect([name, enabled, forced, owner]).toEqual([name, true, true, "regulars_owner"]);
    const theirs = policies.filter((policy) => policy.using === own && policy.check === own);
    expect([name, theirs.length]).toEqual([name, 1]);
    // The one other policy shows the key that was asked for by its id, before its tenant is known.
    expect([name, policies.length]).toEqual([name, name === "api_keys" ? 2 : 1]);
  }
});

test("every table that the application may use has a tenant", async () => {
  const { rows } = await database.owner.query<{ name: string }>(
    `select distinct table_name as name from information_schema.role_table_grants
     where grantee = 'regulars_app' order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual(tables);
});

test("the application's role is bound by row-level security and owns nothing", async () => {
  const { rows } = await database.owner.query(
    "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = 'regulars_app'",
  );
  expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false }]);
  const { rows: owned } = await database.owner.query(
    "select relname from pg_class where pg_get_userbyid(relowner) = 'regulars_app'",
  );
  expect(owned).toEqual([]);
});

test("a tenant sees its own rows of every table, and none of another", async () => {
  for (const table of tables) {
    expect([table, await count(TENANT, table)]).not.toEqual([table, 0]);
    expect([table, await count(TENANT, table, `where tenant_id <> '${TENANT}'`)]).toEqual([table, 0]);
    expect([table, await count("nobody", table)]).toEqual([table, 0]);
  }
});

test("without a tenant there are no rows", async () => {
  for (const table of tables) {
    const { rows } = await database.application.query<{ count: number }>(`select count(*)::int as count from ${table}`);
    expect([table, rows[0]?.count]).toEqual([table, 0]);
  }
});

test("a tenant can neither change nor remove rows of another", async () => {
  for (const table of tables) {
    for (const statement of [`update ${table} set tenant_id = tenant_id`, `delete from ${table}`]) {
      const query = `${statement} where tenant_id = '${OTHER}'`;
      const changed = await asTenant(database, TENANT, (client) => client.query(query)).then(
        ({ rowCount }) => rowCount,
        // What the application is not granted at all, it cannot do to another tenant either.
        (error: { code: string }) => error.code,
      );
      expect([statement, [0, "42501"].includes(changed ?? -1)]).toEqual([statement, true]);
    }
    expect(await count(OTHER, table)).toBeGreaterThan(0);
  }
});

test("a tenant cannot write a row for another", async () => {
  for (const table of tables) {
    const changed = `jsonb_populate_record(t, '{"tenant_id": "${OTHER}"}')`;
    const columns = columnsOf.get(table);
    const copy = `insert into ${table} (${columns}) select ${columns} from (select (${changed}).* from ${table} t) as x`;
    await expect(
      asTenant(database, TENANT, (client) => client.query(copy)),
      table,
    ).rejects.toMatchObject({
      code: "42501",
    });
  }
});

test("a published program and a stored event are never changed", async () => {
  for (const statement of [
    "update programs set document = '{}'",
    "delete from programs",
    "update member_events set at = now()",
  ]) {
    await expect(asTenant(database, TENANT, (client) => client.query(statement))).rejects.toMatchObject({
      code: "42501",
    });
  }
});

test("a key is found by its id alone before its tenant is known, and shows no other key", async () => {
  const found = await database.application.query("select tenant_id, key_id from find_key($1)", [`key-of-${OTHER}`]);
  expect(found.rows).toEqual([{ tenant_id: OTHER, key_id: `key-of-${OTHER}` }]);
  expect((await database.application.query("select from find_key('')")).rowCount).toBe(0);
  expect((await database.application.query("select from find_key('unknown')")).rowCount).toBe(0);
  expect((await database.application.query("select from api_keys")).rowCount).toBe(0);
});
