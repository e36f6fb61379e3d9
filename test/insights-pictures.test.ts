// What the pictures of the insights promise: the numbers given, shades that follow order, legible and well-formed in every language.
import { LANGUAGES } from "@regulars/contracts/messages/catalog";
import { expect, test } from "vitest";
import type { RfmFindings, StoreScore, ValueFindings } from "./insights/findings.ts";
import { contrast, inkOn, luminance, shadeOf } from "./insights/pictures/colours.ts";
import { bestOfRegions, drawLeague } from "./insights/pictures/league.ts";
import { drawLifecycle } from "./insights/pictures/lifecycle.ts";
import { drawRetention, wholeMonths } from "./insights/pictures/retention.ts";
import { drawRfmGrid } from "./insights/pictures/rfm-grid.ts";
import { curveOf, drawValue, valueAt } from "./insights/pictures/value.ts";
import { wordsOf } from "./insights/words.ts";

const DAY = "2018-01-31";
const english = wordsOf("en", "USD");

const rfm: RfmFindings = {
  bins: 3,
  cuts: { recencyDays: [8, 31], orders: [2, 5], amount: [1000, 5000] },
  cells: [
    { recency: 3, frequency: 3, members: 120, spend: 1_200_000 },
    { recency: 3, frequency: 1, members: 7, spend: 2100 },
    { recency: 1, frequency: 1, members: 45, spend: 90_000 },
  ],
  segments: [],
  groups: [],
};
const cohorts = [
  { month: "2017-11", size: 40, active: [40, 20, 10] },
  { month: "2017-12", size: 8, active: [8, 1] },
  { month: "2018-01", size: 3, active: [3] },
];
const value: ValueFindings = {
  horizonDays: 365,
  models: [],
  total: 100_000,
  expectedOrders: 900,
  meanAlive: 0.7,
  deciles: [40_000, 20_000, 10_000, 8000, 7000, 6000, 4000, 3000, 1500, 500].map((worth) => ({
    members: 20,
    value: worth,
    spend: 0,
  })),
  bestFifth: 0.6,
  makingEighty: 0.42,
  oneTimeBuyerRate: 0.1,
  bands: [],
};
const stages = [
  { name: "mature", members: 30, spend: 1 },
  { name: "lost", members: 10, spend: 1 },
];
const makeStore = (store: Partial<StoreScore>): StoreScore => ({
  storeId: "store-1",
  regionId: "north",
  orders: 12,
  revenue: 345_600,
  averageOrder: 28_800,
  repeatRate: 0.5,
  redemptionRate: null,
  rating: 4.25,
  score: 75,
  scoreBefore: 70,
  rank: 1,
  ranked: 2,
  ...store,
});

test("the RFM grid tells how many members each cell has and what they spend on average", () => {
  const texts = textsOf(drawRfmGrid(rfm, DAY, english));
  expect(texts).toEqual(expect.arrayContaining(["120", "$100", "7", "$3", "45", "$20"]));
  expect(texts.join(" ")).toContain("172 members");
  // Ranges of the axes: three days or orders between two cuts, and open ends.
  expect(texts).toEqual(expect.arrayContaining(["≤ 7", "8–30", "≥ 31", "≤ 1", "2–4", "≥ 5"]));
});

test("a cell of more members is never lighter, and its number stays legible", () => {
  const cells = [1, 10, 60, 120].map((members, at) => ({ recency: 1, frequency: at + 1, members, spend: 0 }));
  const svg = drawRfmGrid({ ...rfm, bins: 4, cells }, DAY, english);
  const shades = cells.map(({ members }) => {
    const drawn = new RegExp(`fill="(#[0-9a-f]{6})" rx="2"/><text[^>]*fill="(#[0-9a-f]{6})"[^>]*>${members}</text>`);
    const [, fill = "", ink = ""] = drawn.exec(svg) ?? [];
    expect(contrast(fill, ink)).toBeGreaterThan(4.5);
    return luminance(fill);
  });
  expect(shades).toEqual(shades.toSorted((one, other) => other - one));
  expect(new Set(shades).size).toBe(4);
});

test("ink is legible on every shade", () => {
  for (let step = 0; step <= 100; step += 1) {
    const shade = shadeOf(step / 100);
    expect(contrast(shade, inkOn(shade)), shade).toBeGreaterThan(4.5);
    expect(luminance(shade)).toBeLessThanOrEqual(luminance(shadeOf((step - 1) / 100)));
  }
  expect([contrast("#000000", "#ffffff"), contrast("#777777", "#777777")]).toEqual([21, 1]);
});

test("retention is the share of each month's new buyers, and of all weighted by their size", () => {
  const texts = textsOf(drawRetention(cohorts, DAY, english));
  expect(texts).toEqual(expect.arrayContaining(["2017-11", "40", "50%", "25%", "13%"]));
  // One month after: 21 of 48.
  expect(texts).toContain("44%");
});

