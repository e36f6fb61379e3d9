// IFRS 15 for points: what part of a sale is deferred for them, and what of it becomes revenue as they are spent.
import {
  type CohortMonth,
  expectedRedeemed,
  monthsBetween,
  type RedemptionCurve,
  redemptionCurve,
} from "./breakage.ts";
import { nextPeriod, periodsBetween, previousPeriod } from "./clearing-periods.ts";
import { sharesByWeight } from "./shares-by-weight.ts";

/**
 * Shares the price of sales among the goods and each kind of points, by their stand-alone selling prices; all integers in one
 * unit. Returns the goods' share first. Sums to `price`.
 */
export function allocatePrice(price: number, goods: number, points: readonly number[]): number[] {
  return sharesByWeight(price, [goods, ...points]);
}

/**
 * What of a deferral has become revenue when `redeemed` of an expected total have been spent; all of it when no more are
 * expected. Estimates may change: the difference to what was released before is the catch-up.
 */
export function releasedOf({
  deferred,
  redeemed,
  expected,
}: {
  readonly deferred: number;
  readonly redeemed: number;
  readonly expected: number;
}): number {
  if (expected <= redeemed) return deferred;
  return Math.round((deferred * Math.max(0, redeemed)) / expected);
}

/** Sales of one month that gave points: what was paid for them, in minor units, as it was refunded month by month. */
export interface SalesMonth {
  readonly cohort: string;
  readonly month: string;
  readonly paid: number;
}

/** Points of one currency that came with sales. */
export interface SoldPoints {
  readonly currency: string;
  readonly months: readonly CohortMonth[];
}

/** What one point is worth to a shopper, in thousandths of a minor unit, in the month in which it was issued. */
export type ValueOf = (currency: string, cohort: string) => number;

export interface JournalMonth {
  readonly period: string;
  readonly currency: string;
  readonly opening: number;
  readonly deferral: number;
  readonly release: number;
  readonly breakage: number;
  readonly closing: number;
}

interface Standing {
  readonly deferred: number;
  readonly released: number;
  /** The part of `released` for points that were really spent. */
  readonly spent: number;
}

/**
 * The journal of months `from` to `to`, by currency: deferral, release and breakage, each the difference of what stood at the
 * ends of two months. The last month may be unfinished: `from` and `to` are months such as "2026-11".
 */
export function journalOf(
  { sales, points }: { readonly sales: readonly SalesMonth[]; readonly points: readonly SoldPoints[] },
  valueOf: ValueOf,
  { from, to }: { readonly from: string; readonly to: string },
): JournalMonth[] {
  const standingAt = (period: string) => standingsAt(sales, points, valueOf, period);
  const entries: JournalMonth[] = [];
  let before = standingAt(previousPeriod(from));
  for (const period of periodsBetween(from, to)) {
    const after = standingAt(period);
    for (const { currency } of points) {
      entries.push({ period, currency, ...entryOf(before.get(currency) ?? NOTHING, after.get(currency) ?? NOTHING) });
    }
    before = after;
  }
  return entries.filter(({ opening, deferral, release, breakage }) => opening || deferral || release || breakage);
}

/** What is deferred and not released at the end of a month, by currency, in minor units. */
export function deferredAt(
  { sales, points }: { readonly sales: readonly SalesMonth[]; readonly points: readonly SoldPoints[] },
  valueOf: ValueOf,
  period: string,
): Map<string, number> {
  const standings = standingsAt(sales, points, valueOf, period);
  return new Map([...standings].map(([currency, { deferred, released }]) => [currency, deferred - released]));
}

const NOTHING: Standing = { deferred: 0, released: 0, spent: 0 };

function entryOf(before: Standing, after: Standing) {
  const opening = before.deferred - before.released;
  const deferral = after.deferred - before.deferred;
  const release = after.spent - before.spent;
  const breakage = after.released - before.released - release;
  return { opening, deferral, release, breakage, closing: after.deferred - after.released };
}

function standingsAt(
  sales: readonly SalesMonth[],
  points: readonly SoldPoints[],
  valueOf: ValueOf,
  period: string,
): Map<string, Standing> {
  const standings = new Map<string, Standing>();
  const curves = new Map(points.map(({ currency, months }) => [currency, curvesOf(months, period)]));
  const cohorts = new Set(points.flatMap(({ months }) => months.map(({ cohort }) => cohort)));
  for (const cohort of cohorts) {
    if (cohort > period) continue;
    const paid = sumOf(sales, { cohort, until: period }, ({ paid: amount }) => amount);
    const sold = points.map(({ currency, months }) => ({ currency, ...figuresOf(months, { cohort, until: period }) }));
    // The price is shared as the points were estimated when they were issued; later estimates only change the release.
    const worth = sold.map(({ currency, issued }) => {
      const atIssue = curves.get(currency)?.(cohort) ?? [];
      return Math.round((expectedRedeemed(atIssue, issued, 0) * valueOf(currency, cohort)) / 1000);
    });
    const [, ...deferrals] = allocatePrice(Math.max(0, paid), Math.max(0, paid), worth);
    for (const [place, { currency, issued, redeemed, outstanding }] of sold.entries()) {
      const deferred = deferrals[place] ?? 0;
      const curve = curves.get(currency)?.(period) ?? [];
      const more = expectedRedeemed(curve, outstanding, monthsBetween(cohort, period) + 1);
      const released = releasedOf({ deferred, redeemed, expected: redeemed + more });
      const spent = issued > 0 ? Math.min(released, Math.round((deferred * Math.max(0, redeemed)) / issued)) : 0;
      const sum = standings.get(currency) ?? NOTHING;
      standings.set(currency, {
        deferred: sum.deferred + deferred,
        released: sum.released + released,
        spent: sum.spent + spent,
      });
    }
  }
  return standings;
}

// What history showed at the end of a month; each is worked out once.
function curvesOf(months: readonly CohortMonth[], until: string): (month: string) => RedemptionCurve {
  const known = new Map<string, RedemptionCurve>();
  return (month) => {
    const end = month < until ? month : until;
    let curve = known.get(end);
    if (curve === undefined) known.set(end, (curve = redemptionCurve(months, nextPeriod(end))));
    return curve;
  };
}

function figuresOf(months: readonly CohortMonth[], wanted: { cohort: string; until: string }) {
  const sum = (column: (row: CohortMonth) => number) => sumOf(months, wanted, column);
  const redeemed = sum((row) => row.redeemed);
  const issued = sum((row) => row.issued - row.removed);
  return { issued, redeemed, outstanding: issued - redeemed - sum((row) => row.expired) };
}

function sumOf<Row extends { readonly cohort: string; readonly month: string }>(
  rows: readonly Row[],
  { cohort, until }: { cohort: string; until: string },
  column: (row: Row) => number,
): number {
  return rows.reduce((sum, row) => (row.cohort === cohort && row.month <= until ? sum + column(row) : sum), 0);
}
