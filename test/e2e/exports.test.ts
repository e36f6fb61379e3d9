// Files of many rows in the whole running system: both formats hold what PostgreSQL holds, also after crashes, and nobody else's.
import { EXPORT_DAYS_KEPT } from "@regulars/contracts/exports";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { asCsv, type Cell, fillExports, MEMBERS, readCsv, readParquet, SEGMENT_MEMBERS } from "./export-files.ts";
import { makeTenant, type Tenant } from "./loyalty-places.ts";
import { type Answer, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
let owner: pg.Client;
let other: Tenant;

beforeAll(async () => {
  owner = new pg.Client({ connectionString: system.stack.databaseUrl });
  await owner.connect();
  other = await makeTenant(system, "elsewhere");
  await fillExports(owner, system.stack.tenantId);
});
afterAll(() => owner.end());

function start(request: object, key = uniqueId("exp"), manageKey?: string): Promise<Answer> {
  const more = manageKey === undefined ? {} : { key: manageKey };
  return system.call("POST", "/manage/v1/exports", request, { idempotencyKey: key, ...more });
}

async function ended(id: string): Promise<Answer["body"]> {
  return vi.waitFor(
    async () => {
      const { body } = await system.call("GET", `/manage/v1/exports/${id}`);
      if (body.state === "running" || body.state === undefined) throw new Error(JSON.stringify(body));
      return body;
    },
    { timeout: 120_000, interval: 200 },
  );
}

async function download(id: string): Promise<{ headers: Headers; bytes: Buffer }> {
  const headers = { authorization: `Bearer ${system.stack.manageKey}` };
  const response = await fetch(`${system.stack.url}/manage/v1/exports/${id}/file`, { headers });
  if (response.status !== 200) throw new Error(await response.text());
  return { headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
}

/** Makes an export and reads its file back: the names of the columns, and the cells of each row. */
async function exported(request: { format: string; [field: string]: unknown }) {
  const started = await start(request);
  expect([started.status, started.body.code]).toEqual([201, undefined]);
  const done = await ended(started.body.id);
  expect(done).toMatchObject({ state: "done", error: null, share: 1, rowsTotal: done.rowsDone });
  const { bytes, headers } = await download(started.body.id);
  expect(bytes.byteLength).toBe(done.bytes);
  const table = request.format === "csv" ? readCsv(bytes) : await readParquet(bytes);
  expect(table.rows.length).toBe(done.rowsDone);
  return { ...table, done, headers };
}

const OF_PEOPLE = ["name", "company", "gender", "birthday", "phone", "email", "line", "card"];

describe("a file holds what PostgreSQL holds", () => {
  test("of members, in both formats, without telling who they are", async () => {
    const parquet = await exported({ dataset: "members", format: "parquet" });
    expect(parquet.headers.get("content-type")).toBe("application/vnd.apache.parquet");
    expect(parquet.headers.get("content-disposition")).toMatch(
      /^attachment; filename="members-\d{4}-\d\d-\d\d.parquet"$/,
    );
    expect(parquet.rows.length).toBe(MEMBERS);
    for (const name of OF_PEOPLE) expect(parquet.columns).not.toContain(name);
    const { rows } = await owner.query<{ cells: Cell[] }>(
      `select array_to_json(array[m.member_id, to_char(enrolled_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
         s.stage, s.churn_risk::text, s.next_order_on::text, s.lifetime_value::text]) as cells
       from members as m left join member_scores as s using (tenant_id, member_id)
       where tenant_id = $1 and profile is not null order by m.member_id`,
      [system.stack.tenantId],
    );
    const places = ["member_id", "enrolled_at", "stage", "churn_risk", "next_order_on", "lifetime_value"].map((name) =>
      parquet.columns.indexOf(name),
    );
    const read = parquet.rows.map((row) => places.map((place) => (row[place] === null ? null : String(row[place]))));
    expect(read).toEqual(rows.map(({ cells }) => cells));
    const csv = await exported({ dataset: "members", format: "csv" });
    expect(csv.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(csv.columns).toEqual(parquet.columns);
    expect(csv.rows).toEqual(asCsv(parquet.rows));
  });

  test("of members of a segment, with who they are when that is asked for", async () => {
    const request = { dataset: "members", segmentId: "regulars", personal: true };
    const parquet = await exported({ ...request, format: "parquet" });
    expect(parquet.rows.length).toBe(SEGMENT_MEMBERS);
    expect(parquet.columns).toEqual(expect.arrayContaining(OF_PEOPLE));
    const [first] = parquet.rows;
    expect(first?.slice(0, 3)).toEqual([`mbr_${"1".padStart(26, "0")}`, "=王1", 'a "b", c']);
    expect(first?.[parquet.columns.indexOf("phone")]).toBe("+886000000001");
    const csv = await exported({ ...request, format: "csv" });
    expect(csv.rows[0]?.slice(0, 3)).toEqual([`mbr_${"1".padStart(26, "0")}`, "'=王1", 'a "b", c']);
    expect(csv.rows).toEqual(asCsv(parquet.rows));
  });

  test("of orders and their lines, also of single local days", async () => {
    const orders = await exported({ dataset: "orders", format: "parquet" });
    const lines = await exported({ dataset: "order_lines", format: "parquet" });
    expect([orders.rows.length, lines.rows.length]).toEqual([(MEMBERS / 3) * 2, MEMBERS]);
    expect(new Set(orders.rows.map(([orderId]) => orderId)).size).toBe(orders.rows.length);
    expect(new Set(lines.rows.map(([orderId, lineId]) => `${orderId} ${lineId}`)).size).toBe(lines.rows.length);
    // 23:59:59 of the first of March in Taipei, and a second later.
    for (const [day, share] of [
      ["2026-03-01", 1],
      ["2026-03-02", 2],
    ] as const) {
      const some = await exported({ dataset: "order_lines", format: "csv", from: day, until: day });
      expect(some.rows.length).toBe((MEMBERS / 3) * share);
      const place = some.columns.indexOf("placed_on");
      expect(new Set(some.rows.map((row) => row[place]))).toEqual(new Set([day]));
      expect(some.rows[0]?.[some.columns.indexOf("sku")]).toBe("'-tea");
    }
    const ofSegment = await exported({ dataset: "orders", format: "csv", segmentId: "regulars" });
    expect(ofSegment.rows.length).toBe((SEGMENT_MEMBERS / 3) * 2);
  });

  test("of balances and segments, and a dataset without rows has its columns", async () => {
    const balances = await exported({ dataset: "balances", format: "csv" });
    expect(balances.rows.length).toBe(Math.floor(MEMBERS / 7) * 2);
    const members = await exported({ dataset: "segment_members", format: "parquet", segmentId: "regulars" });
    expect(members.rows.length).toBe(SEGMENT_MEMBERS);
    for (const dataset of ["scorecards", "affinity_rules", "score_history", "repurchases", "refunds"]) {
      for (const format of ["csv", "parquet"]) {
        const nothing = await exported({ dataset, format });
        expect([dataset, nothing.rows.length, nothing.columns.length > 4]).toEqual([dataset, 0, true]);
      }
    }
  });
});

test("killed again and again an export ends with the file that it makes undisturbed", async () => {
  for (const format of ["csv", "parquet"]) {
    const calm = await start({ dataset: "order_lines", format });
    await ended(calm.body.id);
    const undisturbed = await download(calm.body.id);
    const started = await start({ dataset: "order_lines", format });
    const seen: number[] = [];
    for (let kill = 0; kill < 4; kill += 1) {
      const { body } = await vi.waitFor(
        async () => {
          const answer = await system.call("GET", `/manage/v1/exports/${started.body.id}`);
          const { state, rowsDone } = answer.body;
          if (state !== "done" && !(rowsDone > (seen.at(-1) ?? 0))) throw new Error("no progress yet");
          return answer;
        },
        { timeout: 60_000, interval: 5 },
      );
      if (body.state !== "running") break;
      expect(body.rowsTotal).toBeGreaterThanOrEqual(body.rowsDone);
      expect(body.share).toBeGreaterThan(0);
      expect(body.file).toBeNull();
      seen.push(body.rowsDone);
      await system.stack.crash();
    }
    const done = await ended(started.body.id);
    console.log(`${format}: rows done at each kill: ${seen.join(", ")} of ${done.rowsDone}`);
    expect(seen.length).toBeGreaterThan(0);
    const disturbed = await download(started.body.id);
    // Where row groups end may differ: a slice of time ends one, too.
    if (format === "csv") expect(disturbed.bytes.equals(undisturbed.bytes)).toBe(true);
    else expect(await readParquet(disturbed.bytes)).toEqual(await readParquet(undisturbed.bytes));
  }
});

test("the same key gives the same export, and another request under it is refused", async () => {
  const key = uniqueId("same");
  const first = await start({ dataset: "balances", format: "csv" }, key);
  const again = await start({ format: "csv", dataset: "balances" }, key);
  expect([again.status, again.body.id]).toEqual([201, first.body.id]);
  expect(await start({ dataset: "orders", format: "csv" }, key)).toMatchObject({
    status: 422,
    body: { code: "idempotency_key_reused" },
  });
  await ended(first.body.id);
  expect((await start({ dataset: "balances", format: "csv" }, key)).body).toMatchObject({ state: "done", share: 1 });
  const listed = await system.call("GET", "/manage/v1/exports?limit=1");
  expect(listed.body.exports[0].id).toBe(first.body.id);
  const next = await system.call("GET", `/manage/v1/exports?limit=1&cursor=${listed.body.nextCursor}`);
  expect(next.body.exports[0].createdAt <= first.body.createdAt).toBe(true);
  expect(next.body.exports[0].id).not.toBe(first.body.id);
});

test("another tenant cannot see, download or cancel an export, and gets none of its rows", async () => {
  const mine = await start({ dataset: "balances", format: "csv" });
  await ended(mine.body.id);
  for (const [method, path] of [
    ["GET", ""],
    ["GET", "/file"],
    ["DELETE", ""],
  ] as const) {
    const answer = await system.call(method, `/manage/v1/exports/${mine.body.id}${path}`, undefined, {
      key: other.manageKey,
    });
    expect(answer).toMatchObject({ status: 404, body: { code: "export_not_found" } });
  }
  expect((await system.call("GET", "/manage/v1/exports", undefined, { key: other.manageKey })).body.exports).toEqual(
    [],
  );
  const theirs = await start({ dataset: "members", format: "csv" }, uniqueId("exp"), other.manageKey);
  const done = await vi.waitFor(
    async () => {
      const { body } = await system.call("GET", `/manage/v1/exports/${theirs.body.id}`, undefined, {
        key: other.manageKey,
      });
      if (body.state === "running") throw new Error("it runs");
      return body;
    },
    { timeout: 30_000 },
  );
  expect(done).toMatchObject({ state: "done", rowsDone: 0 });
  expect((await download(mine.body.id)).bytes.byteLength).toBeGreaterThan(1000);
});

test("a cancelled export stops, has no file, and makes room for another", async () => {
  const running = await Promise.all([1, 2, 3].map(() => start({ dataset: "order_lines", format: "csv" })));
  const fourth = await start({ dataset: "orders", format: "csv" });
  const states = await Promise.all(running.map(({ body }) => system.call("GET", `/manage/v1/exports/${body.id}`)));
  if (states.every(({ body }) => body.state === "running")) {
    expect(fourth).toMatchObject({ status: 409, body: { code: "exports_running" } });
  }
  for (const { body } of running) {
    const cancelled = await system.call("DELETE", `/manage/v1/exports/${body.id}`);
    expect(cancelled).toMatchObject({ status: 200, body: { state: "cancelled", file: null } });
    const file = await system.call("GET", `/manage/v1/exports/${body.id}/file`);
    expect(file).toMatchObject({ status: 409, body: { code: "export_not_ready" } });
  }
  const next = await start({ dataset: "balances", format: "csv" });
  expect(await ended(next.body.id)).toMatchObject({ state: "done" });
  for (const { body } of running) {
    const { body: later } = await system.call("GET", `/manage/v1/exports/${body.id}`);
    expect(later).toMatchObject({ state: "cancelled", file: null });
  }
});

test("a file is kept for its days, and then the answer says to export again", async () => {
  const { body } = await start({ dataset: "balances", format: "csv" });
  const done = await ended(body.id);
  expect(Date.parse(done.file.until) - Date.parse(done.endedAt)).toBe(EXPORT_DAYS_KEPT * 86_400_000);
  const age = (hours: number) =>
    owner.query("update insight_exports set ended_at = now() - $2 * interval '1 hour' where export_id = $1", [
      body.id,
      hours,
    ]);
  await age(EXPORT_DAYS_KEPT * 24 - 1);
  expect((await download(body.id)).bytes.byteLength).toBe(done.bytes);
  await age(EXPORT_DAYS_KEPT * 24 + 1);
  const late = await system.call("GET", `/manage/v1/exports/${body.id}/file`);
  expect(late).toMatchObject({ status: 410, body: { code: "export_expired" } });
});

test("what cannot be exported is refused with the field at fault", async () => {
  const cases = [
    [{ dataset: "passwords" }, 400, "invalid_value", "dataset"],
    [{ dataset: "members", format: "xlsx" }, 400, "invalid_value", "format"],
    [{ dataset: "members", segmentId: "nobody" }, 422, "segment_unknown", "segmentId"],
    [{ dataset: "members", from: "2026-01-01" }, 400, "invalid_value", "from"],
    [{ dataset: "orders", from: "2026-02-01", until: "2026-01-01" }, 400, "invalid_value", "until"],
    [{ dataset: "orders", from: "yesterday" }, 400, "invalid_date", "from"],
    [{ dataset: "orders", personal: true }, 400, "invalid_value", "personal"],
    [{ dataset: "orders", columns: ["gross"] }, 400, "unknown_field", "columns"],
    [{}, 400, "missing_field", "dataset"],
  ] as const;
  for (const [request, status, code, field] of cases) {
    const answer = await start(request);
    expect([request, answer.status, answer.body.code, answer.body.field]).toEqual([request, status, code, field]);
  }
  const nowhere = await system.call("GET", "/manage/v1/exports/exp_00000000000000000000");
  expect(nowhere).toMatchObject({ status: 404, body: { code: "export_not_found" } });
});
