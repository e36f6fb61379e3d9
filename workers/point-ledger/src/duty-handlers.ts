// Every kind of duty and how it is told.
import type { TransferRecord } from "@regulars/contracts/events-more";
import { DELIVER } from "@regulars/domain/transfers";
import { codeDuties } from "./code-settle.ts";
import { demandOf } from "./demand.ts";
import { telling, type DutyHandler } from "./duties.ts";
import { householdDuties } from "./household-duties.ts";
import { referralDuties } from "./referral-duties.ts";
import { walletDuties } from "./wallet-duties.ts";

const deliver = telling<{ transfer: TransferRecord }>(async (env, { tenantId }, { transfer }, told) => {
  const reply = await demandOf(env, { tenantId, memberId: transfer.to }, told, (ledger, context) =>
    ledger.act(context, "transfer.receive", { transfer }),
  );
  if (reply.ok) return { act: "transfer.settle", ask: { transfer } };
  return { act: "transfer.return", ask: { transfer, reason: reply.refusal.code } };
});

export const dutyHandlers: Readonly<Record<string, DutyHandler>> = {
  [DELIVER]: deliver,
  ...walletDuties,
  ...referralDuties,
  ...householdDuties,
  ...codeDuties,
};
