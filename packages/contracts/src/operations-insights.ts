// The operations that read what is known of members: ranges beside others, scores, needs, stores and forecasts.
import {
  asOfAnswer,
  asOfQuery,
  countsAsOf,
  countsAsOfQuery,
  lifecycleQuery,
  lifecycleReport,
  rfmReport,
  valueQuery,
  valueReport,
} from "./insights-members.ts";
import { overview, overviewQuery, series, seriesQuery } from "./insights-overview.ts";
import { pivotQuery, pivotReport } from "./insights-pivot.ts";
import {
  affinityQuery,
  affinityReport,
  affinitySearch,
  affinitySearchQuery,
  cohortsQuery,
  cohortsReport,
  completenessQuery,
  completenessReport,
  forecastQuery,
  forecastReport,
  memberOutlook,
  repurchaseQuery,
  repurchaseReport,
  scorecardsQuery,
  scorecardsReport,
} from "./insights-trade.ts";
import type { Operation } from "./operations.ts";
import { memberId } from "./values.ts";

type Given = Pick<Operation, "id" | "path" | "summary"> & Partial<Operation>;

const report = (schema: Operation["answer"]["schema"], given: Given): Operation => ({
  method: "GET",
  group: "Management",
  scope: "manage",
  testTime: true,
  answer: { status: 200, schema },
  idempotency: "none",
  refusals: [],
  ...given,
});

const rangeReports = [
  report(overview, {
    id: "getInsightOverview",
    path: "/manage/v1/insights/overview",
    summary: "Read the figures of any range of days against any other, today included",
    description:
      "Without a range: the last 30 days. Without a range to compare with: as many days before. `drivers` shares out " +
      "the change of revenue among buyers, orders of a buyer and the average order.",
    query: overviewQuery,
    refusals: ["invalid_date", "store_not_found"],
  }),
  report(series, {
    id: "getInsightSeries",
    path: "/manage/v1/insights/series",
    summary: "Read a figure day by day, week by week or month by month, beside the range it is compared with",
    query: seriesQuery,
    refusals: ["invalid_date", "store_not_found"],
  }),
  report(cohortsReport, {
    id: "getInsightCohorts",
    path: "/manage/v1/insights/cohorts",
    summary: "Read how many of those who came in a month, and how much of them, came again in each month after",
    query: cohortsQuery,
  }),
  report(forecastReport, {
    id: "getInsightForecast",
    path: "/manage/v1/insights/forecast",
    summary: "Foretell revenue, redemptions or liability with an interval",
    description: "Goes by whole periods that are over. With too few of them it says what is missing instead.",
    query: forecastQuery,
  }),
];

const memberReports = [
  report(rfmReport, {
    id: "getInsightRfm",
    path: "/manage/v1/insights/rfm",
    summary: "Read how members score by recency, frequency and money, and where the bins begin",
  }),
  report(lifecycleReport, {
    id: "getInsightLifecycle",
    path: "/manage/v1/insights/lifecycle",
    summary: "Read how many members are in each stage, and between two days how they moved",
    query: lifecycleQuery,
    refusals: ["invalid_date"],
  }),
  report(valueReport, {
    id: "getInsightValue",
    path: "/manage/v1/insights/value",
    summary: "Read what members are worth: bands, groups of profit, the pyramid, and the models behind it",
    query: valueQuery,
  }),
  report(asOfAnswer, {
    id: "getLabelsAsOf",
    path: "/manage/v1/insights/as-of",
    summary: "Read the labels that a member had on any day",
    query: asOfQuery,
    refusals: ["invalid_date", "invalid_member_id", "member_not_found"],
  }),
  report(countsAsOf, {
    id: "getCountsAsOf",
    path: "/manage/v1/insights/as-of/counts",
    summary: "Count the members by label as of any day",
    query: countsAsOfQuery,
    refusals: ["invalid_date"],
  }),
  report(pivotReport, {
    id: "getInsightPivot",
    path: "/manage/v1/insights/pivot",
    summary: "Count members, or sum what they bring, by any two of what is known of them",
    query: pivotQuery,
    refusals: ["segment_not_found"],
  }),
  report(memberOutlook, {
    id: "getMemberOutlook",
    path: "/manage/v1/insights/members/{memberId}/next",
    summary: "Read what is known of one member: habits, what is needed next and when, and what to offer",
    parameters: { memberId },
    refusals: ["invalid_member_id", "member_not_found", "member_erased"],
  }),
];

const tradeReports = [
  report(repurchaseReport, {
    id: "listRepurchases",
    path: "/manage/v1/insights/repurchase",
    summary: "List who needs what in the days to come, with counts by product and by day",
    query: repurchaseQuery,
    refusals: ["invalid_cursor"],
  }),
  report(affinityReport, {
    id: "listAffinityRules",
    path: "/manage/v1/insights/affinity",
    summary: "List what is bought together, best rules first",
    query: affinityQuery,
    refusals: ["segment_not_found"],
  }),
  report(affinitySearch, {
    id: "searchAffinity",
    path: "/manage/v1/insights/affinity/search",
    summary: "Work out now what is bought together, with a support and confidence of one's own",
    query: affinitySearchQuery,
    refusals: ["segment_not_found"],
  }),
  report(scorecardsReport, {
    id: "getScorecards",
    path: "/manage/v1/insights/scorecards",
    summary: "Read how the stores do: figures, place in the region and trend",
    query: scorecardsQuery,
    refusals: ["invalid_date"],
  }),
  report(completenessReport, {
    id: "getCompleteness",
    path: "/manage/v1/insights/completeness",
    summary: "Read how much of their profile members have told, field by field",
    query: completenessQuery,
    refusals: ["segment_not_found"],
  }),
];

export const insightOperations: readonly Operation[] = [...rangeReports, ...memberReports, ...tradeReports];
