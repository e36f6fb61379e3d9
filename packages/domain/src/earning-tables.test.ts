// Worked tables of earning: one row an order, with the rule, its figures and the balance, each figure checked by hand.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { EarningStatement } from "./earning-statement.ts";

const points = { id: "points" };

describe("a burger chain: NT$10 is a point, on the amount actually paid, to the end of next year", () => {
  const burgers: ProgramInput = {
    currencies: [{ id: "points", expiry: { type: "fixed", monthDay: "12-31", yearsAhead: 1 } }],
    earning: [{ id: "base", currency: "points", per: 1000 }],
    tender: { currency: "points", valuePerPoint: 100 },
  };

  test("the remainder is dropped, discounts and what points pay do not count", () => {
    const statement = new EarningStatement(burgers)
      .pay("2026-03-01 12:10", "menu", { lines: [15_900] })
      .pay("2026-03-02 12:10", "coffee", { lines: [900] })
      .pay("2026-03-03 12:10", "family", { lines: [{ quantity: 3, unitPrice: 10_900, discount: 2000 }, 4800] })
      .pay("2026-03-04 12:10", "spent", { lines: [10_900], redeem: [{ currency: "points", points: 30 }] })
      .refund("2026-03-05 18:00", "family", { "1": 1 })
      .refund("2026-03-06 18:00", "family")
      .refund("2026-03-07 18:00", "menu");
    expect(statement.rows).toEqual([
      "03-01 menu: base +15 = 15 × 1 for 1000 of 15900 | 15",
      "03-02 coffee: nothing | 15",
      // 3 × 109.00 − 20.00 + 48.00 = 355.00
      "03-03 family: base +35 = 35 × 1 for 1000 of 35500 | 50",
      // 109.00 − 30.00 that points paid = 79.00
      "03-04 spent: base +7 = 7 × 1 for 1000 of 7900 | 27",
      // 2 × 109.00 − 13.33 + 48.00 = 252.67 stay
      "03-05 family: base -10 | 17",
      "03-06 family: base -25 | -8",
      "03-07 menu: base -15 | -23",
    ]);
  });

  test.each([
    ["2026-01-01 00:00", "2028-01-01 00:00"],
    ["2026-12-31 23:59", "2028-01-01 00:00"],
    ["2027-01-01 00:00", "2029-01-01 00:00"],
  ])("points of %s end with 31 December of the next year: before %s", (at, end) => {
    expect(new EarningStatement(burgers).pay(at, "menu", { lines: [15_900] }).ends("menu")).toEqual([end]);
  });
});

test("a grocer: 1 point per 100 cents before tax; alcohol, gift cards and shipping are excluded", () => {
  const statement = new EarningStatement({
    currencies: [points],
    earning: [
      {
        id: "base",
        currency: "points",
        per: 100,
        less: ["discounts", "vouchers", "points", "tax"],
        lines: { excludeCategories: ["alcohol"], excludeSkus: ["stamp"] },
      },
    ],
    tender: { currency: "points", valuePerPoint: 1 },
  })
    .pay("2026-03-01 10:00", "bread", { lines: [{ unitPrice: 1080, tax: 80 }] })
    .pay("2026-03-02 10:00", "wine", {
      lines: [
        { unitPrice: 1080, tax: 80 },
        { unitPrice: 2400, tax: 400, category: "alcohol" },
      ],
    })
    .pay("2026-03-03 10:00", "gift", {
      lines: [
        { unitPrice: 5000, kind: "giftCard" },
        { unitPrice: 1080, tax: 80 },
      ],
    })
    .pay("2026-03-04 10:00", "sent", {
      lines: [
        { unitPrice: 1080, tax: 80 },
        { unitPrice: 700, kind: "shipping" },
      ],
    })
    .pay("2026-03-05 10:00", "stamps", { lines: [{ unitPrice: 900, sku: "stamp" }] })
    .pay("2026-03-06 10:00", "half", {
      lines: [
        { unitPrice: 1080, tax: 80 },
        { unitPrice: 1080, category: "alcohol" },
      ],
      redeem: [{ currency: "points", points: 40 }],
    })
    .refund("2026-03-07 10:00", "wine", { "2": 1 })
    .refund("2026-03-08 10:00", "wine");
  expect(statement.rows).toEqual([
    "03-01 bread: base +10 = 10 × 1 for 100 of 1000 | 10",
    "03-02 wine: base +10 = 10 × 1 for 100 of 1000 | 20",
    "03-03 gift: base +10 = 10 × 1 for 100 of 1000 | 30",
    "03-04 sent: base +10 = 10 × 1 for 100 of 1000 | 40",
    "03-05 stamps: nothing | 40",
    // Points pay 20 of each line; 1060 of 1080 are left of the bread, and 78 of its tax of 80.
    "03-06 half: base +9 = 9 × 1 for 100 of 982 | 9",
    "03-07 wine: refunded, nothing taken back | 9",
    "03-08 wine: base -10 | -1",
  ]);
});

