// Reports on members through the management API, over a world whose every figure is worked out by hand beside it.
import { insightOperations } from "@regulars/contracts/operations-insights";
import { customerPyramid, decileTotals, membersMaking, paretoShare } from "@regulars/insights/value";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeMemberId } from "./make-events.ts";
import { makeTenant } from "./loyalty-places.ts";
import { idOf, makeWorld, personOf, type ReportsWorld } from "./reports-world.ts";
import { useSystem } from "./system.ts";

const system = useSystem();
let world: ReportsWorld;

beforeAll(async () => {
  world = await makeWorld(system);
});
afterAll(() => world?.stop());

/** The answer, which is exactly of the shape that is published for it. */
async function read(path: string) {
  const answer = await world.ask(path);
  expect([path, answer.status, answer.body.code]).toEqual([path, 200, undefined]);
  const [asked = ""] = path.split("?");
  const { answer: published } = operationOf(asked);
  expect(published.schema.parse(answer.body)).toEqual(answer.body);
  return answer.body;
}

function operationOf(path: string) {
  const found = insightOperations.find(({ path: template }) => {
    const pattern = template.replace("/manage/v1/insights/", "").replace(/\{\w+\}/, "\\w+");
    return new RegExp(`^${pattern}$`).test(path);
  });
  if (found === undefined) throw new Error(`no operation answers ${path}`);
  return found;
}

const refusalOf = async (path: string) => {
  const { status, body } = await world.ask(path);
  return [status, body.code, body.field];
};

const MARCH = "from=2026-03-01&until=2026-03-31";
const AGAINST_FEBRUARY = `${MARCH}&compareFrom=2026-02-01&compareUntil=2026-02-28`;
const pair = (current: number | null, previous: number | null) => expect.objectContaining({ current, previous });

describe("the overview", () => {
  test("has every figure of a range beside that of another, by the local days of the tenant", async () => {
    const { figures, range, compared, money } = await read(`overview?${AGAINST_FEBRUARY}`);
    expect({ range, compared, money }).toEqual({
      range: { from: "2026-03-01", until: "2026-03-31" },
      compared: { from: "2026-02-01", until: "2026-02-28" },
      money: "TWD",
    });
    expect(figures).toEqual({
      // March: A 30,000 + 10,000 kept of 15,000; C 50,000 + 10,000; D 5,000; F 8,000; G 90,000. February: A, B, E.
      revenue: { current: 203_000, previous: 67_000, change: 136_000, rate: 136 / 67 },
      orders: pair(7, 3),
      buyers: pair(5, 3),
      ordersPerBuyer: pair(7 / 5, 1),
      averageOrder: pair(29_000, 67_000 / 3),
      // C, D and F; in February B and E, for A had come in December.
      newBuyers: pair(3, 2),
      repeatBuyers: pair(2, 1),
      // G, who was lost until the 12th.
      wonBackBuyers: pair(1, 0),
      // C, whom A had brought, and D, who says so.
      wordOfMouthBuyers: pair(2, 0),
      enrolled: pair(4, 2),
      // D and F of five; B and E of three.
      oneTimeBuyerRate: pair(2 / 5, 2 / 3),
      // C came on a second day.
      secondPurchaseRate: pair(1 / 3, 0),
    });
  });

  test("shares out the change of revenue among buyers, their orders and the size of these, without a rest", async () => {
    const { drivers } = await read(`overview?${AGAINST_FEBRUARY}`);
    const weight = (203_000 - 67_000) / Math.log(203 / 67);
    expect(drivers).toEqual([
      { name: "buyers", effect: expect.closeTo(weight * Math.log(5 / 3), 6) },
      { name: "ordersPerBuyer", effect: expect.closeTo(weight * Math.log(7 / 5), 6) },
      { name: "averageOrder", effect: expect.closeTo(weight * Math.log(29_000 / (67_000 / 3)), 6) },
    ]);
    const sum = drivers.reduce((total: number, { effect }: { effect: number }) => total + effect, 0);
    expect(sum).toBeCloseTo(136_000, 6);
    expect((await read("overview?from=2026-01-01&until=2026-01-31")).drivers).toBeNull();
  });

  test("counts points given and spent, less what was taken back and restored, by currency", async () => {
    const { points } = await read(`overview?${AGAINST_FEBRUARY}`);
    expect(points).toEqual([
      { currency: "coins", given: pair(3, 0), spent: pair(0, 0) },
      { currency: "points", given: pair(25, 4), spent: pair(7, 0) },
    ]);
  });

  test("leaves points out of ranges longer than a quarter, and refuses a chart of them", async () => {
    const year = "from=2025-04-01&until=2026-03-31";
    expect((await read(`overview?${year}`)).points).toBeNull();
    expect(await refusalOf(`series?metric=pointsGiven&currency=points&by=month&${year}`)).toEqual([
      400,
      "number_out_of_range",
      "until",
    ]);
  });

  test("looks without a range at the last thirty days, today included, against the thirty before", async () => {
    const { range, compared, figures } = await read("overview");
    expect(range).toEqual({ from: "2026-03-02", until: "2026-03-31" });
    expect(compared).toEqual({ from: "2026-01-31", until: "2026-03-01" });
    // F's order of the 1st is on the other side now; D's of this morning is here.
    expect(figures.revenue).toEqual(pair(195_000, 75_000));
    const today = await read("overview?from=2026-03-31&until=2026-03-31");
    expect(today.compared).toEqual({ from: "2026-03-30", until: "2026-03-30" });
    expect(today.figures.revenue).toEqual({ current: 5000, previous: 0, change: 5000, rate: null });
    expect(today.figures.averageOrder).toEqual({ current: 5000, previous: null, change: null, rate: null });
  });

  test("is of one store or one region when that is asked for", async () => {
    const store = (await read(`overview?${MARCH}&storeId=taichung-west`)).figures;
    expect([store.revenue, store.orders, store.buyers, store.newBuyers].map(({ current }) => current)).toEqual([
      75_000, 4, 3, 2,
    ]);
    expect([store.wonBackBuyers.current, store.enrolled.current]).toEqual([0, 3]);
    const region = await read(`overview?${MARCH}&regionId=north`);
    expect(region.figures.revenue.current).toBe(203_000 - 75_000);
    expect(region.figures.enrolled.current).toBe(1);
    expect(region.points).toEqual([
      { currency: "coins", given: pair(3, 0), spent: pair(0, 0) },
      { currency: "points", given: pair(25, 4), spent: pair(0, 0) },
    ]);
  });

  test("refuses half a range, one that ends before it begins, one too long, and places that are not there", async () => {
    expect(await refusalOf("overview?from=2026-03-01")).toEqual([400, "invalid_value", "until"]);
    expect(await refusalOf("overview?from=2026-03-02&until=2026-03-01")).toEqual([400, "number_out_of_range", "until"]);
    expect(await refusalOf("overview?from=2016-03-02&until=2026-03-01")).toEqual([400, "number_out_of_range", "until"]);
    expect(await refusalOf(`overview?${MARCH}&compareFrom=2026-03-02&compareUntil=2026-03-01`)).toEqual([
      400,
      "number_out_of_range",
      "compareUntil",
    ]);
    expect(await refusalOf("overview?from=2026-02-30&until=2026-03-01")).toEqual([400, "invalid_date", "from"]);
    expect(await refusalOf(`overview?${MARCH}&storeId=nowhere`)).toEqual([404, "store_not_found", "storeId"]);
    expect(await refusalOf(`overview?${MARCH}&regionId=nowhere`)).toEqual([400, "invalid_value", "regionId"]);
    expect(await refusalOf(`overview?${MARCH}&regionId=north&storeId=taipei-xinyi`)).toEqual([
      400,
      "invalid_value",
      "until",
    ]);
  });
});

