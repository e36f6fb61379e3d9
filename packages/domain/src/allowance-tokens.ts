// Signs allowances with a tenant's Ed25519 key, so that a till can verify them without network, and publishes the public key.
import { createHash, createHmac } from "node:crypto";
import type { AllowanceHold } from "@regulars/contracts/acts-tills";
import type { AllowanceKeys } from "@regulars/contracts/tills";

interface SigningKey {
  readonly privateKey: Awaited<ReturnType<typeof crypto.subtle.importKey>>;
  readonly publicKey: AllowanceKeys["keys"][number];
}

/** Making a key takes about a millisecond; one is some 300 bytes. */
const KEYS_KEPT_MAX = 1000;
const keys = new Map<string, SigningKey>();

/** The token of an allowance: a compact JWS (RFC 7515, 8037). The same allowance has the same token for ever. */
export async function signAllowance(
  tenantKey: string,
  { tenantId, memberId, hold }: { tenantId: string; memberId: string; hold: AllowanceHold },
): Promise<string> {
  const { privateKey, publicKey } = await signingKeyOf(tenantKey);
  const { storeId, spendUntil, issuedAt } = hold.allowance;
  const header = { alg: "EdDSA", typ: "regulars-allowance+jwt", kid: publicKey.kid };
  const claims = {
    iss: `regulars:${tenantId}`,
    sub: memberId,
    aud: storeId,
    jti: hold.id,
    currency: hold.currency,
    points: hold.points,
    iat: Math.floor(issuedAt / 1000),
    exp: Math.floor(spendUntil / 1000),
  };
  const signed = `${encoded(header)}.${encoded(claims)}`;
  const signature = await crypto.subtle.sign("Ed25519", privateKey, new TextEncoder().encode(signed));
  return `${signed}.${Buffer.from(signature).toString("base64url")}`;
}

/** The public keys by which a tenant's allowances are verified. */
export async function allowanceKeysOf(tenantKey: string): Promise<AllowanceKeys> {
  return { keys: [(await signingKeyOf(tenantKey)).publicKey] };
}

async function signingKeyOf(tenantKey: string): Promise<SigningKey> {
  const known = keys.get(tenantKey);
  if (known !== undefined) return known;
  const seed = createHmac("sha256", tenantKey).update("allowance-signing-key:1").digest();
  // A private key as PKCS #8 is this header (RFC 8410) before the seed.
  const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), seed]);
  const privateKey = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  // Every format but "jwk" gives bytes; some libraries of types do not tell them apart.
  const { x } = (await crypto.subtle.exportKey("jwk", privateKey)) as { readonly x?: string };
  if (x === undefined) throw new Error("an Ed25519 key without a public half");
  const key: SigningKey = { privateKey, publicKey: publicKeyOf(x) };
  if (keys.size >= KEYS_KEPT_MAX) keys.clear();
  keys.set(tenantKey, key);
  return key;
}

// Named by its RFC 7638 thumbprint, so that the same key has the same name wherever it is seen.
function publicKeyOf(x: string): SigningKey["publicKey"] {
  const thumbprint = createHash("sha256").update(JSON.stringify({ crv: "Ed25519", kty: "OKP", x }));
  return { kty: "OKP", crv: "Ed25519", alg: "EdDSA", use: "sig", kid: thumbprint.digest("base64url"), x };
}

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