test("member day: twice the points on the 8th of each month, by the shop's own calendar", () => {
  const statement = new EarningStatement({
    currencies: [points],
    earning: [
      { id: "base", currency: "points", per: 10_000 },
      { id: "day8", currency: "points", type: "multiplier", factor: 2, when: "now.day == 8" },
    ],
  })
    .pay("2026-03-07 23:59", "eve", { lines: [55_000] })
    .pay("2026-03-08 00:00", "first", { lines: [55_000] })
    .pay("2026-04-08 23:59", "last", { lines: [{ quantity: 2, unitPrice: 39_900 }] })
    .pay("2026-04-09 00:00", "after", { lines: [55_000] })
    .refund("2026-04-20 12:00", "last", { "1": 1 })
    .refund("2026-04-21 12:00", "first");
  expect(statement.rows).toEqual([
    "03-07 eve: base +5 = 5 × 1 for 10000 of 55000 | 5",
    "03-08 first: base +5 = 5 × 1 for 10000 of 55000 | 15",
    "03-08 first: day8 +5 = 5 at 2 times | 15",
    "04-08 last: base +7 = 7 × 1 for 10000 of 79800 | 29",
    "04-08 last: day8 +7 = 7 at 2 times | 29",
    "04-09 after: base +5 = 5 × 1 for 10000 of 55000 | 34",
    // 399.00 stay: 3 and 3 of 7 and 7
    "04-20 last: base -4 | 26",
    "04-20 last: day8 -4 | 26",
    "04-21 first: base -5 | 16",
    "04-21 first: day8 -5 | 16",
  ]);
});

test("multipliers by tier: silver 1.25 times, gold 1.5 times, rounded down; nothing more for the others", () => {
  const program: ProgramInput = {
    currencies: [points],
    earning: [
      { id: "base", currency: "points", per: 1000 },
      { id: "tier", currency: "points", type: "multiplier", byTier: { silver: 1.25, gold: 1.5 } },
    ],
    tiers: {
      levels: [
        { id: "silver", paid: true },
        { id: "gold", paid: true },
      ],
    },
  };
  const rows = ["none", "silver", "gold"].flatMap((tier) => {
    const statement = new EarningStatement(program);
    if (tier !== "none") {
      statement.ledger.state.tier = { tier, since: 0, until: null, warned: false, fixed: true };
    }
    const order = { lines: [{ quantity: 3, unitPrice: 13_500 }] };
    return [
      `-- ${tier}`,
      ...statement.pay("2026-03-01 12:00", "A", order).refund("2026-03-02 12:00", "A", { "1": 2 }).rows,
    ];
  });
  expect(rows).toEqual([
    "-- none",
    "03-01 A: base +40 = 40 × 1 for 1000 of 40500 | 40",
    "03-02 A: base -27 | 13",
    "-- silver",
    "03-01 A: base +40 = 40 × 1 for 1000 of 40500 | 50",
    "03-01 A: tier +10 = 40 at 1.25 times | 50",
    // 13 stay, and 3 of the 10: a quarter of 13, rounded down
    "03-02 A: base -27 | 16",
    "03-02 A: tier -7 | 16",
    "-- gold",
    "03-01 A: base +40 = 40 × 1 for 1000 of 40500 | 60",
    "03-01 A: tier +20 = 40 at 1.5 times | 60",
    "03-02 A: base -27 | 19",
    "03-02 A: tier -14 | 19",
  ]);
});

