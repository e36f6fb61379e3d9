// BG/NBD and MBG/NBD agree with what is published for CDNOW, and hold together for any parameters.
import { assert, double, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { bgNbd, mbgNbd } from "./bg-nbd.ts";
import { logLikelihoodOf } from "./order-model.ts";

/** Fader, Hardie & Lee (2005), table 2; unrounded as in CLVTools. */
const cdnow = { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };
const fitted = { r: 0.2425945, alpha: 4.4136019, a: 0.7929199, b: 2.4258881 };

test("the orders expected of a member are those of lifetimes", () => {
  const history = { frequency: 2, recency: 30.43, age: 38.86 };
  expect(bgNbd.expectedOrders(cdnow, history, 39)).toBeCloseTo(1.226, 3);
});

test("the orders expected of a new member are those of lifetimes", () => {
  const facts = [
    [0.1429, 0.0078],
    [1, 0.0532],
    [3, 0.1506],
    [31.8571, 1.0405],
    [32, 1.0437],
    [78, 1.8576],
  ] as const;
  const wrong = facts.filter(([t, expected]) => Math.abs(bgNbd.expectedOrdersOfNew(fitted, t) - expected) > 0.001);
  expect(wrong).toEqual([]);
  // With the rounded parameters it is 1.8605, not the published 1.8576.
  expect(bgNbd.expectedOrdersOfNew(cdnow, 78)).toBeCloseTo(1.8605, 4);
});

test("the distribution of orders is that of BTYD and lifetimes", () => {
  const pmf = (t: number, n: number) => bgNbd.probabilityOfOrders(cdnow, n, t);
  expect(share(pmf(2, 10), 1.07869e-7)).toBeLessThan(1e-5);
  expect(share(pmf(39, 0), 0.5737864)).toBeLessThan(1e-6);
  const elevenOn =
    "0.0019995214, 0.0015170236, 0.001163315, 0.0009003148, 0.0007023638, 0.0005517902, 0.0004361913, 0.0003467171, 0.0002769613, 0.000222226"
      .split(", ")
      .map(Number);
  expect(elevenOn.filter((expected, at) => share(pmf(30, 11 + at), expected) > 1e-6)).toEqual([]);
});

test("the probability to be alive is as published", () => {
  const alive = (frequency: number, recency: number, age: number) =>
    bgNbd.probabilityAlive(cdnow, { frequency, recency, age });
  expect(alive(0, 1, 1)).toBe(1);
  expect(alive(2, 30.43, 38.86)).toBeCloseTo(0.72658, 5);
  expect(alive(23, 39, 39)).toBeCloseTo(0.968555, 6);
});

test("200 orders neither overflow nor vanish", () => {
  const parameters = { r: 0.25, alpha: 4, a: 0.8, b: 2.5 };
  const logLikelihood = (frequency: number, recency: number) =>
    logLikelihoodOf(bgNbd, parameters, { frequency, recency, age: 40 });
  expect(logLikelihood(0, 0)).toBeCloseTo(-0.59947382, 7);
  expect(logLikelihood(200, 38)).toBeCloseTo(100.7957, 4);
  const often = { frequency: 200, recency: 39.9, age: 40 };
  for (const model of [bgNbd, mbgNbd]) {
    const silent = { ...often, recency: 1 };
    expect(model.expectedOrders(parameters, often, 40)).toBeGreaterThan(50);
    expect(model.probabilityAlive(parameters, silent)).toBeLessThan(1e-100);
    expect(model.expectedOrders(parameters, silent, 40)).toBeGreaterThanOrEqual(0);
  }
});

test("a member of MBG/NBD may be gone after the first order, one of BG/NBD not", () => {
  const history = { frequency: 0, recency: 0, age: 38.86 };
  expect(bgNbd.probabilityAlive(cdnow, history)).toBe(1);
  const { r, alpha, a, b } = cdnow;
  const expected = 1 / (1 + (a / b) * ((alpha + 38.86) / alpha) ** r);
  expect(mbgNbd.probabilityAlive(cdnow, history)).toBeCloseTo(expected, 12);
});

const parameters = record({
  r: double({ min: 0.05, max: 20, noNaN: true }),
  alpha: double({ min: 0.1, max: 100, noNaN: true }),
  a: double({ min: 0.05, max: 20, noNaN: true }),
  b: double({ min: 0.05, max: 50, noNaN: true }),
});
const history = record({
  frequency: integer({ min: 0, max: 200 }),
  share: double({ min: 0.01, max: 1, noNaN: true }),
  age: double({ min: 0.2, max: 500, noNaN: true }),
}).map(({ frequency, share: part, age }) => ({ frequency, age, recency: frequency === 0 ? 0 : part * age }));

for (const model of [bgNbd, mbgNbd]) {
  test(`${model.name}: alive is a probability, falls with silence, and orders grow with the horizon`, () => {
    const rule = property(parameters, history, (given, member) => {
      const alive = model.probabilityAlive(given, member);
      const later = model.probabilityAlive(given, { ...member, age: member.age + 10 });
      const orders = [1, 10, 100].map((horizon) => model.expectedOrders(given, member, horizon));
      const [soon = 0, then = 0, last = 0] = orders;
      return alive >= 0 && alive <= 1 && later <= alive + 1e-12 && soon >= 0 && soon <= then && then <= last;
    });
    assert(rule);
  });

  test(`${model.name}: the distribution of orders sums to one and its mean is the expectation`, () => {
    const modest = { r: 0.8, alpha: 6, a: 1, b: 2.4 };
    const chances = Array.from({ length: 400 }, (_, count) => model.probabilityOfOrders(modest, count, 20));
    expect(sum(chances)).toBeCloseTo(1, 10);
    expect(sum(chances.map((chance, count) => chance * count))).toBeCloseTo(model.expectedOrdersOfNew(modest, 20), 8);
    expect(model.probabilityOfOrders(modest, 0, 0)).toBeCloseTo(1, 12);
    expect([-1, 0.5].map((count) => model.probabilityOfOrders(modest, count, 5))).toEqual([0, 0]);
  });

  test(`${model.name}: a member is expected to buy as much as a new one, told from any point of time`, () => {
    const given = { r: 1.2, alpha: 5, a: 0.9, b: 3 };
    // Over all histories of a member seen for no time at all, nothing is known yet.
    const fresh = model.expectedOrders(given, { frequency: 0, recency: 0, age: 0 }, 30);
    expect(fresh).toBeCloseTo(model.expectedOrdersOfNew(given, 30), 10);
  });
}

function share(found: number, expected: number): number {
  return Math.abs(found / expected - 1);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
