// What a night counts and watches on a real PostgreSQL: profiles that were told, alerts that come and go, old rows.
import { afterAll, beforeAll, expect, test } from "vitest";
import { countCompleteness } from "../../workers/segmentation/src/completeness.ts";
import { raiseInsightAlerts } from "../../workers/segmentation/src/insight-alerts.ts";
import { nightSteps } from "../../workers/segmentation/src/night-steps.ts";
import {
  type MadeOrder,
  makeMembers,
  makeOrders,
  makeTenant,
  type NightWorld,
  NOW,
  startNightWorld,
  TODAY,
} from "./nightly-world.ts";

const DAY_MILLISECONDS = 86_400_000;
const dayBefore = (days: number) => new Date(NOW - days * DAY_MILLISECONDS).toISOString().slice(0, 10);
let world: NightWorld;

beforeAll(async () => {
  world = await startNightWorld();
});
afterAll(() => world?.stop());

const run = async (text: string, values: readonly unknown[]) => (await world.owner.query(text, [...values])).rows;

test("a field counts as told by an identity or by the profile, and an answer that says nothing does not count", async () => {
  const tenantId = "ten_profiles";
  await makeTenant(world, tenantId);
  await makeMembers(world, tenantId, [
    {
      memberId: "m1",
      profile: { name: "Mei", phone: "+886912", gender: "undisclosed", birthday: "1990-01-01" },
      consent: { email: false, sms: true },
      identities: { line: "U1", card: "9" },
    },
    {
      memberId: "m2",
      profile: { name: "An", email: "an@example.com", gender: "female", address: "Taipei" },
      consent: { email: false },
      identities: { phone: "+886913", email: "an@example.com" },
    },
    { memberId: "m3", identities: { phone: "+886914" } },
    { memberId: "m4", profile: { name: "Gone" }, erased: true },
    { memberId: "m5", profile: { name: "Not yet" }, enrolledOn: null },
  ]);
  await run(
    `insert into segment_members (tenant_id, segment_id, member_id, since, until, version) values
       ($1, 'some', 'm1', now(), null, 1), ($1, 'some', 'm3', now(), null, 1), ($1, 'some', 'm2', now(), now(), 1)`,
    [tenantId],
  );
  await countCompleteness(world.scope(tenantId));
  await countCompleteness(world.scope(tenantId));
  const rows = await run(
    "select segment_id, field, members, filled, counted_on::text from profile_completeness where tenant_id = $1",
    [tenantId],
  );
  const counted = (segmentId: string) =>
    Object.fromEntries(rows.filter((row) => row.segment_id === segmentId).map((row) => [row.field, row.filled]));
  expect(counted("")).toEqual({ name: 2, phone: 3, email: 1, line: 1, birthday: 1, gender: 1, address: 1, consent: 1 });
  expect(counted("some")).toEqual({
    name: 1,
    phone: 2,
    email: 0,
    line: 1,
    birthday: 1,
    gender: 0,
    address: 0,
    consent: 1,
  });
  expect(new Set(rows.map((row) => `${row.segment_id}:${row.members}:${row.counted_on}`))).toEqual(
    new Set([`:3:${TODAY}`, `some:2:${TODAY}`]),
  );
});

const alertsOf = async (tenantId: string) =>
  (
    await run(
      `select alert_id, kind, facts, raised_at, resolved_at from alerts where tenant_id = $1 order by alert_id`,
      [tenantId],
    )
  ).map(({ alert_id, resolved_at, raised_at, facts }) => {
    return { id: alert_id, facts, since: raised_at.getTime(), open: resolved_at === null };
  });

/** 200 members: who is at risk of leaving now, since when, and how many of the others were before. */
async function makeScores(tenantId: string, risky: { now: number; turned: number }): Promise<void> {
  await run("delete from member_scores where tenant_id = $1", [tenantId]);
  await run("delete from score_history where tenant_id = $1", [tenantId]);
  const scores = "1, 1, 1, 1, 'lost', 'lost', 'lost', 'L', 'low', null, false";
  await run(
    `insert into member_scores (tenant_id, member_id, recency, frequency, monetary, engagement, rfm_segment, rfm_group,
       stage, label, band, profit_group, has_potential, churn_risk, since, scored_on, cycle_days, next_order_on, churn_from)
     select $1, 'm' || n, ${scores}, n <= $2, case when n <= $3 then $4::date else '2026-01-01' end, $5, 30, $5, $5
     from generate_series(1, 200) as n`,
    [tenantId, risky.now, risky.turned, dayBefore(3), TODAY],
  );
  await run(
    `insert into score_history (tenant_id, member_id, recency, frequency, monetary, engagement, rfm_segment, rfm_group,
       stage, label, band, profit_group, has_potential, churn_risk, since, until)
     select $1, 'm' || n, ${scores}, was.risky, was.since, was.until
     from generate_series(1, $2::int) as n cross join (values (true, '2026-01-01'::date, '2026-06-01'::date),
       (false, '2026-06-01', $3::date)) as was(risky, since, until)`,
    [tenantId, risky.turned, dayBefore(3)],
  );
}

