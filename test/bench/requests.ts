// The requests of every operation, equal for every subject: the same paths, bodies and keys.

export const OPERATIONS = ["earn", "redeem", "hold", "quote", "balance"] as const;
/** `turnover` earns and gives the same back, so that history grows and open lots do not. */
export type Operation = (typeof OPERATIONS)[number] | "turnover" | "bestQuote";

export const CURRENCY = "points";
/** What every redemption and every hold takes; a multiple of the tender's step. */
export const REDEEM_POINTS = 10;
/** Every member begins with so many: more than any run can spend. */
export const POINTS_AT_START = 100_000_000;
export const HOLD_SECONDS = 3600;
/** The rules of the program below, by hand: net 182,500 by 1,000, and again by 2,000 above 100,000. */
export const EARN_POINTS = 182 + 91;
/** The same when ten points of a value of 100 each pay a part. */
export const REDEEM_EARN_POINTS = 181 + 90;

/** One base rule and one with a condition; points that pay. */
export const program = {
  currencies: [{ id: CURRENCY, expiry: { type: "rolling", days: 365 } }],
  earning: [
    { id: "base", currency: CURRENCY, base: "net", per: 1000, points: 1, rounding: "floor" },
    {
      id: "large-basket",
      currency: CURRENCY,
      base: "net",
      per: 2000,
      points: 1,
      rounding: "floor",
      when: 'order.net > 100000 && store.region == "north"',
    },
  ],
  tender: { currency: CURRENCY, valuePerPoint: 100, minPoints: 10, stepPoints: 10, maxShareOfOrder: 0.5 },
  refund: { debt: "allow" },
} as const;

const lines = [
  { lineId: "1", sku: "TEA-OOLONG-150G", category: "tea", quantity: 2, unitPrice: 45_000 },
  { lineId: "2", sku: "CUP-CELADON", category: "ware", quantity: 1, unitPrice: 88_000, discount: 8_000 },
  { lineId: "3", sku: "CAKE-PINEAPPLE-6", category: "food", quantity: 5, unitPrice: 2_500 },
];

const basketTail = `"storeId":"taipei","currency":"TWD","channel":"till","lines":${JSON.stringify(lines)}`;
const redeemTail = `"redeem":[{"currency":"${CURRENCY}","points":${REDEEM_POINTS}}]`;

/** The body of an order, of which only the member and the redemption differ. */
export function orderBody(memberId: string, placedAt: string, redeems: boolean): string {
  const paid = `"state":"paid","placedAt":"${placedAt}"`;
  return `{"member":{"id":"${memberId}"},${basketTail},${paid}${redeems ? `,${redeemTail}` : ""}}`;
}

export function quoteBody(memberId: string): string {
  return `{"member":{"id":"${memberId}"},${basketTail},${redeemTail}}`;
}

/** Asks for the best of the vouchers that the member holds. */
export function bestQuoteBody(memberId: string): string {
  return `{"member":{"id":"${memberId}"},${basketTail},${redeemTail},"bestVouchers":true}`;
}

/** Takes back what one order earned. */
export const takeBackBody = JSON.stringify({ currency: CURRENCY, points: -EARN_POINTS, reason: "turnover" });

export const holdBody = JSON.stringify({ currency: CURRENCY, points: REDEEM_POINTS, ttlSeconds: HOLD_SECONDS });