describe("a chart", () => {
  const values = (points: { value: number | null }[]) => points.map(({ value }) => value);

  test("has every step, also those with nothing in them, and sums to the overview", async () => {
    const { points } = await read("series?metric=revenue&from=2026-02-27&until=2026-03-03");
    expect(points).toEqual([
      { day: "2026-02-27", value: 0, comparedDay: "2026-02-22", comparedValue: 0 },
      { day: "2026-02-28", value: 7000, comparedDay: "2026-02-23", comparedValue: 0 },
      { day: "2026-03-01", value: 8000, comparedDay: "2026-02-24", comparedValue: 0 },
      { day: "2026-03-02", value: 0, comparedDay: "2026-02-25", comparedValue: 0 },
      { day: "2026-03-03", value: 30_000, comparedDay: "2026-02-26", comparedValue: 0 },
    ]);
    for (const metric of ["revenue", "orders", "newBuyers", "enrolled"]) {
      for (const by of ["day", "week", "month"]) {
        const line = await read(`series?metric=${metric}&by=${by}&${AGAINST_FEBRUARY}`);
        const { figures } = await read(`overview?${AGAINST_FEBRUARY}`);
        const sum = values(line.points).reduce((total: number, value) => total + (value ?? 0), 0);
        expect([metric, by, sum]).toEqual([metric, by, figures[metric].current]);
      }
    }
  });

  test("steps by weeks that begin on Mondays, and by months", async () => {
    const weeks = await read(`series?metric=newBuyers&by=week&${MARCH}`);
    expect(weeks.points.map(({ day, value }: { day: string; value: number }) => [day, value])).toEqual([
      // F on Sunday the 1st, C on Thursday the 5th, D today.
      ["2026-02-23", 1],
      ["2026-03-02", 1],
      ["2026-03-09", 0],
      ["2026-03-16", 0],
      ["2026-03-23", 0],
      ["2026-03-30", 1],
    ]);
    const months = await read("series?metric=buyers&by=month&from=2026-01-15&until=2026-03-31");
    // The 76 days before touch one month more.
    expect(values(months.points)).toEqual([0, 3, 5, null]);
    const given = await read(`series?metric=pointsGiven&currency=points&by=month&${AGAINST_FEBRUARY}`);
    expect(given.points).toEqual([{ day: "2026-03-01", value: 25, comparedDay: "2026-02-01", comparedValue: 4 }]);
  });

  test("has no average where nothing was sold, and goes on as long as the longer of two ranges", async () => {
    const ranges = "from=2026-03-03&until=2026-03-04&compareFrom=2026-02-10&compareUntil=2026-02-10";
    expect((await read(`series?metric=averageOrder&${ranges}`)).points).toEqual([
      { day: "2026-03-03", value: 30_000, comparedDay: "2026-02-10", comparedValue: 40_000 },
      { day: "2026-03-04", value: null, comparedDay: null, comparedValue: null },
    ]);
  });

  test("is refused with more points than can be drawn, and of points without their currency", async () => {
    const long = "from=2022-01-01&until=2026-03-31";
    expect(await refusalOf(`series?metric=revenue&by=day&${long}`)).toEqual([400, "number_out_of_range", "by"]);
    expect((await read(`series?metric=revenue&by=week&${long}`)).points.length).toBe(223);
    expect(await refusalOf(`series?metric=pointsGiven&${MARCH}`)).toEqual([400, "missing_field", "currency"]);
  });
});

