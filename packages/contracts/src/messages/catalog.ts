// The shape of a catalog of messages: every language says something for every refusal and every reason.
import type { NOTHING_REASONS } from "../orders.ts";
import type { FaultKey } from "./faults.ts";
import type { InsightKey } from "./insights.ts";
import type { RefusalCode } from "../refusals.ts";
import type { SegmentKey } from "./segments.ts";

/** Languages in which callers are answered. */
export const LANGUAGES = ["zh-TW", "zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

export interface RefusalMessage {
  readonly title: string;
  /** `{name}` is replaced by a fact; a part in square brackets is left out when one of its facts is not known. */
  readonly detail: string;
}

/**
 * Why a rule gave points: `per` is an amount of money or a number of items, `points` the points of one time; what was taken
 * from the amount, what cut it, and why a rule gave nothing.
 */
export type ReasonKey =
  | `earn.why.${"net" | "gross" | "less" | "perItem" | "eachItem" | "fixed" | "perField" | "multiplier"}`
  | `earn.less.${"discounts" | "vouchers" | "points" | "tax" | "separator"}`
  | `earn.cut.${"perOrder" | "cap" | "budget"}`
  | `earn.nothing.${(typeof NOTHING_REASONS)[number]}`;

export interface Catalog {
  readonly refusals: Readonly<Record<RefusalCode, RefusalMessage>>;
  readonly reasons: Readonly<Record<ReasonKey, string>>;
  readonly faults: Readonly<Record<FaultKey, string>>;
  readonly insights: Readonly<Record<InsightKey, string>>;
  readonly segments: Readonly<Record<SegmentKey, string>>;
}
