// Tests on a real PostgreSQL that vouchers, tiers, activities, transfers and labels follow from events in any order.
import type { MemberEvent } from "@regulars/contracts/events";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { makeMemberId, makePaid, TENANT } from "./make-events.ts";
import { makeHistory, makeOther, transfer } from "./make-loyalty-events.ts";
import { asTenant, dump, empty, project, startDatabase, type TestDatabase } from "./postgres-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
beforeEach(() => empty(database));
afterAll(() => database.stop());

const rows = async (query: string) => (await database.owner.query<Record<string, unknown>>(query)).rows;
const MEMBER = makeMemberId(1);

test("each table tells what the latest event says", async () => {
  await project(database, makeHistory());
  expect(await rows("select voucher_id, state, order_id, value, sequence from vouchers")).toEqual([
    { voucher_id: "vch_2_0", state: "issued", order_id: null, value: null, sequence: "6" },
  ]);
  expect(await rows("select order_id, voucher_id, campaign, value, state from order_vouchers order by 1, 2")).toEqual([
    { order_id: "o-1", voucher_id: "SPRING", campaign: "spring", value: "50", state: "used" },
    { order_id: "o-1", voucher_id: "vch_2_0", campaign: null, value: "300", state: "returned" },
  ]);
  expect(await rows("select order_id, vouchered, late from orders order by 1")).toEqual([
    { order_id: "o-0", vouchered: "0", late: false },
    { order_id: "o-1", vouchered: "350", late: true },
  ]);
  expect(await rows("select tier, fixed, until from member_tiers")).toEqual([
    { tier: "silver", fixed: true, until: new Date(Date.UTC(2027, 0, 1)) },
  ]);
  expect(await rows("select kind, tier, cause, order_id from tier_history order by sequence")).toEqual([
    { kind: "order.paid", tier: "gold", cause: null, order_id: "o-1" },
    { kind: "order.refunded", tier: null, cause: null, order_id: "o-1" },
    { kind: "tier.changed", tier: "silver", cause: "hand", order_id: null },
  ]);
  expect(await rows("select key, points, grants, reversed_at is null as stands from activities order by key")).toEqual([
    {
      key: "r-1",
      points: { points: 5 },
      grants: [{ kind: "card", ref: "ten", voucherId: "vch_4_0", undone: false }],
      stands: true,
    },
    { key: "r-2", points: { points: 0 }, grants: [], stands: false },
  ]);
  expect(await rows("select transfer_id, purpose, currency, points, state from transfers")).toEqual([
    { transfer_id: "trf_1", purpose: "gift", currency: "points", points: "5", state: "settled" },
  ]);
  expect(await rows("select referral_id, points, state from referrals")).toEqual([
    { referral_id: "o-of-another", points: "0", state: "reversed" },
  ]);
  expect(await rows("select kind, ref, voucher_id, points, undone from order_grants")).toEqual([
    { kind: "card", ref: "ten", voucher_id: "vch_4_0", points: { points: 5 }, undone: false },
  ]);
  expect(await rows("select name, value from member_labels order by name")).toEqual([
    { name: "fact:household", value: null },
    { name: "segments", value: ["loyal"] },
    { name: "tags", value: [] },
  ]);
});

test("points end when the latest event says", async () => {
  await project(database, makeHistory());
  expect(await rows("select expires_at, issued_by, told_sequence from lots where lot_id = 'lot_4_0'")).toEqual([
    { expires_at: new Date(Date.UTC(2028, 0, 1)), issued_by: "order.paid", told_sequence: "16" },
  ]);
});

test("a voucher that is used tells what it took off", async () => {
  await project(database, makeHistory().slice(0, 5));
  expect(await rows("select state, order_id, value from vouchers")).toEqual([
    { state: "used", order_id: "o-1", value: "300" },
  ]);
});

test("any order, repetition and grouping of deliveries gives the same rows", async () => {
  const events = [...makeHistory(), ...makeHistory(makeMemberId(2))];
  await project(database, events);
  const expected = await dump(database);
  expect(expected["vouchers"]).toHaveLength(2);
  const deliveries = fc.tuple(
    fc.shuffledSubarray(events, { minLength: events.length }),
    fc.array(fc.constantFrom(...events), { maxLength: 15 }),
    fc.integer({ min: 1, max: 12 }),
  );
  await fc.assert(
    fc.asyncProperty(deliveries, async ([all, again, size]) => {
      await empty(database);
      const sent = [...again.slice(0, 7), ...all, ...again.slice(7)];
      for (let from = 0; from < sent.length; from += size)
        await project(database, unique(sent.slice(from, from + size)));
      expect(await dump(database)).toEqual(expected);
    }),
    { numRuns: 25 },
  );
});

