// Damage in PostgreSQL is found member by member and healed from the objects; messages that failed come back; boards too.
import pg from "pg";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const CATCH_UP_SECONDS = 30;
/** The projector gathers changes of boards for four seconds. */
const GATHER_MILLISECONDS = 6000;
/** Enrolled, paid, refunded, paid again. */
const EVENTS_EACH = 4;
const system = useSystem();
const members: string[] = [];
let owner: pg.Client;

beforeAll(async () => {
  owner = new pg.Client({ connectionString: system.stack.databaseUrl });
  await owner.connect();
  for (let index = 0; index < DAMAGES.length; index += 1) {
    const memberId = await system.makeMember();
    members.push(memberId);
    const orderId = uniqueId("heal");
    expect((await system.call("PUT", `/v1/orders/${orderId}`, makeOrder(memberId))).status).toBe(200);
    const refund = { refundId: uniqueId("refund"), all: true, memberId };
    const refunded = await system.call("POST", `/v1/orders/${orderId}/refunds`, refund, {
      idempotencyKey: uniqueId("key"),
    });
    expect(refunded.status).toBe(200);
    await system.call("PUT", `/v1/orders/${uniqueId("heal")}`, makeOrder(memberId));
  }
  // A member that PostgreSQL has not heard of yet is not compared, so an early comparison would say nothing.
  const arrived = () => owner.query("select from member_events where member_id = any($1)", [members]);
  await vi.waitFor(async () => expect((await arrived()).rowCount).toBe(members.length * EVENTS_EACH), {
    timeout: CATCH_UP_SECONDS * 1000,
  });
  expect(await reconcileUntilEqual(system, CATCH_UP_SECONDS)).toEqual([]);
});
afterAll(() => owner.end());

/** One damage a member, and what the comparison calls it. */
const DAMAGES: [what: string, statement: string][] = [
  ["balance", "update balances set available = available + 1 where member_id = $1"],
  ["entries", "delete from entries where member_id = $1 and line = 0"],
  ["derived", "update lots set expires_at = null where member_id = $1"],
  ["derived", "update orders set net = net + 1 where member_id = $1"],
  ["derived", "delete from order_lines where member_id = $1"],
  ["derived", "update refunds set amount = 0 where member_id = $1"],
  ["derived", "update transactions set kind = 'adjust' where member_id = $1"],
  ["sequence", "delete from member_events where member_id = $1 and sequence = 2"],
  ["sequence", "delete from member_events where member_id = $1 and sequence >= 3"],
  [
    "sequence",
    `insert into member_events select tenant_id, member_id, epoch, 99, at, kind, test_time, key, body
     from member_events where member_id = $1 and sequence = 1`,
  ],
  [
    "derived",
    `update member_events set body = jsonb_set(body, '{transactions,0,entries,1,points}', '1')
     where member_id = $1 and sequence = 2`,
  ],
  ["profile", `update members set profile = '{"name": "somebody else"}' where member_id = $1`],
  ["profile", "delete from identities where member_id = $1"],
];

const reconcile = async (heal: boolean) => {
  const answer = await system.call("POST", "/manage/v1/reconciliation", { limit: 100, heal });
  expect(answer.status).toBe(200);
  return answer.body as { differences: { memberId: string; what: string }[]; healed: number };
};

test("every damaged member is found, by what was damaged, and every one is healed", async () => {
  for (const [index, [, statement]] of DAMAGES.entries()) {
    expect((await owner.query(statement, [members[index]])).rowCount).toBeGreaterThan(0);
  }
  const { differences } = await reconcile(false);
  const found = (memberId: string | undefined) =>
    differences.filter((difference) => difference.memberId === memberId).map(({ what }) => what);
  for (const [index, [what, statement]] of DAMAGES.entries()) {
    expect([statement, found(members[index])]).toEqual([statement, expect.arrayContaining([what])]);
  }
  const { healed } = await reconcile(true);
  expect(healed).toBe(members.length);
  expect((await reconcile(false)).differences).toEqual([]);
});

test("a message that failed is sent again, and its events arrive with the person's profile", async () => {
  const memberId = members[0] ?? "";
  const { rows } = await owner.query<{ event: object }>(
    `select jsonb_build_object('tenantId', tenant_id, 'memberId', member_id, 'epoch', epoch, 'sequence', sequence,
       'at', round(extract(epoch from at) * 1000), 'testTime', test_time, 'key', key, 'body', body) as event
     from member_events where member_id = $1 order by sequence`,
    [memberId],
  );
  await owner.query("begin");
  await owner.query("select set_config('app.tenant_id', $1, true), forget_events($2)", [
    system.stack.tenantId,
    memberId,
  ]);
  await owner.query("delete from identities where member_id = $1", [memberId]);
  await owner.query("update members set profile = null, document_sequence = 0 where member_id = $1", [memberId]);
  await owner.query(
    "insert into dead_letters (tenant_id, message_id, attempts, reason, body) values ('~platform', $1, 1, 'not_stored', $2)",
    [uniqueId("letter"), JSON.stringify({ version: 1, events: rows.map(({ event }) => event) })],
  );
  await owner.query("commit");
  const asOperator = { key: system.stack.operatorKey };
  const answer = await system.call("POST", "/manage/v1/dead-letters/redrive", { limit: 10 }, asOperator);
  expect([answer.status, answer.body.redriven]).toEqual([200, 1]);
  expect(await reconcileUntilEqual(system, CATCH_UP_SECONDS)).toEqual([]);
  const again = await system.call("POST", "/manage/v1/dead-letters/redrive", { limit: 10 }, asOperator);
  expect(again.body.redriven).toBe(0);
});

test("the live board of a store shows the orders of today, and is the same when rebuilt", async () => {
  const board = "/manage/v1/stores/taipei-xinyi/board";
  // Changes that are still gathered would be added to what PostgreSQL already counts.
  await new Promise((resolve) => setTimeout(resolve, GATHER_MILLISECONDS));
  const rebuilt = await system.call("POST", board);
  expect([rebuilt.status, rebuilt.body.orders >= members.length]).toEqual([200, true]);
  await system.call("PUT", `/v1/orders/${uniqueId("board")}`, makeOrder(members[0] ?? ""));
  const { orders, sales } = rebuilt.body;
  await expect
    .poll(async () => (await system.call("GET", board)).body, { timeout: CATCH_UP_SECONDS * 1000 })
    .toMatchObject({ orders: orders + 1, sales: sales + 37_000 });
  const live = (await system.call("GET", board)).body;
  expect((await system.call("POST", board)).body).toEqual(live);
});
