// What the console asks of the Worker segmentation: typed calls whose refusals are values.
import type { AffinityFound, AffinityWish, NextItem } from "./affinity.ts";
import type { Refusal } from "./refusals.ts";
import type { SegmentExplanation, SegmentNode, SegmentPreview } from "./segments.ts";

export type Asked<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusal: Refusal };

/** Who asks, and the tenant's clock: the caller's in a sandbox. */
export interface InsightContext {
  readonly tenantId: string;
  readonly timeZone: string;
  /** Unix ms. */
  readonly now: number;
}

export interface RunReport {
  /** False when another run holds the tenant: nothing was done. */
  readonly ran: boolean;
  /** True when nothing is left to do now. */
  readonly finished: boolean;
  readonly asOf: string;
  readonly membersChanged: number;
  readonly membersScored: number;
  readonly segmentsEntered: number;
  readonly segmentsLeft: number;
}

export interface SegmentationRpc {
  /** Works on a tenant for a slice of time, as cron does. `night`: also what is done once a night, now. */
  run(context: InsightContext, wish?: { readonly night?: boolean; readonly rebuild?: boolean }): Promise<RunReport>;
  preview(context: InsightContext, definition: SegmentNode, sample: number): Promise<Asked<SegmentPreview>>;
  /** Texts of the reasons are in the language. */
  explain(
    context: InsightContext,
    segmentId: string,
    memberId: string,
    language: "zh-TW" | "zh-CN" | "en",
  ): Promise<Asked<SegmentExplanation>>;
  /** Rules over the baskets that are wished for, worked out now. */
  affinity(context: InsightContext, wish: AffinityWish): Promise<Asked<AffinityFound>>;
  /** What to offer a member next, by the rules of the last night. */
  recommend(context: InsightContext, memberId: string, limit: number): Promise<Asked<readonly NextItem[]>>;
}
