// Example requests of insights: segments, runs, reports, search and exports.
import type { Example } from "./examples.ts";

const MEMBER = "mbr_01k2f5x8c3tqz7m4n9v6b0w1dg";
const segment = { segmentId: "half-year-away" };
const list = { listId: "spring-guests" };
const exported = { id: "exp_0a1b2c3d4e5f6g7h8i9j" };
const definition = {
  kind: "and",
  nodes: [
    { kind: "orderAge", which: "last", atLeast: 182 },
    { kind: "consent", to: "line", given: true },
  ],
};

export const insightExamples: Readonly<Record<string, Example>> = {
  getInsightSeries: { query: "?metric=revenue&by=week&from=2026-09-01&until=2026-11-30" },
  getInsightForecast: { query: "?metric=revenue&by=month&horizon=3" },
  getLabelsAsOf: { query: `?memberId=${MEMBER}&day=2026-06-30` },
  getCountsAsOf: { query: "?day=2026-06-30" },
  getInsightPivot: { query: "?rows=tier&columns=ageBand&measure=spend" },
  getMemberOutlook: { path: { memberId: MEMBER } },
  getSegment: { path: segment },
  putSegment: {
    path: segment,
    body: { name: "半年未回診", definition, atCheckout: true, autoTag: { tag: "recall", daysAfterLeaving: 0 } },
  },
  deleteSegment: { path: segment },
  releaseSegment: { path: segment },
  listSegmentVersions: { path: segment },
  listSegmentMembers: { path: segment, query: "?at=2026-11-01T00:00:00%2B08:00" },
  previewSegment: { body: { definition, sample: 5 } },
  explainSegment: { path: { ...segment, memberId: MEMBER } },
  listMemberSegments: { path: { memberId: MEMBER } },
  listListMembers: { path: list },
  addListMembers: { path: list, body: { memberIds: [MEMBER] } },
  removeListMembers: { path: list, body: { memberIds: [MEMBER] } },
  putProductMargins: { body: { margins: [{ sku: "oolong", marginMilli: 620 }] } },
  putInsightSettings: { body: { churnTimes: 3, repurchase: { leadDays: 5 } } },
  startInsightRun: { body: {} },
  searchMembers: { query: "?q=%E5%B0%8F%E6%98%8E%20678" },
  startExport: { body: { dataset: "orders", format: "parquet", from: "2026-10-01", until: "2026-10-31" } },
  getExport: { path: exported },
  downloadExport: { path: exported },
  cancelExport: { path: exported },
};
