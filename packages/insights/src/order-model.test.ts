// What a model foretells from histories adds up to what it foretells of new members: one rule for all three models.
import { expect, test } from "vitest";
import { bgNbd, mbgNbd } from "./bg-nbd.ts";
import type { OrderModel } from "./order-model.ts";
import { paretoNbd } from "./pareto-nbd.ts";
import { seededRandom } from "./seeded-random.ts";
import {
  type SimulatedHistory,
  simulateBetaGeometric,
  simulatePareto,
  type Simulation,
} from "./simulated-histories.ts";

const horizon = 26;
const options = (): Simulation => ({ members: 30_000, days: 400, random: seededRandom(21) });

test("BG/NBD: later orders foretold from histories are those foretold from the start", () => {
  const parameters = { r: 0.9, alpha: 6, a: 0.8, b: 2.4 };
  const histories = simulateBetaGeometric(parameters, { ...options(), mayStopAtFirst: false });
  expect(ratio(bgNbd, parameters, histories)).toBeCloseTo(1, 1.6);
});

test("MBG/NBD: later orders foretold from histories are those foretold from the start", () => {
  const parameters = { r: 0.9, alpha: 6, a: 0.8, b: 2.4 };
  const histories = simulateBetaGeometric(parameters, { ...options(), mayStopAtFirst: true });
  expect(ratio(mbgNbd, parameters, histories)).toBeCloseTo(1, 1.6);
});

test("Pareto/NBD: later orders foretold from histories are those foretold from the start", () => {
  const parameters = { r: 0.9, alpha: 6, s: 0.7, beta: 12 };
  expect(ratio(paretoNbd, parameters, simulatePareto(parameters, options()))).toBeCloseTo(1, 1.6);
});

test("members of another model are not foretold so well", () => {
  const parameters = { r: 0.9, alpha: 6, a: 0.8, b: 2.4 };
  const histories = simulateBetaGeometric(parameters, { ...options(), mayStopAtFirst: true });
  expect(Math.abs(ratio(bgNbd, parameters, histories) - 1)).toBeGreaterThan(0.03);
});

/** Orders expected in the horizon after T from each history, over those expected between T and T + horizon at all. */
function ratio<Name extends string>(
  model: OrderModel<Name>,
  parameters: Record<Name, number>,
  histories: readonly SimulatedHistory[],
): number {
  let told = 0;
  let expected = 0;
  for (const history of histories) {
    told += model.expectedOrders(parameters, history, horizon);
    expected += model.expectedOrdersOfNew(parameters, history.age + horizon);
    expected -= model.expectedOrdersOfNew(parameters, history.age);
  }
  return told / expected;
}
