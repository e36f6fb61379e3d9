// Demands something of another object under the key of a duty, so that it has its effect there once.
import type { CallContext, MemberLedgerRpc, Reply, WriteContext } from "@regulars/contracts/rpc";
import type { Account } from "@regulars/domain/wallets";
import type { Told } from "./duties.ts";
import { relayQuietly } from "./follow-up.ts";
import { ledgerOf } from "./objects.ts";
import { contextOf } from "./tenant-records.ts";

/** Calls the account with the duty's own key; what it writes is relayed for it. */
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
