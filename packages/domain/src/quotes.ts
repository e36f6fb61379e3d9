// A quote: what this basket would earn, what may be redeemed, which vouchers apply, and what is left to pay; writes nothing.
import type { MemberFacts } from "@regulars/contracts/events-orders";
import type { Quote, TierProgress } from "@regulars/contracts/orders";
import type { BasketCommand, LedgerExplanation } from "@regulars/contracts/rpc";
import { totalsOf } from "./basket.ts";
import { roomsOf } from "./caps.ts";
import { Draft } from "./draft.ts";
import { earnedBy, type EarnedByRule } from "./earning.ts";
import { explain } from "./explain.ts";
import { NOTHING_PREPARED, type Prepared } from "./moment.ts";
import { earningBasket } from "./order-earn.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { redeemableOf, valueWishes, type Redeemed } from "./tender.ts";
import { progressOf } from "./tiers.ts";
import { settledAt } from "./view.ts";
import { chooseVouchers, type VoucherChoice } from "./vouchers.ts";
import { isWalletWish } from "./wallets.ts";

export interface QuoteFigures {
  readonly earn: readonly EarnedByRule[];
  readonly redeemable: readonly { readonly currency: string; readonly maxPoints: number; readonly value: number }[];
  readonly redeem: readonly Redeemed[];
  readonly gross: number;
  readonly net: number;
  readonly payable: number;
  readonly vouchers: Quote["vouchers"];
  readonly tier: TierProgress | null;
  readonly explanation: LedgerExplanation | null;
}

interface QuoteMoment {
  readonly now: number;
  readonly timeZone: string;
  readonly facts: MemberFacts;
  readonly prepared?: Prepared;
}

/** The figures of a quote. Refuses what the order itself would refuse: insufficient_points and what `valueWishes` does. */
export function decideQuote(
  asleep: MemberState,
  program: CompiledProgram,
  basket: BasketCommand,
  moment: QuoteMoment,
): { ok: true; quote: QuoteFigures } | Refused {
  const { now, timeZone } = moment;
  // Decided on the state of now, as the order itself will be.
  const state = settledAt(asleep, now, { program, timeZone, birthday: null });
  const draft = new Draft(state, now);
  const chosen = vouchersOn(draft, program, basket, moment);
  if (!chosen.ok) return chosen;
  const { gross, net } = totalsOf(basket.lines);
  const toPay = net - chosen.value;
  const valued = valueWishes(program, basket.redeem ?? [], toPay);
  if (!valued.ok) return valued;
  const availableOf = (wish: { readonly currency: string; readonly wallet?: "household" }) =>
    isWalletWish(program, wish)
      ? walletPoints(moment.prepared, wish.currency)
      : Math.max(0, state.currencies.get(wish.currency)?.available ?? 0);
  for (const [place, wish] of valued.redeemed.entries()) {
    const available = availableOf(wish);
    if (wish.points > available) {
      return refuse("insufficient_points", `redeem[${place}].points`, { available, requested: wish.points });
    }
  }
  const redeemable = [...program.tenders.values()].map((tender) => ({
    currency: tender.currency,
    ...redeemableOf(tender, toPay, availableOf(tender)),
  }));
  const earning = earningBasket({ ...basket, lines: chosen.lines }, valued.value, moment);
  const grants = moment.prepared?.grants ?? {};
  // Where budgets were not asked, a quote shows what would be given.
  const known = Object.keys(grants).length > 0 ? grants : null;
  const rooms = roomsOf(program, (name) => draft.effects.counter(name), known, earning);
  const roomy = { ...earning, rooms };
  const earn = earnedBy(program, roomy);
  const quote: QuoteFigures = {
    earn,
    redeemable,
    redeem: valued.redeemed,
    gross,
    net,
    payable: toPay - valued.value,
    vouchers: publicChoice(chosen),
    tier: progressOf(draft, program, { now, timeZone, adding: toPay, earning: earn }),
    explanation: basket.explain === true ? explain(program, roomy) : null,
  };
  return { ok: true, quote };
}

function vouchersOn(draft: Draft, program: CompiledProgram, basket: BasketCommand, moment: QuoteMoment) {
  const { now, timeZone, facts, prepared = NOTHING_PREPARED } = moment;
  const { storeId, regionId, ownerId, currency, channel, placedAt, lines, codes = [] } = basket;
  const place = { storeId, regionId, ownerId, currency, channel, codes, reserved: [] };
  const at = { program, prepared, ...place, placedAt, lines, facts, timeZone, now };
  const wanted = basket.vouchers ?? [];
  const best = basket.bestVouchers ?? false;
  return chooseVouchers({ ...at, held: draft.effects.openVouchers(), wanted, best, orderId: null });
}

const walletPoints = (prepared: Prepared | undefined, currency: string) =>
  prepared?.wallets.find((hold) => hold.currency === currency)?.points ?? 0;

function publicChoice({ used, rejected, value }: VoucherChoice): Quote["vouchers"] {
  return {
    applied: used.map(({ voucherId, rewardId, value: off }) => ({ id: voucherId, rewardId, value: off })),
    rejected: [...rejected],
    value,
  };
}
