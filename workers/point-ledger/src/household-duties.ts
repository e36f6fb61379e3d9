// How a member hears of its right in a household; one that cannot follow stays as it was, in the pool too.
import type { BelongAsk } from "@regulars/domain/households";
import { demandOf } from "./demand.ts";
import { telling, type DutyHandler } from "./duties.ts";

const tell = telling<BelongAsk>(async (env, { tenantId, memberId: pool }, ask, told) => {
  const { memberId, id, role } = ask;
  const reply = await demandOf(env, { tenantId, memberId }, told, (ledger, context) =>
    ledger.act(context, "household.belong", { id, pool, role }),
  );
  // One who is gone and is let go needs not follow.
  return reply.ok || role === null ? "done" : { act: "household.undo", ask };
});

export const householdDuties: Readonly<Record<string, DutyHandler>> = { "household.tell": tell };
