// What `npm run insights` promises: figures worked out from orders alone, differences found, and tables that stand straight.
import { insightSettings } from "@regulars/contracts/insights-settings";
import { supposedCycle } from "@regulars/insights/buying-cycle";
import { dayNumber } from "@regulars/insights/days";
import { R_PACKAGE_OTHERS, rPackageSegments, shopifyGroups } from "@regulars/insights/rfm-segments";
import { expect, test } from "vitest";
import { compareFindings } from "./insights/agreement.ts";
import type { Findings } from "./insights/findings.ts";
import { findInsights } from "./insights/oracle.ts";
import { compareModels, fitModels, type Models } from "./insights/oracle-models.ts";
import type { Book, CountedOrder } from "./insights/orders.ts";
import { bar, tableLines, widthOf } from "./insights/table.ts";
import { wordsOf } from "./insights/words.ts";
import { readPlayed, rememberPlayed } from "./replay/played.ts";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const AS_OF = "2026-04-01";

type Bought = readonly [memberId: string, day: string, amount: number, ...categories: string[]];

/** Ann comes every ten days, Ben came twice long ago, Cid came once today, Dot's order is of tomorrow. */
const BOUGHT: readonly Bought[] = [
  ["ann", "2026-02-10", 1000, "milk", "bread"],
  ["ann", "2026-02-20", 2000, "milk", "bread"],
  ["ann", "2026-03-02", 3000, "milk", "bread"],
  ["ann", "2026-03-12", 4000, "milk"],
  ["ann", "2026-03-22", 5000, "milk", "jam"],
  ["ben", "2025-12-01", 700, "bread"],
  ["ben", "2025-12-11", 500, "bread"],
  ["cid", AS_OF, 900, "milk", "bread"],
  ["dot", "2026-04-02", 9999, "milk"],
];

const book: Book = { members: 6, orders: BOUGHT.map(makeOrder) };
const settings = insightSettings.parse({
  rfm: { bins: 3, fixedCuts: { recencyDays: [10, 60], orders: [2, 5], amount: [1000, 10_000] } },
  affinity: { by: "category" },
});
/** Ten days, however few the gaps: then every member's cycle is ten days as well. */
const TEN_DAYS = { ...supposedCycle(10), credibilityGaps: 1000 };
const models: Models = { cycle: TEN_DAYS, orders: null, spending: null, supplies: new Map([["milk", TEN_DAYS]]) };
const options = { asOf: AS_OF, currency: "TWD", minorPerMajor: 100, settings, models };
const found = findInsights(book, options);

test("sizes count members with and without orders, and nothing of tomorrow", () => {
  expect(found.sizes).toEqual({ members: 6, buyers: 3, orders: 8, revenue: 17_100 });
});

test("RFM puts whoever bought lately, often and much at the top", () => {
  expect(found.rfm.cells).toEqual([
    { recency: 1, frequency: 2, members: 1, spend: 1200 },
    { recency: 2, frequency: 3, members: 1, spend: 15_000 },
    { recency: 3, frequency: 1, members: 1, spend: 900 },
  ]);
  expect(found.rfm.segments.map(({ name }) => name)).toContain("Loyal Customers");
});

test("life goes by cycles: in time mature, lost after four of them, new on the first day", () => {
  expect(found.lifecycle.stages).toEqual([
    { name: "lost", members: 1, spend: 1200 },
    { name: "mature", members: 1, spend: 15_000 },
    { name: "new", members: 1, spend: 900 },
  ]);
  expect(found.lifecycle.labels).toEqual([
    { name: "A", members: 1 },
    { name: "D", members: 1 },
    { name: "N", members: 1 },
  ]);
});

test("cohorts follow members from the month of their first order", () => {
  expect(found.cohorts).toEqual([
    { month: "2025-12", size: 1, active: [1, 0, 0, 0, 0] },
    { month: "2026-02", size: 1, active: [1, 1, 0] },
    { month: "2026-04", size: 1, active: [1] },
  ]);
});

test("needs of the week are those whose supply ends in it", () => {
  // Ann's milk of 22 March ends on 1 April; Cid's, bought today, on 11 April; bread has no cycle.
  expect(found.repurchase).toEqual({
    from: AS_OF,
    until: "2026-04-08",
    products: [{ ref: "milk", members: 1, overdue: 0, medianDays: 10 }],
    days: [{ day: AS_OF, members: 1 }],
  });
});

test("value needs models: without them there is none, and bands still tell who spends", () => {
  expect([found.value.total, found.value.deciles, found.value.bestFifth]).toEqual([0, [], null]);
  expect(found.value.oneTimeBuyerRate).toBeCloseTo(1 / 3, 12);
  expect(found.value.bands.reduce((sum, { spend }) => sum + spend, 0)).toBe(17_100);
});

test("lifetime value is that of the models in force, discounted over the horizon", () => {
  const buying = { r: 0.25, alpha: 4, a: 0.8, b: 2.5 };
  const spending = { p: 6, q: 4, v: 1500 };
  const inForce: Models = {
    ...models,
    orders: { model: "BG/NBD", parameters: buying },
    spending: { parameters: spending },
  };
  const { value } = findInsights(book, { ...options, models: inForce });
  expect(value.deciles).toHaveLength(10);
  expect(value.deciles.reduce((sum, one) => sum + one.value, 0)).toBeCloseTo(value.total, 6);
  expect(value.deciles.map(({ members }) => members).reduce((sum, one) => sum + one, 0)).toBe(3);
  const cheaper = { ...settings, discountPerYear: 0 };
  const undiscounted = findInsights(book, { ...options, models: inForce, settings: cheaper });
  expect(undiscounted.value.total).toBeGreaterThan(value.total);
  expect(undiscounted.value.total).toBeLessThan(value.total * 1.1);
});

