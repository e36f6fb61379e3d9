import { expect, test } from "vitest";
import { overviewOf } from "./insight-report-overview.ts";

const figures = {
  revenue: 1e3,
  orders: 10,
  buyers: 5,
  newBuyers: 2,
  wordOfMouthBuyers: 1,
  oneTimeBuyers: 1,
  secondPurchases: 1,
  wonBackBuyers: 0,
  enrolled: 3,
  points: [
    {
      currency: "points",
      given: 10,
      spent: 4,
    },
  ],
};
const nothing = {
  revenue: 0,
  orders: 0,
  buyers: 0,
  newBuyers: 0,
  wordOfMouthBuyers: 0,
  oneTimeBuyers: 0,
  secondPurchases: 0,
  wonBackBuyers: 0,
  enrolled: 0,
  points: [],
};

test("rates are of whom they are about, and null where there is nobody", () => {
  const { figures: found } = overviewOf(figures, nothing);
  expect(found.oneTimeBuyerRate).toEqual({ current: 1 / 5, previous: null, change: null, rate: null });
  expect(found.secondPurchaseRate.current).toBe(1 / 2);
  expect(found.repeatBuyers).toEqual({ current: 3, previous: 0, change: 3, rate: null });
});

test("what revenue changed by has no drivers when there was none, and sums to the change when there was", () => {
  expect(overviewOf(figures, nothing).drivers).toBeNull();
  const { drivers } = overviewOf(figures, { ...figures, revenue: 600, orders: 8, buyers: 4 });
  expect(drivers?.map(({ name }) => name)).toEqual(["buyers", "ordersPerBuyer", "averageOrder"]);
  expect(drivers?.reduce((sum, { effect }) => sum + effect, 0)).toBeCloseTo(400, 9);
});

test("a currency that moved in one of the ranges alone is compared with nothing", () => {
  expect(overviewOf(nothing, figures).points).toEqual([
    {
      currency: "points",
      given: { current: 0, previous: 10, change: -10, rate: -1 },
      spent: { current: 0, previous: 4, change: -4, rate: -1 },
    },
  ]);
});
