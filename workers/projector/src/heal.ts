// Makes PostgreSQL's copy of one member equal to the object: by completing it, or by replacing it as a whole.
import type { LedgerAudit } from "@regulars/contracts/rpc";
import { withTenant, type Database } from "@regulars/schema/connection";
import { sql } from "drizzle-orm";
import type { CopyAudit } from "./compare.ts";
import { ledgerOf, plainContext } from "./ledger-object.ts";

export interface MemberAudit {
  readonly object: LedgerAudit;
  readonly copy: CopyAudit;
}

/**
 * `complete` derives everything again from the stored events and has missing events published; `replace` forgets the
 * stored events too. An object that knows nothing is no truth to heal from: then nothing is done.
 */
export async function healMember(
  env: Env,
  database: Database,
  tenantId: string,
  { object, copy }: MemberAudit,
  round: "complete" | "replace",
): Promise<void> {
  if (!object.exists) return;
  const { memberId, epoch, events, firstMissing } = copy;
  const hasTooMany = epoch > object.epoch || (epoch === object.epoch && events > object.sequence);
  const replaces = round === "replace" || hasTooMany;
  await withTenant(database, tenantId, [
    database.execute(replaces ? sql`select forget_events(${memberId})` : sql`select rebuild_member(${memberId})`),
    database.execute(sql`select put_documents(${documentOf(memberId, object)}::jsonb)`),
  ]);
  const isComplete = epoch === object.epoch && events === object.sequence;
  if (replaces || !isComplete) {
    const from = replaces || epoch !== object.epoch ? 1 : (firstMissing ?? events + 1);
    await ledgerOf(env, tenantId, memberId).publishFrom(plainContext(tenantId, memberId), from);
  }
}

/** The object's document, as the latest event would bring it. */
function documentOf(memberId: string, { epoch, sequence, member }: LedgerAudit): string {
  return JSON.stringify([{ memberId, epoch, sequence, at: Date.now(), member }]);
}
