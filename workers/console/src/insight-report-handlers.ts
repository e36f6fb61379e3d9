// Which handler answers which report on members.
import type { Handler } from "./call.ts";
import { listAffinityRules, searchAffinity } from "./insight-report-affinity.ts";
import { getInsightCohorts } from "./insight-report-cohorts.ts";
import { getInsightForecast } from "./insight-report-forecast.ts";
import { getCountsAsOf, getInsightLifecycle, getLabelsAsOf } from "./insight-report-lifecycle.ts";
import { getMemberOutlook } from "./insight-report-outlook.ts";
import { getInsightOverview } from "./insight-report-overview.ts";
import { getInsightPivot } from "./insight-report-pivot.ts";
import { listRepurchases } from "./insight-report-repurchase.ts";
import { getInsightRfm } from "./insight-report-rfm.ts";
import { getInsightSeries } from "./insight-report-series.ts";
import { getCompleteness, getScorecards } from "./insight-report-stores.ts";
import { getInsightValue } from "./insight-report-value.ts";

export const insightReportHandlers: Readonly<Record<string, Handler>> = {
  getInsightOverview,
  getInsightSeries,
  getInsightCohorts,
  getInsightForecast,
  getInsightRfm,
  getInsightLifecycle,
  getInsightValue,
  getLabelsAsOf,
  getCountsAsOf,
  getInsightPivot,
  getMemberOutlook,
  listRepurchases,
  listAffinityRules,
  searchAffinity,
  getScorecards,
  getCompleteness,
};