test("a stamp for each drink, cold ones count twice: items of categories and SKUs, whatever they cost", () => {
  const statement = new EarningStatement({
    currencies: [{ id: "stamps" }],
    earning: [
      { id: "drinks", currency: "stamps", type: "perItem", lines: { categories: ["drinks"], skus: ["smoothie"] } },
      { id: "cold", currency: "stamps", type: "multiplier", factor: 2, lines: { skus: ["iced-tea", "smoothie"] } },
    ],
  })
    .pay("2026-03-01 12:00", "A", {
      lines: [
        { sku: "tea", category: "drinks", quantity: 2 },
        { sku: "iced-tea", category: "drinks", quantity: 3, discount: 56_250 },
        { sku: "smoothie", category: "food" },
        { sku: "cake", category: "food", quantity: 4 },
      ],
    })
    .pay("2026-03-02 12:00", "B", { lines: [{ sku: "tea", category: "drinks" }, { sku: "cake" }] })
    .refund("2026-03-03 12:00", "A", { "2": 2 })
    .refund("2026-03-04 12:00", "A");
  expect(statement.rows).toEqual([
    "03-01 A: drinks +6 = 6 × 1 for 1 of 6 items | 10",
    "03-01 A: cold +4 = 4 at 2 times | 10",
    "03-02 B: drinks +1 = 1 × 1 for 1 of 1 items | 11",
    "03-03 A: drinks -2 | 7",
    "03-03 A: cold -2 | 7",
    "03-04 A: drinks -4 | 1",
    "03-04 A: cold -2 | 1",
  ]);
});

test("rounding on each line is not rounding on the order", () => {
  const rows = (roundOn: "order" | "line", rounding: "floor" | "round" | "ceil") =>
    new EarningStatement({
      currencies: [points],
      earning: [{ id: "base", currency: "points", per: 1000, points: 2, roundOn, rounding }],
    }).pay("2026-03-01 12:00", "A", { lines: [1499, 1500, 900] }).rows;
  expect(rows("order", "floor")).toEqual(["03-01 A: base +6 = 3 × 2 for 1000 of 3899 | 6"]);
  expect(rows("line", "floor")).toEqual(["03-01 A: base +4 = 2 × 2 for 1000 of 3899 | 4"]);
  expect(rows("line", "round")).toEqual(["03-01 A: base +8 = 4 × 2 for 1000 of 3899 | 8"]);
  expect(rows("line", "ceil")).toEqual(["03-01 A: base +10 = 5 × 2 for 1000 of 3899 | 10"]);
});

test("a refund keeps within what the caps had left: a multiplier of two rules takes back what it gave for each", () => {
  const statement = new EarningStatement({
    currencies: [points],
    earning: [
      {
        id: "drinks",
        currency: "points",
        per: 1000,
        lines: { categories: ["drinks"] },
        caps: [{ period: "day", points: 10 }],
      },
      { id: "food", currency: "points", per: 1000, lines: { categories: ["food"] } },
      { id: "double", currency: "points", type: "multiplier", factor: 2 },
    ],
  })
    .pay("2026-03-01 12:00", "A", {
      lines: [
        { category: "drinks", quantity: 4, unitPrice: 20_000 },
        { category: "food", quantity: 2, unitPrice: 25_000 },
      ],
    })
    .refund("2026-03-02 12:00", "A", { "1": 2, "2": 1 })
    .refund("2026-03-03 12:00", "A", { "1": 2 })
    .refund("2026-03-04 12:00", "A");
  expect(statement.rows).toEqual([
    "03-01 A: drinks +10 = 80 × 1 for 1000 of 80000, cut from 80 by cap | 120",
    "03-01 A: food +50 = 50 × 1 for 1000 of 50000 | 120",
    "03-01 A: double +60 = 60 at 2 times | 120",
    // 40 of the drinks stay, of which 10 count; 25 of the food.
    "03-02 A: food -25 | 70",
    "03-02 A: double -25 | 70",
    "03-03 A: drinks -10 | 50",
    "03-03 A: double -10 | 50",
    "03-04 A: food -25 | 0",
    "03-04 A: double -25 | 0",
  ]);
});
