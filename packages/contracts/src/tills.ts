// Tills without network: an allowance to spend a member's points offline, signed so that a till can check it by itself.
import { z } from "zod";
import { ALLOWANCE_SECONDS_MAX } from "./limits.ts";
import { balance, holdState } from "./points.ts";
import { callerId, instant, memberId, points, slug } from "./values.ts";

/** "This member may spend up to `points` in this store, for so long." */
export const allowanceRequest = z.strictObject({
  currency: slug,
  points,
  storeId: slug,
  ttlSeconds: z.int().min(1).max(ALLOWANCE_SECONDS_MAX),
});

export const allowance = z.strictObject({
  id: callerId,
  memberId,
  storeId: slug,
  currency: slug,
  points: z.int(),
  /** What orders have drawn of it so far. */
  spentPoints: z.int(),
  state: holdState,
  /** Orders placed until then may draw on it. */
  spendUntil: instant,
  /** What is left returns to the member then, by itself. */
  settleUntil: instant,
});

export const allowanceAnswer = z.strictObject({ allowance, balances: z.array(balance), sequence: z.int() });

/** `token`: a compact JWS (EdDSA) that any till can verify with the keys of `/v1/allowance-keys`. */
export const issuedAllowance = z.strictObject({ ...allowanceAnswer.shape, token: z.string() });

/** Public keys as RFC 7517 and 8037 write them. */
export const allowanceKeys = z.strictObject({
  keys: z.array(
    z.strictObject({
      kty: z.literal("OKP"),
      crv: z.literal("Ed25519"),
      alg: z.literal("EdDSA"),
      use: z.literal("sig"),
      kid: z.string(),
      x: z.string(),
    }),
  ),
});

export type AllowanceRequest = z.output<typeof allowanceRequest>;
export type AllowanceAnswer = z.output<typeof allowanceAnswer>;
export type IssuedAllowance = z.output<typeof issuedAllowance>;
export type AllowanceKeys = z.output<typeof allowanceKeys>;
