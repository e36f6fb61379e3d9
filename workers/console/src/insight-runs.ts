// Asks for runs of segmentation, and shows what past ones did and how far the work has come.
import {
  type InsightRun,
  type InsightRunsPage,
  type InsightStatus,
  insightStatus,
  runRequest,
} from "@regulars/contracts/insight-runs";
import { listQuery } from "@regulars/contracts/manage";
import type { RunReport } from "@regulars/contracts/segmentation-rpc";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { insightModels, insightRuns, insightStates } from "@regulars/schema/insights";
import { and, desc, eq, lt, or, sql } from "drizzle-orm";
import { type Call, done, refused, tenantOf } from "./call.ts";
import { readPlace, writePlace } from "./page-place.ts";
import { contextOf, segmentationOf } from "./segment-questions.ts";

/** Waiting changes are counted so far: beyond that it is a backlog, however long. */
const WAITING_COUNT_MAX = 10_000;

export async function startInsightRun(call: Call): Promise<Read<RunReport>> {
  const body = await readJson(call.request, runRequest);
  if (!body.ok) return body;
  const { night = false, rebuild = false } = body.value;
  return done(await segmentationOf(call).run(contextOf(call), { night, rebuild }));
}

export async function listInsightRuns(call: Call): Promise<Read<InsightRunsPage>> {
  const query = readQuery(call.request.url, listQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  const after = cursor === undefined ? null : readPlace(cursor);
  if (cursor !== undefined && after === null) return refused("invalid_cursor", { field: "cursor" });
  const { tenantId } = tenantOf(call);
  const { startedAt, runId } = insightRuns;
  const older =
    after === null ? undefined : or(lt(startedAt, after.at), and(eq(startedAt, after.at), lt(runId, after.id)));
  const page = call.database
    .select()
    .from(insightRuns)
    .where(and(eq(insightRuns.tenantId, tenantId), older))
    .orderBy(desc(startedAt), desc(runId))
    .limit(limit + 1);
  const [rows] = await withTenant(call.database, tenantId, [page]);
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const nextCursor =
    rows.length > limit && last !== undefined ? writePlace({ at: last.startedAt, id: last.runId }) : null;
  return done({ runs: shown.map(runAnswer), nextCursor });
}

export async function getInsightStatus(call: Call): Promise<Read<InsightStatus>> {
  const { database } = call;
  const { tenantId } = tenantOf(call);
  const { kind, version } = insightModels;
  const [[state], [run], waiting, models] = await withTenant(database, tenantId, [
    database.select().from(insightStates).where(eq(insightStates.tenantId, tenantId)),
    database
      .select()
      .from(insightRuns)
      .where(eq(insightRuns.tenantId, tenantId))
      .orderBy(desc(insightRuns.startedAt), desc(insightRuns.runId))
      .limit(1),
    database.execute<{ changes: number }>(sql`
      select count(*)::int as changes
      from (select 1 from member_changes where tenant_id = ${tenantId} limit ${WAITING_COUNT_MAX + 1}) as counted`),
    database
      .selectDistinctOn([kind])
      .from(insightModels)
      .where(eq(insightModels.tenantId, tenantId))
      .orderBy(kind, desc(version)),
  ]);
  const changes = waiting.rows[0]?.changes ?? 0;
  return done({
    lastRun: run === undefined ? null : runAnswer(run),
    lastRunAt: state?.lastRunAt?.toISOString() ?? null,
    lastError: state?.lastError ?? null,
    waiting: { changes: Math.min(changes, WAITING_COUNT_MAX), more: changes > WAITING_COUNT_MAX },
    sweep: sweepAnswer(state?.sweep ?? {}),
    dayDone: state?.dayDone ?? null,
    nightDone: state?.nightDone ?? null,
    models: models.map(modelAnswer),
  });
}

function sweepAnswer(stored: unknown): InsightStatus["sweep"] {
  // The guarantee of the cast: the runs write all of it, `wantSweep` the wish alone.
  const { pass = null, wanted = null, cursor = "", startedAt = 0 } = stored as Partial<StoredSweep>;
  if (pass === null && wanted === null) return null;
  const isUnderWay = pass !== null;
  return {
    pass,
    wanted,
    lastMember: isUnderWay && cursor !== "" ? cursor : null,
    startedAt: isUnderWay ? new Date(startedAt).toISOString() : null,
  };
}

interface StoredSweep {
  readonly pass: string | null;
  readonly wanted: string | null;
  readonly cursor: string;
  /** Unix ms. */
  readonly startedAt: number;
}

function runAnswer(row: typeof insightRuns.$inferSelect): InsightRun {
  return {
    id: row.runId,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt?.toISOString() ?? null,
    milliseconds: row.endedAt === null ? null : row.endedAt.getTime() - row.startedAt.getTime(),
    asOf: row.asOf,
    membersChanged: row.membersChanged,
    membersScored: row.membersScored,
    segmentsEntered: row.segmentsEntered,
    segmentsLeft: row.segmentsLeft,
    error: row.error,
  };
}

type Model = InsightStatus["models"][number];
const { model: name, refusal, missing } = insightStatus.shape.models.element.shape;

/** Documents of models have a name, or say why they have none; those of cuts and cycles have neither. */
function modelAnswer({ kind, version, document, fittedOn, fittedAt }: typeof insightModels.$inferSelect): Model {
  // The guarantee of the cast: segmentation writes an object.
  const told = document as Readonly<Record<string, unknown>>;
  return {
    kind,
    version,
    fittedOn,
    fittedAt: fittedAt.toISOString(),
    model: name.safeParse(told["model"]).data ?? null,
    refusal: refusal.safeParse(told["refusal"]).data ?? null,
    missing: missing.safeParse(told["missing"]).data ?? [],
  };
}
