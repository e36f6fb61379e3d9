// Tests whole runs of segmentation on a real PostgreSQL: what cron, crashes, clocks and odd histories may do to them.
import { readInsightSettings } from "@regulars/contracts/insights-settings";
import { dayNumber, dayText } from "@regulars/insights/days";
import { lifecycleOf } from "@regulars/insights/lifecycle";
import { churnWarning } from "@regulars/insights/repurchase";
import { rfmCuts, rfmMetrics, rfmScores } from "@regulars/insights/rfm";
import { R_PACKAGE_OTHERS, rPackageSegments, segmentOf, shopifyGroupOf } from "@regulars/insights/rfm-segments";
import { bandLimits, bandOf } from "@regulars/insights/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "@regulars/insights/seeded-random";
import { dumpInsights, makeHistory, startRunWorld, type RunWorld } from "./segmentation-world.ts";
import { makeMembers, makeOrders, TODAY } from "./nightly-world.ts";

let world: RunWorld;

beforeAll(async () => {
  world = await startRunWorld();
});
afterAll(() => world.stop());

const settings = readInsightSettings(null);
/** One unit of money in minor units. */
const UNIT = 100;

describe("scores", () => {
  test("labels are those that the statistics give for the same orders", async () => {
    const tenantId = await world.tenant();
    const orders = await makeHistory(world, tenantId, { members: 400, seed: 11 });
    await world.run(tenantId, TODAY);
    const rows = await world.rows<ScoreRow>(SCORES, [tenantId]);
    const asOf = dayNumber(TODAY);
    const dated = orders.filter(({ counts }) => counts).map(({ memberId, day, amount }) => ({ memberId, day, amount }));
    const metrics = rfmMetrics(dated, asOf);
    const cuts = rfmCuts([...metrics.values()], { shiftAmount: UNIT });
    const limits = bandLimits([...metrics.values()].map(({ amount }) => amount));
    const cycle = await world.model<{ medianDays: number; withinVariance: number; credibilityGaps: number }>(
      tenantId,
      "cycle",
    );
    expect(rows).toHaveLength(metrics.size);
    for (const row of rows) {
      const own = metrics.get(row.member_id);
      const days = dated.filter(({ memberId, day }) => memberId === row.member_id && day <= asOf).map(({ day }) => day);
      const usual = { members: 0, gaps: 0, ...cycle };
      const life = lifecycleOf(days, { asOf, usual });
      const scores = rfmScores(own!, cuts);
      const lastDay = Math.max(...days);
      const warning = churnWarning({ lastDay, asOf, cycleDays: life!.cycleDays }, settings.churnTimes);
      expect(row).toMatchObject({
        ...scores,
        rfm_segment: segmentOf(scores, rPackageSegments) ?? R_PACKAGE_OTHERS,
        rfm_group: shopifyGroupOf(scores),
        stage: life!.stage,
        label: life!.label,
        band: bandOf(own!.amount, limits!),
        churn_risk: warning.warns,
        churn_from: dayText(warning.warnsFrom),
        next_order_on: dayText(lastDay + Math.round(life!.cycleDays)),
      });
      expect(row.cycle_days).toBeCloseTo(life!.cycleDays, 6);
    }
  });

  test("what they were stays readable as of any day", async () => {
    const tenantId = await world.tenant();
    await makeMembers(world.night, tenantId, [{ memberId: "m1" }]);
    await makeOrders(world.night, tenantId, [{ memberId: "m1", orderId: "o1", day: "2026-06-01" }]);
    await world.run(tenantId, "2026-06-02");
    await world.run(tenantId, "2026-11-01");
    const [past] = await world.rows<{ stage: string; since: string; until: string }>(
      "select stage, since::text, until::text from score_history where tenant_id = $1 order by since",
      [tenantId],
    );
    const [present] = await world.rows<{ stage: string; since: string }>(
      "select stage, since::text from member_scores where tenant_id = $1",
      [tenantId],
    );
    expect(past).toEqual({ stage: "new", since: "2026-06-02", until: "2026-11-01" });
    expect(present).toEqual({ stage: "lost", since: "2026-11-01" });
  });

  test("a member who falls silent becomes a churn risk once, and says so once", async () => {
    const tenantId = await world.tenant();
    await makeMembers(world.night, tenantId, [{ memberId: "m1" }]);
    await makeOrders(world.night, tenantId, [{ memberId: "m1", orderId: "o1", day: "2026-06-01" }]);
    for (const day of ["2026-06-02", "2026-07-20", "2026-08-20", "2026-08-21"]) await world.run(tenantId, day);
    const events = await world.rows(
      "select event_id, facts from insight_events where tenant_id = $1 and kind = 'member.churn_risk'",
      [tenantId],
    );
    expect(events).toEqual([
      { event_id: "member.churn_risk:m1:2026-06-01", facts: { lastDay: "2026-06-01", cycleDays: 30 } },
    ]);
  });
});