describe("who the members are", () => {
  test("RFM counts everybody once by each name, and tells where bins begin as R prints it", async () => {
    const cuts = { recencyDays: [10, 20, 40, 80], orders: [2, 3, 4, 5], amount: [8000, 30_000, 60_000, 90_000] };
    await world.insert("insight_models", [
      { kind: "cuts", version: 1, document: {}, fitted_on: "2026-03-30", fitted_at: "2026-03-30T00:00:00Z" },
      { kind: "cuts", version: 2, document: cuts, fitted_on: "2026-03-31", fitted_at: "2026-03-31T00:00:00Z" },
    ]);
    const report = await read("rfm");
    expect([report.bins, report.scored, report.prospects]).toEqual([5, 6, 2]);
    expect(report.grid).toEqual([
      { recency: 5, frequency: 4, members: 1, spend: 60_000 },
      { recency: 4, frequency: 5, members: 1, spend: 70_000 },
      { recency: 4, frequency: 4, members: 1, spend: 100_000 },
      { recency: 3, frequency: 1, members: 1, spend: 8000 },
      { recency: 2, frequency: 1, members: 2, spend: 47_000 },
    ]);
    expect(report.segments[0]).toEqual({ name: "Champions", members: 3, spend: 230_000 });
    expect(report.groups.map(({ name, members }: { name: string; members: number }) => [name, members])).toEqual([
      ["LOYAL", 2],
      ["AT_RISK", 1],
      ["CHAMPIONS", 1],
      ["DORMANT", 1],
      ["PROMISING", 1],
    ]);
    expect(report.taiwan).toEqual([
      { name: "貴客", members: 3, spend: 230_000 },
      { name: "常客", members: 3, spend: 230_000 },
      { name: "新客", members: 3, spend: 230_000 },
    ]);
    expect(report.cuts).toMatchObject({ version: 2, fittedOn: "2026-03-31" });
    // The best are those who bought last: 6 days ago at the least, 49 at the most.
    expect(report.cuts.recency.bins).toEqual([
      { score: 1, low: 80, high: 50 },
      { score: 2, low: 40, high: 80 },
      { score: 3, low: 20, high: 40 },
      { score: 4, low: 10, high: 20 },
      { score: 5, low: 6, high: 10 },
    ]);
    expect(report.cuts.monetary.bins.at(0)).toEqual({ score: 1, low: 7000, high: 8000 });
    // One unit of money above the greatest.
    expect(report.cuts.monetary.bins.at(-1)).toEqual({ score: 5, low: 90_000, high: 100_100 });
  });

  test("stages, and how members moved between them from one day to another", async () => {
    const report = await read(`lifecycle?from=2026-03-01&until=2026-03-31`);
    expect(report.asOf).toBe("2026-03-31");
    expect(report.stages).toEqual([
      { stage: "active", members: 2, spend: 130_000 },
      { stage: "at_risk", members: 1, spend: 40_000 },
      { stage: "new", members: 1, spend: 8000 },
      { stage: "sleeping", members: 1, spend: 7000 },
      { stage: "won_back", members: 1, spend: 100_000 },
      { stage: null, members: 2, spend: 0 },
    ]);
    expect(report.labels).toEqual([
      { label: "A", members: 4 },
      { label: "N", members: 1 },
      { label: "S", members: 1 },
    ]);
    expect(report.churnRisk).toBe(1);
    const moves = report.flows.moves.map(
      ({ fromStage, toStage, members }: { fromStage: string; toStage: string; members: number }) =>
        `${fromStage} > ${toStage}: ${members}`,
    );
    expect(moves.toSorted()).toEqual([
      "active > active: 1",
      "lost > null: 1",
      "lost > won_back: 1",
      "new > at_risk: 1",
      "new > new: 1",
      "new > sleeping: 1",
      "null > active: 1",
    ]);
  });

  test("labels as of any day, of one member and of all", async () => {
    const stageOn = async (person: string, day: string) =>
      (await read(`as-of?memberId=${idOf(person)}&day=${day}`)).labels?.stage;
    expect(await stageOn("G", "2025-05-31")).toBeUndefined();
    expect(await stageOn("G", "2026-03-11")).toBe("lost");
    expect(await stageOn("G", "2026-03-12")).toBe("won_back");
    expect(await stageOn("G", "2030-01-01")).toBe("won_back");
    const { labels } = await read(`as-of?memberId=${idOf("G")}&day=2026-01-01`);
    expect(labels).toMatchObject({ since: "2025-08-01", until: "2026-03-12", label: "L" });
    const nobody = `as-of?memberId=${makeMemberId(99)}&day=2026-01-01`;
    expect(await refusalOf(nobody)).toEqual([404, "member_not_found", "memberId"]);
    const counts = await read("as-of/counts?day=2026-03-01");
    expect(counts).toMatchObject({
      members: 6,
      stages: [
        { name: "new", members: 3 },
        { name: "lost", members: 2 },
        { name: "active", members: 1 },
      ],
    });
    expect((await read("as-of/counts?day=2020-01-01")).members).toBe(0);
  });

  test("value: bands, groups of profit, pyramid, best fifth and tenths agree with the statistics of packages/insights", async () => {
    const report = await read("value");
    const spends = [100_000, 70_000, 60_000, 40_000, 8000, 7000];
    expect(report).toMatchObject({ members: 8, buyers: 6, total: 285_000, mean: 47_500, oneTimeBuyerRate: 1 / 2 });
    // A fifth of six is 1.2: G, and a fifth of A: 114,000 of 285,000.
    expect(report.paretoShare).toBeCloseTo(0.4, 12);
    expect(report.paretoShare).toBeCloseTo(paretoShare(spends, 0.2) ?? 0, 12);
    expect(report.membersMakingEighty).toBeCloseTo(membersMaking(spends, 0.8) ?? 0, 12);
    expect(report.pyramid).toEqual(customerPyramid([...spends, 0, 0]));
    expect(report.deciles.map(({ value }: { value: number }) => value)).toEqual(decileTotals(spends));
    expect(report.bands).toEqual([
      { name: "high", members: 3, spend: 230_000 },
      { name: "middle", members: 1, spend: 40_000 },
      { name: "low", members: 2, spend: 15_000 },
    ]);
    expect(report.profitGroups).toEqual([
      { group: "high", members: 4, potential: 0, profit: 15_500 + 8000 + 13_000 + 23_000 },
      { group: "middle", members: 0, potential: 0, profit: 0 },
      { group: "low", members: 0, potential: 0, profit: 0 },
      { group: "none", members: 2, potential: 1, profit: -250 },
    ]);
    const worth = { members: 6, total: 133_000, mean: 133_000 / 6, expectedOrders: 12, meanAlive: 0.5 };
    expect(report.lifetimeValue).toEqual(worth);
    expect(report.models.map(({ kind, version }: { kind: string; version: number }) => [kind, version])).toEqual([
      ["cuts", 2],
    ]);
  });

  test("value by profit: who costs money counts as nobody's share, and is at the bottom of the pyramid", async () => {
    const profits = [23_000, 15_500, 13_000, 8000, 0, -250];
    const report = await read("value?by=profit");
    expect(report.pyramid).toEqual(customerPyramid([...profits, 0, 0]));
    expect(report.paretoShare).toBeCloseTo(paretoShare(profits, 0.2) ?? 0, 12);
    expect(report.membersMakingEighty).toBeCloseTo(membersMaking(profits, 0.8) ?? 0, 12);
    expect(report.deciles.map(({ value }: { value: number }) => value)).toEqual(decileTotals(profits));
  });
});