test("a share of members at risk that grew by more than five points in a week is an alert until it no longer is", async () => {
  const tenantId = "ten_churn";
  await makeTenant(world, tenantId);
  await makeScores(tenantId, { now: 60, turned: 10 });
  await raiseInsightAlerts(world.scope(tenantId));
  expect(await alertsOf(tenantId)).toEqual([]);
  await makeScores(tenantId, { now: 60, turned: 11 });
  await raiseInsightAlerts(world.scope(tenantId));
  const facts = { share: 0.3, shareBefore: 0.245, members: 200, days: 7 };
  const raised = { id: "insights:churn_share_rose", facts, since: NOW, open: true };
  expect(await alertsOf(tenantId)).toEqual([raised]);
  await raiseInsightAlerts(world.scope(tenantId, { now: NOW + 1000 }));
  expect(await alertsOf(tenantId)).toEqual([raised]);
  await raiseInsightAlerts(world.scope(tenantId, { now: NOW + 10 * DAY_MILLISECONDS }));
  expect(await alertsOf(tenantId)).toEqual([{ ...raised, open: false }]);
  await raiseInsightAlerts(world.scope(tenantId, { now: NOW + 2000 }));
  expect(await alertsOf(tenantId)).toEqual([{ ...raised, since: NOW + 2000 }]);
});

test("a week that brings less than 70 % of a usual one is an alert, if there were enough orders to say", async () => {
  const weekly = (week: number, payable: number, orders: number): MadeOrder[] =>
    Array.from({ length: orders }, (_, at) => {
      return { memberId: "m", orderId: `${week}-${at}`, day: dayBefore(1 + 7 * week + (at % 7)), payable };
    });
  const make = async (tenantId: string, payable: number, orders: number) => {
    await makeTenant(world, tenantId);
    await makeOrders(
      world,
      tenantId,
      [1, 2, 3, 4].flatMap((week) => weekly(week, 1000, orders)),
    );
    await makeOrders(world, tenantId, [...weekly(0, payable, orders), ...weekly(5, 9_000_000, orders)]);
    await makeOrders(world, tenantId, [{ memberId: "m", orderId: "today", day: TODAY, payable: 9_000_000 }]);
    await raiseInsightAlerts(world.scope(tenantId));
    return alertsOf(tenantId);
  };
  expect(await make("ten_fell", 690, 28)).toMatchObject([
    { id: "insights:revenue_fell", facts: { revenue: 690 * 28, usual: 28_000, days: 7 } },
  ]);
  expect(await make("ten_held", 700, 28)).toEqual([]);
  expect(await make("ten_few", 100, 24)).toEqual([]);
});

test("bad ratings of a store and a segment that is stuck are alerts of their own", async () => {
  const tenantId = "ten_stuck";
  await makeTenant(world, tenantId);
  const card =
    "insert into store_scorecards (tenant_id, store_id, day, days, orders, buyers, revenue, enrolled, rating, ratings, ranked)";
  for (const [store, rating, ratings] of [
    ["bad", 2.9, 5],
    ["good", 3, 50],
    ["few", 1, 4],
  ] as const) {
    await run(`${card} values ($1, $2, $3, 30, 0, 0, 0, 0, $4, $5, 0)`, [tenantId, store, TODAY, rating, ratings]);
  }
  const segment =
    "insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, error, created_at, ended_at)";
  for (const [id, state, ended] of [
    ["a", "held", null],
    ["b", "failed", null],
    ["c", "ready", null],
    ["d", "failed", TODAY],
  ]) {
    await run(`${segment} values ($1, $2, 3, 's', '{}', false, $3, 'why', now(), $4)`, [tenantId, id, state, ended]);
  }
  await raiseInsightAlerts(world.scope(tenantId));
  expect((await alertsOf(tenantId)).map(({ id, facts }) => [id, facts])).toEqual([
    ["insights:segment_failed:b", { segmentId: "b", version: 3, error: "why" }],
    ["insights:segment_held:a", { segmentId: "a", version: 3, error: "why" }],
    ["insights:store_rating_low:bad", { storeId: "bad", rating: 2.9, ratings: 5, days: 30 }],
  ]);
});

test("a whole night of a tenant without orders ends, twice, and takes away what is a month old", async () => {
  const tenantId = "ten_empty";
  await makeTenant(world, tenantId);
  const event =
    "insert into insight_events (tenant_id, event_id, kind, member_id, facts, at, sent_at) values ($1, $2, 'x', 'm', '{}', $3, $4)";
  const at = (days: number) => new Date(NOW - days * DAY_MILLISECONDS);
  await run(event, [tenantId, "old", at(40), at(31)]);
  await run(event, [tenantId, "recent", at(40), at(29)]);
  await run(event, [tenantId, "waits", at(40), null]);
  for (const days of [31, 29]) {
    await run("insert into insight_runs (tenant_id, run_id, started_at, as_of) values ($1, $2, $3, $4)", [
      tenantId,
      `r${days}`,
      at(days),
      TODAY,
    ]);
  }
  for (const { work } of [...nightSteps, ...nightSteps]) await work(world.scope(tenantId));
  expect(await run("select event_id from insight_events where tenant_id = $1 order by 1", [tenantId])).toEqual([
    { event_id: "recent" },
    { event_id: "waits" },
  ]);
  expect(await run("select run_id from insight_runs where tenant_id = $1", [tenantId])).toEqual([{ run_id: "r29" }]);
  expect(await alertsOf(tenantId)).toEqual([]);
});