test("a month that is not over is left out of retention", () => {
  expect(wholeMonths(cohorts, "2018-01-30")).toEqual([
    { month: "2017-11", size: 40, active: [40, 20] },
    { month: "2017-12", size: 8, active: [8] },
  ]);
  expect(wholeMonths(cohorts, "2018-01-31")).toEqual(cohorts);
});

test("the curve of value goes from nothing to all, and tells what the best fifth brings", () => {
  const points = curveOf([3, 1].map((one) => ({ members: 5, value: one })));
  expect(points).toEqual([
    { members: 0, value: 0 },
    { members: 0.5, value: 0.75 },
    { members: 1, value: 1 },
  ]);
  expect(valueAt(points, 0.2)).toBeCloseTo(0.3, 12);
  const texts = textsOf(drawValue(value, DAY, english));
  expect(texts).toContain("The best 20% of members bring 60% of the value");
  // 20 members of the first tenth share 400 dollars.
  expect(texts).toContain("$20");
});

test("the league has the best of each region in order of rank, and whoever has none is not in it", () => {
  const stores = [
    makeStore({ storeId: "b", rank: 2 }),
    makeStore({ storeId: "a" }),
    makeStore({ storeId: "far", regionId: "south" }),
    makeStore({ storeId: "idle", rank: null, score: null }),
  ];
  expect([...bestOfRegions(stores)].map(([region, best]) => [region, best.map(({ storeId }) => storeId)])).toEqual([
    ["north", ["a", "b"]],
    ["south", ["far"]],
  ]);
  const texts = textsOf(drawLeague({ stores, days: 30 }, DAY, english));
  expect(texts).toEqual(expect.arrayContaining(["75.0", "▲ 5.0", "$3,456", "12", "$288", "50%", "–", "4.3"]));
  expect(texts).not.toContain("idle");
});

test("pictures are well formed in every language, whatever stores are called, and of a tenant without anything too", () => {
  const stores = [makeStore({ storeId: `<&"'>\u0007 炸雞` })];
  const nothing = { ...value, total: 0, deciles: [] };
  for (const language of LANGUAGES) {
    const words = wordsOf(language, "TWD");
    const drawn = [
      drawRfmGrid(rfm, DAY, words),
      drawRetention(cohorts, DAY, words),
      drawValue(value, DAY, words),
      drawLifecycle(stages, DAY, words),
      drawLeague({ stores, days: 30 }, DAY, words),
      drawRfmGrid({ ...rfm, cells: [], cuts: { recencyDays: [], orders: [], amount: [] } }, DAY, words),
      drawRetention([], DAY, words),
      drawValue(nothing, DAY, words),
      drawLifecycle([], DAY, words),
      drawLeague({ stores: [], days: 30 }, DAY, words),
    ];
    for (const svg of drawn) {
      expect(faultsOf(svg)).toEqual([]);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|null/);
      expect(svg).toContain(`<title>`);
    }
    expect(textsOf(drawn[4] ?? "")).toContain(`<&"'> 炸雞`);
  }
});

test("a number that is none is no picture", () => {
  const cells = [{ recency: 1, frequency: 1, members: Number.NaN, spend: 0 }];
  expect(() => drawRfmGrid({ ...rfm, cells }, DAY, english)).toThrow("NaN");
  expect(() => drawLifecycle([{ name: "new", members: Number.POSITIVE_INFINITY, spend: 0 }], DAY, english)).toThrow(
    "Infinity",
  );
});

test("stages are told in the reader's words", () => {
  const texts = textsOf(drawLifecycle(stages, DAY, wordsOf("zh-TW", "TWD")));
  for (const word of ["新客", "活躍", "成熟", "挽回", "有流失風險", "沉睡", "流失"]) expect(texts).toContain(word);
  expect(texts).toEqual(expect.arrayContaining(["30  (75.0%)", "10  (25.0%)", "0  (0.0%)"]));
});

function textsOf(svg: string): string[] {
  const plain: Readonly<Record<string, string>> = { "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"' };
  return [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, inside = ""]) =>
    inside.replace(/&\w+;/g, (entity) => plain[entity] ?? entity),
  );
}

/** Tags that do not close, characters that must be escaped, and attributes said twice. */
function faultsOf(xml: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const rest = xml.replace(/<(\/?)([\w-]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g, (_, closes, name, attributes, ends) => {
    const names = [...String(attributes).matchAll(/ ([\w:-]+)=/g)].map(([, one]) => one);
    if (new Set(names).size !== names.length) faults.push(`<${name}> says an attribute twice`);
    if (closes === "/" && open.pop() !== name) faults.push(`</${name}> closes another`);
    if (closes === "" && ends === "") open.push(String(name));
    return "";
  });
  if (open.length > 0) faults.push(`${open.join(" ")} stay open`);
  const text = rest.replace(/^<\?xml [^>]*\?>/, "");
  if (/[<>]|&(?!amp;|lt;|gt;|quot;)/.test(text)) faults.push(`not escaped: ${text.slice(0, 80)}`);
  return faults;
}
