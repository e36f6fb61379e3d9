// What conditions of segments mean at the edge, and when time alone changes them.
import type { SegmentLeaf, SegmentNode } from "@regulars/contracts/segments";
import { expect, test } from "vitest";
import { startOfLocalDay } from "./calendar.ts";
import { chanceBucket, evaluateSegment } from "./segment-evaluation.ts";
import type { SegmentFacts, SegmentLine, SegmentOrder, SegmentScores } from "./segment-facts.ts";

const timeZone = "Asia/Taipei";
const TODAY = "2026-03-08";
const at = (day: string, hour = 12) => startOfLocalDay(day, timeZone) + hour * 3_600_000;
const momentOn = (today: string) => ({ now: at(today), today, timeZone });

const makeFacts = (changes: Partial<SegmentFacts> = {}): SegmentFacts => ({
  memberId: "mbr_00000000000000000000000001",
  profile: {},
  identities: [],
  consent: {},
  homeStoreId: null,
  regionId: null,
  source: null,
  enrolledAt: at("2026-01-01"),
  tags: [],
  tier: null,
  balances: [],
  orders: [],
  events: [],
  messages: [],
  scores: null,
  repurchases: [],
  segments: [],
  lists: [],
  ...changes,
});

const makeLine = (changes: Partial<SegmentLine> = {}): SegmentLine => ({
  sku: "oolong",
  category: "tea",
  quantity: 3,
  returned: 0,
  unitPrice: 100,
  discount: 0,
  ...changes,
});

const makeOrder = (day: string, changes: Partial<SegmentOrder> = {}): SegmentOrder => ({
  placedAt: at(day),
  storeId: "taipei",
  regionId: "north",
  channel: "pos",
  payable: 300,
  refunded: 0,
  lines: [makeLine()],
  ...changes,
});

const makeScores = (changes: Partial<SegmentScores> = {}): SegmentScores => ({
  recency: 5,
  frequency: 1,
  monetary: 1,
  engagement: 1,
  rfmSegment: "Champions",
  rfmGroup: "CHAMPIONS",
  stage: "active",
  label: "A",
  band: "high",
  profitGroup: null,
  churnRisk: false,
  hasPotential: true,
  cycleDays: 30,
  nextOrderOn: "2026-03-10",
  alive: null,
  expectedOrders: null,
  expectedSpend: null,
  lifetimeValue: null,
  ...changes,
});

const decide = (node: SegmentNode, changes: Partial<SegmentFacts> = {}, today = TODAY) =>
  evaluateSegment(node, makeFacts(changes), momentOn(today));
const holds = (node: SegmentNode, changes: Partial<SegmentFacts> = {}) => decide(node, changes).holds;
const found = (leaf: SegmentLeaf, changes: Partial<SegmentFacts> = {}) => decide(leaf, changes).reasons[0]?.found;
const flip = (node: SegmentNode, changes: Partial<SegmentFacts> = {}, today = TODAY) => {
  const { flipsAt } = decide(node, changes, today);
  return flipsAt === null ? null : new Date(flipsAt + 8 * 3_600_000).toISOString().slice(0, 19);
};

test("what is not known is in no list, so whoever told nothing is outside of it and inside its opposite", () => {
  const women: SegmentNode = { kind: "word", field: "gender", in: ["female"] };
  expect(holds(women)).toBe(false);
  expect(holds({ kind: "not", node: women })).toBe(true);
  expect(holds(women, { profile: { gender: "female" } })).toBe(true);
  expect(holds({ kind: "word", field: "gender", known: false })).toBe(true);
  expect(holds({ kind: "word", field: "regionId", known: true }, { regionId: "north" })).toBe(true);
});

