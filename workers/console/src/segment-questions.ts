// Asks the Worker segmentation who would be in a segment, and why one member is in it or not.
import { previewRequest } from "@regulars/contracts/segment-answers";
import { language } from "@regulars/contracts/manage";
import type { InsightContext, SegmentationRpc } from "@regulars/contracts/segmentation-rpc";
import type { SegmentExplanation, SegmentPreview } from "@regulars/contracts/segments";
import { type Read, readJson } from "@regulars/edge/body";
import { languageOf } from "@regulars/edge/language";
import { type Call, done, parameterOf, refused, tenantOf } from "./call.ts";
import { listsNamed, refusalsOfNames } from "./segment-references.ts";
import { viewSegment } from "./segment-rows.ts";

export async function previewSegment(call: Call): Promise<Read<SegmentPreview>> {
  const body = await readDefinition(() => readJson(call.request, previewRequest));
  if (!body.ok) return body;
  const { definition, sample } = body.value;
  const { tenantId } = tenantOf(call);
  const view = await viewSegment({ database: call.database, tenantId }, null, listsNamed(definition));
  const [first, ...others] = refusalsOfNames(definition, null, view);
  if (first !== undefined) return { ok: false, refusals: [first, ...others] };
  const asked = await segmentationOf(call).preview(contextOf(call), definition, sample);
  return asked.ok ? done(asked.value) : { ok: false, refusals: [asked.refusal] };
}

export async function explainSegment(call: Call): Promise<Read<SegmentExplanation>> {
  const tenant = tenantOf(call);
  const asked = await segmentationOf(call).explain(
    contextOf(call),
    parameterOf(call, "segmentId"),
    parameterOf(call, "memberId"),
    languageOf(call.request.headers.get("Accept-Language"), language.parse(tenant.locale)),
  );
  return asked.ok ? done(asked.value) : { ok: false, refusals: [asked.refusal] };
}

/** Reads a body with a definition; one that is nested thousands deep ends the stack before its depth can be counted. */
export async function readDefinition<Value>(read: () => Promise<Read<Value>>): Promise<Read<Value>> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return refused("too_many_items", { field: "definition" });
  }
}

// The guarantee of the cast: the binding names the entrypoint Segmentation, which implements SegmentationRpc.
export const segmentationOf = ({ env }: Call) => env.SEGMENTATION as unknown as SegmentationRpc;

export function contextOf(call: Call): InsightContext {
  const { tenantId, timeZone } = tenantOf(call);
  return { tenantId, timeZone, now: call.now };
}
