// What is known of a tenant's members as of a day, in one shape: read from the API, and worked out again beside it.

export interface Findings {
  readonly asOf: string;
  readonly currency: string;
  readonly sizes: Sizes;
  readonly rfm: RfmFindings;
  readonly lifecycle: LifecycleFindings;
  readonly value: ValueFindings;
  readonly cohorts: readonly CohortFindings[];
  readonly repurchase: DueFindings;
  /** The rules of the last night, and those of a search that asks for less. */
  readonly affinity: AffinityFindings;
  readonly weakAffinity: AffinityFindings;
  /** Stores that sold something in the days that scorecards look at. */
  readonly stores: readonly StoreFindings[];
}

/** Amounts are money kept, in minor units. */
export interface Sizes {
  readonly members: number;
  readonly buyers: number;
  readonly orders: number;
  readonly revenue: number;
}

export interface RfmFindings {
  readonly bins: number;
  /** Where the second bin and each further one begins. */
  readonly cuts: {
    readonly recencyDays: readonly number[];
    readonly orders: readonly number[];
    readonly amount: readonly number[];
  };
  readonly cells: readonly RfmCell[];
  readonly segments: readonly NamedSum[];
  readonly groups: readonly NamedSum[];
}

export interface RfmCell {
  readonly recency: number;
  readonly frequency: number;
  readonly members: number;
  readonly spend: number;
}

export interface NamedSum {
  readonly name: string;
  readonly members: number;
  readonly spend: number;
}

export interface LifecycleFindings {
  readonly stages: readonly NamedSum[];
  readonly labels: readonly NamedCount[];
  readonly churnRisk: number;
  /** The usual gap between days with an order; null before a first fit. */
  readonly usualCycleDays: number | null;
}

export interface NamedCount {
  readonly name: string;
  readonly members: number;
}

export interface ValueFindings {
  readonly horizonDays: number;
  /** Models in force, or why there is none. */
  readonly models: readonly ModelFindings[];
  /** Lifetime value in all; orders expected over the horizon, and the mean probability of being alive. */
  readonly total: number;
  readonly expectedOrders: number;
  readonly meanAlive: number;
  /** Tenths of the buyers by lifetime value, best first; empty without models. */
  readonly deciles: readonly Decile[];
  /** The share of the best fifth, and the share of buyers who bring four fifths; null without models. */
  readonly bestFifth: number | null;
  readonly makingEighty: number | null;
  readonly oneTimeBuyerRate: number | null;
  readonly bands: readonly NamedSum[];
}

export interface Decile {
  readonly members: number;
  readonly value: number;
  /** What they have spent so far. */
  readonly spend: number;
}

/** `orders` is a model of buying, `spending` of how much. */
export interface ModelFindings {
  readonly kind: "orders" | "spending";
  readonly parameters: Readonly<Record<string, number>>;
  /** What is missing for a fit; empty when there is one. */
  readonly missing: readonly { readonly what: string; readonly have: number; readonly need: number }[];
  /** Parameters of which the data say only that members hardly differ in them. */
  readonly loose: readonly string[];
}

export interface CohortFindings {
  /** `YYYY-MM`. */
  readonly month: string;
  readonly size: number;
  /** Members with an order in the month itself, one month after, two …. */
  readonly active: readonly number[];
}

/** Who needs something again in the days from the one until the other, both included. */
export interface DueFindings {
  readonly from: string;
  readonly until: string;
  /** Categories with most members first. */
  readonly products: readonly DueProduct[];
  readonly days: readonly { readonly day: string; readonly members: number }[];
}

/** The search for weak rules: what shows even where baskets are small. */
export const WEAK_SEARCH = {
  by: "category",
  days: 365,
  support: 0.0005,
  confidence: 0.03,
  lift: 1.2,
} as const;

export interface DueProduct {
  readonly ref: string;
  readonly members: number;
  /** Due before, and not yet given up. */
  readonly overdue: number;
  /** How long a unit usually lasts. */
  readonly medianDays: number | null;
}

export interface AffinityFindings {
  readonly baskets: number;
  /** The best rules first. */
  readonly rules: readonly RuleFindings[];
}

export interface RuleFindings {
  readonly antecedent: readonly string[];
  readonly consequent: string;
  readonly count: number;
  readonly confidence: number;
  readonly lift: number;
}

/** Of the orders that count; `repeatRate` is the share of the buyers who had bought on an earlier day, anywhere. */
export interface StoreFindings {
  readonly storeId: string;
  readonly orders: number;
  readonly buyers: number;
  readonly revenue: number;
  readonly averageOrder: number;
  readonly repeatRate: number;
}

/** A store's scorecard; shares in [0, 1], the score from 0 to 100. */
export interface StoreScore {
  readonly storeId: string;
  readonly regionId: string;
  readonly orders: number;
  readonly revenue: number;
  readonly averageOrder: number | null;
  readonly repeatRate: number | null;
  readonly redemptionRate: number | null;
  readonly rating: number | null;
  readonly score: number | null;
  readonly scoreBefore: number | null;
  readonly rank: number | null;
  readonly ranked: number;
}
