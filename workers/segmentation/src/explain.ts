// Says why one member is in a segment or not: decided at the edge, condition by condition, from what PostgreSQL has of the member.
import type { Language } from "@regulars/contracts/messages/catalog";
import type { Asked, InsightContext } from "@regulars/contracts/segmentation-rpc";
import type { SegmentExplanation, SegmentNode } from "@regulars/contracts/segments";
import { evaluateSegment } from "@regulars/domain/segment-evaluation";
import { type Database, withTenant } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import { answered } from "./database-errors.ts";
import { reasonText } from "./explain-text.ts";
import { factsWanted, readFacts } from "./member-facts.ts";
import { databaseOf, sceneOf } from "./scene.ts";

interface Question {
  readonly segmentId: string;
  readonly memberId: string;
  readonly language: Language;
}

/**
 * `holds` is by the definition as it stands now, whatever version is built; `stored` and `since` are by the last build and what
 * happened since. Segments that the definition names count by what is stored.
 */
export function explainSegment(
  env: Pick<Env, "DATABASE_URL" | "NEON_FETCH_ENDPOINT">,
  context: InsightContext,
  question: Question,
): Promise<Asked<SegmentExplanation>> {
  return answered({ whenSlow: "unavailable" }, async () => {
    const database = databaseOf(env);
    const scene = sceneOf(context);
    const { segmentId, memberId, language } = question;
    const asked = await readAsked(database, scene.tenantId, question);
    if (asked.segment === null) return { ok: false, refusal: { code: "segment_not_found", field: "segmentId" } };
    if (asked.erased) return { ok: false, refusal: { code: "member_erased", field: "memberId" } };
    const { version, definition, currency } = asked.segment;
    const wanted = factsWanted(definition);
    const [facts] = await readFacts(database, scene.tenantId, { memberIds: [memberId], wanted });
    if (facts === undefined) return { ok: false, refusal: { code: "member_not_found", field: "memberId" } };
    const { holds, reasons } = evaluateSegment(definition, facts, scene);
    const texts = reasons.map((reason) => ({ ...reason, text: reasonText(reason, language, currency) }));
    return {
      ok: true,
      value: { segmentId, version, memberId, holds, stored: asked.since !== null, since: asked.since, reasons: texts },
    };
  });
}

interface AskedSegment {
  readonly version: number;
  readonly definition: SegmentNode;
  /** Of the tenant's money. */
  readonly currency: string;
}

async function readAsked(database: Database, tenantId: string, { segmentId, memberId }: Question) {
  const [segments, stays, members] = await withTenant(database, tenantId, [
    database.execute<AskedSegment & Record<string, unknown>>(sql`select s.version, s.definition, t.currency
      from segments as s join tenants as t on t.tenant_id = s.tenant_id
      where s.tenant_id = ${tenantId} and s.segment_id = ${segmentId} and s.ended_at is null`),
    database.execute<{ since: string }>(sql`select since from segment_members
      where tenant_id = ${tenantId} and segment_id = ${segmentId} and member_id = ${memberId} and until is null`),
    database.execute<{ erased: boolean }>(sql`select erased_at is not null as erased from members
      where tenant_id = ${tenantId} and member_id = ${memberId}`),
  ]);
  const since = stays.rows[0]?.since;
  return {
    segment: segments.rows[0] ?? null,
    since: since === undefined ? null : new Date(since).toISOString(),
    erased: members.rows[0]?.erased === true,
  };
}
