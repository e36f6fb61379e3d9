// Pareto/NBD: a member buys at a steady rate and may stop at any moment, seen or unseen.
import { gaussFraction } from "./hypergeometric.ts";
import type { OrderModel } from "./order-model.ts";
import { logAddExp, logGamma } from "./special-functions.ts";

/** Rates of orders are Gamma(r, alpha), rates of stopping Gamma(s, beta); alpha and beta in units of time. */
export type ParetoNbd = "r" | "alpha" | "s" | "beta";
type Parameters = Record<ParetoNbd, number>;

/** Panels of the integral over the moment of stopping; 16 with 8 nodes each leave an error below 1e-12. */
const PANELS = 16;
const NODES = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363] as const;
const WEIGHTS = [0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763] as const;

/**
 * Schmittlein, Morrison & Colombo (1987), Management Science 33(1), in the form of Fader & Hardie (2005), A Note on
 * Deriving the Pareto/NBD Model. The difference of two hypergeometric functions there is written as a sum of two
 * positive terms (integration by parts), so that nothing cancels or overflows at any x.
 */
export const paretoNbd: OrderModel<ParetoNbd> = {
  name: "Pareto/NBD",
  parameters: ["r", "alpha", "s", "beta"],
  likelihood: (parameters) => {
    const { r, alpha, s, beta } = parameters;
    const ofAll = r * Math.log(alpha) + s * Math.log(beta) - logGamma(r);
    return {
      ofFrequency: (x) => ofAll + logGamma(r + x),
      lasting: (x, age) => logAlive(parameters, x, age) + Math.log(buysFirst(parameters, x, age)),
      stopped: (x, recency) => logAlive(parameters, x, recency) + Math.log(stopsFirst(parameters, x, recency)),
    };
  },
  starts: (rate, meanAge) => [
    { r: 0.5, alpha: 0.4 / rate, s: 0.6, beta: 0.4 * meanAge },
    { r: 3, alpha: 2.5 / rate, s: 2, beta: 3 * meanAge },
    { r: 1.5, alpha: 1.4 / rate, s: 0.05, beta: meanAge },
  ],
  probabilityAlive,
  expectedOrders: (parameters, history, horizon) => {
    const { r, alpha, s, beta } = parameters;
    const rate = (r + history.frequency) / (alpha + history.age);
    return probabilityAlive(parameters, history) * rate * timeUntilStop(s, beta + history.age, horizon);
  },
  expectedOrdersOfNew: ({ r, alpha, s, beta }, horizon) => (r / alpha) * timeUntilStop(s, beta, horizon),
  probabilityOfOrders: (parameters, count, horizon) => {
    if (!Number.isInteger(count) || count < 0) return 0;
    const { s, beta } = parameters;
    const lasted = negativeBinomial(parameters, count, horizon) * (beta / (beta + horizon)) ** s;
    // The moment of stopping as y = ln((beta + t) / beta), which is exponential: its density is s e^(-s y).
    const end = Math.log1p(horizon / beta);
    const stopped = integrate(
      0,
      end,
      (y) => s * Math.exp(-s * y) * negativeBinomial(parameters, count, beta * Math.expm1(y)),
    );
    return lasted + stopped;
  },
};

function probabilityAlive(
  parameters: Parameters,
  history: { frequency: number; recency: number; age: number },
): number {
  const { frequency: x, recency, age } = history;
  const alive = logAlive(parameters, x, age);
  const lasting = alive + Math.log(buysFirst(parameters, x, age));
  const stopped = logAlive(parameters, x, recency) + Math.log(stopsFirst(parameters, x, recency));
  return Math.min(1, Math.exp(alive - logAddExp(lasting, stopped)));
}

/** Mean time until a member stops, counted to `horizon` at most, where the rate of stopping is Gamma(s, beta). */
function timeUntilStop(s: number, beta: number, horizon: number): number {
  const past = Math.log1p(horizon / beta);
  return beta * (s === 1 ? past : Math.expm1((1 - s) * past) / (1 - s));
}

function logAlive({ r, alpha, s, beta }: Parameters, x: number, time: number): number {
  return -(r + x) * Math.log(alpha + time) - s * Math.log(beta + time);
}

/** s ∫ (alpha + u)^-(r+x) (beta + u)^-(s+1) du from `time` on, as a share of e^logAlive: the stop comes first. */
function stopsFirst({ r, alpha, s, beta }: Parameters, x: number, time: number): number {
  const p = r + s + x;
  if (alpha >= beta) return (s / p) * gaussFraction(r + x, p + 1, (alpha - beta) / (alpha + time));
  const kept = (alpha + time) / (beta + time);
  return (s / p) * kept * gaussFraction(s + 1, p + 1, (beta - alpha) / (beta + time));
}

/** One less that share: the next order comes first. */
function buysFirst({ r, alpha, s, beta }: Parameters, x: number, time: number): number {
  const p = r + s + x;
  if (alpha < beta) return ((r + x) / p) * gaussFraction(s, p + 1, (beta - alpha) / (beta + time));
  const kept = (beta + time) / (alpha + time);
  return ((r + x) / p) * kept * gaussFraction(r + x + 1, p + 1, (alpha - beta) / (alpha + time));
}

function negativeBinomial({ r, alpha }: Parameters, count: number, time: number): number {
  if (time <= 0) return count === 0 ? 1 : 0;
  const share = time / (alpha + time);
  const choose = logGamma(r + count) - logGamma(r) - logGamma(count + 1);
  return Math.exp(choose + r * Math.log1p(-share) + count * Math.log(share));
}

/** Gauss-Legendre with 8 nodes on each of equal panels. */
function integrate(from: number, to: number, f: (x: number) => number): number {
  const half = (to - from) / (2 * PANELS);
  let sum = 0;
  for (let panel = 0; panel < PANELS; panel += 1) {
    const middle = from + (2 * panel + 1) * half;
    NODES.forEach((node, at) => {
      sum += (WEIGHTS[at] ?? 0) * half * (f(middle - half * node) + f(middle + half * node));
    });
  }
  return sum;
}