describe("the pivot", () => {
  const groups = (all: { key: string | null }[]) => all.map(({ key }) => key);

  test("counts members by any two dimensions; whoever has told nothing is a group of its own, and sums check", async () => {
    const table = await read("pivot?rows=tier&columns=ageBand");
    expect(groups(table.rowGroups)).toEqual(["gold", "silver", null]);
    expect(groups(table.columnGroups)).toEqual(["0-17", "35-44", "45-54", "65+", null]);
    // A turned 36 today, B turns 36 tomorrow, C is 17 for one day more.
    expect(table.cells).toEqual([
      [null, 2, null, null, null],
      [1, null, null, null, null],
      [null, 1, 1, 1, 2],
    ]);
    expect(table).toMatchObject({ rowTotals: [2, 1, 5], columnTotals: [1, 3, 1, 1, 2], total: 8, members: 8 });
  });

  test("sums what members bring, and takes means of buyers alone", async () => {
    const spend = await read("pivot?rows=region&columns=gender&measure=spend");
    expect(groups(spend.rowGroups)).toEqual(["central", "north", null]);
    expect(groups(spend.columnGroups)).toEqual(["female", "male", "other", null]);
    expect(spend.cells).toEqual([
      [60_000, 8000, null, 0],
      [77_000, 40_000, null, null],
      [null, null, 100_000, null],
    ]);
    expect([spend.rowTotals, spend.total]).toEqual([[68_000, 117_000, 100_000], 285_000]);
    const mean = await read("pivot?rows=region&columns=gender&measure=averageSpend");
    expect(mean.cells[0]).toEqual([60_000, 8000, null, null]);
    // A and E; H has never bought.
    expect(mean.cells[1][0]).toBe(38_500);
    expect(mean.total).toBe(47_500);
  });

  test("counts a member of two segments in both, but once in the totals; and looks at one segment alone", async () => {
    const segment = { version: 1, definition: {}, at_checkout: false, state: "ready", created_at: "2026-01-01" };
    await world.insert("segments", [
      { segment_id: "food", name: "Food", ...segment },
      { segment_id: "vip", name: "VIP", ...segment },
      { segment_id: "gone", name: "Gone", ...segment, ended_at: "2026-02-01" },
    ]);
    const stay = { since: "2026-03-01", version: 1 };
    await world.insert("segment_members", [
      { segment_id: "food", member_id: idOf("A"), ...stay },
      { segment_id: "food", member_id: idOf("C"), ...stay },
      { segment_id: "vip", member_id: idOf("A"), ...stay },
      { segment_id: "vip", member_id: idOf("G"), ...stay },
      { segment_id: "vip", member_id: idOf("B"), ...stay, until: "2026-03-02" },
    ]);
    const table = await read("pivot?rows=tier&columns=segment");
    expect(groups(table.columnGroups)).toEqual(["food", "vip", null]);
    expect(table).toMatchObject({
      cells: [
        [1, 1, 1],
        [1, null, null],
        [null, 1, 4],
      ],
      rowTotals: [2, 1, 5],
      columnTotals: [2, 2, 5],
      total: 8,
      overlapping: true,
    });
    const turned = await read("pivot?rows=segment&columns=tier");
    expect(turned).toMatchObject({ rowTotals: [2, 2, 5], columnTotals: [2, 1, 5], total: 8 });
    const vips = await read("pivot?rows=tier&columns=stage&segmentId=vip&measure=orders");
    expect(vips).toMatchObject({ rowTotals: [4, 2], columnTotals: [4, 2], total: 6, members: 2, overlapping: false });
    const ofGone = await refusalOf("pivot?rows=tier&columns=stage&segmentId=gone");
    expect(ofGone).toEqual([404, "segment_not_found", "segmentId"]);
    expect(await refusalOf("pivot?rows=tier&columns=tier")).toEqual([400, "invalid_value", "columns"]);
  });

  test("puts groups beyond fifty together, and sums still check", async () => {
    const more = Array.from({ length: 60 }, (_, at) => ({
      member_id: makeMemberId(100 + at),
      profile: {},
      consent: {},
      source: `source-${String(at).padStart(2, "0")}`,
      enrolled_at: "2026-01-01",
      epoch: 1,
      events: 1,
      last_sequence: 1,
    }));
    await world.insert("members", more);
    const table = await read("pivot?rows=source&columns=stage");
    expect(table.rowGroups.length).toBe(52);
    expect(table.rowGroups.at(-2)).toEqual({ key: null, others: false });
    expect(table.rowGroups.at(-1)).toEqual({ key: null, others: true });
    // app has two members; 62 sources less the fifty largest, by name.
    expect(table.rowGroups[0]).toEqual({ key: "app", others: false });
    expect(table.rowTotals.at(-1)).toBe(12);
    expect(table.rowTotals.reduce((sum: number, total: number) => sum + total, 0)).toBe(68);
    expect(table.total).toBe(68);
    await world.owner.query("delete from members where tenant_id = $1 and source like 'source-%'", [world.tenant.id]);
  });
});

