// Points as a means of payment: what a basket may take of each currency, and whether a wish to redeem is allowed.
import type { Tender } from "@regulars/contracts/program";
import type { Refusal } from "@regulars/contracts/refusals";
import type { CompiledProgram } from "./program.ts";

export interface RedeemWish {
  readonly currency: string;
  readonly points: number;
  /** Whose account pays, when it is not the member's own. */
  readonly wallet?: "household";
}

export interface Redeemed extends RedeemWish {
  /** Minor units of the order's currency. */
  readonly value: number;
}

// A share of an order is exact to a millionth, so that 0.3 of NT$10 is NT$3 and never NT$2.99.
const SHARE_UNIT = 1_000_000;

/** The most points of a tender that a basket of this net (minor units) and this balance may redeem, and their value. */
export function redeemableOf(tender: Tender, net: number, available: number): { maxPoints: number; value: number } {
  const share = BigInt(Math.round(tender.maxShareOfOrder * SHARE_UNIT));
  const valueMax = Number((BigInt(net) * share) / BigInt(SHARE_UNIT));
  const points = Math.min(Math.max(0, available), Math.floor(valueMax / tender.valuePerPoint));
  const stepped = points - (points % tender.stepPoints);
  const maxPoints = stepped < tender.minPoints ? 0 : stepped;
  return { maxPoints, value: maxPoints * tender.valuePerPoint };
}

/** The value of each wish, or why the first of them that is not allowed is refused. Balances are not looked at. */
export function valueWishes(
  program: CompiledProgram,
  wishes: readonly RedeemWish[],
  net: number,
): { ok: true; redeemed: readonly Redeemed[]; value: number } | { ok: false; refusal: Refusal } {
  const redeemed: Redeemed[] = [];
  let left = net;
  for (const [index, { currency, points, wallet }] of wishes.entries()) {
    const field = `redeem[${index}].points`;
    const tender = program.tenders.get(currency);
    if (tender === undefined) return refuse("redeem_not_allowed", `redeem[${index}].currency`, { currency });
    if (points < tender.minPoints) return refuse("redeem_below_minimum", field, { minPoints: tender.minPoints });
    if (points % tender.stepPoints !== 0) return refuse("redeem_step", field, { stepPoints: tender.stepPoints });
    const most = redeemableOf(tender, net, Number.MAX_SAFE_INTEGER).maxPoints;
    const value = points * tender.valuePerPoint;
    if (points > most || value > left) return refuse("redeem_exceeds_share", field, { maxPoints: most });
    left -= value;
    redeemed.push({ currency, points, value, ...(wallet && { wallet }) });
  }
  return { ok: true, redeemed, value: net - left };
}

function refuse(code: Refusal["code"], field: string, facts: Record<string, string | number>) {
  return { ok: false as const, refusal: { code, field, facts } };
}
