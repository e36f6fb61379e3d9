// The basket of a past order as it is asked again: the same lines, and as many points redeemed as the candidate allows.
import type { OrderRecord, StoredLine } from "@regulars/contracts/events-orders";
import type { OrderCommand, RedeemWish } from "@regulars/contracts/rpc";
import { totalsOf } from "./basket.ts";
import type { CompiledProgram } from "./program.ts";
import type { MemberState } from "./state.ts";
import { redeemableOf } from "./tender.ts";

/**
 * The order as a command to the order as it is `known`. What vouchers took off stays off, as a discount, unless they are
 * reserved for it (`keepsVouchers`); points of other accounts than the member's own are not spent again.
 */
export function commandOf(
  state: MemberState,
  program: CompiledProgram,
  real: OrderRecord,
  { known, keepsVouchers }: { readonly known: OrderRecord | null; readonly keepsVouchers: boolean },
): OrderCommand {
  const discounted = real.lines.map(withoutVouchers);
  const redeem = affordable(state, program, { real, known, net: totalsOf(discounted).net });
  const lines = keepsVouchers ? real.lines.map(({ vouchered: _vouchered, ...line }) => line) : discounted;
  return { ...placeOf(real), state: real.state, lines, redeem };
}

/** The order's cancellation. */
export function cancellationOf(known: OrderRecord): OrderCommand {
  return { ...placeOf(known), state: "cancelled", lines: known.lines, redeem: null };
}

function placeOf({ orderId, storeId, regionId, ownerId, currency, channel, placedAt }: OrderRecord) {
  return { orderId, storeId, regionId, ownerId, currency, channel, placedAt };
}

function withoutVouchers({ vouchered = 0, ...line }: StoredLine): StoredLine {
  return vouchered === 0 ? line : { ...line, discount: line.discount + vouchered };
}

interface Wishes {
  readonly real: OrderRecord;
  readonly known: OrderRecord | null;
  /** Minor units. */
  readonly net: number;
}

// The shopper wants what was redeemed in life, and gets of it what this balance and these tenders give.
function affordable(state: MemberState, program: CompiledProgram, { real, known, net }: Wishes): RedeemWish[] {
  const wishes: RedeemWish[] = [];
  let left = net;
  for (const { currency, points, wallet } of real.redeemed) {
    const tender = program.tenders.get(currency);
    const isOthers = wallet !== undefined || program.currencies.get(currency)?.network !== undefined;
    if (tender === undefined || isOthers) continue;
    // Debt takes nothing of what is held for this very order.
    const free = Math.max(0, state.currencies.get(currency)?.available ?? 0);
    const available = free + heldFor(state, known, currency);
    const allowed = redeemableOf(tender, net, available).maxPoints;
    const most = Math.min(points, allowed, Math.floor(left / tender.valuePerPoint));
    const stepped = most - (most % tender.stepPoints);
    if (stepped <= 0 || stepped < tender.minPoints) continue;
    left -= stepped * tender.valuePerPoint;
    wishes.push({ currency, points: stepped });
  }
  return wishes;
}

function heldFor(state: MemberState, known: OrderRecord | null, currency: string): number {
  const open = (known?.holds ?? []).flatMap((id) => state.holds.get(id) ?? []);
  return open.reduce((sum, hold) => (hold.currency === currency ? sum + hold.points : sum), 0);
}