describe("incremental work", () => {
  test("equals a full rebuild after any history", async () => {
    const tenantId = await world.tenant();
    const random = seededRandom(5);
    await makeHistory(world, tenantId, { members: 300, seed: 21, until: "2026-09-01" });
    await world.segment(tenantId, "silent", { kind: "orderAge", which: "last", atLeast: 40 });
    await world.segment(tenantId, "champions", { kind: "scoreIs", score: "rfmSegment", in: ["Champions"] });
    await world.segment(tenantId, "both", {
      kind: "and",
      nodes: [
        { kind: "segment", segmentId: "silent" },
        { kind: "orders", measure: "orders", window: { lastDays: 120 }, atLeast: 2 },
      ],
    });
    await world.run(tenantId, "2026-09-01");
    let number = 0;
    for (let day = dayNumber("2026-09-02"); day <= dayNumber(TODAY); day += 1 + Math.floor(random() * 9)) {
      const touched = Array.from({ length: 25 }, () => `m${Math.floor(random() * 300)}`);
      await makeOrders(
        world.night,
        tenantId,
        [...new Set(touched)].map((memberId) => ({
          memberId,
          orderId: `late-${(number += 1)}`,
          day: day - Math.floor(random() * 5),
          payable: 100 + Math.floor(random() * 100_000),
        })),
      );
      await world.change(tenantId, touched);
      await world.refundSome(tenantId, random);
      await world.run(tenantId, dayText(day));
    }
    await world.run(tenantId, TODAY);
    const incremental = await dumpInsights(world, tenantId);
    await world.run(tenantId, TODAY, { rebuild: true });
    expect(await dumpInsights(world, tenantId)).toEqual(incremental);
    expect(incremental["member_scores"]!.length).toBeGreaterThan(250);
    expect(incremental["segment_members"]!.length).toBeGreaterThan(50);
  });

  test("a day on which most are elsewhere scores everybody, and comes to the same", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 1500, seed: 41, until: "2026-09-01" });
    await world.segment(tenantId, "silent", { kind: "scoreIs", score: "stage", in: ["sleeping", "lost"] });
    await world.run(tenantId, "2026-09-01");
    const report = await world.run(tenantId, "2027-09-01");
    // Only orders that were yet to come are looked at one by one.
    expect(report.membersChanged).toBeLessThan(200);
    expect(report.membersScored - report.membersChanged).toBe(1500);
    const after = await dumpInsights(world, tenantId);
    await world.run(tenantId, "2027-09-01", { rebuild: true });
    expect(await dumpInsights(world, tenantId)).toEqual(after);
  });

  test("a clock that goes back sums everybody up as of then, and measures bins by that", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 400, seed: 61 });
    await world.run(tenantId, TODAY);
    await world.run(tenantId, "2026-06-01");
    const [after, cuts] = [await dumpInsights(world, tenantId), await world.model(tenantId, "cuts")];
    await world.run(tenantId, "2026-06-01", { rebuild: true });
    expect([await dumpInsights(world, tenantId), await world.model(tenantId, "cuts")]).toEqual([after, cuts]);
    expect(after["member_scores"]!.length).toBeGreaterThan(100);
    expect(await world.run(tenantId, "2026-06-01")).toMatchObject({
      membersChanged: 0,
      membersScored: 0,
      finished: true,
    });
  });

  test("a pass that goes on on a later day expects something of everybody", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 900, seed: 51, until: "2026-09-01" });
    await world.run(tenantId, "2026-09-01");
    const expectations =
      "select count(*)::int as rows, count(expected_orders)::int as expected from member_scores where tenant_id = $1";
    const [before] = await world.rows<{ rows: number; expected: number }>(expectations, [tenantId]);
    expect(before?.expected).toBeGreaterThan(500);
    await world.night.owner.query(
      "update insight_states set sweep = $2, day_done = '2026-09-15' where tenant_id = $1",
      [tenantId, JSON.stringify({ pass: "scores", cursor: "m1", startedAt: 1 })],
    );
    await world.run(tenantId, "2026-09-15");
    const [after] = await world.rows<{ rows: number; expected: number }>(expectations, [tenantId]);
    expect(after).toEqual({ rows: before?.rows, expected: before?.rows });
  });

  test("a rebuild answers whatever was marked before it", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 40, seed: 31 });
    await world.run(tenantId, TODAY);
    await makeOrders(world.night, tenantId, [{ memberId: "m1", orderId: "marked", day: TODAY, payable: 900_000 }]);
    await world.change(tenantId, ["m1"]);
    const before = await dumpInsights(world, tenantId);
    const report = await world.run(tenantId, TODAY, { rebuild: true });
    expect(report).toMatchObject({ membersChanged: 0, membersScored: 40 });
    const after = await dumpInsights(world, tenantId);
    expect(after).not.toEqual(before);
    expect(await world.rows("select 1 from member_changes where tenant_id = $1", [tenantId])).toEqual([]);
    await world.run(tenantId, TODAY, { rebuild: true });
    expect(await dumpInsights(world, tenantId)).toEqual(after);
  });

  test("a run killed at any transaction, before or after it took effect, ends equal to one that was not", async () => {
    const kills = [1, 2, 3, 5, 8, 13, 17, 21];
    const dumps: unknown[] = [];
    for (const kill of [null, ...kills, ...kills.map((number) => -number)]) {
      const tenantId = await world.tenant();
      await makeHistory(world, tenantId, { members: 60, seed: 31 });
      await world.segment(tenantId, "silent", { kind: "orderAge", which: "last", atLeast: 40 });
      if (kill !== null) {
        world.gateway.failAt(Math.abs(kill), kill > 0 ? "before" : "after");
        await world.run(tenantId, TODAY, {}, { once: true }).catch(() => {});
        world.gateway.heal();
        await world.expireLease(tenantId);
      }
      await world.run(tenantId, TODAY);
      dumps.push(await dumpInsights(world, tenantId, { withoutTenant: true }));
    }
    for (const dump of dumps) expect(dump).toEqual(dumps[0]);
    expect(world.gateway.failures).toBe(kills.length * 2);
  });
});

