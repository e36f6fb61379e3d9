// Starts, shows, hands out and cancels exports: files of many rows, made in the background by an object of their own each.
import { jurisdictionOf } from "@regulars/contracts/directory";
import {
  EXPORT_DAYS_KEPT,
  EXPORTS_RUNNING_MAX,
  exportDataset,
  exportRequest,
  exportsQuery,
  type MemberExport,
  type MemberExports,
} from "@regulars/contracts/exports";
import { localDay } from "@regulars/domain/calendar";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { IDEMPOTENCY_KEY_HEADER, readIdempotencyKey, requestHash } from "@regulars/edge/idempotency";
import { type Call, done, type Handler, parameterOf, refused, tenantOf } from "./call.ts";
import { CSV, Download } from "./download.ts";
import { cancelRow, type ExportRow, hasSegment, insertRow, listRows, readRow } from "./export-rows.ts";
import type { ExportShown } from "./export-run.ts";
import { readPlace, writePlace } from "./page-place.ts";
import { idOf } from "./simulation.ts";

export const exportHandlers: Readonly<Record<string, Handler>> = {
  startExport,
  listExports,
  getExport,
  downloadExport,
  cancelExport,
};

const PARQUET = "application/vnd.apache.parquet";
const DAY_MILLISECONDS = 86_400_000;

/** The same key and request give the same export, whether it still runs or not. */
async function startExport(call: Call): Promise<Read<MemberExport>> {
  const { database, request } = call;
  const { tenantId } = tenantOf(call);
  const read = readIdempotencyKey(request.headers);
  if (!read.ok) return { ok: false, refusals: [read.refusal] };
  const body = await readJson(request, exportRequest);
  if (!body.ok) return body;
  const id = `exp_${idOf(`${tenantId}\n${read.key}`)}`;
  const hash = requestHash("startExport", body.value);
  const known = await readRow(database, { tenantId, id });
  if (known === null) {
    const { segmentId } = body.value;
    if (segmentId !== undefined && !(await hasSegment(database, tenantId, segmentId))) {
      return refused("segment_unknown", { field: "segmentId", facts: { segmentId } });
    }
    const asked = { request: body.value, requestHash: hash, at: new Date() };
    await insertRow(database, { tenantId, id }, asked);
  }
  const row = known ?? (await readRow(database, { tenantId, id }));
  if (row === null) return refused("exports_running", { facts: { limit: EXPORTS_RUNNING_MAX } });
  if (row.requestHash !== hash) return refused("idempotency_key_reused", { field: IDEMPOTENCY_KEY_HEADER });
  return done(await shownOf(call, row));
}

async function listExports(call: Call): Promise<Read<MemberExports>> {
  const query = readQuery(call.request.url, exportsQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const after = cursor === undefined ? null : readPlace(cursor);
  if (cursor !== undefined && after === null) return refused("invalid_cursor", { field: "cursor" });
  const rows = await listRows(call.database, tenantOf(call).tenantId, { after, limit: limit + 1 });
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const more = rows.length > limit && last !== undefined;
  return done({
    exports: shown.map((row) => answerOf(call, row)),
    nextCursor: more ? writePlace({ at: last.createdAt, id: last.exportId }) : null,
  });
}

async function getExport(call: Call): Promise<Read<MemberExport>> {
  const row = await rowOf(call);
  return row === null ? notFound() : done(await shownOf(call, row));
}

async function downloadExport(call: Call): Promise<Read<Download>> {
  const row = await rowOf(call);
  if (row === null) return notFound();
  const until = keptUntil(row);
  if (row.state !== "done" || until === null) return refused("export_not_ready", { facts: { state: row.state } });
  if (until.getTime() <= Date.now()) return refused("export_expired", { facts: { until: until.toISOString() } });
  const stub = runOf(call, row.exportId);
  let number = 0;
  let left = row.bytes;
  const body = new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      if (left === 0) return controller.close();
      const part = await stub.part((number += 1));
      // A file that was deleted meanwhile must not look like a shorter one.
      if (part === null) return controller.error(new Error(`export ${row.exportId} has no part ${number}`));
      left -= part.byteLength;
      controller.enqueue(part);
    },
  });
  return done(new Download(fileName(call, row), body, row.format === "csv" ? CSV : PARQUET));
}

async function cancelExport(call: Call): Promise<Read<MemberExport>> {
  const row = await rowOf(call);
  if (row === null) return notFound();
  const key = { tenantId: row.tenantId, id: row.exportId };
  await cancelRow(call.database, key, new Date());
  await runOf(call, row.exportId).forget();
  return done(answerOf(call, (await readRow(call.database, key)) ?? row));
}

function rowOf(call: Call): Promise<ExportRow | null> {
  return readRow(call.database, { tenantId: tenantOf(call).tenantId, id: parameterOf(call, "id") });
}

/** One object an export, so that its storage goes with it. */
function runOf(call: Call, id: string) {
  const { tenantId } = tenantOf(call);
  const jurisdiction = jurisdictionOf(tenantId);
  const bound = call.env.EXPORT_RUN;
  const namespace = jurisdiction === null ? bound : bound.jurisdiction(jurisdiction);
  return namespace.get(namespace.idFromName(`${tenantId} ${id}`));
}

/** An export that runs is asked how far it is, and begun or woken if that did not happen. */
async function shownOf(call: Call, row: ExportRow): Promise<MemberExport> {
  if (row.state !== "running") return answerOf(call, row);
  const { tenantId, timeZone } = tenantOf(call);
  const request = exportRequest.parse(row.request);
  const shown = await runOf(call, row.exportId).run({ id: row.exportId, tenantId, timeZone, request });
  return answerOf(call, row, shown);
}

function answerOf(call: Call, row: ExportRow, shown?: ExportShown): MemberExport {
  const { exportId: id, format, state, createdAt, endedAt, error } = row;
  const { segmentId = null, from = null, until = null, personal } = exportRequest.parse(row.request);
  const rowsDone = shown?.rowsDone ?? row.rowsDone;
  const rowsTotal = Math.max(rowsDone, shown?.rowsTotal ?? row.rowsTotal);
  const kept = state === "done" ? keptUntil(row) : null;
  const path = `/manage/v1/exports/${id}/file`;
  return {
    id,
    dataset: exportDataset.parse(row.dataset),
    format,
    segmentId,
    from,
    until,
    personal,
    state,
    rowsDone,
    rowsTotal,
    error,
    share: state === "done" ? 1 : (shown?.share ?? (rowsTotal === 0 ? 0 : rowsDone / rowsTotal)),
    bytes: shown?.bytes ?? row.bytes,
    createdAt: createdAt.toISOString(),
    endedAt: endedAt?.toISOString() ?? null,
    file: kept === null ? null : { path, name: fileName(call, row), until: kept.toISOString() },
  };
}

function fileName(call: Call, { dataset, format, createdAt }: ExportRow): string {
  return `${dataset}-${localDay(createdAt.getTime(), tenantOf(call).timeZone)}.${format}`;
}

function keptUntil({ endedAt }: ExportRow): Date | null {
  return endedAt === null ? null : new Date(endedAt.getTime() + EXPORT_DAYS_KEPT * DAY_MILLISECONDS);
}

const notFound = () => refused("export_not_found", { field: "id" });
