// Tests on a real PostgreSQL that damage in any table is found, and that deriving again repairs it.
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  makeAdjusted,
  makeDocument,
  makeEnrolled,
  makeMemberId,
  makePaid,
  makeRefunded,
  makeUndone,
  TENANT,
} from "./make-events.ts";
import { asTenant, dump, empty, project, startDatabase, type TestDatabase } from "./postgres-database.ts";

interface CopyAudit {
  readonly memberId: string;
  readonly events: number;
  readonly lastSequence: number;
  readonly firstMissing: number | null;
  readonly balances: readonly object[];
  readonly entrySums: readonly object[];
  readonly member: object | null;
  readonly contradicting: readonly string[];
}

const MEMBER = makeMemberId(1);
const SOUND = makeMemberId(2);

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
afterAll(() => database.stop());

beforeEach(async () => {
  await empty(database);
  for (const memberId of [MEMBER, SOUND]) {
    await project(database, [
      makeEnrolled({ memberId, sequence: 1, member: makeDocument("Mei", `+886${memberId.slice(-9)}`) }),
      makePaid({ memberId, sequence: 2, orderId: "o-1" }),
      makeRefunded({ memberId, sequence: 3, orderId: "o-1", paidSequence: 2 }),
      makeAdjusted({ memberId, sequence: 4, points: 7 }),
      makeUndone({ memberId, sequence: 5, orderId: "o-2" }),
    ]);
  }
});

async function audit(memberId = MEMBER): Promise<CopyAudit> {
  const { rows } = await asTenant(database, TENANT, (client) =>
    client.query<{ copy: CopyAudit }>("select copy from audit_members($1) as copy", [[memberId]]),
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`${memberId} is not there`);
  return row.copy;
}

const rebuild = () => asTenant(database, TENANT, (client) => client.query("select rebuild_member($1)", [MEMBER]));

test("a sound copy contradicts nothing, and tells what its object is compared with", async () => {
  expect(await audit()).toMatchObject({
    memberId: MEMBER,
    epoch: 1,
    events: 5,
    lastSequence: 5,
    firstMissing: null,
    balances: [{ currency: "points", available: 7, pending: 0, held: 0 }],
    entrySums: [{ currency: "points", available: 7, pending: 0, held: 0 }],
    member: makeDocument("Mei", `+886${MEMBER.slice(-9)}`),
    contradicting: [],
  });
});

const damages: [table: string, change: string][] = [
  ["members", "set events = events + 1"],
  ["transactions", "set kind = 'earn' where sequence = 4"],
  ["entries", "set points = points + 1 where sequence = 4 and account = 'available'"],
  ["balances", "set available = available + 1"],
  ["lots", "set expires_at = expires_at + interval '1 day'"],
  ["orders", "set net = net + 1"],
  ["order_lines", "set returned = 0"],
  ["refunds", "set amount = 0"],
  ["alerts", "set facts = '{}'"],
];

test.each(damages)("one changed row of %s is found at its member only, and repaired", async (table, change) => {
  const before = await dump(database);
  const where = change.includes("where") ? "and" : "where";
  const { rowCount } = await database.owner.query(`update ${table} ${change} ${where} member_id = '${MEMBER}'`);
  expect(rowCount).toBeGreaterThan(0);
  expect((await audit()).contradicting).toContain(table);
  expect((await audit(SOUND)).contradicting).toEqual([]);
  if (table === "alerts") return;
  await rebuild();
  expect(await dump(database)).toEqual(before);
});

test.each(damages.map(([table]) => table).filter((table) => table !== "members"))(
  "a row missing from %s is found and put back",
  async (table) => {
    const before = await dump(database);
    await database.owner.query(`delete from ${table} where member_id = '${MEMBER}'`);
    expect((await audit()).contradicting).toContain(table);
    await rebuild();
    expect(await dump(database)).toEqual(before);
  },
);

test("a changed event is found by what follows from it", async () => {
  await database.owner.query(
    `update member_events set body = jsonb_set(body, '{transactions,0,entries,1,points}', '8')
     where member_id = $1 and sequence = 4`,
    [MEMBER],
  );
  expect((await audit()).contradicting).toEqual(["entries", "balances", "lots"]);
});

test("a missing event is found, with the first sequence that is missing", async () => {
  await database.owner.query("delete from member_events where member_id = $1 and sequence = 3", [MEMBER]);
  expect(await audit()).toMatchObject({ events: 4, lastSequence: 5, firstMissing: 3 });
});

test("a copy that was forgotten is complete again once its events arrive again", async () => {
  const before = await dump(database);
  await asTenant(database, TENANT, (client) => client.query("select forget_events($1)", [MEMBER]));
  expect(await audit()).toMatchObject({ events: 0, lastSequence: 0, balances: [], entrySums: [] });
  for (const event of [
    makeUndone({ memberId: MEMBER, sequence: 5, orderId: "o-2" }),
    makeRefunded({ memberId: MEMBER, sequence: 3, orderId: "o-1", paidSequence: 2 }),
    makeEnrolled({ memberId: MEMBER, sequence: 1, member: makeDocument("Mei", `+886${MEMBER.slice(-9)}`) }),
    makeAdjusted({ memberId: MEMBER, sequence: 4, points: 7 }),
    makePaid({ memberId: MEMBER, sequence: 2, orderId: "o-1" }),
  ]) {
    await project(database, [event]);
  }
  expect(await dump(database)).toEqual(before);
});

test("a board shows the orders of the local day", async () => {
  await asTenant(database, TENANT, async (client) => {
    await client.query(
      `insert into tenants (tenant_id, name, sandbox, time_zone, phone_region, currency, locale)
       values ($1, 'a tenant', true, 'Asia/Taipei', 'TW', 'TWD', 'zh-TW')`,
      [TENANT],
    );
  });
  const at = Date.parse("2026-03-05T15:59:59Z");
  const options = { memberId: MEMBER, storeId: "tainan", points: 4 };
  await project(database, [
    makePaid({ ...options, sequence: 6, orderId: "evening", placedAt: at }),
    makePaid({ ...options, sequence: 7, orderId: "after-midnight", placedAt: at + 1000 }),
    makePaid({ ...options, sequence: 8, orderId: "next-noon", placedAt: at + 12 * 3_600_000 }),
  ]);
  const figures = async (instant: number) => {
    const { rows } = await asTenant(database, TENANT, (client) =>
      client.query<{ figures: object }>("select board_figures('tainan', to_timestamp($1)) as figures", [
        instant / 1000,
      ]),
    );
    return rows[0]?.figures;
  };
  expect(await figures(at)).toEqual({ day: "2026-03-05", orders: 1, sales: 1000, given: { points: 4 }, spent: {} });
  expect(await figures(at + 1000)).toMatchObject({ day: "2026-03-06", orders: 2, given: { points: 8 } });
});