describe("segments", () => {
  test("the first build tells nobody that they have entered; who enters or leaves later is told once", async () => {
    const tenantId = await world.tenant();
    const members = ["m1", "m2", "m3"].map((memberId) => ({ memberId }));
    await makeMembers(world.night, tenantId, members);
    await makeOrders(world.night, tenantId, [{ memberId: "m1", orderId: "o1", day: "2026-11-20" }]);
    await world.segment(tenantId, "buyers", { kind: "orders", measure: "orders", window: { lastDays: 7 }, atLeast: 1 });
    await world.run(tenantId, "2026-11-22");
    const events =
      "select kind, member_id from insight_events where tenant_id = $1 and kind like 'segment%' order by at, 2";
    expect(await world.rows(events, [tenantId])).toEqual([]);
    expect(await world.rows("select members, state from segments where tenant_id = $1", [tenantId])).toEqual([
      { members: 1, state: "ready" },
    ]);
    await makeOrders(world.night, tenantId, [{ memberId: "m2", orderId: "o2", day: "2026-11-23" }]);
    await world.change(tenantId, ["m2"]);
    for (const day of ["2026-11-23", "2026-11-23", TODAY, TODAY]) await world.run(tenantId, day);
    expect(await world.rows(events, [tenantId])).toEqual([
      { kind: "segment.entered", member_id: "m2" },
      { kind: "segment.left", member_id: "m1" },
    ]);
    expect(await world.rows("select members from segments where tenant_id = $1", [tenantId])).toEqual([{ members: 1 }]);
  });
});

describe("cron", () => {
  test("two runs at once: one works, the other does nothing", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 200, seed: 41 });
    const reports = await Promise.all([
      world.run(tenantId, TODAY, {}, { once: true }),
      world.run(tenantId, TODAY, {}, { once: true }),
    ]);
    expect(reports.map(({ ran }) => ran).toSorted()).toEqual([false, true]);
    const events = await world.rows<{ n: number }>(
      "select count(*)::int as n from insight_events where tenant_id = $1",
      [tenantId],
    );
    expect(events).toEqual([{ n: 0 }]);
  });

  test("fired twice, the second run finds nothing to do and changes nothing", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 100, seed: 51 });
    await world.run(tenantId, TODAY);
    const before = await dumpInsights(world, tenantId);
    const report = await world.run(tenantId, TODAY);
    expect(report).toMatchObject({ ran: true, finished: true, membersChanged: 0, membersScored: 0 });
    expect(await dumpInsights(world, tenantId)).toEqual(before);
  });

  test("days without a run are made up for by the next one", async () => {
    const [missed, daily] = [await world.tenant(), await world.tenant()];
    for (const tenantId of [missed, daily]) {
      await makeHistory(world, tenantId, { members: 80, seed: 61, until: "2026-11-01" });
      await world.segment(tenantId, "silent", { kind: "orderAge", which: "last", atLeast: 40 });
      await world.run(tenantId, "2026-11-01");
    }
    for (let day = dayNumber("2026-11-02"); day <= dayNumber(TODAY); day += 1) await world.run(daily, dayText(day));
    await world.run(missed, TODAY);
    const labels =
      "select member_id, recency, frequency, monetary, stage, label, churn_risk from member_scores where tenant_id = $1 order by 1";
    expect(await world.rows(labels, [missed])).toEqual(await world.rows(labels, [daily]));
    const members = "select member_id from segment_members where tenant_id = $1 and until is null order by 1";
    expect(await world.rows(members, [missed])).toEqual(await world.rows(members, [daily]));
  });
});

