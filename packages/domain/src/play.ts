// Challenges and streaks: what an order or event completes, and what a refund of it undoes.
import type { StoredGrant } from "@regulars/contracts/events-orders";
import type { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";

/** Counts an order towards challenges and streaks and gives the prizes of those that it completes. */
export function completePlay(draft: Draft, scene: OrderScene): readonly StoredGrant[] {
  void draft;
  void scene;
  return [];
}

/** After a refund: undoes prizes of this order whose count no longer stands. */
export function undoPlay(draft: Draft, grants: readonly StoredGrant[], scene: OrderScene): readonly StoredGrant[] {
  void draft;
  void scene;
  return grants;
}
