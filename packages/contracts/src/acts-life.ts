// Acts on tiers, on the life of points, and on what others know of a member: tags and segments.
import type { TierProgress } from "./orders.ts";
import type { Balance } from "./points.ts";

export interface Entitlement {
  readonly id: string;
  readonly name: string | null;
  readonly perYear: number;
  /** Of this calendar year's. */
  readonly left: number;
}

export interface TierAnswer extends TierProgress {
  /** ISO 8601; null for the tier that everybody has. */
  readonly since: string | null;
  /** Set by hand or paid for: kept until its end. */
  readonly fixed: boolean;
  readonly entitlements: readonly Entitlement[];
  readonly sequence: number;
}

/** The tier as this very write left it. */
export type TierSetAnswer = Pick<TierAnswer, "tier" | "since" | "until" | "fixed" | "sequence">;

interface MovedAnswer {
  readonly points: number;
  readonly balances: readonly Balance[];
  readonly sequence: number;
}

export interface LifeActs {
  /** By hand or paid for; `until` null: for ever; `tier` null: back to what the member qualifies for. */
  "tier.set": {
    readonly ask: { readonly tier: string | null; readonly until: number | null; readonly reason: string };
    readonly answer: TierSetAnswer;
  };
  "entitlement.use": {
    readonly ask: { readonly entitlement: string };
    readonly answer: { readonly entitlement: string; readonly left: number; readonly sequence: number };
  };
  /** Puts off the end of points that would end before a time. */
  "points.extend": {
    readonly ask: {
      readonly currency: string;
      readonly endsBefore: number;
      readonly days: number;
      readonly reason: string;
    };
    readonly answer: MovedAnswer;
  };
  /** Gives back points that expired at or after a time, to live so many days from now. */
  "points.reinstate": {
    readonly ask: {
      readonly currency: string;
      readonly endedAfter: number;
      readonly days: number;
      readonly reason: string;
    };
    readonly answer: MovedAnswer;
  };
  /** What people and callers know: whole lists, in place of those before. */
  "facts.set": {
    readonly ask: { readonly tags?: readonly string[]; readonly segments?: readonly string[] };
    readonly answer: {
      readonly tags: readonly string[];
      readonly segments: readonly string[];
      readonly sequence: number;
    };
  };
  /** What segmentation wants the member to carry, beside what others have set. `version` grows with every wish; an older one is past. */
  "labels.sync": {
    readonly ask: {
      readonly version: number;
      readonly tags: readonly string[];
      readonly segments: readonly string[];
      readonly insights: MemberInsights | null;
    };
    /** All that the member carries now, and what others have left no room for. */
    readonly answer: {
      readonly tags: readonly string[];
      readonly segments: readonly string[];
      readonly leftOut: { readonly tags: readonly string[]; readonly segments: readonly string[] };
      readonly sequence: number;
    };
  };
}

/** What segmentation knows of a member, for conditions of the program: stage of life, spend band, and whether the member may leave. */
export interface MemberInsights {
  readonly stage: string;
  readonly band: string;
  readonly churnRisk: boolean;
}

export interface LifeLooks {
  "tier.progress": { readonly ask: null; readonly answer: TierAnswer };
}
