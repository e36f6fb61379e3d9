// The code by which a member refers others: claimed like an identity, so that it is one member's alone.
import { claimHash, referralCodeFrom, shardName, tenantKeyOf } from "@regulars/domain/naming";
import { indexOf } from "./objects.ts";

/** Two members meet in a code of 8 letters once in a trillion; a few in a row would be a fault. */
const ATTEMPTS_MAX = 5;

/** The member's code, the same for ever. */
export async function referralCode(env: Env, tenantId: string, memberId: string): Promise<string> {
  const key = tenantKeyOf(env.MASTER_KEY, tenantId);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const code = referralCodeFrom(key, memberId, attempt);
    const hash = referralHash(key, code);
    const [claim] = await indexOf(env, tenantId, shardName(tenantId, hash)).claim([{ hash, memberId }]);
    if (claim?.memberId === memberId) return code;
  }
  throw new Error("no referral code is free");
}

/** The hash by which a code is found, in whatever letters it was typed. */
export const referralHash = (tenantKey: string, code: string) => claimHash(tenantKey, "referral", code.toUpperCase());
