// Pareto/NBD agrees with what is published for CDNOW, and holds together for any parameters.
import { assert, double, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { logLikelihoodOf } from "./order-model.ts";
import { paretoNbd } from "./pareto-nbd.ts";

const cdnow = { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };

test("the orders expected of a member are those of BTYD", () => {
  const history = { frequency: 26, recency: 30.86, age: 31 };
  expect(Math.abs(paretoNbd.expectedOrders(cdnow, history, 52) - 25.46)).toBeLessThan(0.01);
});

test("the probability to be alive is that of BTYD and lifetimes", () => {
  const lifetimes = { r: 0.5534, alpha: 10.5802, s: 0.6061, beta: 11.6562 };
  const btyd = { r: 0.5533971, alpha: 10.5801985, s: 0.6060625, beta: 11.6562237 };
  const often = { frequency: 26, recency: 30.86, age: 31 };
  expect(Math.abs(paretoNbd.probabilityAlive(lifetimes, often) - 0.9979)).toBeLessThan(0.001);
  expect(paretoNbd.probabilityAlive(btyd, { frequency: 0, recency: 0, age: 39 })).toBeCloseTo(0.2941633, 7);
});

test("the orders expected of a new member are those of BTYD", () => {
  const parameters = { r: 0.55, alpha: 10.56, s: 0.61, beta: 11.64 };
  const expected =
    "0, 0.05077821, 0.09916088, 0.14542507, 0.1897993, 0.23247466, 0.27361274, 0.31335159, 0.35181024, 0.38909211"
      .split(", ")
      .map(Number);
  const found = expected.map((_, t) => paretoNbd.expectedOrdersOfNew(parameters, t));
  expect(found.filter((orders, t) => Math.abs(orders - (expected[t] ?? 0)) > 1e-8)).toEqual([]);
});

test("the likelihood is the integral over all moments at which a member may stop", () => {
  const histories = [
    { frequency: 0, recency: 0, age: 30 },
    { frequency: 3, recency: 12, age: 30 },
    { frequency: 20, recency: 29.5, age: 30 },
  ];
  const sets = [cdnow, { r: 2, alpha: 40, s: 1, beta: 3 }, { r: 0.3, alpha: 2, s: 3, beta: 90 }];
  for (const parameters of sets) {
    for (const history of histories) {
      const { alive, stopped } = integrated(parameters, history);
      const logLikelihood =
        logLikelihoodOf(paretoNbd, parameters, history) - ofFrequency(parameters, history.frequency);
      expect(logLikelihood).toBeCloseTo(Math.log(alive + stopped), 6);
      expect(paretoNbd.probabilityAlive(parameters, history)).toBeCloseTo(alive / (alive + stopped), 6);
    }
  }
});

test("200 orders neither overflow nor vanish", () => {
  const often = { frequency: 200, recency: 39.9, age: 40 };
  expect(Number.isFinite(logLikelihoodOf(paretoNbd, cdnow, often))).toBe(true);
  expect(paretoNbd.expectedOrders(cdnow, often, 40)).toBeGreaterThan(50);
  const silent = { ...often, recency: 1 };
  expect(paretoNbd.probabilityAlive(cdnow, silent)).toBeLessThan(1e-100);
  expect(Number.isFinite(logLikelihoodOf(paretoNbd, cdnow, silent))).toBe(true);
});

test("the distribution of orders sums to one and its mean is the expectation", () => {
  for (const s of [0.606, 1, 2.5]) {
    const parameters = { r: 0.8, alpha: 6, s, beta: 9 };
    const chances = Array.from({ length: 400 }, (_, count) => paretoNbd.probabilityOfOrders(parameters, count, 20));
    const mean = chances.reduce((total, chance, count) => total + chance * count, 0);
    expect(chances.reduce((total, chance) => total + chance, 0)).toBeCloseTo(1, 10);
    expect(mean).toBeCloseTo(paretoNbd.expectedOrdersOfNew(parameters, 20), 8);
  }
  expect(paretoNbd.probabilityOfOrders(cdnow, 0, 0)).toBeCloseTo(1, 12);
  expect(paretoNbd.probabilityOfOrders(cdnow, 0.5, 3)).toBe(0);
});

test("alive is a probability, falls with silence, and orders grow with the horizon", () => {
  const positive = (max: number) => double({ min: 0.02, max, noNaN: true });
  const parameters = record({ r: positive(20), alpha: positive(300), s: positive(20), beta: positive(300) });
  const seen = record({ frequency: integer({ min: 0, max: 200 }), part: positive(1), age: positive(500) });
  const rule = property(parameters, seen, (given, { frequency, part, age }) => {
    const member = { frequency, recency: frequency === 0 ? 0 : part * age, age };
    const alive = paretoNbd.probabilityAlive(given, member);
    const later = paretoNbd.probabilityAlive(given, { ...member, age: age + 10 });
    const [soon = 0, then = 0] = [1, 50].map((horizon) => paretoNbd.expectedOrders(given, member, horizon));
    return alive >= 0 && alive <= 1 && later <= alive + 1e-12 && soon >= 0 && soon <= then;
  });
  assert(rule);
});

function ofFrequency({ r, alpha, s, beta }: typeof cdnow, x: number): number {
  const rising = Array.from({ length: x }, (_, k) => Math.log(r + k)).reduce((total, term) => total + term, 0);
  return rising + r * Math.log(alpha) + s * Math.log(beta);
}

/** The two ways to have such a history, by Simpson's rule: without what depends on x alone. */
function integrated({ r, alpha, s, beta }: typeof cdnow, history: { frequency: number; recency: number; age: number }) {
  const { frequency: x, recency, age } = history;
  const steps = 20_000;
  const width = (age - recency) / steps;
  const density = (t: number) => s * (alpha + t) ** -(r + x) * (beta + t) ** -(s + 1);
  let total = density(recency) + density(age);
  for (let at = 1; at < steps; at += 1) total += (at % 2 === 1 ? 4 : 2) * density(recency + at * width);
  return { alive: (alpha + age) ** -(r + x) * (beta + age) ** -s, stopped: (total * width) / 3 };
}
