// Acts on tiers, on the life of points, and on what others know of a member: tags and segments.
import type { TierProgress } from "./orders.ts";
import type { Balance } from "./points.ts";

export interface TierAnswer extends TierProgress {
  readonly sequence: number;
}

export interface LifeActs {
  /** By hand or paid for; `until` null: for ever; `tier` null: back to what the member qualifies for. */
  "tier.set": {
    readonly ask: { readonly tier: string | null; readonly until: number | null; readonly reason: string };
    readonly answer: TierAnswer;
  };
  "entitlement.use": {
    readonly ask: { readonly entitlement: string };
    readonly answer: { readonly entitlement: string; readonly left: number; readonly sequence: number };
  };
  /** Moves the end of points that are not over yet, or gives back points that expired. */
  "points.extend": {
    readonly ask: {
      readonly currency: string;
      readonly endsBefore: number;
      readonly days: number;
      readonly reason: string;
    };
    readonly answer: { readonly points: number; readonly balances: readonly Balance[]; readonly sequence: number };
  };
  "points.reinstate": {
    readonly ask: {
      readonly currency: string;
      readonly endedAfter: number;
      readonly days: number;
      readonly reason: string;
    };
    readonly answer: { readonly points: number; readonly balances: readonly Balance[]; readonly sequence: number };
  };
  /** What segmentation and people know: whole lists, in place of those before. */
  "facts.set": {
    readonly ask: { readonly tags?: readonly string[]; readonly segments?: readonly string[] };
    readonly answer: {
      readonly tags: readonly string[];
      readonly segments: readonly string[];
      readonly sequence: number;
    };
  };
}

export interface LifeLooks {
  "tier.progress": { readonly ask: null; readonly answer: TierAnswer };
}
