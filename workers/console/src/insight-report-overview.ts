// Answers with the figures of a range of days beside those of another, and what made the revenue change.
import { type Overview, overviewQuery } from "@regulars/contracts/insights-overview";
import type { ChangeAnswer } from "@regulars/contracts/insights-ranges";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { changeOf, driversOf } from "@regulars/insights/series/periods";
import { type Call, done, tenantOf } from "./call.ts";
import { type MovedPoints, type RangeFigures, readFigures } from "./insight-report-overview-rows.ts";
import { refusalOfPlace } from "./insight-report-place.ts";
import { comparedRanges } from "./insight-report-ranges.ts";

export async function getInsightOverview(call: Call): Promise<Read<Overview>> {
  const query = readQuery(call.request.url, overviewQuery);
  if (!query.ok) return query;
  const tenant = tenantOf(call);
  const ranges = comparedRanges(query.value, localDay(call.now, tenant.timeZone));
  if (!ranges.ok) return ranges;
  const refusal = await refusalOfPlace(call, query.value);
  if (refusal !== null) return refusal;
  const { current, previous } = ranges.value;
  const place = query.value;
  const [now, before] = await Promise.all([
    readFigures(call.database, tenant, { range: current, place }),
    readFigures(call.database, tenant, { range: previous, place }),
  ]);
  return done({ range: current, compared: previous, money: tenant.currency, ...overviewOf(now, before) });
}

/** Every figure now and before; exported for tests of the arithmetic alone. */
export function overviewOf(now: RangeFigures, before: RangeFigures): Pick<Overview, "figures" | "points" | "drivers"> {
  const [figures, earlier] = [derived(now), derived(before)];
  const changed = (name: keyof typeof figures) => changeAnswer(figures[name], earlier[name]);
  return {
    figures: {
      revenue: changed("revenue"),
      orders: changed("orders"),
      buyers: changed("buyers"),
      ordersPerBuyer: changed("ordersPerBuyer"),
      averageOrder: changed("averageOrder"),
      newBuyers: changed("newBuyers"),
      repeatBuyers: changed("repeatBuyers"),
      wonBackBuyers: changed("wonBackBuyers"),
      wordOfMouthBuyers: changed("wordOfMouthBuyers"),
      enrolled: changed("enrolled"),
      oneTimeBuyerRate: changed("oneTimeBuyerRate"),
      secondPurchaseRate: changed("secondPurchaseRate"),
    },
    points: pointsOf(now, before),
    drivers: driversBetween(figures, earlier),
  };
}

type Derived = Record<keyof Overview["figures"], number | null>;

function derived(of: RangeFigures): Derived {
  const { revenue, orders, buyers, newBuyers } = of;
  return {
    revenue,
    orders,
    buyers,
    ordersPerBuyer: ratio(orders, buyers),
    averageOrder: ratio(revenue, orders),
    newBuyers,
    repeatBuyers: buyers - newBuyers,
    wonBackBuyers: of.wonBackBuyers,
    wordOfMouthBuyers: of.wordOfMouthBuyers,
    enrolled: of.enrolled,
    oneTimeBuyerRate: ratio(of.oneTimeBuyers, buyers),
    secondPurchaseRate: ratio(of.secondPurchases, newBuyers),
  };
}

function driversBetween(now: Derived, before: Derived): Overview["drivers"] {
  const names = ["buyers", "ordersPerBuyer", "averageOrder"] as const;
  const drivers = names.map((name) => ({ name, current: now[name] ?? 0, previous: before[name] ?? 0 }));
  const effects = driversOf(drivers);
  // The effects stand in the order of the drivers.
  return effects?.map(({ effect }, at) => ({ name: names[at] ?? "buyers", effect })) ?? null;
}

function pointsOf({ points: now }: RangeFigures, { points: before }: RangeFigures): Overview["points"] {
  if (now === null || before === null) return null;
  const currencies = new Set([...now, ...before].map(({ currency }) => currency));
  const of = (points: readonly MovedPoints[], wanted: string) => points.find(({ currency }) => currency === wanted);
  return [...currencies].sort().map((currency) => {
    const [current, previous] = [of(now, currency), of(before, currency)];
    return {
      currency,
      given: changeAnswer(current?.given ?? 0, previous?.given ?? 0),
      spent: changeAnswer(current?.spent ?? 0, previous?.spent ?? 0),
    };
  });
}

function changeAnswer(current: number | null, previous: number | null): ChangeAnswer {
  if (current === null || previous === null) return { current, previous, change: null, rate: null };
  const { change, rate } = changeOf(current, previous);
  return { current, previous, change, rate };
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
