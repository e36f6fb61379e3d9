// What the replay and the demo promise before any request: the data read rightly, the order kept, the seed obeyed.
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { generateYear } from "./demo/year.ts";
import { carriedBy } from "./replay/coupons.ts";
import { parseRows, type Table, writeTable } from "./replay/csv.ts";
import { instantOf, minorUnits } from "./replay/expressions.ts";
import { makePace, runLanes } from "./replay/lanes.ts";
import { type Mapping, readMapping } from "./replay/mapping.ts";
import { planActions } from "./replay/plan.ts";
import { makeSource, readSource } from "./replay/source.ts";

const mappings = fileURLToPath(new URL("./replay/mappings", import.meta.url));
const fixtures = fileURLToPath(new URL("../../shared/fixtures", import.meta.url));
const without = !existsSync(fixtures);

test("The Complete Journey is read as published, and no money is lost on the way", ({ skip }) => {
  skip(without, `${fixtures} is not there`);
  const source = readFixture("completejourney");
  for (const { name, expected, found } of source.checks) expect([name, found]).toEqual([name, expected]);
  expect(source.baskets).toHaveLength(47_243);
  expect(source.people.size).toBe(2_377);
  expect(source.storeIds).toHaveLength(293);
  const net = source.baskets.flatMap(({ lines }) => lines).reduce((sum, line) => sum + netOf(line), 0);
  // Sales less coupons, where coupons worth more than their line count as much as it.
  expect(net).toBe(23_393_524 - 135_671 + (source.notes["minor units by which they were below zero"] ?? 0));
});

test("a coupon belongs to the basket of its day that has its product; a day without a basket carries none", ({
  skip,
}) => {
  skip(without, `${fixtures} is not there`);
  const { coupons, baskets } = readFixture("completejourney");
  const sum = (counts: ReadonlyMap<string, number>) => [...counts.values()].reduce((total, one) => total + one, 0);
  expect([coupons.published.size, sum(coupons.published)]).toEqual([26, 2102]);
  expect(coupons.published.get("18")).toBe(653);
  // The sample has a basket of that household and day for 1,617 of them.
  expect(sum(carriedBy(coupons, baskets))).toBe(1617);
});

test("an anonymous invoice makes no member, and a cancellation is a return", ({ skip }) => {
  skip(without, `${fixtures} is not there`);
  const source = readFixture("online_retail");
  expect(source.people.size).toBe(206);
  expect(source.baskets).toHaveLength(258);
  expect(source.returns).toHaveLength(29);
  expect(source.returns.every(({ id }) => id.startsWith("C"))).toBe(true);
  expect(source.notes["lines of anonymous baskets, left out"]).toBe(1_205);
});

test("quoted fields hold delimiters, quotes and line ends", () => {
  expect(parseRows('a,"b,""c""\nd"\r\n,\r\n"",x', ",")).toEqual([
    ["a", 'b,"c"\nd'],
    ["", ""],
    ["", "x"],
  ]);
});

test("money is read to the minor unit", () => {
  expect(["3.86", "0.1", "1.005", "", "100"].map(minorUnits)).toEqual([386, 10, 100, 0, 10_000]);
});

test("local times become instants, also on the days when clocks change", () => {
  const zone = "America/New_York";
  const at = (local: string) => new Date(instantOf(Date.parse(`${local}Z`), zone)).toISOString();
  expect(at("2017-01-01T07:30:27")).toBe("2017-01-01T12:30:27.000Z");
  expect(at("2017-03-12T01:59:59")).toBe("2017-03-12T06:59:59.000Z");
  expect(at("2017-03-12T03:00:00")).toBe("2017-03-12T07:00:00.000Z");
  expect(at("2017-11-05T03:00:00")).toBe("2017-11-05T08:00:00.000Z");
});

