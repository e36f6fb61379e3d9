// Every kind of duty and how it is told.
import type { TransferRecord } from "@regulars/contracts/events-more";
import type { CallContext, MemberLedgerRpc, Reply, WriteContext } from "@regulars/contracts/rpc";
import { DELIVER } from "@regulars/domain/transfers";
import { telling, type DutyHandler, type Told } from "./duties.ts";
import { relayQuietly } from "./follow-up.ts";
import { ledgerOf } from "./objects.ts";
import { contextOf } from "./tenant-records.ts";

/** An account in one tenant or network. */
interface Account {
  readonly tenantId: string;
  readonly memberId: string;
}

/** Demands something of another object, under the duty's own key. */
export async function demandOf<Value>(
  env: Env,
  account: Account,
  told: Told,
  call: (ledger: Pick<MemberLedgerRpc, "act">, context: WriteContext) => Promise<Reply<Value>>,
): Promise<Reply<Value>> {
  const context: CallContext = await contextOf(env, account, told);
  const ledger = ledgerOf(env, account.tenantId, account.memberId);
  const reply = await call(ledger, { ...context, key: told.key, requestHash: told.id });
  await relayQuietly(env, reply.events);
  return reply;
}

const deliver = telling<{ transfer: TransferRecord }>(async (env, { tenantId }, { transfer }, told) => {
  const reply = await demandOf(env, { tenantId, memberId: transfer.to }, told, (ledger, context) =>
    ledger.act(context, "transfer.receive", { transfer }),
  );
  if (reply.ok) return { act: "transfer.settle", ask: { transfer } };
  return { act: "transfer.return", ask: { transfer, reason: reply.refusal.code } };
});

export const dutyHandlers: Readonly<Record<string, DutyHandler>> = { [DELIVER]: deliver };
