// Where the objects of codes are, and the questions to them.
import { askAgain } from "./ask-again.ts";
import { within } from "./objects.ts";

/** Registers of one tenant: fixed for ever, since a code that was brought is found by its register. */
export const CODE_REGISTERS = 8;
/** Objects that count wrong codes, of one tenant. */
const GUESS_LIMITERS = 8;

export function codeRegisterOf(env: Env, tenantId: string, number: number) {
  const namespace = within(env.CODE_REGISTER, tenantId);
  return namespace.get(namespace.idFromName(`${tenantId}:${number % CODE_REGISTERS}`));
}

export function codeBookOf(env: Env, tenantId: string) {
  const namespace = within(env.CODE_BOOK, tenantId);
  return namespace.get(namespace.idFromName(tenantId));
}

/** The limiter that counts an origin's wrong codes. */
export function guessLimiterOf(env: Env, tenantId: string, origin: string) {
  let hash = 0;
  for (let place = 0; place < origin.length; place += 1) hash = (hash * 31 + origin.charCodeAt(place)) >>> 0;
  const namespace = within(env.GUESS_LIMITER, tenantId);
  return namespace.get(namespace.idFromName(`${tenantId}:${hash % GUESS_LIMITERS}`));
}

/** The claim of a bulk code: it names the code, and who claims it for which order. */
export interface UniqueClaim {
  readonly batch: number;
  readonly number: number;
  readonly claim: string;
}

export const uniqueClaim = (batch: number, number: number, intent: string) => `u.${batch}.${number}.${intent}`;
export const publicClaim = (campaign: string, intent: string) => `p.${campaign}/${intent}`;

/** The parts of a claim that `uniqueClaim` made; null for one of a public code. */
export function readClaim(claim: string): UniqueClaim | null {
  const [, batch, number] = /^u\.(\d+)\.(\d+)\./.exec(claim) ?? [];
  return batch === undefined || number === undefined ? null : { batch: Number(batch), number: Number(number), claim };
}

/** Tells a code's register what became of a claim. */
export function settleClaimOf(
  env: Env,
  owner: { readonly tenantId: string; readonly memberId: string },
  claim: UniqueClaim,
  state: "reserved" | "used" | "released",
): Promise<void> {
  const mine = { ...claim, owner: owner.memberId };
  return askAgain(() => codeRegisterOf(env, owner.tenantId, claim.number).settle(mine, state));
}
