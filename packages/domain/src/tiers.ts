// Tiers: what a member qualifies for, when it rises and falls, and what is missing for the next.
import type { TierRecord } from "@regulars/contracts/events-effects";
import type { StoredGrant } from "@regulars/contracts/events-orders";
import type { TierProgress } from "@regulars/contracts/orders";
import type { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";

/** Raises the tier at checkout once the order counts; returns the tier before, or null when nothing changed. */
export function raiseTier(
  draft: Draft,
  scene: OrderScene,
): { readonly before: TierRecord | null; readonly grants: readonly StoredGrant[] } | null {
  void draft;
  void scene;
  return null;
}

/** After a refund: gives back the tier that this order had raised when the member no longer qualifies for it. */
export function lowerTier(draft: Draft, scene: OrderScene): void {
  void draft;
  void scene;
}

/** Where a member stands; null in a program without tiers. `adding`: the net of a basket that would count now. */
export function progressOf(
  draft: Draft,
  program: CompiledProgram,
  when: { readonly now: number; readonly timeZone: string; readonly adding: number },
): TierProgress | null {
  void draft;
  void program;
  void when;
  return null;
}
