// What is known of one member when conditions of segments are decided, and the moment as of which they are.
import type { SegmentLeaf } from "@regulars/contracts/segments";

/** `today` is the local day of `now` (Unix ms) in the tenant's zone. */
export interface SegmentMoment {
  readonly now: number;
  readonly today: string;
  readonly timeZone: string;
}

export interface SegmentLine {
  readonly sku: string;
  readonly category: string | null;
  readonly quantity: number;
  readonly returned: number;
  readonly unitPrice: number;
  readonly discount: number;
}

/** Paid and not undone; whether it counts follows from its amounts and its day. */
export interface SegmentOrder {
  readonly placedAt: number;
  readonly storeId: string;
  readonly regionId: string;
  readonly channel: string | null;
  readonly payable: number;
  readonly refunded: number;
  readonly lines: readonly SegmentLine[];
}

/** Beside orders, and not taken back. */
export interface SegmentEvent {
  readonly type: string;
  readonly at: number;
  readonly storeId: string | null;
}

export interface SegmentMessage {
  readonly channel: string;
  readonly campaignId: string | null;
  readonly sentAt: number;
  readonly openedAt: number | null;
  readonly clickedAt: number | null;
}

type NumberScore = Extract<SegmentLeaf, { readonly kind: "score" }>["score"];

/** Null stands for what no model tells. */
export type SegmentScores = Readonly<Record<NumberScore, number | null>> & {
  readonly rfmSegment: string;
  readonly rfmGroup: string;
  readonly stage: string;
  readonly label: string;
  readonly band: string;
  readonly profitGroup: string | null;
  readonly churnRisk: boolean;
  readonly hasPotential: boolean;
  /** A local day. */
  readonly nextOrderOn: string;
};

export interface SegmentBalance {
  readonly currency: string;
  readonly available: number;
  readonly pending: number;
  readonly held: number;
}

/** Of a person who has enrolled and was not erased: nobody else is in a segment. */
export interface SegmentFacts {
  readonly memberId: string;
  readonly profile: Readonly<Record<string, unknown>>;
  /** Kinds of identity that the member has told. */
  readonly identities: readonly string[];
  readonly consent: Readonly<Record<string, unknown>>;
  readonly homeStoreId: string | null;
  /** Of the home store. */
  readonly regionId: string | null;
  readonly source: string | null;
  readonly enrolledAt: number;
  readonly tags: readonly string[];
  readonly tier: string | null;
  readonly balances: readonly SegmentBalance[];
  readonly orders: readonly SegmentOrder[];
  readonly events: readonly SegmentEvent[];
  readonly messages: readonly SegmentMessage[];
  readonly scores: SegmentScores | null;
  /** Products and categories that the member will need again, each with the local day. */
  readonly repurchases: readonly { readonly kind: string; readonly ref: string; readonly dueOn: string }[];
  /** Segments and lists that have stored the member. */
  readonly segments: readonly string[];
  readonly lists: readonly string[];
}

export type SegmentFound = string | number | boolean | null;

/** Whether one condition holds, what was found, and in how many days that may change if nothing happens; null: never. */
export interface LeafOutcome {
  readonly holds: boolean;
  readonly found: SegmentFound;
  readonly changesInDays: number | null;
}
