// Names that say nothing about a person: ids of members, hashes of identities, and the objects that keep them.
import { createHmac } from "node:crypto";

/** Shards of a tenant's identity index: fixed for ever, since a claim is found by its shard. */
export const IDENTITY_SHARDS = 8;

const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
const BODY_LENGTH = 20;
const MAC_LENGTH = 6;
const TENANT_KEYS_MAX = 1000;
const tenantKeys = new Map<string, string>();

/** The key under which a tenant's names are made (hex), derived from the platform's master key. */
export function tenantKeyOf(masterKey: string, tenantId: string): string {
  const cached = tenantKeys.get(tenantId);
  if (cached !== undefined) return cached;
  if (tenantKeys.size >= TENANT_KEYS_MAX) tenantKeys.clear();
  const key = createHmac("sha256", masterKey).update(`tenant:${tenantId}`).digest("hex");
  tenantKeys.set(tenantId, key);
  return key;
}

/** The hash by which an identity or an order id is claimed; `kind` keeps a phone and a card of equal digits apart. */
export function claimHash(tenantKey: string, kind: string, value: string): string {
  return createHmac("sha256", tenantKey).update(`${kind}:${value}`).digest("hex").slice(0, 40);
}

/** A member id made from a seed: the same seed gives the same id, so a retried enrolment finds its own member. */
export function memberIdFrom(tenantKey: string, seed: string): string {
  const body = letters(createHmac("sha256", tenantKey).update(`member:${seed}`).digest(), BODY_LENGTH);
  return `mbr_${body}${macOf(tenantKey, body)}`;
}

/** A code that is short enough to say, without letters that look alike. Should somebody have it, the next attempt gives another. */
export function referralCodeFrom(tenantKey: string, memberId: string, attempt: number): string {
  const seed = createHmac("sha256", tenantKey).update(`referral:${memberId}:${attempt}`).digest();
  return Array.from(seed.subarray(0, REFERRAL_CODE_LENGTH), (byte) => CODE_LETTERS.charAt(byte & 31)).join("");
}

const REFERRAL_CODE_LENGTH = 8;
const CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ7K";

/** Whether this tenant ever could have issued the id: others are refused without touching an object. */
export function isMemberIdOf(tenantKey: string, memberId: string): boolean {
  const path = `${tenantKey}:${memberId}`;
  if (issued.has(path)) return true;
  const body = memberId.slice(4, 4 + BODY_LENGTH);
  if (memberId !== `mbr_${body}${macOf(tenantKey, body)}`) return false;
  if (issued.size >= ISSUED_KEPT_MAX) issued.clear();
  issued.add(path);
  return true;
}

// Checking the MAC again costs ten times this look-up; an entry is about 200 bytes.
const ISSUED_KEPT_MAX = 20_000;
const issued = new Set<string>();

/** The name of a member's ledger object. */
export const ledgerName = (tenantId: string, memberId: string) => `${tenantId}:${memberId}`;

/** The name of the object that keeps a hash's claim. */
export function shardName(tenantId: string, hash: string): string {
  return `${tenantId}:${Number.parseInt(hash.slice(0, 4), 16) % IDENTITY_SHARDS}`;
}

function macOf(tenantKey: string, body: string): string {
  return letters(createHmac("sha256", tenantKey).update(`mac:${body}`).digest(), MAC_LENGTH);
}

function letters(bytes: Uint8Array, length: number): string {
  return Array.from(bytes.subarray(0, length), (byte) => ALPHABET.charAt(byte & 31)).join("");
}
