// What a basket earns: base, rate and rounding of each rule, as a table.
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { earnedBy, type EarningBasket } from "./earning.ts";
import { makeLine, makeProgram } from "./memory-ledger.ts";

type RuleInput = NonNullable<ProgramInput["earning"]>[number];

const NOON = Date.parse("2026-03-01T04:00:00Z");

test.each([
  ["floor", 999, 0],
  ["floor", 1000, 1],
  ["floor", 1999, 1],
  ["round", 499, 0],
  ["round", 500, 1],
  ["round", 1499, 1],
  ["round", 1500, 2],
  ["ceil", 1, 1],
  ["ceil", 1000, 1],
  ["ceil", 1001, 2],
  ["ceil", 0, 0],
] as const)("a point for every 10.00, %s: %i earns %i", (rounding, price, points) => {
  expect(pointsOf({ per: 1000, rounding }, { lines: [makeLine({ quantity: 1, unitPrice: price })] })).toBe(points);
});

test("rounding is applied once to the number of times, not to the points", () => {
  expect(
    pointsOf({ per: 1000, points: 7, rounding: "round" }, { lines: [makeLine({ quantity: 1, unitPrice: 1499 })] }),
  ).toBe(7);
});

test("a rule looks at the whole basket, not at each line", () => {
  const lines = [
    makeLine({ lineId: "1", quantity: 1, unitPrice: 600 }),
    makeLine({ lineId: "2", quantity: 1, unitPrice: 600 }),
  ];
  expect(pointsOf({ per: 1000 }, { lines })).toBe(1);
});

test("net is less discounts and less what points paid; gross is neither", () => {
  const basket = { lines: [makeLine({ quantity: 2, unitPrice: 5000, discount: 1000 })], paidByPoints: 2500 };
  expect(pointsOf({ base: "net", per: 100 }, basket)).toBe(65);
  expect(pointsOf({ base: "gross", per: 100 }, basket)).toBe(100);
});

test("an empty basket and a basket that points paid earn nothing", () => {
  expect(pointsOf({ per: 1 }, { lines: [] })).toBe(0);
  expect(pointsOf({ per: 1 }, { lines: [makeLine({ quantity: 1, unitPrice: 500 })], paidByPoints: 500 })).toBe(0);
});

test("one movement never has more than the most points that may move", () => {
  const lines = [makeLine({ quantity: 1_000_000, unitPrice: 1_000_000 })];
  expect(pointsOf({ per: 1, points: 1_000_000_000 }, { lines })).toBe(1_000_000_000);
});

test("every rule that applies gives its own points, with the figures behind them", () => {
  const program = makeProgram({
    currencies: [{ id: "points" }, { id: "stamps" }],
    earning: [
      { id: "base", currency: "points", per: 1000, points: 1 },
      { id: "never", currency: "points", per: 1, points: 1, when: "channel == 'web'" },
      {
        id: "stamp",
        currency: "stamps",
        base: "gross",
        per: 30_000,
        points: 2,
        when: "store.region == 'r1' && now.weekday == 7",
      },
    ],
  });
  expect(earnedBy(program, makeBasket({}))).toEqual([
    {
      rule: "base",
      currency: "points",
      points: 37,
      why: { base: "net", amount: 37_500, per: 1000, times: 37, points: 1 },
    },
    {
      rule: "stamp",
      currency: "stamps",
      points: 2,
      why: { base: "gross", amount: 37_500, per: 30_000, times: 1, points: 2 },
    },
  ]);
});

test("a condition sees the tenant's own calendar, not that of the server", () => {
  const late = { placedAt: Date.parse("2026-02-28T16:30:00Z") };
  const when = "now.month == 3 && now.day == 1 && now.hour == 0 && now.minute == 30";
  expect(pointsOf({ when }, makeBasket(late))).toBeGreaterThan(0);
  expect(pointsOf({ when }, makeBasket({ ...late, timeZone: "UTC" }))).toBe(0);
});

function pointsOf(rule: Partial<RuleInput>, basket: Partial<EarningBasket>): number {
  const earning = [{ id: "base", currency: "points", per: 1000, points: 1, ...rule }];
  const program = makeProgram({ currencies: [{ id: "points" }], earning });
  return earnedBy(program, makeBasket(basket)).reduce((sum, { points }) => sum + points, 0);
}

function makeBasket(more: Partial<EarningBasket>): EarningBasket {
  return {
    lines: [makeLine()],
    storeId: "s1",
    regionId: "r1",
    ownerId: "o1",
    channel: null,
    currency: "TWD",
    placedAt: NOON,
    paidByPoints: 0,
    member: {
      homeStoreId: null,
      source: null,
      firstOrder: true,
      ordersBefore: 0,
      birthdayMonth: false,
      enrolledDays: 0,
    },
    timeZone: "Asia/Taipei",
    ...more,
  };
}
