// From an identity to the member: the index is asked once, the answer remembered, since the object says when it is stale.
import type { MemberReference } from "@regulars/contracts/members";
import type { Refusal } from "@regulars/contracts/refusals";
import type { HashedIdentity } from "@regulars/contracts/rpc";
import { claimHash, isMemberIdOf } from "@regulars/domain/naming";
import { normalizeIdentity } from "./identities.ts";
import { pointLedger } from "./ledger.ts";
import type { Session } from "./session.ts";

const MEMBERS_KEPT_MAX = 20_000;
/** An order id is claimed some 100 ms after its answer; a refund that comes sooner from elsewhere waits for it. */
const CLAIM_LOOKS_MAX = 4;
const CLAIM_WAIT_MS = 100;
const members = new Map<string, string>();

/** The identity that a reference names, or null when it names a member id. */
export function identityOf(session: Session, reference: MemberReference, at: string): HashedIdentity | null | Refusal {
  const { id: _, ...identities } = reference;
  for (const type of ["phone", "email", "line", "card"] as const) {
    const value = identities[type];
    if (value !== undefined) return normalizeIdentity(session, { type, value }, at === "" ? type : `${at}.${type}`);
  }
  return null;
}

/** The member that claims an identity, or null. */
export async function findMember(env: Env, session: Session, identity: HashedIdentity): Promise<string | null> {
  const path = `${session.tenant.tenantId}:${identity.hash}`;
  const known = members.get(path);
  if (known !== undefined) return known;
  const found = await pointLedger(env).find(session.tenant.tenantId, identity.hash);
  if (found !== null) keep(path, found);
  return found;
}

/** Drops a remembered answer that the object did not confirm. True when there was one. */
export function forgetMember(session: Session, identity: HashedIdentity): boolean {
  return members.delete(`${session.tenant.tenantId}:${identity.hash}`);
}

/** The member that claimed an order id, or null; `memberId` of the caller wins. */
export async function findOrderMember(
  env: Env,
  session: Session,
  orderId: string,
  memberId: string | undefined,
): Promise<string | null> {
  if (memberId !== undefined) return isMemberIdOf(session.tenantKey, memberId) ? memberId : null;
  const { tenantId } = session.tenant;
  const hash = claimHash(session.tenantKey, "order", orderId);
  for (let attempt = 1; ; attempt += 1) {
    const found = (await pointLedger(env).find(tenantId, hash)) ?? members.get(orderPath(session, orderId));
    if (found !== undefined || attempt === CLAIM_LOOKS_MAX) return found ?? null;
    await scheduler.wait(CLAIM_WAIT_MS);
  }
}

/** Remembers whose an order is while its claim is on its way to the index. */
export function keepOrderMember(session: Session, orderId: string, memberId: string): void {
  keep(orderPath(session, orderId), memberId);
}

const orderPath = ({ tenant }: Session, orderId: string) => `${tenant.tenantId}:order:${orderId}`;

function keep(path: string, memberId: string): void {
  if (members.size >= MEMBERS_KEPT_MAX) members.clear();
  members.set(path, memberId);
}
