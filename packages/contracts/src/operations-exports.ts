// The operations that make files of many rows in the background.
import { z } from "zod";
import { exportId, exportRequest, exportsQuery, memberExport, memberExports } from "./exports.ts";
import type { Operation } from "./operations.ts";

const common = {
  group: "Management",
  scope: "manage",
  testTime: false,
  idempotency: "none",
} as const satisfies Partial<Operation>;

const one = { parameters: { id: exportId } } as const;

export const exportOperations: readonly Operation[] = [
  {
    ...common,
    id: "startExport",
    method: "POST",
    path: "/manage/v1/exports",
    summary: "Export rows to a CSV or Parquet file",
    description:
      "Made in the background. Rows are read page by page: what changes meanwhile may be in the file or not, and no row is in it " +
      "twice. Who a member is (name, phone, email, card) is left out unless `personal` is true. The same key gives the same export.",
    body: exportRequest,
    answer: { status: 201, schema: memberExport },
    idempotency: "key",
    refusals: ["exports_running", "segment_unknown"],
  },
  {
    ...common,
    id: "listExports",
    method: "GET",
    path: "/manage/v1/exports",
    summary: "List exports, newest first",
    query: exportsQuery,
    answer: { status: 200, schema: memberExports },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    ...one,
    id: "getExport",
    method: "GET",
    path: "/manage/v1/exports/{id}",
    summary: "Read how far an export is",
    answer: { status: 200, schema: memberExport },
    refusals: ["export_not_found"],
  },
  {
    ...common,
    ...one,
    id: "downloadExport",
    method: "GET",
    path: "/manage/v1/exports/{id}/file",
    summary: "Download the file of an export that is done",
    description:
      "A stream. A CSV file is `text/csv` in UTF-8 with a byte order mark, as spreadsheets in Taiwan need it; a Parquet file is " +
      "`application/vnd.apache.parquet`. Kept for seven days.",
    answer: { status: 200, schema: z.string(), mediaType: ["text/csv", "application/vnd.apache.parquet"] },
    refusals: ["export_not_found", "export_not_ready", "export_expired"],
  },
  {
    ...common,
    ...one,
    id: "cancelExport",
    method: "DELETE",
    path: "/manage/v1/exports/{id}",
    summary: "Cancel an export, or delete its file",
    description: "Safe to repeat. Nothing of the rows is kept.",
    answer: { status: 200, schema: memberExport },
    idempotency: "own-id",
    refusals: ["export_not_found"],
  },
];