test("cohorts: who came in a month, and how many came again, and how much", async () => {
  const table = await read("cohorts?from=2025-12&until=2026-03");
  expect(table.cohorts.map(({ month, size, values }: Record<string, unknown>) => [month, size, values])).toEqual([
    ["2025-12", 1, [1, 0, 1, 1]],
    ["2026-01", 0, [0, 0, 0]],
    ["2026-02", 2, [2, 0]],
    ["2026-03", 3, [3]],
  ]);
  expect(table.cohorts[0].rates).toEqual([1, 0, 1, 1]);
  expect(table.overall).toEqual([1, 0, 1, 1]);
  const money = await read("cohorts?from=2025-12&until=2026-03&measure=revenue");
  expect(money.cohorts.map(({ values }: { values: number[] }) => values)).toEqual([
    [10_000, 0, 20_000, 40_000],
    [0, 0, 0],
    [47_000, 0],
    [73_000],
  ]);
  // Without a range the last twelve months; G came in June.
  const usual = await read("cohorts");
  expect([usual.from, usual.until, usual.cohorts.length]).toEqual(["2025-04", "2026-03", 12]);
  expect(usual.cohorts[2]).toMatchObject({ month: "2025-06", size: 1, values: [1, 0, 0, 0, 0, 0, 0, 0, 0, 1] });
  expect(await refusalOf("cohorts?from=2022-12&until=2026-03")).toEqual([400, "number_out_of_range", "until"]);
});

