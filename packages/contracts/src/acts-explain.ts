// Looks at a member's object that explain: why an order earned what it did.
import type { LedgerExplanation } from "./rpc.ts";

/** Asked under the version that decided the order. */
export interface ExplainLooks {
  readonly "order.explain": { readonly ask: { readonly orderId: string }; readonly answer: LedgerExplanation };
}
