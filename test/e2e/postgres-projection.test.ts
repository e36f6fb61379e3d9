// Tests on a real PostgreSQL that events count exactly once, in whatever order and however often they arrive.
import type { MemberEvent } from "@regulars/contracts/events";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  makeAdjusted,
  makeChanged,
  makeDocument,
  makeEnrolled,
  makeErased,
  makeLine,
  makeMemberId,
  makePaid,
  makeRefunded,
  makeUndone,
} from "./make-events.ts";
import { dump, empty, project, startDatabase, type TestDatabase } from "./postgres-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await startDatabase();
});
beforeEach(() => empty(database));
afterAll(() => database.stop());

const rows = async (query: string) => (await database.owner.query<Record<string, unknown>>(query)).rows;

/** The history of one member with everything that can depend on order: two states of an order, and three documents. */
function makeHistory(number: number): MemberEvent[] {
  const options = { memberId: makeMemberId(number) };
  const phone = `+8869000000${10 + number}`;
  return [
    makeEnrolled({ ...options, sequence: 1, member: makeDocument("Mei", phone) }),
    makePaid({ ...options, sequence: 2, orderId: `o-${number}`, lines: [makeLine("1"), makeLine("2")], points: 20 }),
    makeChanged({ ...options, sequence: 3, member: makeDocument("Mei-Ling", phone) }),
    makeRefunded({ ...options, sequence: 4, orderId: `o-${number}`, paidSequence: 2, points: 20 }),
    makeAdjusted({ ...options, sequence: 5, points: 7 }),
    makeUndone({ ...options, sequence: 6, orderId: "o-claimed-twice" }),
    makePaid({ ...options, sequence: 7, orderId: `o-${number}-b`, points: 3 }),
    ...(number % 2 === 0 ? [makeErased({ ...options, sequence: 8 })] : []),
  ];
}

test("any order, repetition and grouping of deliveries gives the same rows", async () => {
  const events = [1, 2, 3].flatMap(makeHistory);
  await project(database, events);
  const expected = await dump(database);
  expect(expected["balances"]).toHaveLength(3);
  const deliveries = fc
    .tuple(
      fc.shuffledSubarray(events, { minLength: events.length }),
      fc.array(fc.constantFrom(...events), { maxLength: 15 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 12 })),
    )
    .map(([all, again, sizes]) => groupsOf([...again.slice(0, 7), ...all, ...again.slice(7)], sizes));
  await fc.assert(
    fc.asyncProperty(deliveries, async (groups) => {
      await empty(database);
      for (const group of groups) await project(database, group);
      expect(await dump(database)).toEqual(expected);
    }),
    { numRuns: 40 },
  );
});

function groupsOf(events: readonly MemberEvent[], sizes: Iterable<number>): MemberEvent[][] {
  const groups: MemberEvent[][] = [];
  let place = 0;
  for (const size of sizes) {
    if (place >= events.length) break;
    // One statement gets each event once; the projector sees to that.
    groups.push([...new Set(events.slice(place, place + size))]);
    place += size;
  }
  return groups;
}

test("events that were there already are named, and change nothing", async () => {
  const [first, second] = [makeAdjusted({ sequence: 1, points: 5 }), makeAdjusted({ sequence: 2, points: 6 })];
  expect(await project(database, [first])).toEqual([]);
  expect(await project(database, [first, second])).toEqual([[makeMemberId(1), 1, 1]]);
  expect(await rows("select available from balances")).toEqual([{ available: "11" }]);
});

test("an order has the lines of its latest event only", async () => {
  const authorized = makePaid({ sequence: 1, orderId: "o", lines: [makeLine("1"), makeLine("2"), makeLine("3")] });
  const paid = makePaid({ sequence: 2, orderId: "o", lines: [makeLine("2", 500)] });
  for (const deliveries of [[[authorized], [paid]], [[paid], [authorized]], [[authorized, paid]]]) {
    await empty(database);
    for (const events of deliveries) await project(database, events);
    expect(await rows("select line_id, unit_price from order_lines")).toEqual([{ line_id: "2", unit_price: "500" }]);
    expect(await rows("select sequence from orders")).toEqual([{ sequence: "2" }]);
  }
});

test("an erased member keeps nothing of the person, also when an older document arrives late", async () => {
  const document = makeDocument("Mei", "+886912345678");
  await project(database, [makeEnrolled({ sequence: 1, member: document }), makePaid({ sequence: 2, orderId: "o" })]);
  await project(database, [makeErased({ sequence: 4 })]);
  await project(database, [
    makeChanged({ sequence: 3, member: document }),
    makeEnrolled({ sequence: 1, member: document }),
  ]);
  expect(await rows("select profile, consent, erased_at is not null as erased from members")).toEqual([
    { profile: null, consent: null, erased: true },
  ]);
  expect(await rows("select * from identities")).toEqual([]);
  expect(await rows("select available from balances")).toEqual([{ available: "10" }]);
  expect(JSON.stringify(await dump(database))).not.toMatch(/Mei|886912345678/);
});

test("a batch with an event that PostgreSQL cannot keep changes nothing", async () => {
  const sound = makeAdjusted({ sequence: 1, points: 5 });
  for (const poison of [
    makePaid({ sequence: 2, orderId: "with \u0000 inside" }),
    makeAdjusted({ sequence: 2, points: 2 ** 70 }),
    { ...sound, sequence: 2, body: { ...sound.body, transactions: "none" } } as unknown as MemberEvent,
  ]) {
    await expect(project(database, [sound, poison])).rejects.toMatchObject({ code: expect.stringMatching(/^22/) });
    expect(await rows("select * from member_events")).toEqual([]);
    expect(await project(database, [sound])).toEqual([]);
    await empty(database);
  }
});

test("a member that was restored counts by its new epoch alone", async () => {
  const before = [1, 2, 3].map((sequence) => makeAdjusted({ sequence, points: 100 }));
  const after = [1, 2].map((sequence) => makeAdjusted({ epoch: 2, sequence, points: 7 }));
  for (const deliveries of [
    [before, after],
    [after, before],
    [[...before, ...after]],
    [before.slice(0, 1), after, before],
  ]) {
    await empty(database);
    for (const events of deliveries) await project(database, events);
    expect(await rows("select available from balances")).toEqual([{ available: "14" }]);
    expect(await rows("select epoch, events, last_sequence from members")).toEqual([
      { epoch: 2, events: "2", last_sequence: "2" },
    ]);
    expect(await rows("select count(*)::int as count from entries")).toEqual([{ count: 4 }]);
  }
});

test("an order that was undone raises an alert, once", async () => {
  const undone = makeUndone({ sequence: 1, orderId: "o-1" });
  await project(database, [undone]);
  await project(database, [undone]);
  expect(await rows("select kind, member_id, facts from alerts")).toEqual([
    {
      kind: "order_undone",
      member_id: makeMemberId(1),
      facts: { orderId: "o-1", storeId: "taipei", reason: "order_id_conflict" },
    },
  ]);
});
