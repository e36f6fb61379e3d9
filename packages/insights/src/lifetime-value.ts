// Puts expected orders and expected spending together: what a member is still worth, in today's money.

/** Later periods than this add nothing at any sensible discount: a hundred years of months. */
const MAX_PERIODS = 1_200;

/**
 * Discounted value of a member's orders in the next `periods`, each `periodLength` units of time long:
 * Σ margin · spend · (E[X(i·length)] - E[X((i-1)·length)]) / (1 + discount)^i, in the unit of money of `spend`.
 * `discountPerPeriod` is a rate (0.01 for 1 %). Fader, Hardie & Lee (2005), RFM and CLV; the sum is discrete as in
 * `customer_lifetime_value` of lifetimes.
 */
export function discountedValue(options: {
  readonly expectedOrders: (horizon: number) => number;
  readonly spend: number;
  readonly periods: number;
  readonly periodLength: number;
  readonly discountPerPeriod: number;
  readonly margin?: number;
}): number {
  const { expectedOrders, spend, periods, periodLength, discountPerPeriod, margin = 1 } = options;
  let value = 0;
  let before = 0;
  for (let period = 1; period <= Math.min(periods, MAX_PERIODS); period += 1) {
    const until = expectedOrders(period * periodLength);
    value += (until - before) / (1 + discountPerPeriod) ** period;
    before = until;
  }
  return value * spend * margin;
}