describe("what comes next", () => {
  test("needs of the days to come by product, by day and by member, page by page", async () => {
    const need = (person: string, ref: string, dueOn: string, churnFrom = "2026-06-01") => ({
      member_id: idOf(person),
      kind: "sku",
      ref,
      last_day: "2026-03-01",
      quantity: 1,
      gaps: 0,
      cycle_days: 30,
      due_on: dueOn,
      window_from: dueOn,
      window_until: dueOn,
      churn_from: churnFrom,
    });
    await world.insert("repurchases", [
      need("A", "milk", "2026-04-02"),
      need("B", "milk", "2026-04-02"),
      need("C", "milk", "2026-04-20"),
      need("C", "a.b tea", "2026-04-03"),
      need("E", "milk", "2026-03-20"),
      need("F", "milk", "2026-03-10", "2026-03-30"),
      need("G", "milk", "2026-03-31"),
      { ...need("A", "dairy", "2026-04-01"), kind: "category" },
    ]);
    const usual = {
      median_days: 21,
      within_variance: 0.2,
      credibility_gaps: 2,
      members: 5,
      gaps: 9,
      fitted_on: "2026-03-31",
    };
    await world.insert("repurchase_cycles", [{ kind: "sku", ref: "milk", ...usual }]);
    const first = await read("repurchase?withinDays=3&limit=2");
    expect(first).toMatchObject({ from: "2026-03-31", until: "2026-04-03", kind: "sku" });
    expect(first.products).toEqual([
      // G, A and B; E is overdue and F was given up yesterday.
      { ref: "milk", members: 3, overdue: 1, medianDays: 21, cycleMembers: 5, cycleGaps: 9 },
      { ref: "a.b tea", members: 1, overdue: 0, medianDays: null, cycleMembers: 0, cycleGaps: 0 },
    ]);
    expect(first.days).toEqual([
      { day: "2026-03-31", members: 1 },
      { day: "2026-04-02", members: 2 },
      { day: "2026-04-03", members: 1 },
    ]);
    const found: string[] = [];
    for (
      let page = first;
      ;
      page = await read(`repurchase?withinDays=3&limit=2&cursor=${encodeURIComponent(page.nextCursor)}`)
    ) {
      found.push(
        ...page.members.map((one: { memberId: string; ref: string }) => `${personOf(one.memberId)} ${one.ref}`),
      );
      if (page.nextCursor === null) break;
    }
    expect(found).toEqual(["G milk", "A milk", "B milk", "C a.b tea"]);
    expect((await read("repurchase?withinDays=30&ref=milk")).members.length).toBe(4);
    expect((await read("repurchase?kind=category")).members).toMatchObject([{ ref: "dairy", dueOn: "2026-04-01" }]);
    expect(await refusalOf("repurchase?cursor=2026-99-99.x.y")).toEqual([400, "invalid_cursor", "cursor"]);
  });

  test("rules of what is bought together, filtered and page by page", async () => {
    const rule = (place: number, antecedent: string[], consequent: string, lift: number) => ({
      segment_id: "",
      place,
      antecedent,
      consequent,
      baskets: 200,
      count: 20 - place,
      confidence: 0.5,
      lift,
      leverage: 0.05,
      conviction: place === 1 ? null : 2,
      built_on: "2026-03-30",
    });
    await world.insert("affinity_rules", [
      rule(1, ["fries"], "shake", 3),
      rule(2, ["cola", "fries"], "pie", 2),
      rule(3, ["tea"], "cake", 1.5),
      { ...rule(1, ["tea"], "cake", 9), segment_id: "vip" },
    ]);
    const all = await read("affinity?limit=2");
    expect(all).toMatchObject({ segmentId: null, builtOn: "2026-03-30", baskets: 200, next: 2 });
    expect(all.rules[0]).toEqual({
      place: 1,
      antecedent: ["fries"],
      consequent: "shake",
      count: 19,
      support: 19 / 200,
      confidence: 0.5,
      lift: 3,
      leverage: 0.05,
      conviction: null,
    });
    expect((await read("affinity?limit=2&after=2")).rules.map(({ place }: { place: number }) => place)).toEqual([3]);
    expect((await read("affinity?minLift=2")).rules.length).toBe(2);
    expect((await read("affinity?consequent=pie")).rules.length).toBe(1);
    expect((await read("affinity?minCount=19")).rules.length).toBe(1);
    expect((await read("affinity?segmentId=vip")).rules).toMatchObject([{ lift: 9 }]);
    expect(await refusalOf("affinity?segmentId=nobody")).toEqual([404, "segment_not_found", "segmentId"]);
  });

  test("rules worked out now, with a support of one's own", async () => {
    const found = await read("affinity/search?support=0.1&confidence=0.5&days=60&by=sku");
    // Two baskets have lines that were kept: fries with cola, and fries.
    expect(found).toMatchObject({ segmentId: null, by: "sku", baskets: 2, items: 2, oneIn: 1, total: 2 });
    expect(found.rules).toMatchObject([
      { antecedent: ["cola"], consequent: "fries", count: 1, support: 0.5, confidence: 1, lift: 1 },
      { antecedent: ["fries"], consequent: "cola", count: 1, support: 0.5, confidence: 0.5, lift: 1 },
    ]);
    expect(await refusalOf("affinity/search?support=0")).toEqual([400, "number_out_of_range", "support"]);
    expect(await refusalOf("affinity/search?segmentId=nobody")).toEqual([404, "segment_not_found", "segmentId"]);
  });

  test("one member: habits, labels, needs, the next order and what to offer, each offer with its reason", async () => {
    const c = await read(`members/${idOf("C")}/next`);
    expect(c).toMatchObject({
      memberId: idOf("C"),
      asOf: "2026-03-31",
      enrolledAt: "2026-03-04T04:00:00.000Z",
      homeStoreId: "taichung-west",
      tier: "silver",
      segments: ["food"],
      figures: {
        orders: 2,
        orderDays: 2,
        spend: 60_000,
        averageOrder: 30_000,
        firstDay: "2026-03-05",
        lastDay: "2026-03-25",
      },
      labels: { stage: "active", rfmSegment: "Champions", band: "high", since: "2026-03-25", until: null },
      next: { cycleDays: 30, orderOn: "2026-04-10", churnFrom: "2026-06-01", churnRisk: false, expectedOrders: 2 },
      stores: [{ storeId: "taichung-west", orders: 2 }],
      categories: [
        { category: "food", quantity: 3, spend: 50_000 },
        { category: "drinks", quantity: 1, spend: 10_000 },
      ],
    });
    expect(c.due.map(({ ref }: { ref: string }) => ref)).toEqual(["a.b tea", "milk"]);
    expect(
      c.offers.map(({ item, because }: { item: string; because: { antecedent: string[] } }) => [
        item,
        because.antecedent,
      ]),
    )
      // Both rules are equally sure; the first is told first.
      .toEqual(
        expect.arrayContaining([
          ["shake", ["fries"]],
          ["pie", ["cola", "fries"]],
        ]),
      );
    expect((await read(`members/${idOf("A")}/next`)).tags).toEqual(["vip", "tea"]);
    const h = await read(`members/${idOf("H")}/next`);
    expect(h).toMatchObject({ figures: null, labels: null, next: null, due: [], offers: [], stores: [] });
    expect(await refusalOf(`members/${makeMemberId(50)}/next`)).toEqual([410, "member_erased", undefined]);
    expect(await refusalOf(`members/${makeMemberId(99)}/next`)).toEqual([404, "member_not_found", "memberId"]);
  });

  test("a forecast with its interval, or what is missing for one", async () => {
    const short = await read("forecast?metric=revenue&by=month&horizon=3");
    // Nine whole months, June to February; March is not over.
    expect(short.history.map(({ value }: { value: number }) => value)).toEqual([
      10_000, 0, 0, 0, 0, 0, 10_000, 0, 67_000,
    ]);
    expect(short.forecast).toEqual({ ok: false, missing: [{ what: "periods", have: 9, need: 10 }] });
    const weeks = await read("forecast?metric=revenue&by=week&horizon=4&confidence=0.8");
    expect(weeks.history.at(-1)).toEqual({ day: "2026-03-23", value: 10_000 });
    expect(weeks.forecast.ok).toBe(true);
    expect(weeks.forecast.periods.map(({ day }: { day: string }) => day)).toEqual([
      "2026-03-30",
      "2026-04-06",
      "2026-04-13",
      "2026-04-20",
    ]);
    for (const { low, mean, high } of [...weeks.forecast.periods, weeks.forecast.total]) {
      expect(0 <= low && low <= mean && mean <= high).toBe(true);
    }
    const none = await read("forecast?metric=liability&currency=stamps");
    expect(none.forecast).toEqual({ ok: false, missing: [{ what: "periods", have: 0, need: 10 }] });
    const pays = { tender: [{ currency: "points", valuePerPoint: 100 }], currencies: [] };
    await world.insert("programs", [{ version: 1, document: pays, effective_from: "2026-01-01" }]);
    // Points are of February on, and March is not over.
    const redeemed = await read("forecast?metric=redemptions&currency=points");
    expect(redeemed.history).toEqual([{ day: "2026-02-01", value: 0 }]);
    const later = { testTime: "2026-04-02T04:00:00Z" };
    const april = (await world.ask("forecast?metric=redemptions&currency=points", later)).body;
    expect(april.history.at(-1)).toEqual({ day: "2026-03-01", value: 7 });
    const owed = (await world.ask("forecast?metric=liability&currency=points", later)).body;
    // 4 are outstanding after February, then 30 − 5 − 9 + 2 − 1 more; a point pays 1.00.
    expect(owed.history).toEqual([
      { day: "2026-02-01", value: 400 },
      { day: "2026-03-01", value: 2100 },
    ]);
    expect(await refusalOf("forecast?metric=redemptions")).toEqual([400, "missing_field", "currency"]);
    expect(await refusalOf("forecast?metric=redemptions&currency=points&by=day")).toEqual([400, "invalid_value", "by"]);
  });
});

