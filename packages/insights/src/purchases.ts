// Sums up raw orders as the models of buying want them: how often, how recently, since when and how much.

/** One order of a member on a local day (see days.ts), in any one unit of money. */
export type DatedOrder = { readonly memberId: string; readonly day: number; readonly amount: number };

/** A member's history until the end of observation; times in the unit that was asked for (days, weeks ...). */
export type OrderSummary = {
  readonly memberId: string;
  /** x: days with an order, after the first such day. */
  readonly frequency: number;
  /** t_x: time from the first day with an order to the last; 0 when there is only one. */
  readonly recency: number;
  /** T: time from the first day with an order to the end of observation. */
  readonly age: number;
  /** Mean spending of a day with orders, without the first such day; 0 when there is only one. */
  readonly monetary: number;
};

/** A summary of the calibration period, with what happened after it. */
export type HoldoutSummary = OrderSummary & {
  /** Days with an order after the calibration period. */
  readonly holdoutOrders: number;
  /** Mean spending of such a day; 0 when there is none. */
  readonly holdoutMonetary: number;
  /** Length of the period after calibration, in the same unit. */
  readonly holdoutLength: number;
};

export const DAYS_PER_WEEK = 7;

/**
 * Frequency, recency, T and monetary value of every member with an order until `observationEnd` (a day, included).
 * Orders of one day count as one, later orders not at all. `unitDays`: 1 for days, 7 for weeks. Members stand in the
 * order of their first row. Fader, Hardie & Lee (2005), as `summary_data_from_transaction_data` of lifetimes.
 */
export function summarizeOrders(
  orders: Iterable<DatedOrder>,
  options: { readonly observationEnd: number; readonly unitDays?: number },
): OrderSummary[] {
  const { observationEnd, unitDays = 1 } = options;
  const summaries: OrderSummary[] = [];
  for (const [memberId, days] of daysByMember(orders, observationEnd)) {
    summaries.push(summaryOf(memberId, days, observationEnd, unitDays));
  }
  return summaries;
}

/**
 * The same with the orders after `calibrationEnd` (a day, included in calibration) kept apart, to check a model against
 * what it did not see. Members who came after calibration are left out.
 */
export function summarizeWithHoldout(
  orders: Iterable<DatedOrder>,
  options: { readonly calibrationEnd: number; readonly observationEnd: number; readonly unitDays?: number },
): HoldoutSummary[] {
  const { calibrationEnd, observationEnd, unitDays = 1 } = options;
  const holdoutLength = (observationEnd - calibrationEnd) / unitDays;
  const summaries: HoldoutSummary[] = [];
  for (const [memberId, days] of daysByMember(orders, observationEnd)) {
    const seen = days.filter(({ day }) => day <= calibrationEnd);
    if (seen.length === 0) continue;
    const after = days.slice(seen.length);
    summaries.push({
      ...summaryOf(memberId, seen, calibrationEnd, unitDays),
      holdoutOrders: after.length,
      holdoutMonetary: meanAmount(after),
      holdoutLength,
    });
  }
  return summaries;
}

type DaySpending = { readonly day: number; amount: number };

function daysByMember(orders: Iterable<DatedOrder>, observationEnd: number): Map<string, DaySpending[]> {
  const byMember = new Map<string, DaySpending[]>();
  for (const { memberId, day, amount } of orders) {
    if (day > observationEnd) continue;
    const spending = byMember.get(memberId);
    if (spending === undefined) byMember.set(memberId, [{ day, amount }]);
    else spending.push({ day, amount });
  }
  for (const [memberId, spending] of byMember) byMember.set(memberId, mergeDays(spending));
  return byMember;
}

function mergeDays(spending: DaySpending[]): DaySpending[] {
  const merged: DaySpending[] = [];
  for (const { day, amount } of spending.sort((one, other) => one.day - other.day)) {
    const last = merged.at(-1);
    if (last?.day === day) last.amount += amount;
    else merged.push({ day, amount });
  }
  return merged;
}

function summaryOf(memberId: string, days: readonly DaySpending[], end: number, unitDays: number): OrderSummary {
  const first = days[0]?.day ?? end;
  const last = days.at(-1)?.day ?? first;
  return {
    memberId,
    frequency: days.length - 1,
    recency: (last - first) / unitDays,
    age: (end - first) / unitDays,
    monetary: meanAmount(days.slice(1)),
  };
}

function meanAmount(days: readonly DaySpending[]): number {
  return days.length === 0 ? 0 : days.reduce((sum, { amount }) => sum + amount, 0) / days.length;
}
