// How a transfer reaches its receiver; one to a profile that was merged reaches the other.
import type { TransferRecord } from "@regulars/contracts/events-more";
import type { Refusal } from "@regulars/contracts/refusals";
import type { HashedIdentity, Reply } from "@regulars/contracts/rpc";
import { shardName } from "@regulars/domain/naming";
import { DELIVER, DELIVER_MERGE } from "@regulars/domain/transfers";
import { demandOf } from "./demand.ts";
import { telling, type DutyHandler, type Told } from "./duties.ts";
import { indexOf } from "./objects.ts";

interface Deliver {
  readonly transfer: TransferRecord;
}

/** Profiles that were merged one into the next: more than a few are a fault. */
const HOPS_MAX = 5;

const deliver = telling<Deliver>(async (env, { tenantId }, { transfer }, told) => {
  const { refusal } = await following(transfer.to, (memberId) =>
    demandOf(env, { tenantId, memberId }, told, (ledger, context) =>
      ledger.act(context, "transfer.receive", { transfer }),
    ),
  );
  if (refusal === null) return { act: "transfer.settle", ask: { transfer } };
  return { act: "transfer.return", ask: { transfer, reason: refusal.code } };
});

const deliverMerge = telling<Deliver>(async (env, { tenantId, memberId: from }, { transfer }, told) => {
  const identities = identitiesOf(told, transfer);
  const { refusal, to } = await following(transfer.to, (memberId) =>
    demandOf(env, { tenantId, memberId }, told, (ledger, context) =>
      ledger.act(context, "merge.receive", { transfer, identities }),
    ),
  );
  if (refusal !== null) return { act: "transfer.return", ask: { transfer, reason: refusal.code } };
  // The other side has the identities already, so whoever is found by one is found where it is.
  for (const { hash } of identities) await indexOf(env, tenantId, shardName(tenantId, hash)).transfer(hash, from, to);
  return { act: "merge.settle", ask: { transfer } };
});

export const transferDuties: Readonly<Record<string, DutyHandler>> = {
  [DELIVER]: deliver,
  [DELIVER_MERGE]: deliverMerge,
};

async function following(
  first: string,
  tell: (memberId: string) => Promise<Reply<unknown>>,
): Promise<{ to: string; refusal: Refusal | null }> {
  let to = first;
  for (let hop = 0; hop < HOPS_MAX; hop += 1) {
    const reply = await tell(to);
    if (reply.ok) return { to, refusal: null };
    const next = reply.refusal.facts?.["memberId"];
    if (reply.refusal.code !== "member_merged" || typeof next !== "string") return { to, refusal: reply.refusal };
    to = next;
  }
  throw new Error(`${first} was merged too often`);
}

// Personal data is in no event and in no duty: it is read where it is, when it is told.
function identitiesOf({ person }: Told, { merge }: TransferRecord): readonly HashedIdentity[] {
  const moving = new Set(merge?.hashes ?? []);
  return (person?.identities ?? []).filter(({ hash }) => moving.has(hash));
}
