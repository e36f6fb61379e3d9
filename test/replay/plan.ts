// Decides what happens, to whom and when: every basket with how it is paid, and the refunds that follow some of them.
import { chance, pick } from "./chance.ts";
import type { Basket, Return, Source } from "./source.ts";

export type Action =
  | { readonly kind: "basket"; readonly at: number; readonly person: string; readonly basket: Basket }
  | {
      readonly kind: "refund";
      readonly at: number;
      readonly person: string;
      readonly orderId: string;
      readonly refundId: string;
      /** Null: all that is left. */
      readonly lines: readonly { readonly lineId: string; readonly quantity: number }[] | null;
    }
  | { readonly kind: "return"; readonly at: number; readonly person: string; readonly goods: Return };

export interface PlanOptions {
  /** Share of baskets of which something is brought back. */
  readonly refundShare: number;
}

const DAY_MS = 86_400_000;
/** Shops take goods back for about three weeks. */
const REFUND_DAYS_MAX = 20;

/** Shares of baskets, by chance of the basket's id. */
export const SHARES = {
  /** Authorized first and paid a moment later, as a web shop does. */
  authorized: 0.15,
  /** Spend points when there are some to spend. */
  redeeming: 0.25,
  /** Sent twice, as a till does that lost the first answer. */
  repeated: 0.01,
} as const;

/** Everything that happens, in order of time. */
export function planActions(source: Source, { refundShare }: PlanOptions): Action[] {
  const actions: Action[] = [];
  for (const basket of source.baskets) {
    actions.push({ kind: "basket", at: basket.at, person: basket.person, basket });
    if (chance(basket.id, "refund") < refundShare) actions.push(...refundsOf(basket));
  }
  for (const goods of source.returns) actions.push({ kind: "return", at: goods.at, person: goods.person, goods });
  return actions.sort((one, other) => one.at - other.at);
}

// Half of them bring everything back, four in ten a part, and one in ten a part and the rest a day later.
function refundsOf(basket: Basket): Action[] {
  const days = 1 + Math.floor(chance(basket.id, "refund days") * REFUND_DAYS_MAX);
  const at = basket.at + days * DAY_MS;
  const common = { kind: "refund", person: basket.person, orderId: basket.id } as const;
  const all = { ...common, refundId: `${basket.id}-all`, lines: null };
  const how = chance(basket.id, "refund how");
  if (how < 0.5) return [{ ...all, at }];
  const lines = [partOf(basket)];
  const part = { ...common, at, refundId: `${basket.id}-part`, lines };
  const isEverything = basket.lines.length === 1 && lines[0]?.quantity === basket.lines[0]?.quantity;
  return how < 0.9 || isEverything ? [part] : [part, { ...all, at: at + DAY_MS }];
}

function partOf(basket: Basket) {
  const line = pick(basket.lines, basket.id, "refund line");
  return { lineId: line.lineId, quantity: 1 + Math.floor(chance(basket.id, "refund quantity") * line.quantity) };
}
