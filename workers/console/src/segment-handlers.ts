// Who answers the operations on segments, lists of members, margins, settings of insights, and runs.
import type { Handler } from "./call.ts";
import { getInsightStatus, listInsightRuns, startInsightRun } from "./insight-runs.ts";
import { getInsightSettings, putInsightSettings } from "./insight-settings.ts";
import { listProductMargins, putProductMargins } from "./margins.ts";
import { addListMembers, listListMembers, listMemberLists, removeListMembers } from "./member-lists.ts";
import { listMemberSegments, listSegmentMembers, listSegmentVersions } from "./segment-pages.ts";
import { explainSegment, previewSegment } from "./segment-questions.ts";
import { deleteSegment, getSegment, listSegments, putSegment, releaseSegment } from "./segments.ts";

export const segmentHandlers: Readonly<Record<string, Handler>> = {
  listSegments,
  getSegment,
  putSegment,
  deleteSegment,
  releaseSegment,
  listSegmentVersions,
  listSegmentMembers,
  previewSegment,
  explainSegment,
  listMemberSegments,
  listMemberLists,
  listListMembers,
  addListMembers,
  removeListMembers,
  putProductMargins,
  listProductMargins,
  getInsightSettings,
  putInsightSettings,
  startInsightRun,
  listInsightRuns,
  getInsightStatus,
};
