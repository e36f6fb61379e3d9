// How stores did, worked out by hand and on a real PostgreSQL.
import { afterAll, beforeAll, expect, test } from "vitest";
import { refreshScorecards } from "../../workers/segmentation/src/scorecards.ts";
import {
  type MadeOrder,
  makeFigures,
  makeMembers,
  makeOrders,
  makeTenant,
  type NightWorld,
  startNightWorld,
  TODAY,
} from "./nightly-world.ts";

const TENANT = "ten_stores";
let world: NightWorld;
let numbered = 0;

beforeAll(async () => {
  world = await startNightWorld();
  await makeTenant(world, TENANT);
  for (const [storeId, regionId] of Object.entries({
    ann: "north",
    ben: "north",
    cid: "north",
    dot: "south",
    eve: "north",
  })) {
    await run("insert into stores (tenant_id, store_id, name, region_id, owner_id) values ($1, $2, $2, $3, 'head')", [
      storeId,
      regionId,
    ]);
  }
  const enrolled = [
    ["m1", "ann", "2026-11-02"],
    ["m2", "ann", "2026-11-28"],
    ["m3", "ben", "2026-10-30"],
    ["m4", "ben", "2025-01-01"],
    ["m5", null, "2025-01-01"],
  ] as const;
  await makeMembers(
    world,
    TENANT,
    enrolled.map(([memberId, homeStoreId, enrolledOn]) => ({ memberId, homeStoreId, enrolledOn })),
  );
  await makeMembers(world, TENANT, [{ memberId: "m9", homeStoreId: "ann", enrolledOn: "2026-11-03", erased: true }]);
  await makeOrders(world, TENANT, orders());
  await run("insert into order_vouchers values ($1, 'm4', 'o6', 0, 'v', 'gift', 'gift', null, 0, 'used')");
  await run("insert into order_vouchers values ($1, 'm1', 'o1', 0, 'v', 'gift', 'gift', null, 0, 'returned')");
  await makeFigures(world, TENANT);
  await rate("ann", 5);
  await rate("ann", 4, { type: "rating" });
  await rate("ann", 1, { reversed: true });
  await rate("ann", 6);
  await rate("ann", "5");
  await rate("ann", 1, { type: "visit" });
  await rate("ann", 1, { day: "2026-10-29" });
  await rate("ben", 3);
});
afterAll(() => world?.stop());

/** 30 days until today are 30 October to 28 November; the 30 before begin on 30 September. */
function orders(): MadeOrder[] {
  const make = (memberId: string, storeId: string, day: string, options: Partial<MadeOrder> = {}): MadeOrder => {
    return { memberId, storeId, day, orderId: `o${(numbered += 1)}`, ...options };
  };
  return [
    make("m1", "ann", "2026-11-02", { payable: 1000 }),
    make("m1", "ann", "2026-11-20", { net: 900, payable: 800 }),
    make("m2", "ann", "2026-11-28", { payable: 600, refunded: 200 }),
    make("m3", "ann", "2026-11-01", { payable: 500 }),
    make("m5", "ben", "2026-11-10", { payable: 300 }),
    make("m4", "ben", "2026-11-11", { payable: 500 }),
    make("m4", "cid", "2026-10-29", { payable: 700 }),
    make("m4", "ann", "2026-09-30", { payable: 400 }),
    make("m4", "ben", "2026-10-01", { payable: 200 }),
    make("m4", "ann", "2026-09-29", { payable: 9999 }),
    make("m1", "ann", "2026-11-29", { payable: 9999 }),
    make("m1", "ann", "2026-11-21", { payable: 9999, refunded: 9999 }),
    make("m1", "ann", "2026-11-21", { payable: 9999, undone: "taken" }),
    make("m5", "dot", "2026-11-12", { payable: 100 }),
  ];
}

async function run(text: string, values: readonly unknown[] = []) {
  return (await world.owner.query(text, [TENANT, ...values])).rows;
}

/** As the projector stores an event beside orders: what it told is in the event alone. */
async function rate(storeId: string, rating: unknown, { type = "review", day = TODAY, reversed = false } = {}) {
  const sequence = (numbered += 1);
  const body = { kind: "activity.recorded", record: { type, key: `k${sequence}`, data: { rating }, storeId } };
  await run("insert into member_events values ($1, 'm1', 1, $2, $3, 'activity.recorded', false, null, $4)", [
    sequence,
    `${day}T04:00:00Z`,
    JSON.stringify(body),
  ]);
  await run(
    "insert into activities (tenant_id, member_id, type, key, sequence, at, store_id, points, reversed_at) values ($1, 'm1', $2, $3, $4, $5, $6, '[]', $7)",
    [type, `k${sequence}`, sequence, `${day}T04:00:00Z`, storeId, reversed ? `${TODAY}T05:00:00Z` : null],
  );
}

