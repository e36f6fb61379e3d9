// Tells budgets and codes what became of what they had granted: given back, reserved, used, or let go.
import { SETTLE_PREPARED, type SettleAsk } from "@regulars/domain/needs";
import { giveBackOf } from "./budget-objects.ts";
import { readClaim, settleClaimOf } from "./code-objects.ts";
import { telling, type DutyHandler } from "./duties.ts";
import { codeBudget } from "./prepare-codes.ts";
import { takeKey } from "./prepare-takes.ts";
import type { Owner } from "./store.ts";

/** What the duty "code.settle" asks: where the use of a code stands after an event. */
interface CodeSettleAsk {
  readonly campaign: string;
  readonly claim: string;
  readonly state: "reserved" | "used" | "released";
}

const settleCode = telling<CodeSettleAsk>(async (env, owner, { campaign, claim, state }) => {
  await settle(env, owner, { campaign, claim, state });
  return "done";
});

const settlePrepared = telling<SettleAsk>(async (env, owner, { takes, claims }) => {
  const { tenantId, memberId } = owner;
  await Promise.all([
    ...takes.map(({ name, key, unused }) =>
      giveBackOf(env, { tenantId, name }, memberId, { key: takeKey(memberId, key), unused }),
    ),
    ...claims.map(({ campaign, claim }) => settle(env, owner, { campaign, claim, state: "released" })),
  ]);
  return "done";
});

/** Duties toward budgets and codes by their kind. */
export const codeDuties: Readonly<Record<string, DutyHandler>> = {
  "code.settle": settleCode,
  [SETTLE_PREPARED]: settlePrepared,
};

// A use of a public code was taken of its budget when it was claimed, so only its end is told.
function settle(env: Env, owner: Owner, { campaign, claim, state }: CodeSettleAsk): Promise<void> {
  const unique = readClaim(claim);
  if (unique !== null) return settleClaimOf(env, owner, unique, state);
  if (state !== "released") return Promise.resolve();
  const place = { tenantId: owner.tenantId, name: codeBudget(campaign) };
  return giveBackOf(env, place, owner.memberId, { key: takeKey(owner.memberId, claim), unused: 1 });
}