describe("stores and profiles", () => {
  test("the league table of the last day that was worked out, with place and trend", async () => {
    const card = (storeId: string, day: string, score: number | null, more: Record<string, number | null> = {}) => ({
      store_id: storeId,
      day,
      days: 30,
      orders: 3,
      buyers: 2,
      revenue: 1e3,
      enrolled: 1,
      ratings: 0,
      enrolment_rate: 0.5,
      repeat_rate: 0.25,
      redemption_rate: 0,
      average_order: 333.5,
      score,
      ranked: 2,
      ...more,
    });
    await world.insert("store_scorecards", [
      card("taipei-xinyi", "2026-03-29", 10),
      card("taipei-xinyi", "2026-03-30", 80, { rank: 1, score_before: 60 }),
      card("taichung-west", "2026-03-30", 50, { rank: 1, score_before: 50.5 }),
      card("taipei-xinyi", "2026-04-02", 1),
    ]);
    const table = await read("scorecards");
    expect(table.day).toBe("2026-03-30");
    expect(table.stores).toMatchObject([
      { storeId: "taichung-west", regionId: "central", score: 50, trend: "same" },
      { storeId: "taipei-xinyi", regionId: "north", rank: 1, score: 80, scoreBefore: 60, trend: "up", rating: null },
    ]);
    expect((await read("scorecards?regionId=north")).stores.length).toBe(1);
    expect(await read("scorecards?day=2026-03-29")).toMatchObject({ day: "2026-03-29", stores: [{ trend: null }] });
    expect(await read("scorecards?day=2026-01-01")).toMatchObject({ day: null, stores: [] });
  });

  test("how much members have told, least first", async () => {
    const counted = { segment_id: "", members: 8, counted_on: "2026-03-31" };
    await world.insert("profile_completeness", [
      { ...counted, field: "name", filled: 8 },
      { ...counted, field: "birthday", filled: 2 },
    ]);
    expect(await read("completeness")).toEqual({
      segmentId: null,
      countedOn: "2026-03-31",
      members: 8,
      share: 10 / 16,
      fields: [
        {
          field: "birthday",
          filled: 2,
          share: 0.25,
        },
        {
          field: "name",
          filled: 8,
          share: 1,
        },
      ],
    });
    expect(await read("completeness?segmentId=vip")).toMatchObject({ members: 0, share: null, fields: [] });
  });
});

