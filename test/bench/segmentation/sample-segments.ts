// Five segments as shops write them: scores, orders in a window, products, tags and tiers, and one that builds on another.
import { segmentDefinition } from "@regulars/contracts/segments";
import type pg from "pg";
import { TENANT } from "./draw-rows.ts";

const SAMPLES: Readonly<Record<string, unknown>> = {
  champions: { kind: "scoreIs", score: "rfmSegment", in: ["Champions"] },
  leaving: {
    kind: "and",
    nodes: [
      { kind: "flag", flag: "churnRisk" },
      { kind: "score", score: "monetary", atLeast: 4 },
      { kind: "consent", to: "email", given: true },
    ],
  },
  "busy-quarter": { kind: "orders", measure: "orders", window: { lastDays: 90 }, atLeast: 3 },
  "vip-regulars": {
    kind: "or",
    nodes: [
      { kind: "tag", in: ["vip"] },
      {
        kind: "and",
        nodes: [
          { kind: "tier", in: ["gold"] },
          { kind: "orderAge", which: "last", atMost: 60 },
        ],
      },
    ],
  },
  "quiet-champions": {
    kind: "and",
    nodes: [
      { kind: "not", node: { kind: "segment", segmentId: "busy-quarter" } },
      { kind: "score", score: "frequency", atLeast: 4 },
    ],
  },
};

export const SAMPLE_COUNT = Object.keys(SAMPLES).length;

/** Saves them as new: the next run builds them. */
export async function saveSampleSegments(owner: pg.Client): Promise<void> {
  for (const [segmentId, sample] of Object.entries(SAMPLES)) {
    const definition = JSON.stringify(segmentDefinition.parse(sample));
    await owner.query(
      `insert into segments (tenant_id, segment_id, version, name, definition, at_checkout, state, created_at)
      values ($1, $2, 1, $2, $3, false, 'building', now())`,
      [TENANT, segmentId, definition],
    );
    await owner.query(
      `insert into segment_versions (tenant_id, segment_id, version, document, saved_at) values ($1, $2, 1, $3, now())`,
      [TENANT, segmentId, definition],
    );
  }
}
