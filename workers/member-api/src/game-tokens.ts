// Tokens of game rounds: who plays which game since when, under the tenant's key; nothing is stored until a round ends.
import { createHmac, timingSafeEqual } from "node:crypto";

export interface Round {
  readonly memberId: string;
  readonly gameId: string;
  /** Unix ms. */
  readonly startedAt: number;
  /** Names the round. */
  readonly nonce: string;
}

const NONCE_LENGTH = 22;
const MAC_LENGTH = 32;

/** The token of a round. */
export function roundToken(tenantKey: string, round: Round): string {
  return `${round.nonce}.${round.startedAt.toString(36)}.${macOf(tenantKey, round)}`;
}

/** The round of a member's token, or null when this tenant never issued it to them for this game. */
export function readRoundToken(tenantKey: string, token: string, of: Pick<Round, "memberId" | "gameId">): Round | null {
  const [nonce = "", start = "", mac = "", ...more] = token.split(".");
  const startedAt = Number.parseInt(start, 36);
  if (more.length > 0 || nonce.length !== NONCE_LENGTH || !Number.isSafeInteger(startedAt)) return null;
  const round: Round = { ...of, startedAt, nonce };
  const [given, right] = [Buffer.from(mac), Buffer.from(macOf(tenantKey, round))];
  const isGenuine = given.length === right.length && timingSafeEqual(given, right);
  return isGenuine && roundToken(tenantKey, round) === token ? round : null;
}

/** The name of the round that an idempotency key starts: the same key starts the same round again. */
export function nonceOf(tenantKey: string, { memberId, gameId }: Pick<Round, "memberId" | "gameId">, key: string) {
  return keyed(tenantKey, "nonce", memberId, gameId, key).slice(0, NONCE_LENGTH);
}

function macOf(tenantKey: string, { memberId, gameId, startedAt, nonce }: Round): string {
  return keyed(tenantKey, "round", memberId, gameId, String(startedAt), nonce).slice(0, MAC_LENGTH);
}

// As JSON, so that no two lists of parts read alike.
function keyed(tenantKey: string, ...parts: readonly string[]): string {
  return createHmac("sha256", tenantKey)
    .update(JSON.stringify(["game", ...parts]))
    .digest("base64url");
}