test("a word contains a text in whatever case, and a wildcard is a letter like others", () => {
  const contains = (text: string): SegmentNode => ({ kind: "word", field: "name", contains: text });
  const profile = { name: "İnci 100%_Mei ΟΔΟΣ" };
  for (const text of ["mei", "MEI", "%_", "inci", "οδος", "οδοσ".toUpperCase()]) {
    expect(holds(contains(text), { profile }), text).toBe(text !== "οδος");
  }
  expect(holds(contains("0%m"), { profile })).toBe(false);
});

test("a field of one's own is compared with its type, and only a number lies in a range", () => {
  const custom = (size: unknown) => ({ profile: { custom: { size } } });
  const isOne: SegmentNode = { kind: "custom", field: "size", in: [1] };
  expect(holds(isOne, custom(1))).toBe(true);
  expect(holds(isOne, custom("1"))).toBe(false);
  expect(holds({ kind: "custom", field: "size", atLeast: 0 }, custom("1"))).toBe(false);
  expect(holds({ kind: "custom", field: "size", atLeast: 0 }, custom(1))).toBe(true);
  expect(holds({ kind: "custom", field: "size", known: false }, custom(null))).toBe(true);
});

test("consent that was never asked for was not given", () => {
  const without: SegmentNode = { kind: "consent", to: "email", given: false };
  expect([holds(without), holds(without, { consent: { email: false } })]).toEqual([true, true]);
  expect(holds(without, { consent: { email: true } })).toBe(false);
});

test("a balance that never moved is zero, and no tier can be asked for", () => {
  expect(holds({ kind: "balance", currency: "points", account: "available", atMost: 0 })).toBe(true);
  expect(holds({ kind: "tier", in: [null] })).toBe(true);
  expect(holds({ kind: "tier", in: ["gold"] })).toBe(false);
});

test("an order counts while money of it is kept, or when it was free", () => {
  const orders = [
    makeOrder("2026-03-01"),
    makeOrder("2026-03-02", { payable: 300, refunded: 300 }),
    makeOrder("2026-03-02", { payable: 300, refunded: 100 }),
    makeOrder("2026-03-02", { payable: 0 }),
  ];
  expect(found({ kind: "orders", measure: "orders", atLeast: 1 }, { orders })).toBe(3);
  expect(found({ kind: "orders", measure: "days", atLeast: 1 }, { orders })).toBe(2);
  expect(found({ kind: "orders", measure: "spend", atLeast: 1 }, { orders })).toBe(500);
  expect(found({ kind: "orders", measure: "average", atLeast: 1 }, { orders })).toBe(500 / 3);
});

test("the mean of no orders is not known, while their number is zero", () => {
  expect(holds({ kind: "orders", measure: "average", atMost: 1000 })).toBe(false);
  expect(holds({ kind: "orders", measure: "orders", atMost: 0 })).toBe(true);
  expect(holds({ kind: "orderAge", which: "last", atLeast: 0 })).toBe(false);
});

test("with products only their kept lines count, less the share of the discount that refunds leave them", () => {
  const lines = [
    makeLine({ quantity: 3, returned: 1, discount: 50 }),
    makeLine({ sku: "cake", category: "food" }),
    makeLine({ sku: "puer", returned: 3 }),
  ];
  const orders = [makeOrder("2026-03-01", { lines }), makeOrder("2026-03-02", { lines: [makeLine({ returned: 3 })] })];
  const where = { skus: ["oolong", "puer"] };
  // 2 × 100 less the floor of 50 × 2 / 3.
  expect(found({ kind: "orders", measure: "spend", where, atLeast: 0 }, { orders })).toBe(167);
  expect(found({ kind: "orders", measure: "quantity", where, atLeast: 0 }, { orders })).toBe(2);
  expect(found({ kind: "orders", measure: "orders", where, atLeast: 0 }, { orders })).toBe(1);
  expect(found({ kind: "orders", measure: "quantity", atLeast: 0 }, { orders })).toBe(5);
  const both = { skus: ["oolong"], categories: ["food"] };
  expect(found({ kind: "orders", measure: "orders", where: both, atLeast: 0 }, { orders })).toBe(0);
});