test("a line that no unit price divides is sold as one piece", () => {
  const table: Table = {
    name: "t",
    columns: ["basket", "quantity", "gross", "paid"],
    rows: [
      ["1", "3", "1.00", "0.90"],
      ["1", "3", "0.99", "0.99"],
      ["1", "0", "0.50", "-0.20"],
    ],
  };
  const [basket] = makeSource(makeMapping(), table).baskets;
  expect(basket?.lines).toMatchObject([
    { lineId: "1", quantity: 1, unitPrice: 100, discount: 10 },
    { lineId: "2", quantity: 3, unitPrice: 33, discount: 0 },
    { lineId: "3", quantity: 1, unitPrice: 50, discount: 50 },
  ]);
});

test("what happens to one person happens in order, and never twice at once", async () => {
  const actions = Array.from({ length: 300 }, (_, place) => ({ person: `p${place % 7}`, place }));
  const seen = new Map<string, number[]>();
  const busy = new Set<string>();
  let most = 0;
  await runLanes(actions, { concurrency: 4 }, async ({ person, place }) => {
    expect(busy.has(person)).toBe(false);
    busy.add(person);
    most = Math.max(most, busy.size);
    await new Promise((resolve) => setTimeout(resolve, place % 3));
    seen.set(person, [...(seen.get(person) ?? []), place]);
    busy.delete(person);
  });
  expect(most).toBe(4);
  expect([...seen.values()].flat()).toHaveLength(300);
  for (const places of seen.values()) expect(places).toEqual(places.toSorted((one, other) => one - other));
});

test("no more people are touched in a span than local workerd can hold open", () => {
  const pace = makePace(2, 10_000);
  expect([pace("a", 0), pace("b", 1), pace("a", 2)]).toEqual([0, 0, 0]);
  expect(pace("c", 4_000)).toBe(6_000);
  // b was open in the span before and may still be; only after a span without it there is room.
  expect(pace("b", 10_000)).toBe(0);
  expect(pace("c", 12_000)).toBe(8_000);
  expect(pace("c", 31_000)).toBe(0);
});

test("the same source is planned the same way, and refunds follow their baskets", () => {
  const source = makeDemo(7);
  const plan = planActions(source, { refundShare: 0.1 });
  expect(plan).toEqual(planActions(makeDemo(7), { refundShare: 0.1 }));
  const bought = new Map(source.baskets.map(({ id, at }) => [id, at]));
  const refunds = plan.flatMap((action) => (action.kind === "refund" ? [action] : []));
  expect(refunds.length).toBeGreaterThan(source.baskets.length * 0.05);
  for (const { orderId, at } of refunds) expect(at).toBeGreaterThan(bought.get(orderId) ?? Infinity);
});

test("a seed makes one year and another seed another, and a year survives being written", () => {
  const year = generateYear({ seed: 7, members: 20 });
  expect(generateYear({ seed: 7, members: 20 })).toEqual(year);
  expect(generateYear({ seed: 8, members: 20 }).rows).not.toEqual(year.rows);
  expect(parseRows(writeTable(year), ",")).toEqual([year.columns, ...year.rows]);
});

test("a mapping with a field that nobody reads is refused", () => {
  const path = fileURLToPath(new URL("./package.json", import.meta.url));
  expect(() => readMapping(path)).toThrow('"version" is not a field of a mapping');
});

function readFixture(name: string) {
  return readSource(`${fixtures}/${name}`, readMapping(`${mappings}/${name}.json`));
}

function makeDemo(seed: number) {
  const mapping = readMapping(fileURLToPath(new URL("./demo/mapping.json", import.meta.url)));
  return makeSource(mapping, generateYear({ seed, members: 30 }));
}

function makeMapping(): Mapping {
  return {
    ...readMapping(`${mappings}/completejourney.json`),
    basket: "{basket}",
    member: { key: "m", card: "c" },
    store: "s",
    time: { value: "2026-01-01T00:00:00Z", format: "iso" },
    sku: "sku",
    category: [],
    lookups: {},
    expect: [],
    gross: { plus: ["gross"] },
    paid: { plus: ["paid"] },
  };
}

function netOf({ quantity, unitPrice, discount }: { quantity: number; unitPrice: number; discount: number }): number {
  return quantity * unitPrice - discount;
}