test("what is bought together counts baskets of the last days only", () => {
  const many = Array.from({ length: 12 }, (_, at) => makeOrder([`m${at}`, "2026-03-30", 100, "tea", "cake"]));
  const old = Array.from({ length: 12 }, (_, at) => makeOrder([`m${at}`, "2025-08-30", 100, "tea", "salt"]));
  const others = Array.from({ length: 12 }, (_, at) => makeOrder([`n${at}`, "2026-03-30", 100, "soap"]));
  const { affinity } = findInsights({ members: 24, orders: [...many, ...old, ...others] }, options);
  expect(affinity.baskets).toBe(24);
  expect(affinity.rules).toEqual([
    { antecedent: ["cake"], consequent: "tea", count: 12, confidence: 1, lift: 2 },
    { antecedent: ["tea"], consequent: "cake", count: 12, confidence: 1, lift: 2 },
  ]);
});

test("a store is told by its last days, and by who of its buyers had bought before", () => {
  expect(found.stores).toEqual([
    { storeId: "store-1", orders: 3, buyers: 2, revenue: 9900, averageOrder: 3300, repeatRate: 0.5 },
  ]);
});

test("the same findings agree in every figure, in whatever order names stand", () => {
  const turned: Findings = {
    ...found,
    rfm: { ...found.rfm, cells: found.rfm.cells.toReversed(), segments: found.rfm.segments.toReversed() },
    cohorts: found.cohorts.toReversed(),
  };
  const { figures, differences } = compareFindings(turned, found);
  expect(differences).toEqual([]);
  expect(figures).toBeGreaterThan(60);
});

test("one member more, one name less, or a part in a million is a difference", () => {
  const differing = (change: Partial<Findings>) => compareFindings({ ...found, ...change }, found).differences;
  expect(differing({ sizes: { ...found.sizes, buyers: 4 } })).toEqual(["sizes.buyers: 4 answered, 3 by the orders"]);
  expect(differing({ sizes: { ...found.sizes, revenue: 17_100.02 } })).toHaveLength(1);
  const fewer = { ...found.lifecycle, stages: found.lifecycle.stages.slice(1) };
  expect(differing({ lifecycle: fewer })).toEqual(
    expect.arrayContaining(["lifecycle.stages.lost.members: nothing answered, 1 by the orders"]),
  );
  const [first] = found.cohorts;
  expect(differing({ cohorts: [{ ...first!, month: "2025-11" }, ...found.cohorts.slice(1)] }).length).toBeGreaterThan(
    1,
  );
});

test("models in force are as good as the best, or are told", () => {
  const until = dayNumber(AS_OF);
  const orders = book.orders.filter(({ day }) => day <= until);
  const best = fitModels(orders, until, 1);
  expect(best).toMatchObject({ orders: null, spending: null });
  expect(compareModels(best, best, orders, until)).toEqual({ figures: 3, differences: [] });
  const slower: Models = { ...best, cycle: { ...TEN_DAYS, medianDays: (best.cycle?.medianDays ?? 1) * 1.05 } };
  expect(compareModels(slower, best, orders, until).differences).toHaveLength(1);
  const gone: Models = { ...best, cycle: null };
  expect(compareModels(gone, best, orders, until).differences).toHaveLength(1);
});

test("columns stand under each other whatever their script", () => {
  const lines = tableLines(
    ["stage", "members"],
    [
      ["有流失風險", "7"],
      ["At risk", "1,200"],
    ],
  );
  expect(lines.map(widthOf)).toEqual([21, 21, 21, 21]);
  expect(lines[2]).toBe("  有流失風險        7");
  expect([bar(0, 4), bar(0.5, 4), bar(1, 4), bar(1 / 32, 4)]).toEqual(["", "██", "████", "▏"]);
});

test("every segment and group that scores can name has a name in every language", () => {
  const names = {
    rfmSegment: [...rPackageSegments.map(({ name }) => name), R_PACKAGE_OTHERS],
    rfmGroup: shopifyGroups.map(({ name }) => name),
  };
  for (const language of ["zh-TW", "zh-CN"] as const) {
    const words = wordsOf(language, "TWD");
    for (const name of names.rfmSegment) expect(words.name("rfmSegment", name)).not.toBe(name);
    for (const name of names.rfmGroup) expect(words.name("rfmGroup", name)).not.toBe(name);
  }
  expect(wordsOf("zh-TW", "TWD").name("stage", "won_back")).toBe("挽回");
  expect(wordsOf("en", "TWD").name("rfmGroup", "OF_TOMORROW")).toBe("OF_TOMORROW");
});

test("the tenant of the last replay is found again, by its owner only", () => {
  const folder = mkdtempSync(join(tmpdir(), "regulars-played-"));
  const path = join(folder, "data", "replay.json");
  const played = { url: "http://127.0.0.1:8787", tenantId: "replay-1", manageKey: "rk_live_a_b" };
  expect(readPlayed(path)).toBeNull();
  rememberPlayed(played, path);
  expect(readPlayed(path)).toEqual(played);
  expect(statSync(path).mode & 0o077).toBe(0);
  rmSync(folder, { recursive: true });
});

function makeOrder([memberId, day, amount, ...categories]: Bought): CountedOrder {
  const lines = categories.map((category) => ({ sku: `${category}-1`, category, kept: 1 }));
  return { memberId, storeId: "store-1", day: dayNumber(day), amount, lines };
}