test("a window of days includes today, and what lies in it leaves it as its day leaves", () => {
  const leaf: SegmentLeaf = { kind: "orders", measure: "orders", window: { lastDays: 7 }, atLeast: 1 };
  expect(found(leaf, { orders: [makeOrder("2026-03-01")] })).toBe(0);
  expect(found(leaf, { orders: [makeOrder("2026-03-02")] })).toBe(1);
  expect(flip(leaf, { orders: [makeOrder("2026-03-02")] })).toBe("2026-03-09T00:00:00");
  expect(flip(leaf, { orders: [makeOrder(TODAY)] })).toBe("2026-03-15T00:00:00");
});

test("an order of a later day counts from that day on", () => {
  const leaf: SegmentLeaf = { kind: "orders", measure: "orders", atLeast: 1 };
  const orders = [makeOrder("2026-03-10", { placedAt: at("2026-03-10", 23) })];
  expect([found(leaf, { orders }), flip(leaf, { orders })]).toEqual([0, "2026-03-10T00:00:00"]);
  expect(decide(leaf, { orders }, "2026-03-10").holds).toBe(true);
  expect(flip({ kind: "orderAge", which: "last", atMost: 5 }, { orders })).toBe("2026-03-10T00:00:00");
});

test("days since an order change the answer where they pass a limit, and never after the last", () => {
  const leaf: SegmentLeaf = { kind: "orderAge", which: "last", atLeast: 30, atMost: 40 };
  const orders = [makeOrder(TODAY)];
  expect(flip(leaf, { orders })).toBe("2026-04-07T00:00:00");
  expect(flip(leaf, { orders }, "2026-04-07")).toBe("2026-04-18T00:00:00");
  expect(flip(leaf, { orders }, "2026-04-18")).toBeNull();
});

test("messages are counted by the day of what is asked", () => {
  const messages = [
    { channel: "line", campaignId: null, sentAt: at("2026-02-01"), openedAt: at("2026-03-07"), clickedAt: null },
  ];
  const count = (measure: "sent" | "opened" | "clicked") =>
    found({ kind: "messages", measure, window: { lastDays: 7 }, atLeast: 1 }, { messages });
  expect([count("sent"), count("opened"), count("clicked")]).toEqual([0, 1, 0]);
});

test.each([
  ["2000-02-29", "2026-02-27", 25, 1],
  ["2000-02-29", "2026-02-28", 26, 0],
  ["2000-02-29", "2028-02-28", 27, 1],
  ["2000-02-29", "2028-02-29", 28, 0],
  ["1990-12-31", "2026-01-01", 35, 364],
])("whoever was born on %s is on %s so old, with so many days to go", (birthday, today, age, days) => {
  const profile = { birthday };
  const value = (field: "age" | "birthdayInDays") =>
    decide({ kind: "number", field, atLeast: 0 }, { profile }, today).reasons[0]?.found;
  expect([value("age"), value("birthdayInDays")]).toEqual([age, days]);
});

test("a birthday that is no day is not known", () => {
  for (const birthday of ["2001-02-30", "2001-13-01", "19900308", 5]) {
    expect(holds({ kind: "number", field: "age", atLeast: 0 }, { profile: { birthday } })).toBe(false);
  }
});

test("an age changes on a birthday, and days until it also after it", () => {
  const profile = { birthday: "1990-03-08" };
  expect(flip({ kind: "number", field: "age", atMost: 40 }, { profile })).toBe("2027-03-08T00:00:00");
  expect(flip({ kind: "number", field: "age", atMost: 30 }, { profile })).toBeNull();
  expect(flip({ kind: "number", field: "birthdayInDays", atMost: 7 }, { profile })).toBe("2026-03-09T00:00:00");
  expect(flip({ kind: "number", field: "birthdayInDays", atMost: 7 }, { profile }, "2026-03-09")).toBe(
    "2027-03-01T00:00:00",
  );
});

