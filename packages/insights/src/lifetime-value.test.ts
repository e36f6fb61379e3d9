// What a member is worth is what is still expected, less the price of waiting.
import { expect, test } from "vitest";
import { bgNbd } from "./bg-nbd.ts";
import { discountedValue } from "./lifetime-value.ts";

test("one order a month for ten months at a discount of 1 % is worth an annuity", () => {
  const value = discountedValue({
    expectedOrders: (weeks) => weeks / 4,
    spend: 200,
    periods: 10,
    periodLength: 4,
    discountPerPeriod: 0.01,
    margin: 0.3,
  });
  expect(value).toBeCloseTo((200 * 0.3 * (1 - 1.01 ** -10)) / 0.01, 9);
});

test("without a discount the value is all orders expected, and each further period adds something", () => {
  const history = { frequency: 2, recency: 30.43, age: 38.86 };
  const parameters = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
  const expectedOrders = (horizon: number) => bgNbd.expectedOrders(parameters, history, horizon);
  const value = (periods: number, discountPerPeriod: number) =>
    discountedValue({ expectedOrders, spend: 35, periods, periodLength: 3, discountPerPeriod });
  expect(value(13, 0)).toBeCloseTo(35 * 1.226, 2);
  expect(value(12, 0.01)).toBeLessThan(value(13, 0.01));
  expect(value(13, 0.01)).toBeLessThan(value(13, 0));
  expect(value(0, 0.01)).toBe(0);
});
