// Derives ids and secrets of keys from the master key, so that a repeated request gives the very same key again.
// Nobody can compute them without the master key, and PostgreSQL keeps only their hashes.
import { createHmac } from "node:crypto";

const BASE_62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const BASE_36 = "0123456789abcdefghijklmnopqrstuvwxyz";
/** 43 digits of base 62 hold 256 bits. */
const SECRET_LENGTH = 43;
/** 62 bits: no two keys of one installation meet. */
const KEY_ID_LENGTH = 12;
const TENANT_ID_LENGTH = 16;
/** Fewer characters than this could be guessed, and every key of every tenant with them. */
const MASTER_KEY_LENGTH_MIN = 32;

/** A key for what `cause` names: the same cause gives the same key. */
export function deriveKey(masterKey: string, tenantId: string, cause: string): { keyId: string; secret: string } {
  const keyId = digits(mac(masterKey, "key-id", tenantId, cause), BASE_36, KEY_ID_LENGTH);
  return { keyId, secret: digits(mac(masterKey, "key-secret", tenantId, keyId), BASE_62, SECRET_LENGTH) };
}

/** An id for a tenant that its maker did not name. */
export function deriveTenantId(masterKey: string, cause: string, jurisdiction: string | null = null): string {
  const id = digits(mac(masterKey, "tenant-id", cause), BASE_36, TENANT_ID_LENGTH);
  return jurisdiction === null ? `ten_${id}` : `ten_${jurisdiction}_${id}`;
}

export const fullKey = (keyId: string, secret: string) => `rk_live_${keyId}_${secret}`;

function mac(masterKey: string, ...parts: readonly string[]): bigint {
  if (masterKey.length < MASTER_KEY_LENGTH_MIN) throw new Error("MASTER_KEY is missing or too short to be secret");
  const bytes = createHmac("sha256", masterKey).update(JSON.stringify(parts)).digest("hex");
  return BigInt(`0x${bytes}`);
}

function digits(value: bigint, alphabet: string, length: number): string {
  const base = BigInt(alphabet.length);
  let text = "";
  for (let rest = value; text.length < length; rest /= base) text = alphabet.charAt(Number(rest % base)) + text;
  return text;
}
