// BG/NBD and MBG/NBD: a member buys at a steady rate and may stop right after any order.
import { ordersUntilDropout } from "./hypergeometric.ts";
import type { History } from "./order-groups.ts";
import type { LikelihoodParts, OrderModel } from "./order-model.ts";
import { logBeta, logGamma, regularizedBeta } from "./special-functions.ts";

/** Rates are Gamma(r, alpha) (alpha in units of time); the chance to stop after an order is Beta(a, b). */
export type BetaGeometric = "r" | "alpha" | "a" | "b";
type Parameters = Record<BetaGeometric, number>;

/** BG/NBD: Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2). */
export const bgNbd = makeBetaGeometric("BG/NBD", 0);

/**
 * MBG/NBD: a member may stop after the first order too. Batislam, Denizel & Filiztekin (2007), Empirical validation and
 * comparison of models for customer base analysis, International Journal of Research in Marketing 24(3).
 */
export const mbgNbd = makeBetaGeometric("MBG/NBD", 1);

/** `tossesAtFirst`: 1 when the first order, which x does not count, was a chance to stop as well. */
function makeBetaGeometric(name: string, tossesAtFirst: 0 | 1): OrderModel<BetaGeometric> {
  return {
    name,
    parameters: ["r", "alpha", "a", "b"],
    likelihood: (parameters) => likelihood(parameters, tossesAtFirst),
    starts: (rate) => [
      { r: 0.5, alpha: 0.4 / rate, a: 0.8, b: 2.5 },
      { r: 3, alpha: 2.5 / rate, a: 0.5, b: 5 },
      { r: 1.5, alpha: 1.4 / rate, a: 0.05, b: 20 },
    ],
    probabilityAlive: (parameters, history) => probabilityAlive(parameters, history, tossesAtFirst),
    expectedOrders: (parameters, history, horizon) => {
      const { r, alpha, a, b } = parameters;
      const { frequency, age } = history;
      const tosses = frequency + tossesAtFirst;
      const ifAlive = ordersUntilDropout({ r: r + frequency, a, b: b + tosses, u: horizon / (alpha + age) });
      return ifAlive * probabilityAlive(parameters, history, tossesAtFirst);
    },
    expectedOrdersOfNew: ({ r, alpha, a, b }, horizon) => {
      const staysAtFirst = tossesAtFirst === 0 ? 1 : b / (a + b);
      return staysAtFirst * ordersUntilDropout({ r, a, b: b + tossesAtFirst, u: horizon / alpha });
    },
    probabilityOfOrders: (parameters, count, horizon) => probabilityOfOrders(parameters, count, horizon, tossesAtFirst),
  };
}

function likelihood({ r, alpha, a, b }: Parameters, tossesAtFirst: 0 | 1): LikelihoodParts {
  const ofAll = r * Math.log(alpha) - logGamma(r) - logBeta(a, b);
  return {
    ofFrequency: (x) => ofAll + logGamma(r + x) + logBeta(a, b + x + tossesAtFirst),
    lasting: (x, age) => -(r + x) * Math.log(alpha + age),
    stopped: (x, recency) => {
      const tosses = x + tossesAtFirst;
      if (tosses === 0) return Number.NEGATIVE_INFINITY;
      return Math.log(a / (b + tosses - 1)) - (r + x) * Math.log(alpha + recency);
    },
  };
}

function probabilityAlive({ r, alpha, a, b }: Parameters, history: History, tossesAtFirst: 0 | 1): number {
  const { frequency, recency, age } = history;
  const tosses = frequency + tossesAtFirst;
  if (tosses === 0) return 1;
  const silence = (r + frequency) * Math.log((alpha + age) / (alpha + recency));
  return 1 / (1 + (a / (b + tosses - 1)) * Math.exp(silence));
}

/** The member lasted and bought `count` times, or stopped at the `count`-th of at least so many. */
function probabilityOfOrders(
  { r, alpha, a, b }: Parameters,
  count: number,
  horizon: number,
  tossesAtFirst: 0 | 1,
): number {
  if (!Number.isInteger(count) || count < 0) return 0;
  const tosses = count + tossesAtFirst;
  const share = horizon / (alpha + horizon);
  const logNegativeBinomial =
    logGamma(r + count) - logGamma(r) - logGamma(count + 1) + r * Math.log1p(-share) + count * Math.log(share);
  const negativeBinomial = horizon === 0 ? Number(count === 0) : Math.exp(logNegativeBinomial);
  const lasted = Math.exp(logBeta(a, b + tosses) - logBeta(a, b)) * negativeBinomial;
  if (tosses === 0) return lasted;
  const atLeast = count === 0 ? 1 : regularizedBeta(share, count, r);
  return lasted + Math.exp(logBeta(a + 1, b + tosses - 1) - logBeta(a, b)) * atLeast;
}
