// Tells members' objects which of their events PostgreSQL has.
import { eachOf } from "./each-of.ts";
import { ledgerOf } from "./ledger-object.ts";

/** Calls at one time: enough to confirm 500 members in a moment, few enough to leave objects to their checkouts. */
const CALLS_MAX = 32;

export interface Confirmation {
  readonly tenantId: string;
  readonly memberId: string;
  readonly epoch: number;
  readonly sequences: number[];
}

/** One call a member. What fails is dropped: the object publishes again, and that confirms it. */
export async function confirmAll(env: Env, confirmations: readonly Confirmation[]): Promise<void> {
  let failed = 0;
  let last: unknown;
  await eachOf(confirmations, CALLS_MAX, async ({ tenantId, memberId, epoch, sequences }) => {
    try {
      await ledgerOf(env, tenantId, memberId).confirm(memberId, epoch, sequences);
    } catch (error) {
      failed += 1;
      last = error;
    }
  });
  if (failed > 0) console.warn(JSON.stringify({ message: "confirmations dropped", failed, error: String(last) }));
}