test("a sandbox that was worked out as of another time is left alone by cron, and a shop is not", async () => {
  const [sandbox, shop] = [await world.tenant(), await world.tenant()];
  await world.owner.query("update tenants set sandbox = true where tenant_id = $1", [sandbox]);
  for (const tenantId of [sandbox, shop]) {
    await makeHistory(world, tenantId, { members: 10, seed: 91, until: "2026-06-01" });
    await world.run(tenantId, "2026-06-01");
    await world.run(tenantId, TODAY, { byCron: true });
  }
  const days =
    "select distinct day_done::text as day, last_run_at::date::text as run from insight_states where tenant_id = $1";
  expect(await world.rows(days, [sandbox])).toEqual([{ day: "2026-06-01", run: "2026-05-31" }]);
  expect(await world.rows(days, [shop])).toEqual([{ day: TODAY, run: "2026-11-27" }]);
});

describe("odd tenants and members", () => {
  test("a tenant without members, and one whose members never ordered, have no scores and no errors", async () => {
    const [empty, quiet] = [await world.tenant(), await world.tenant()];
    await makeMembers(world.night, quiet, [{ memberId: "m1" }, { memberId: "m2" }]);
    for (const tenantId of [empty, quiet]) {
      expect(await world.run(tenantId, TODAY, { night: true })).toMatchObject({ finished: true });
      expect(await world.rows("select * from member_scores where tenant_id = $1", [tenantId])).toEqual([]);
    }
  });

  test("a tenant with one order: its buyer is new, in the highest bins there are, and nothing is fitted", async () => {
    const tenantId = await world.tenant();
    await makeMembers(world.night, tenantId, [{ memberId: "m1" }]);
    await makeOrders(world.night, tenantId, [{ memberId: "m1", orderId: "o1", day: TODAY }]);
    await world.run(tenantId, TODAY, { night: true });
    const [row] = await world.rows<ScoreRow>("select * from member_scores where tenant_id = $1", [tenantId]);
    expect(row).toMatchObject({ stage: "new", alive: null, lifetime_value: null, churn_risk: false });
    const orders = await world.model<{ refusal: string; missing: { what: string }[] }>(tenantId, "orders");
    expect(orders).toMatchObject({ model: null, refusal: "too_little_data" });
    expect(orders.missing.map(({ what }) => what)).toEqual(["buyers", "days", "buyersWithThreeOrders"]);
  });

  test("the first buyers of a tenant that already runs are sorted into bins the same day", async () => {
    const tenantId = await world.tenant();
    const members = Array.from({ length: 10 }, (_, index) => ({ memberId: `m${index}` }));
    await makeMembers(world.night, tenantId, members);
    await world.run(tenantId, TODAY);
    const orders = members.map(({ memberId }, index) => ({
      memberId,
      orderId: memberId,
      day: TODAY,
      payable: 10_000 * (index + 1),
    }));
    await makeOrders(world.night, tenantId, orders);
    await world.change(
      tenantId,
      members.map(({ memberId }) => memberId),
    );
    await world.run(tenantId, TODAY);
    const rows = await world.rows<{ monetary: number }>(
      "select distinct monetary from member_scores where tenant_id = $1 order by 1",
      [tenantId],
    );
    expect(rows.map(({ monetary }) => monetary)).toEqual([1, 2, 3, 4, 5]);
  });

  test("a member with 100,000 orders is summed up like everybody else", async () => {
    const tenantId = await world.tenant();
    await makeMembers(world.night, tenantId, [{ memberId: "m1" }, { memberId: "m2" }]);
    await makeOrders(world.night, tenantId, [{ memberId: "m2", orderId: "one", day: "2026-11-01" }]);
    await world.owner.query(
      `insert into orders (tenant_id, member_id, order_id, sequence, state, store_id, region_id, owner_id, currency, placed_at,
         program_version, gross, net, payable, refunded)
       select $1, 'm1', 'o' || n, n, 'paid', 'main', 'north', 'head', 'TWD',
         '2026-11-28T04:00:00Z'::timestamptz - make_interval(mins => n), 1, 500, 500, 500, 0
       from generate_series(1, 100000) as n`,
      [tenantId],
    );
    const begun = performance.now();
    await world.run(tenantId, TODAY);
    const seconds = (performance.now() - begun) / 1000;
    const [row] = await world.rows(
      "select orders, order_days, spend::int, last_day::text from member_figures where tenant_id = $1 and member_id = 'm1'",
      [tenantId],
    );
    // 100,000 minutes before noon of the 28th are 69 days and a half.
    expect(row).toEqual({ orders: 100_000, order_days: 70, spend: 50_000_000, last_day: TODAY });
    expect(seconds).toBeLessThan(30);
  });

  test("orders in the future count from their day on, without anything else happening", async () => {
    const tenantId = await world.tenant();
    await makeMembers(world.night, tenantId, [{ memberId: "m1" }]);
    await makeOrders(world.night, tenantId, [{ memberId: "m1", orderId: "o1", day: "2026-11-30" }]);
    const figures = "select orders, last_day::text from member_figures where tenant_id = $1";
    await world.run(tenantId, TODAY);
    expect(await world.rows(figures, [tenantId])).toEqual([]);
    await world.run(tenantId, "2026-11-29");
    expect(await world.rows(figures, [tenantId])).toEqual([]);
    await world.run(tenantId, "2026-11-30");
    expect(await world.rows(figures, [tenantId])).toEqual([{ orders: 1, last_day: "2026-11-30" }]);
  });

  test("an erased member leaves no figures, scores, history, needs or labels behind, and leaves every segment", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 30, seed: 71 });
    await world.segment(tenantId, "all", { kind: "everyone" });
    await world.run(tenantId, "2026-11-20");
    await world.run(tenantId, TODAY);
    await world.owner.query(
      "update members set erased_at = now(), enrolled_at = null, profile = null where tenant_id = $1 and member_id = 'm3'",
      [tenantId],
    );
    await world.run(tenantId, TODAY);
    for (const table of [
      "member_figures",
      "member_scores",
      "score_history",
      "repurchases",
      "label_pushes",
      "auto_tags",
    ]) {
      expect(await world.rows(`select 1 from ${table} where tenant_id = $1 and member_id = 'm3'`, [tenantId])).toEqual(
        [],
      );
    }
    expect(
      await world.rows("select 1 from segment_members where tenant_id = $1 and member_id = 'm3' and until is null", [
        tenantId,
      ]),
    ).toEqual([]);
    expect(await world.rows("select members from segments where tenant_id = $1", [tenantId])).toEqual([
      { members: 29 },
    ]);
  });

  test("one member who cannot be worked out holds up nobody else, and is named by an alert", async () => {
    const tenantId = await world.tenant();
    await makeHistory(world, tenantId, { members: 20, seed: 81 });
    // No sum of so much money fits its column.
    await makeOrders(world.night, tenantId, [
      { memberId: "m5", orderId: "huge1", day: "2026-11-01", payable: 9_000_000_000_000_000 },
      { memberId: "m5", orderId: "huge2", day: "2026-11-02", payable: 9_000_000_000_000_000 },
    ]);
    await world.owner.query(
      "update orders set payable = 9223372036854775000 where tenant_id = $1 and order_id like 'huge%'",
      [tenantId],
    );
    await world.change(tenantId, ["m5"]);
    expect(await world.run(tenantId, TODAY)).toMatchObject({ finished: true });
    const scored = await world.rows<{ member_id: string }>("select member_id from member_scores where tenant_id = $1", [
      tenantId,
    ]);
    expect(scored.length).toBeGreaterThan(10);
    expect(scored.map(({ member_id: id }) => id)).not.toContain("m5");
    const alerts = await world.rows("select kind, member_id from alerts where tenant_id = $1", [tenantId]);
    expect(alerts).toEqual([{ kind: "member_not_scored", member_id: "m5" }]);
  });
});

const SCORES = `select c.*, c.churn_from::text as churn_from, c.next_order_on::text as next_order_on
  from member_scores as c where tenant_id = $1`;

interface ScoreRow {
  readonly member_id: string;
  readonly cycle_days: number;
}