const cards = (day: string) =>
  run(
    `select store_id, orders, buyers, revenue::int, enrolled, enrolment_rate, repeat_rate, redemption_rate,
       average_order, rating, ratings, score, rank, ranked, score_before
     from store_scorecards where tenant_id = $1 and day = $2 order by store_id`,
    [day],
  );

/** A world as small as this one compares every store that sold anything. */
const settings = { scorecards: { minOrders: 1 } };

test("a scorecard is what one works out by hand, inside the region, against the 30 days before", async () => {
  await refreshScorecards(world.scope(TENANT, { settings }));
  const [ann, ben, cid, dot, eve] = await cards(TODAY);
  // m1, m2 enrolled at ann; m3 came through her too, but is ben's. m1 alone had bought on an earlier day.
  expect(ann).toMatchObject({
    orders: 4,
    buyers: 3,
    revenue: 2700,
    enrolled: 2,
    enrolment_rate: 2 / 3,
    repeat_rate: 1 / 3,
  });
  expect(ann).toMatchObject({ redemption_rate: 0.25, average_order: 675, rating: 4.5, ratings: 2 });
  // m3 enrolled on the first day of the window; m5 came through ben, at home nowhere. m4 used a gift.
  expect(ben).toMatchObject({ orders: 2, buyers: 2, revenue: 800, enrolled: 1, enrolment_rate: 0.5, repeat_rate: 0.5 });
  expect(ben).toMatchObject({ redemption_rate: 0.5, average_order: 400, rating: 3, ratings: 1 });
  const nothing = {
    orders: 0,
    buyers: 0,
    revenue: 0,
    enrolled: 0,
    enrolment_rate: null,
    repeat_rate: null,
    rating: null,
  };
  expect([cid, eve]).toMatchObject([nothing, nothing]);
  // Ann leads in enrolment, average and rating, ben in repeat and redemption.
  expect([ann, ben, cid, eve].map((card) => card?.score)).toEqual([60, 40, null, null]);
  expect([ann, ben, cid, eve].map((card) => [card?.rank, card?.ranked])).toEqual([
    [1, 2],
    [2, 2],
    [null, 2],
    [null, 2],
  ]);
  expect(dot).toMatchObject({ orders: 1, buyers: 1, repeat_rate: 1, average_order: 100, score: null, ranked: 0 });
  // Before: ann 400 and ben 200 and cid 700 on average; all three buyers had bought before; nobody redeemed; ann has a
  // rating alone. Ranks of repeat and redemption are 50 for all.
  expect([ann, ben, cid, dot].map((card) => card?.score_before)).toEqual([50, 100 / 3, 200 / 3, null]);
});

test("a day is worked out anew as often as one likes, and an earlier day beside it", async () => {
  await refreshScorecards(world.scope(TENANT, { settings }));
  const once = await cards(TODAY);
  await refreshScorecards(world.scope(TENANT, { settings }));
  expect(await cards(TODAY)).toEqual(once);
  await refreshScorecards(world.scope(TENANT, { settings }), "2026-10-29");
  expect(await cards(TODAY)).toEqual(once);
  const earlier = await cards("2026-10-29");
  expect(earlier.map(({ store_id, score }) => [store_id, score])).toEqual([
    ["ann", 50],
    ["ben", expect.closeTo(100 / 3, 9)],
    ["cid", expect.closeTo(200 / 3, 9)],
    ["dot", null],
    ["eve", null],
  ]);
});

test("a store with fewer orders than are asked for has figures and no place, and others are not compared with it", async () => {
  await refreshScorecards(world.scope(TENANT, { settings: { scorecards: { minOrders: 3 } } }));
  const [ann, ben] = await cards(TODAY);
  expect(ben).toMatchObject({ orders: 2, average_order: 400, score: null, rank: null, ranked: 0, score_before: null });
  expect(ann).toMatchObject({ orders: 4, average_order: 675, score: null, rank: null, ranked: 0 });
  await refreshScorecards(world.scope(TENANT, { settings: { scorecards: { minOrders: 2 } } }));
  expect((await cards(TODAY)).map(({ rank }) => rank)).toEqual([1, 2, null, null, null]);
  await refreshScorecards(world.scope(TENANT, { settings }));
});

test("a tenant without stores has no scorecard", async () => {
  await makeTenant(world, "ten_none");
  await refreshScorecards(world.scope("ten_none"));
  const { rows } = await world.owner.query("select from store_scorecards where tenant_id = 'ten_none'");
  expect(rows).toEqual([]);
});
