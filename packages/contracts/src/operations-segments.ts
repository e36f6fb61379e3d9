// The operations on segments, on lists of members, and on what a member's score is worked out from.
import { insightRunsPage, insightStatus, runReport, runRequest } from "./insight-runs.ts";
import { insightSettings } from "./insights-settings.ts";
import { listQuery } from "./manage.ts";
import { listChanged, listMembersPage, listMembersQuery, listMembersRequest, memberLists } from "./member-lists.ts";
import type { Operation } from "./operations.ts";
import { marginsChanged, marginsPage, marginsQuery, putMargins } from "./product-margins.ts";
import {
  memberSegmentsPage,
  previewRequest,
  segmentMembersPage,
  segmentMembersQuery,
  segmentShown,
  segmentsPage,
  segmentsQuery,
  segmentVersionsPage,
} from "./segment-answers.ts";
import { segmentExplanation, segmentPreview, segmentRequest } from "./segments.ts";
import { memberId, slug } from "./values.ts";

const common = {
  method: "GET",
  group: "Management",
  scope: "manage",
  testTime: true,
  idempotency: "none",
  refusals: [],
} as const satisfies Partial<Operation>;

const oneSegment = { parameters: { segmentId: slug }, refusals: ["segment_not_found"] } as const;
const oneList = { parameters: { listId: slug }, refusals: ["list_not_found"] } as const;

const segmentOperations: readonly Operation[] = [
  {
    ...common,
    id: "listSegments",
    path: "/manage/v1/segments",
    summary: "List the segments by id, with how the last build of each went",
    query: segmentsQuery,
    answer: { status: 200, schema: segmentsPage },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    ...oneSegment,
    id: "getSegment",
    path: "/manage/v1/segments/{segmentId}",
    summary: "Read a segment",
    answer: { status: 200, schema: segmentShown },
  },
  {
    ...common,
    id: "putSegment",
    method: "PUT",
    path: "/manage/v1/segments/{segmentId}",
    summary: "Make or change a segment",
    description:
      "Another definition is another version, which the next run builds; who is in stays as it was until then. The same " +
      "request again changes nothing. Putting a segment that has ended begins it anew, with its next version.",
    parameters: { segmentId: slug },
    body: segmentRequest,
    answer: { status: 200, schema: segmentShown },
    idempotency: "own-id",
    refusals: ["segment_unknown", "segment_cycle", "segments_limit", "list_not_found"],
  },
  {
    ...common,
    ...oneSegment,
    id: "deleteSegment",
    method: "DELETE",
    path: "/manage/v1/segments/{segmentId}",
    summary: "End a segment",
    description:
      "Its members leave with the next run; its versions and who was in it stay readable. Ending it again gives the same " +
      "answer. Refused while the definition of another segment names it.",
    answer: { status: 200, schema: segmentShown },
    idempotency: "own-id",
    refusals: ["segment_not_found", "segment_in_use"],
  },
  {
    ...common,
    ...oneSegment,
    id: "releaseSegment",
    method: "POST",
    path: "/manage/v1/segments/{segmentId}/release",
    summary: "Let a build through that was held because it changes more than expected",
    description:
      "For the version that is held alone: the next one is held again when it changes too much. Nothing happens when " +
      "nothing is held, so this is safe to repeat.",
    answer: { status: 200, schema: segmentShown },
  },
  {
    ...common,
    ...oneSegment,
    id: "listSegmentVersions",
    path: "/manage/v1/segments/{segmentId}/versions",
    summary: "List the definitions that a segment has had, newest first",
    query: listQuery,
    answer: { status: 200, schema: segmentVersionsPage },
    refusals: ["segment_not_found", "invalid_cursor"],
  },
  {
    ...common,
    ...oneSegment,
    id: "listSegmentMembers",
    path: "/manage/v1/segments/{segmentId}/members",
    summary: "List who is in a segment, or who was in it at an instant",
    description: "As the builds have stored it: the last one before `at`, or the last of all.",
    query: segmentMembersQuery,
    answer: { status: 200, schema: segmentMembersPage },
    refusals: ["segment_not_found", "invalid_cursor"],
  },
  {
    ...common,
    id: "previewSegment",
    method: "POST",
    path: "/manage/v1/segments/preview",
    summary: "Count who would be in a segment now, with a sample, before it is saved",
    body: previewRequest,
    answer: { status: 200, schema: segmentPreview },
    refusals: ["segment_unknown", "list_not_found", "segment_too_slow"],
  },
  {
    ...common,
    id: "explainSegment",
    path: "/manage/v1/segments/{segmentId}/members/{memberId}/explanation",
    summary: "Explain why a member is in a segment or not, condition by condition",
    description: "Texts are in the language of `Accept-Language`.",
    parameters: { segmentId: slug, memberId },
    answer: { status: 200, schema: segmentExplanation },
    refusals: ["segment_not_found", "member_not_found", "member_erased"],
  },
  {
    ...common,
    id: "listMemberSegments",
    path: "/manage/v1/members/{memberId}/segments",
    summary: "List the segments that a member is and was in, the latest stay first",
    parameters: { memberId },
    query: listQuery,
    answer: { status: 200, schema: memberSegmentsPage },
    refusals: ["member_not_found", "member_erased", "invalid_cursor"],
  },
];

