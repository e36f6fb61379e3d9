// Tests that the statements of a tenant travel together, behind the setting that row-level security reads.
import { sql } from "drizzle-orm";
import { afterEach, expect, test, vi } from "vitest";
import { openDatabase, withTenant } from "./connection.ts";

const DATABASE = {
  databaseUrl: "postgresql://app:secret@db.example/regulars",
  fetchEndpoint: "http://127.0.0.1:9/sql",
};

afterEach(() => vi.unstubAllGlobals());

function stubNeon(answer: () => Promise<Response>) {
  const calls: { url: string; init: RequestInit; body: { queries: { query: string; params: unknown[] }[] } }[] = [];
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    calls.push({ url, init, body: JSON.parse(String(init.body)) });
    return answer();
  });
  return calls;
}

const result = (name: string, value: string) => {
  const fields = [
    { name, dataTypeID: 23, tableID: 0, columnID: 0, dataTypeSize: 4, dataTypeModifier: -1, format: "text" },
  ];
  return { fields, rows: [[value]], command: "SELECT", rowCount: 1, rowAsArray: true };
};

test("one round trip sets the tenant first and answers for the statements after it", async () => {
  const calls = stubNeon(() =>
    Promise.resolve(Response.json({ results: [result("set_config", "0"), result("one", "1"), result("two", "2")] })),
  );
  const database = openDatabase(DATABASE);
  const [one, two] = await withTenant(database, "good-days", [
    database.execute<{ one: number }>(sql`select ${1}::int as one`),
    database.execute<{ two: number }>(sql`select 2 as two`),
  ]);
  expect([one.rows, two.rows]).toEqual([[{ one: 1 }], [{ two: 2 }]]);
  expect(calls).toHaveLength(1);
  expect(calls[0]?.url).toBe(DATABASE.fetchEndpoint);
  expect(calls[0]?.body.queries.map(({ query, params }) => [query, params])).toEqual([
    ["select set_config($1, $2, true)", ["app.tenant_id", "good-days"]],
    ["select $1::int as one", ["1"]],
    ["select 2 as two", []],
  ]);
});

test("settings of the planner are set with the tenant, and end with the transaction", async () => {
  const calls = stubNeon(() => Promise.resolve(Response.json({ results: [result("a", "0"), result("one", "1")] })));
  const statements = [openDatabase(DATABASE).execute(sql`select 1 as one`)] as const;
  await withTenant(openDatabase(DATABASE), "good-days", statements, { planning: { work_mem: "64MB" } });
  expect(calls[0]?.body.queries[0]).toMatchObject({
    query: "select set_config($1, $2, true), set_config($3, $4, true)",
    params: ["app.tenant_id", "good-days", "work_mem", "64MB"],
  });
});

test("a database that does not answer is given up", async () => {
  const calls = stubNeon(() => Promise.reject(new Error("given up")));
  const database = openDatabase(DATABASE);
  await expect(withTenant(database, "good-days", [database.execute(sql`select 1`)])).rejects.toThrow("given up");
  expect(calls[0]?.init.signal).toBeInstanceOf(AbortSignal);
});
