// Finds a member's ledger object: a fresh stub for each call, since a stub that saw an exception stays broken.
import { jurisdictionOf } from "@regulars/contracts/directory";
import type { CallContext, MemberLedgerRpc } from "@regulars/contracts/rpc";
import { ledgerName } from "@regulars/domain/naming";

export function ledgerOf(env: Env, tenantId: string, memberId: string) {
  // The binding names the class MemberLedger of point-ledger, which implements the interface.
  const bound = env.MEMBER_LEDGER as unknown as DurableObjectNamespace<MemberLedgerRpc & Rpc.DurableObjectBranded>;
  const jurisdiction = jurisdictionOf(tenantId);
  const namespace = jurisdiction === null ? bound : bound.jurisdiction(jurisdiction);
  return namespace.get(namespace.idFromName(ledgerName(tenantId, memberId)));
}

/** The context of a call that decides nothing. */
export function plainContext(tenantId: string, memberId: string): CallContext {
  return { tenantId, memberId, now: Date.now(), testTime: false, timeZone: "UTC", programVersion: null };
}
