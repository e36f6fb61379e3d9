// What keeps an installation healthy: alerts, the comparison of members with PostgreSQL, and messages that failed.
import { type Alerts, type DeadLetters, listQuery, reconcileRequest, redriveRequest } from "@regulars/contracts/manage";
import type { ProjectorRpc, ReconcilePage } from "@regulars/contracts/rpc";
import { type Read, readJson, readQuery } from "@regulars/edge/body";
import { withTenant } from "@regulars/schema/connection";
import { alerts, deadLetters, PLATFORM_TENANT } from "@regulars/schema/alerts";
import { and, desc, eq, lt, or } from "drizzle-orm";
import { type Call, done, refused, tenantOf } from "./call.ts";
import { type PagePlace, readPlace, writePlace } from "./page-place.ts";

export async function listAlerts(call: Call): Promise<Read<Alerts>> {
  const page = readPage(call);
  if (!page.ok) return page;
  const { limit, after } = page.value;
  const { database } = call;
  const older =
    after === null
      ? undefined
      : or(lt(alerts.raisedAt, after.at), and(eq(alerts.raisedAt, after.at), lt(alerts.alertId, after.id)));
  const newest = database
    .select()
    .from(alerts)
    .where(older)
    .orderBy(desc(alerts.raisedAt), desc(alerts.alertId))
    .limit(limit + 1);
  const [rows] = await withTenant(database, tenantOf(call).tenantId, [newest]);
  const shown = rows.slice(0, limit);
  const answers = shown.map((row) => ({
    id: row.alertId,
    kind: row.kind,
    memberId: row.memberId,
    // The guarantee of the cast: the projector writes an object of facts.
    facts: row.facts as Record<string, unknown>,
    raisedAt: row.raisedAt.toISOString(),
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  }));
  const places = shown.map((row) => ({ at: row.raisedAt, id: row.alertId }));
  return done({ alerts: answers, nextCursor: nextCursor(places, rows.length > limit) });
}

export async function listDeadLetters(call: Call): Promise<Read<DeadLetters>> {
  const page = readPage(call);
  if (!page.ok) return page;
  const { limit, after } = page.value;
  const { database } = call;
  const { receivedAt, messageId } = deadLetters;
  const older =
    after === null ? undefined : or(lt(receivedAt, after.at), and(eq(receivedAt, after.at), lt(messageId, after.id)));
  const newest = database
    .select()
    .from(deadLetters)
    .where(older)
    .orderBy(desc(receivedAt), desc(messageId))
    .limit(limit + 1);
  const [rows] = await withTenant(database, PLATFORM_TENANT, [newest]);
  const shown = rows.slice(0, limit);
  const answers = shown.map((row) => ({
    id: row.messageId,
    reason: row.reason,
    attempts: row.attempts,
    receivedAt: row.receivedAt.toISOString(),
    redrivenAt: row.redrivenAt?.toISOString() ?? null,
  }));
  const places = shown.map((row) => ({ at: row.receivedAt, id: row.messageId }));
  return done({ deadLetters: answers, nextCursor: nextCursor(places, rows.length > limit) });
}

export async function reconcile(call: Call): Promise<Read<ReconcilePage>> {
  const { env, request } = call;
  const body = await readJson(request, reconcileRequest);
  if (!body.ok) return body;
  const { cursor = null, limit, heal } = body.value;
  return done(await projector(env).reconcile(tenantOf(call).tenantId, { cursor, limit, heal }));
}

export async function redriveDeadLetters({ env, request }: Call): Promise<Read<{ redriven: number }>> {
  const body = await readJson(request, redriveRequest);
  return body.ok ? done({ redriven: await projector(env).redrive(body.value.limit) }) : body;
}

// The guarantee of the cast: the binding names the entrypoint Projector, which implements ProjectorRpc.
const projector = (env: Env) => env.PROJECTOR as unknown as ProjectorRpc;

function readPage({ request }: Call): Read<{ limit: number; after: PagePlace | null }> {
  const query = readQuery(request.url, listQuery);
  if (!query.ok) return query;
  const { limit, cursor } = query.value;
  if (cursor === undefined) return done({ limit, after: null });
  const after = readPlace(cursor);
  return after === null ? refused("invalid_cursor", { field: "cursor" }) : done({ limit, after });
}

function nextCursor(places: readonly PagePlace[], hasMore: boolean): string | null {
  const last = places.at(-1);
  return hasMore && last !== undefined ? writePlace(last) : null;
}
