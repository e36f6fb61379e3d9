// Allowances of tills without network: whether a token may be trusted, and a count that never spends more than it says.

/** What a token says: this member may spend up to `points` of `currency` in this store until `spendUntil`. */
export interface VerifiedAllowance {
  /** To be sent as `allowanceId` with every order that draws on it. */
  readonly id: string;
  readonly tenantId: string;
  readonly memberId: string;
  readonly storeId: string;
  readonly currency: string;
  readonly points: number;
  /** Unix ms. */
  readonly issuedAt: number;
  readonly spendUntil: number;
}

/** The answer of `GET /v1/allowance-keys`, kept by the till while it had network. */
export interface AllowanceKeySet {
  readonly keys: readonly { readonly kty: string; readonly crv: string; readonly kid: string; readonly x: string }[];
}

/** `over` and `other_store`: genuine, but not to be spent now or here. */
export type AllowanceFault = "malformed" | "unknown_key" | "forged" | "over" | "other_store";

export type AllowanceVerdict =
  | { readonly ok: true; readonly allowance: VerifiedAllowance }
  | { readonly ok: false; readonly fault: AllowanceFault };

/**
 * Whether a token may be spent at `now` (Unix ms, or a Date), without network. Give the till's own `storeId` and what was
 * issued for another store is refused too.
 */
export async function verifyAllowance(
  token: string,
  keySet: AllowanceKeySet,
  now: number | Date,
  { storeId }: { readonly storeId?: string } = {},
): Promise<AllowanceVerdict> {
  const [head = "", body = "", mark = "", ...more] = token.split(".");
  const header = jsonOf(head);
  const signature = bytesOf(mark);
  if (more.length > 0 || header === null || signature === null) return fault("malformed");
  if (header["alg"] !== "EdDSA" || header["typ"] !== "regulars-allowance+jwt") return fault("malformed");
  const key = keySet.keys.find(({ kid, kty, crv }) => kid === header["kid"] && kty === "OKP" && crv === "Ed25519");
  if (key === undefined) return fault("unknown_key");
  const jwk = { kty: "OKP", crv: "Ed25519", x: key.x };
  const imported = await crypto.subtle.importKey("jwk", jwk, "Ed25519", false, ["verify"]);
  const signed = new TextEncoder().encode(`${head}.${body}`);
  if (!(await crypto.subtle.verify("Ed25519", imported, signature, signed))) return fault("forged");
  const allowance = allowanceOf(jsonOf(body));
  if (allowance === null) return fault("malformed");
  if (storeId !== undefined && allowance.storeId !== storeId) return fault("other_store");
  return Number(now) > allowance.spendUntil ? fault("over") : { ok: true, allowance };
}

export type OfflineSpend =
  | { readonly ok: true; readonly left: number; readonly allowanceId: string }
  | {
      readonly ok: false;
      readonly reason: "exceeded" | "over" | "order_changed" | "not_points";
      readonly left: number;
    };

/**
 * Counts an allowance down at a till. Keep `spends` on the till's disk after every sale and give it back after a restart;
 * use one for each token, on one till.
 */
export class OfflineAllowance {
  readonly allowance: VerifiedAllowance;
  readonly #spends: Map<string, number>;

  constructor(allowance: VerifiedAllowance, spends: Readonly<Record<string, number>> = {}) {
    this.allowance = allowance;
    this.#spends = new Map(Object.entries(spends));
  }

  /** Points that may still be spent; never below zero. */
  get left(): number {
    let left = this.allowance.points;
    for (const points of this.#spends.values()) left -= points;
    return Math.max(0, left);
  }

  /** Points by order so far. */
  get spends(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#spends);
  }

  /** Takes points for an order placed now. The same order again takes nothing more. */
  spend({ orderId, points, now }: { orderId: string; points: number; now: number | Date }): OfflineSpend {
    const { left } = this;
    const known = this.#spends.get(orderId);
    if (known !== undefined && known !== points) return { ok: false, reason: "order_changed", left };
    if (known !== undefined) return { ok: true, left, allowanceId: this.allowance.id };
    if (!Number.isSafeInteger(points) || points < 1) return { ok: false, reason: "not_points", left };
    if (Number(now) > this.allowance.spendUntil) return { ok: false, reason: "over", left };
    if (points > left) return { ok: false, reason: "exceeded", left };
    this.#spends.set(orderId, points);
    return { ok: true, left: left - points, allowanceId: this.allowance.id };
  }
}

const ISSUER = "regulars:";

function allowanceOf(claims: Record<string, unknown> | null): VerifiedAllowance | null {
  if (claims === null) return null;
  const { iss, sub, aud, jti, currency, points, iat, exp } = claims;
  const texts = [iss, sub, aud, jti, currency];
  const counts = [points, iat, exp];
  const sane = texts.every((one) => typeof one === "string") && counts.every((one) => Number.isSafeInteger(one));
  if (!sane || !String(iss).startsWith(ISSUER) || Number(points) < 1) return null;
  return {
    id: String(jti),
    tenantId: String(iss).slice(ISSUER.length),
    memberId: String(sub),
    storeId: String(aud),
    currency: String(currency),
    points: Number(points),
    issuedAt: Number(iat) * 1000,
    spendUntil: Number(exp) * 1000,
  };
}

function jsonOf(part: string): Record<string, unknown> | null {
  const bytes = bytesOf(part);
  if (bytes === null) return null;
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function bytesOf(part: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]+$/.test(part)) return null;
  try {
    const base64 = part.replaceAll("-", "+").replaceAll("_", "/");
    const binary = atob(base64);
    // Other letters that decode to the same bytes are another text than the one that was signed.
    if (btoa(binary).replaceAll("=", "") !== base64) return null;
    return Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
  } catch {
    return null;
  }
}

const fault = (name: AllowanceFault) => ({ ok: false, fault: name }) as const;
