// What segmentation tells of members, by the queue insight-events: at least once each, with an id that makes it once.

/** `facts` name what it is about; ids and days only, nothing personal. Times are ISO 8601. */
export type InsightEventBody =
  | { readonly kind: "segment.entered" | "segment.left"; readonly facts: SegmentMove }
  | { readonly kind: "member.churn_risk"; readonly facts: { readonly lastDay: string; readonly cycleDays: number } }
  | { readonly kind: "member.repurchase_due"; readonly facts: RepurchaseDue };

export interface SegmentMove {
  readonly segmentId: string;
  readonly version: number;
}

export interface RepurchaseDue {
  readonly product: "sku" | "category";
  readonly ref: string;
  readonly lastDay: string;
  readonly dueOn: string;
  readonly windowFrom: string;
  readonly windowUntil: string;
}

export type InsightEvent = InsightEventBody & {
  /** The same for the same happening, however often it is sent. */
  readonly eventId: string;
  readonly tenantId: string;
  readonly memberId: string;
  readonly at: string;
};

/** One message of the queue. */
export interface InsightMessage {
  readonly version: 1;
  readonly events: readonly InsightEvent[];
}

/** Events of one message: 100 of them are about 30 KB of the 128 that a message may have. */
export const INSIGHT_EVENTS_PER_MESSAGE_MAX = 100;
