// Makes members who buy exactly as a model supposes, from a seed: to see whether a fit finds its parameters again.
import type { BetaGeometric } from "./bg-nbd.ts";
import type { ParetoNbd } from "./pareto-nbd.ts";

type Random = () => number;

export type SimulatedHistory = {
  readonly frequency: number;
  readonly recency: number;
  readonly age: number;
  readonly monetary: number;
};

/** How many members, seen for up to how many days since their first order; times come out in weeks, on whole days. */
export type Simulation = { readonly members: number; readonly days: number; readonly random: Random };

/** Members of BG/NBD, or of MBG/NBD when the first order may be the last by choice. */
export function simulateBetaGeometric(
  { r, alpha, a, b }: Record<BetaGeometric, number>,
  options: Simulation & { readonly mayStopAtFirst: boolean },
): SimulatedHistory[] {
  const { random, mayStopAtFirst } = options;
  return simulate(options, (age) => {
    const rate = gamma(random, r) / alpha;
    const [stays, stops] = [gamma(random, b), gamma(random, a)];
    const chanceToStop = stops / (stays + stops);
    const times: number[] = [];
    let goesOn = !mayStopAtFirst || random() >= chanceToStop;
    for (let at = exponential(random, rate); goesOn && at <= age; at += exponential(random, rate)) {
      times.push(at);
      goesOn = random() >= chanceToStop;
    }
    return times;
  });
}

/** Members of Pareto/NBD. */
export function simulatePareto(
  { r, alpha, s, beta }: Record<ParetoNbd, number>,
  options: Simulation,
): SimulatedHistory[] {
  const { random } = options;
  return simulate(options, (age) => {
    const rate = gamma(random, r) / alpha;
    const end = Math.min(age, exponential(random, gamma(random, s) / beta));
    const times: number[] = [];
    for (let at = exponential(random, rate); at <= end; at += exponential(random, rate)) times.push(at);
    return times;
  });
}

/** Spending of the simulated members: Gamma-Gamma with p = 6, q = 4, v = 15, in cents. */
export const simulatedSpending = { p: 6, q: 4, v: 15 } as const;

function simulate({ members, days, random }: Simulation, buy: (age: number) => number[]): SimulatedHistory[] {
  const { p, q, v } = simulatedSpending;
  return Array.from({ length: members }, () => {
    const age = Math.floor(1 + random() * days) / 7;
    const times = buy(age);
    const frequency = times.length;
    const scale = gamma(random, q) / v;
    const spent = frequency === 0 ? 0 : gamma(random, p * frequency) / scale / frequency;
    return {
      frequency,
      recency: Math.floor((times.at(-1) ?? 0) * 7) / 7,
      age,
      monetary: Math.max(Math.sign(spent), Math.round(spent * 100)) / 100,
    };
  });
}

function exponential(random: Random, rate: number): number {
  return -Math.log(random()) / rate;
}

function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
}

/** Gamma(shape, 1) by Marsaglia & Tsang (2000). */
function gamma(random: Random, shape: number): number {
  if (shape < 1) return gamma(random, shape + 1) * random() ** (1 / shape);
  const d = shape - 1 / 3;
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    const x = normal(random);
    const cube = (1 + c * x) ** 3;
    if (cube > 0 && Math.log(random()) < 0.5 * x * x + d - d * cube + d * Math.log(cube)) return d * cube;
  }
}
