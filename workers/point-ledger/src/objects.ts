// Stubs of the objects by name: a fresh one for each call, since a stub that saw an exception stays broken.
import { jurisdictionOf } from "@regulars/contracts/directory";
import { ledgerName, shardName } from "@regulars/domain/naming";

/** The ledger object of a member. `locationHint` counts only when the object is created. */
export function ledgerOf(env: Env, tenantId: string, memberId: string, locationHint?: DurableObjectLocationHint) {
  const namespace = within(env.MEMBER_LEDGER, tenantId);
  const id = namespace.idFromName(ledgerName(tenantId, memberId));
  return namespace.get(id, locationHint && { locationHint });
}

/** One shard of a tenant's identity index. */
export function indexOf(env: Env, tenantId: string, shard: string) {
  const namespace = within(env.IDENTITY_INDEX, tenantId);
  return namespace.get(namespace.idFromName(shard));
}

/** Groups items by the shard that keeps their hash. */
export function shardsOf<Item>(items: readonly Item[], of: (item: Item) => { tenantId: string; hash: string }) {
  const groups = new Map<string, { tenantId: string; shard: string; items: Item[] }>();
  for (const item of items) {
    const { tenantId, hash } = of(item);
    const shard = shardName(tenantId, hash);
    const group = groups.get(shard) ?? { tenantId, shard, items: [] };
    group.items.push(item);
    groups.set(shard, group);
  }
  return [...groups.values()];
}

/** The namespace where a tenant's objects must stay. */
export function within<Stub extends Rpc.DurableObjectBranded | undefined>(
  namespace: DurableObjectNamespace<Stub>,
  tenantId: string,
): DurableObjectNamespace<Stub> {
  const jurisdiction = jurisdictionOf(tenantId);
  return jurisdiction === null ? namespace : namespace.jurisdiction(jurisdiction);
}
