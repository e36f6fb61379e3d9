// A quote: what this basket would earn, what may be redeemed, and what is left to pay; writes nothing.
import type { MemberFacts } from "@regulars/contracts/events";
import type { BasketCommand } from "@regulars/contracts/rpc";
import { totalsOf } from "./basket.ts";
import { earnedBy, type EarnedByRule } from "./earning.ts";
import { earningBasket } from "./orders.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { redeemableOf, valueWishes, type Redeemed } from "./tender.ts";
import { availableAt } from "./view.ts";

export interface QuoteFigures {
  readonly earn: readonly EarnedByRule[];
  readonly redeemable: readonly { readonly currency: string; readonly maxPoints: number; readonly value: number }[];
  readonly redeem: readonly Redeemed[];
  readonly gross: number;
  readonly net: number;
  readonly payable: number;
}

/** The figures of a quote. Refuses what the order itself would refuse: insufficient_points and what `valueWishes` does. */
export function decideQuote(
  state: MemberState,
  program: CompiledProgram,
  basket: BasketCommand,
  moment: { readonly now: number; readonly timeZone: string; readonly facts: MemberFacts },
): { ok: true; quote: QuoteFigures } | Refused {
  const { gross, net } = totalsOf(basket.lines);
  const valued = valueWishes(program, basket.redeem ?? [], net);
  if (!valued.ok) return valued;
  for (const [place, { currency, points }] of valued.redeemed.entries()) {
    const available = Math.max(0, availableAt(state, currency, moment.now));
    if (points > available) {
      return refuse("insufficient_points", `redeem[${place}].points`, { available, requested: points });
    }
  }
  const redeemable = [...program.tenders.values()].map((tender) => ({
    currency: tender.currency,
    ...redeemableOf(tender, net, availableAt(state, tender.currency, moment.now)),
  }));
  const earn = earnedBy(program, earningBasket(basket, valued.value, moment));
  const payable = net - valued.value;
  return { ok: true, quote: { earn, redeemable, redeem: valued.redeemed, gross, net, payable } };
}