test("damage in any of the tables is found, and deriving again repairs it", async () => {
  await project(database, makeHistory());
  const sound = await dump(database);
  for (const [table, change] of [
    ["vouchers", "set state = 'voided'"],
    ["order_vouchers", "set value = value + 1"],
    ["member_tiers", "set tier = 'gold'"],
    ["tier_history", "set cause = 'x' where sequence = 7"],
    ["activities", "set points = '{}'"],
    ["transfers", "set state = 'sent'"],
    ["referrals", "set points = 7"],
    ["order_grants", "set undone = true"],
    ["member_labels", "set value = '[]'"],
    ["orders", "set vouchered = 0"],
  ] as const) {
    await database.owner.query(`update ${table} ${change}`);
    expect(await contradicting()).toEqual([table]);
    await asTenant(database, TENANT, (client) => client.query("select rebuild_member($1)", [MEMBER]));
    expect(await contradicting()).toEqual([]);
    expect(await dump(database)).toEqual(sound);
  }
});

test("points on their way are not the member's own", async () => {
  const entries = [
    { account: "available", currency: "points", points: -5, lot: "lot_4_0" },
    { account: "transit", currency: "points", points: 5, lot: "lot_4_0" },
  ];
  const sent = { kind: "transfer.sent" as const, transfer, transactions: [{ kind: "transfer", entries, after: [] }] };
  await project(database, [...makeHistory().slice(0, 4), makeOther({ sequence: 5 }, sent)]);
  expect(await rows("select available, pending, held from balances")).toEqual([
    { available: "15", pending: "0", held: "0" },
  ]);
  expect(await contradicting()).toEqual([]);
});

async function contradicting(): Promise<unknown> {
  const found = await asTenant(database, TENANT, (client) =>
    client.query<{ copy: { contradicting: unknown } }>("select copy from audit_members($1) as copy", [[MEMBER]]),
  );
  return found.rows[0]?.copy.contradicting;
}

/** A batch carries each event once, as the projector sees to. */
const unique = (events: readonly MemberEvent[]) => [
  ...new Map(events.map((event) => [`${event.memberId}:${event.sequence}`, event])).values(),
];

test("a shadow adds each order once, however often its event comes", async () => {
  await database.owner.query("truncate shadow_days, shadow_differences, shadow_examples");
  const events = [2, 3, 4].map((sequence) => makePaid({ sequence, orderId: `o-${sequence}` }));
  const sight = (event: MemberEvent, candidate: number) => ({
    memberId: event.memberId,
    epoch: event.epoch,
    sequence: event.sequence,
    orderId: `o-${event.sequence}`,
    day: "2026-03-01",
    differs: candidate !== 10,
    rules: [{ rule: "base", currency: "points", now: 10, candidate }],
    example: candidate === 10 ? null : { now: { earned: [] }, candidate: { earned: [] } },
  });
  const shadowed = (part: readonly MemberEvent[]) =>
    asTenant(database, TENANT, async (client) => {
      const lines = part.map(({ tenantId: _tenant, ...event }) => JSON.stringify(event)).join("\n");
      const sights = JSON.stringify(part.map((event) => sight(event, event.sequence === 4 ? 10 : 20)));
      const { rows: answers } = await client.query<{ repeated: unknown[] }>(
        "select project_shadowed($1, '[]', 'shd_1', $2) as repeated",
        [lines, sights],
      );
      return answers[0]?.repeated.length;
    });
  const [first, second, third] = events as [MemberEvent, MemberEvent, MemberEvent];
  expect(await shadowed([first])).toBe(0);
  expect(await shadowed([first, second])).toBe(1);
  expect(await shadowed([third, second, first])).toBe(2);
  expect(await shadowed([third])).toBe(1);
  expect(await rows("select day::text, orders, differing from shadow_days")).toEqual([
    { day: "2026-03-01", orders: 3, differing: 2 },
  ]);
  expect(await rows("select rule, points_now, points_candidate, differing from shadow_differences")).toEqual([
    { rule: "base", points_now: "30", points_candidate: "50", differing: 2 },
  ]);
  expect(await rows("select order_id from shadow_examples order by 1")).toEqual([
    { order_id: "o-2" },
    { order_id: "o-3" },
  ]);
});