test("a score without a model never holds, and its opposite always does", () => {
  const alive: SegmentNode = { kind: "score", score: "alive", atLeast: 0 };
  expect([holds(alive), holds(alive, { scores: makeScores() })]).toEqual([false, false]);
  expect(holds({ kind: "not", node: alive })).toBe(true);
  expect(holds(alive, { scores: makeScores({ alive: 0.5 }) })).toBe(true);
  expect(holds({ kind: "flag", flag: "hasPotential" }, { scores: makeScores() })).toBe(true);
  expect(holds({ kind: "scoreIs", score: "profitGroup", in: ["none"] }, { scores: makeScores() })).toBe(false);
});

test("days until what is predicted are negative when it is overdue, and any product of several is enough", () => {
  const overdue: SegmentNode = { kind: "predicted", what: "nextOrder", atMost: -1 };
  expect(holds(overdue, { scores: makeScores({ nextOrderOn: "2026-03-07" }) })).toBe(true);
  expect(flip(overdue, { scores: makeScores({ nextOrderOn: "2026-03-09" }) })).toBe("2026-03-10T00:00:00");
  const repurchases = [
    { kind: "sku", ref: "oolong", dueOn: "2026-05-01" },
    { kind: "sku", ref: "puer", dueOn: "2026-03-10" },
  ];
  const soon = (refs?: string[]): SegmentLeaf => ({
    kind: "predicted",
    what: { kind: "sku", ...(refs !== undefined && { refs }) },
    atLeast: 0,
    atMost: 3,
  });
  expect([holds(soon(), { repurchases }), found(soon(), { repurchases })]).toEqual([true, 2]);
  expect(holds(soon(["oolong"]), { repurchases })).toBe(false);
});

test("chance deals every member one bucket for each salt", () => {
  const ids = Array.from({ length: 20_000 }, (_, index) => `mbr_${index}`);
  const first = ids.filter((id) => chanceBucket("spring", id) < 5000);
  const both = first.filter((id) => chanceBucket("autumn", id) < 5000);
  expect(first.length / ids.length).toBeCloseTo(0.5, 1);
  expect(both.length / first.length).toBeCloseTo(0.5, 1);
  const memberId = "mbr_1";
  const bucket = chanceBucket("spring", memberId);
  expect(holds({ kind: "chance", salt: "spring", from: bucket, until: bucket + 1 }, { memberId })).toBe(true);
  expect(holds({ kind: "chance", salt: "spring", from: bucket + 1, until: 10_000 }, { memberId })).toBe(false);
});

test("every condition is looked at and has its place, also where another decides alone", () => {
  const node: SegmentNode = {
    kind: "or",
    nodes: [
      { kind: "everyone" },
      {
        kind: "and",
        nodes: [
          { kind: "not", node: { kind: "tag", in: ["vip"] } },
          { kind: "list", listId: "press" },
        ],
      },
    ],
  };
  const { holds: inside, reasons } = decide(node, { tags: ["staff", "vip"] });
  expect(inside).toBe(true);
  expect(reasons.map(({ path, holds: one, found: what }) => [path, one, what])).toEqual([
    ["or.0", true, true],
    ["or.1.and.0.not", true, "vip"],
    ["or.1.and.1", false, false],
  ]);
  expect(decide({ kind: "everyone" }).reasons[0]?.path).toBe("");
});

test("of several conditions the first that time may change tells when to look again", () => {
  const orders = [makeOrder(TODAY)];
  const node: SegmentNode = {
    kind: "and",
    nodes: [
      { kind: "orderAge", which: "last", atMost: 10 },
      { kind: "orders", measure: "orders", window: { lastDays: 3 }, atLeast: 1 },
      { kind: "tag", in: ["vip"] },
    ],
  };
  expect(flip(node, { orders })).toBe("2026-03-11T00:00:00");
  expect(flip({ kind: "number", field: "enrolledDays", atLeast: 40_000 })).toBeNull();
});
