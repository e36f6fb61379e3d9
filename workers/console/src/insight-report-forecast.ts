// Foretells revenue, redemptions and liability from whole periods that are over, or says what is missing to do so.
import { forecastQuery, type ForecastReport } from "@regulars/contracts/insights-trade";
import type { SeriesStep } from "@regulars/contracts/insights-overview";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Forecast, type ForecastRefusal, forecastSeries, MIN_PERIODS } from "@regulars/insights/series/forecast";
import { type Call, done, tenantOf } from "./call.ts";
import { dayAfter, stepAfter, stepOf, stepsOf } from "./insight-report-ranges.ts";
import { readFirstMovement, readOrderDays, readPointsByMonth, readSeries } from "./insight-report-series-rows.ts";
import { readPointValues } from "./point-values.ts";

/** Periods that a forecast goes by: five years of months, two of weeks, a quarter of days; older ones hardly weigh. */
const HISTORY_MAX: Readonly<Record<SeriesStep, number>> = { month: 60, week: 104, day: 92 };
/** After how many periods a year or week begins again; a year of weeks is too long a season to fit. */
const SEASONS: Readonly<Record<SeriesStep, number>> = { month: 12, week: 1, day: 7 };
/** As `forecastSeries` asks: two whole seasons and five periods. */
const SPARE_PERIODS = 5;

interface Past {
  readonly day: string;
  readonly value: number;
}

export async function getInsightForecast(call: Call): Promise<Read<ForecastReport>> {
  const query = readQuery(call.request.url, forecastQuery);
  if (!query.ok) return query;
  const { metric, by, horizon, confidence, currency = "" } = query.value;
  const tenant = tenantOf(call);
  const present = stepOf(localDay(call.now, tenant.timeZone), by);
  const history =
    metric === "revenue" ? await revenueOf(call, { by, present }) : await pointsOf(call, { metric, currency, present });
  const found = foretell(history, { by, horizon, confidence });
  return done({ metric, by, confidence, history: [...history], forecast: answerOf(found, { present, by, metric }) });
}

/** With a season where there are two whole ones to learn it from. */
function foretell(
  history: readonly Past[],
  { by, horizon, confidence }: { readonly by: SeriesStep; readonly horizon: number; readonly confidence: number },
): Forecast | ForecastRefusal {
  const values = history.map(({ value }) => value);
  const season = SEASONS[by];
  const isLong = values.length >= Math.max(MIN_PERIODS, 2 * season + SPARE_PERIODS);
  return forecastSeries(values, { horizon, confidence, floor: 0, ...(isLong && season > 1 && { season }) });
}

async function revenueOf(call: Call, { by, present }: { by: SeriesStep; present: string }): Promise<readonly Past[]> {
  const tenant = tenantOf(call);
  const until = dayAfter(present, -1);
  const seen = await readOrderDays(call.database, tenant);
  if (seen === null) return [];
  // A period in which the first order fell was not whole, unless it began with it.
  const first = stepOf(seen.from, by) === seen.from ? seen.from : stepAfter(stepOf(seen.from, by), by);
  const days = stepsOf({ from: first, until }, by).slice(-HISTORY_MAX[by]);
  const [from] = days;
  if (from === undefined || from > until) return [];
  const values = await readSeries(call.database, tenant, { metric: "revenue", by, range: { from, until }, place: {} });
  return days.map((day) => ({ day, value: values.get(day) ?? 0 }));
}

async function pointsOf(
  call: Call,
  { metric, currency, present }: { metric: "redemptions" | "liability"; currency: string; present: string },
): Promise<readonly Past[]> {
  const tenant = tenantOf(call);
  const first = await readFirstMovement(call.database, tenant, currency);
  if (first === null || stepOf(first, "month") >= present) return [];
  const months = stepsOf({ from: first, until: dayAfter(present, -1) }, "month").slice(-HISTORY_MAX.month);
  const moved = await readPointsByMonth(call.database, tenant, { currency, months, until: present });
  if (metric === "redemptions") return moved.map(({ day, redeemed }) => ({ day, value: redeemed }));
  const valueOf = await readPointValues(call.database, tenant);
  let outstanding = 0;
  return moved.map(({ day, gained }) => {
    outstanding += gained;
    return { day, value: Math.round((outstanding * valueOf(currency, day.slice(0, 7))) / 1000) };
  });
}

function answerOf(
  found: Forecast | ForecastRefusal,
  { present, by, metric }: { readonly present: string; readonly by: SeriesStep; readonly metric: string },
): ForecastReport["forecast"] {
  if (!found.ok) return { ok: false, missing: found.missing.map(missingAnswer) };
  let day = present;
  const periods = found.periods.map((period) => {
    const dated = { day, ...period };
    day = stepAfter(day, by);
    return dated;
  });
  // What is owed at the ends of several months does not add up.
  return { ok: true, model: found.model, periods, total: metric === "liability" ? null : found.total };
}

function missingAnswer(one: ForecastRefusal["missing"][number]) {
  const have = "have" in one ? one.have : null;
  const need = "need" in one ? one.need : "atMost" in one ? one.atMost : null;
  return { what: one.what, have, need };
}