const memberListOperations: readonly Operation[] = [
  {
    ...common,
    id: "listMemberLists",
    path: "/manage/v1/member-lists",
    summary: "List the lists of members, with how many each has",
    answer: { status: 200, schema: memberLists },
  },
  {
    ...common,
    ...oneList,
    id: "listListMembers",
    path: "/manage/v1/member-lists/{listId}/members",
    summary: "List the members of a list",
    query: listMembersQuery,
    answer: { status: 200, schema: listMembersPage },
    refusals: ["list_not_found", "invalid_cursor"],
  },
  {
    ...common,
    id: "addListMembers",
    method: "PUT",
    path: "/manage/v1/member-lists/{listId}/members",
    summary: "Add members to a list; the first ones make it",
    description: "Members who are on it already stay on it. All are added, or none.",
    parameters: { listId: slug },
    body: listMembersRequest,
    answer: { status: 200, schema: listChanged },
    idempotency: "own-id",
    refusals: ["member_not_found", "member_erased"],
  },
  {
    ...common,
    ...oneList,
    id: "removeListMembers",
    method: "POST",
    path: "/manage/v1/member-lists/{listId}/removals",
    summary: "Take members off a list",
    description: "A list is gone with its last member. Safe to repeat as long as the list is there.",
    body: listMembersRequest,
    answer: { status: 200, schema: listChanged },
  },
];

const insightSetupOperations: readonly Operation[] = [
  {
    ...common,
    id: "putProductMargins",
    method: "PUT",
    path: "/manage/v1/product-margins",
    summary: "Tell what products leave of their revenue, in thousandths",
    description: "Products that are not named stay as they are. Profit is worked out again by the next runs.",
    body: putMargins,
    answer: { status: 200, schema: marginsChanged },
    idempotency: "own-id",
  },
  {
    ...common,
    id: "listProductMargins",
    path: "/manage/v1/product-margins",
    summary: "List the margins of products, by SKU",
    query: marginsQuery,
    answer: { status: 200, schema: marginsPage },
  },
  {
    ...common,
    id: "getInsightSettings",
    path: "/manage/v1/insights/settings",
    summary: "Read how members are judged",
    answer: { status: 200, schema: insightSettings },
  },
  {
    ...common,
    id: "putInsightSettings",
    method: "PUT",
    path: "/manage/v1/insights/settings",
    summary: "Set how members are judged",
    description:
      "What is left out has its usual value. The next runs work out all members again when something changed.",
    body: insightSettings,
    answer: { status: 200, schema: insightSettings },
    idempotency: "own-id",
  },
  {
    ...common,
    id: "startInsightRun",
    method: "POST",
    path: "/manage/v1/insights/runs",
    group: "Operation",
    summary: "Bring scores and segments up to date now, for a slice of time",
    description:
      "What cron does every fifteen minutes. Repeat without `rebuild` until `finished` is true. Safe to repeat: a run " +
      "does what is left to do. In a sandbox `Regulars-Test-Time` runs it as of another day.",
    body: runRequest,
    answer: { status: 200, schema: runReport },
  },
  {
    ...common,
    id: "listInsightRuns",
    path: "/manage/v1/insights/runs",
    group: "Operation",
    summary: "List the runs of the last 30 days, newest first",
    query: listQuery,
    answer: { status: 200, schema: insightRunsPage },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    id: "getInsightStatus",
    path: "/manage/v1/insights/status",
    group: "Operation",
    summary: "Read how far the work on scores and segments has come, and which models are in force",
    answer: { status: 200, schema: insightStatus },
  },
];

export const segmentationOperations: readonly Operation[] = [
  ...segmentOperations,
  ...memberListOperations,
  ...insightSetupOperations,
];
