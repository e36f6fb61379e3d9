// What is asked of segmentation about what goes together: rules over chosen baskets, and what to offer a member next.
import { z } from "zod";
import { INSIGHT_DAYS_MAX } from "./insights-settings.ts";
import { slug } from "./values.ts";

/** Rules of one answer: some 2 MB of text, and more than anybody reads. */
export const AFFINITY_RULES_SHOWN_MAX = 10_000;
export const AFFINITY_RULES_SHOWN_DEFAULT = 100;
/** Items of one rule: what is bought together in dozens is a shopping list. */
export const AFFINITY_LENGTH_MAX = 10;
/** Offers to one member. */
export const RECOMMENDATIONS_DEFAULT = 5;

/** Shares are 0 to 1. What is left out is as in the tenant's settings, or usual. */
export const affinityWish = z
  .strictObject({
    /** Baskets of the members of a segment; null: of all. */
    segmentId: slug.nullable().default(null),
    by: z.enum(["sku", "category"]).optional(),
    days: z.int().min(1).max(INSIGHT_DAYS_MAX).optional(),
    support: z.number().gt(0).max(1).default(0.001),
    confidence: z.number().min(0).max(1).default(0.1),
    lift: z.number().min(0).max(1_000_000).default(0),
    minLength: z.int().min(1).max(AFFINITY_LENGTH_MAX).default(2),
    maxLength: z.int().min(1).max(AFFINITY_LENGTH_MAX).default(AFFINITY_LENGTH_MAX),
    limit: z.int().min(1).max(AFFINITY_RULES_SHOWN_MAX).default(AFFINITY_RULES_SHOWN_DEFAULT),
  })
  .refine(({ minLength, maxLength }) => minLength <= maxLength, {
    path: ["minLength"],
    params: { code: "invalid_value" },
  });

/** "Who buys all of `antecedent` also buys `consequent`." */
export interface RuleFound {
  readonly antecedent: readonly string[];
  readonly consequent: string;
  /** Baskets that hold all of it, and their share. */
  readonly count: number;
  readonly support: number;
  readonly confidence: number;
  readonly lift: number;
  readonly leverage: number;
  /** Null for a rule without exception. */
  readonly conviction: number | null;
}

export interface AffinityFound {
  readonly segmentId: string | null;
  readonly by: "sku" | "category";
  readonly from: string;
  readonly until: string;
  readonly baskets: number;
  /** 1: every basket was read; n: those of one member in n, so that they fit into memory. */
  readonly oneIn: number;
  readonly items: number;
  readonly support: number;
  readonly confidence: number;
  /** All rules, and how many there are of each length; `rules` are the first by lift. */
  readonly total: number;
  readonly byLength: readonly { readonly length: number; readonly rules: number }[];
  readonly rules: readonly RuleFound[];
  readonly milliseconds: number;
}

/** What to offer a member next. `because`: the best of `rules` rules that speak for it. */
export interface NextItem {
  readonly item: string;
  readonly because: RuleFound;
  readonly rules: number;
}

export type AffinityWish = z.output<typeof affinityWish>;
