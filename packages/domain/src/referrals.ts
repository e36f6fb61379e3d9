// Referral: both sides are paid on the new member's first paid order, and give it back with that order's refund.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";

/** What this order means for the member's referral; requires the duty toward the referrer. */
export function settleReferral(draft: Draft, scene: OrderScene): OrderRecord["referral"] {
  void draft;
  return scene.order.referral;
}