describe("every report", () => {
  const everyPath = [
    "overview",
    "series?metric=revenue",
    "cohorts",
    "forecast?metric=revenue",
    "rfm",
    "lifecycle",
    "value",
    "as-of/counts?day=2026-03-01",
    "pivot?rows=tier&columns=stage",
    "repurchase",
    "affinity",
    "affinity/search",
    "scorecards",
    "completeness",
    "lifecycle?from=2026-01-01&until=2026-02-01",
    "value?by=lifetimeValue",
  ];

  test("answers a tenant that has nothing at all", async () => {
    const empty = await makeTenant(system, "Empty");
    for (const path of everyPath) {
      const { status, body } = await world.ask(path, { key: empty.manageKey });
      expect([path, status, body.code]).toEqual([path, 200, undefined]);
      const { answer } = operationOf(path.split("?")[0] ?? "");
      expect(answer.schema.parse(body)).toEqual(body);
    }
  });

  test("shows another tenant nothing of this one", async () => {
    const other = await makeTenant(system, "Other");
    for (const path of [...everyPath, `overview?${MARCH}`, "pivot?rows=segment&columns=source"]) {
      const { body } = await world.ask(path, { key: other.manageKey });
      const text = JSON.stringify(body);
      expect([path, /203000|195000|Champions|fries|milk|gold|vip/.test(text)]).toEqual([path, false]);
    }
    for (const path of [`members/${idOf("C")}/next`, `as-of?memberId=${idOf("C")}&day=2026-03-31`]) {
      expect((await world.ask(path, { key: other.manageKey })).body.code).toBe("member_not_found");
    }
  });
});
