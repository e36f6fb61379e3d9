// Answers with a figure step by step, beside the range it is compared with.
import { POINTS_DAYS_MAX, type Series, type SeriesMetric, seriesQuery } from "@regulars/contracts/insights-overview";
import { daysBetween, type ReportRange, SERIES_POINTS_MAX } from "@regulars/contracts/insights-ranges";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readQuery } from "@regulars/edge/body";
import { type Call, done, refused, tenantOf } from "./call.ts";
import { refusalOfPlace } from "./insight-report-place.ts";
import { comparedRanges, countSteps, stepsOf } from "./insight-report-ranges.ts";
import { readSeries } from "./insight-report-series-rows.ts";

export async function getInsightSeries(call: Call): Promise<Read<Series>> {
  const query = readQuery(call.request.url, seriesQuery);
  if (!query.ok) return query;
  const { metric, by, currency } = query.value;
  const tenant = tenantOf(call);
  const ranges = comparedRanges(query.value, localDay(call.now, tenant.timeZone));
  if (!ranges.ok) return ranges;
  const { current, previous } = ranges.value;
  if (Math.max(countSteps(current, by), countSteps(previous, by)) > SERIES_POINTS_MAX) {
    return refused("number_out_of_range", { field: "by", facts: { limit: `1-${SERIES_POINTS_MAX} points` } });
  }
  if (metric.startsWith("points") && [current, previous].some((range) => isTooLongForPoints(range))) {
    return refused("number_out_of_range", { field: "until", facts: { limit: `1-${POINTS_DAYS_MAX} days` } });
  }
  const refusal = await refusalOfPlace(call, query.value);
  if (refusal !== null) return refusal;
  const read = (range: ReportRange) =>
    readSeries(call.database, tenant, { metric, by, currency, range, place: query.value });
  const [values, compared] = await Promise.all([read(current), read(previous)]);
  const [days, comparedDays] = [stepsOf(current, by), stepsOf(previous, by)];
  const length = Math.max(days.length, comparedDays.length);
  const points = Array.from({ length }, (_, at) => {
    const [day, comparedDay = null] = [days[at], comparedDays[at]];
    return {
      day: day ?? null,
      value: day === undefined ? null : valueAt(values, day, metric),
      comparedDay,
      comparedValue: comparedDay === null ? null : valueAt(compared, comparedDay, metric),
    };
  });
  return done({ metric, by, range: current, compared: previous, points });
}

const isTooLongForPoints = ({ from, until }: ReportRange) => daysBetween(from, until) > POINTS_DAYS_MAX;

/** Nothing sold is zero, but has no average. */
function valueAt(values: ReadonlyMap<string, number>, day: string, metric: SeriesMetric): number | null {
  return values.get(day) ?? (metric === "averageOrder" ? null : 0);
}
