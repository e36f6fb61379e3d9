// The basket of a past order as it is asked again: the same lines, and as many points redeemed as the candidate allows.
import type { OrderRecord, StoredLine } from "@regulars/contracts/events-orders";
import type { OrderCommand, RedeemWish } from "@regulars/contracts/rpc";
import { totalsOf } from "./basket.ts";
import type { CompiledProgram } from "./program.ts";
import type { MemberState } from "./state.ts";
import { redeemableOf } from "./tender.ts";

/**
 * The paid order as a command. What vouchers took off stays off, as a discount; points of other accounts than the member's
 * own are not spent again. An order that was authorized before keeps what it was authorized with.
 */
export function commandOf(
  state: MemberState,
  program: CompiledProgram,
  real: OrderRecord,
  known: OrderRecord | null,
): OrderCommand {
  const lines = real.lines.map(withoutVouchers);
  const redeem = known === null ? affordable(state, program, real, totalsOf(lines).net) : null;
  return { ...placeOf(real), state: "paid", lines: known === null ? lines : real.lines, redeem };
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

// The shopper wants what was redeemed in life, and gets of it what this balance and these tenders give.
function affordable(state: MemberState, program: CompiledProgram, real: OrderRecord, net: number): RedeemWish[] {
  const wishes: RedeemWish[] = [];
  let left = net;
  for (const { currency, points, wallet } of real.redeemed) {
    const tender = program.tenders.get(currency);
    const isOthers = wallet !== undefined || program.currencies.get(currency)?.network !== undefined;
    if (tender === undefined || isOthers) continue;
    const available = state.currencies.get(currency)?.available ?? 0;
    const most = Math.min(
      points,
      redeemableOf(tender, net, available).maxPoints,
      Math.floor(left / tender.valuePerPoint),
    );
    const stepped = most - (most % tender.stepPoints);
    if (stepped <= 0 || stepped < tender.minPoints) continue;
    left -= stepped * tender.valuePerPoint;
    wishes.push({ currency, points: stepped });
  }
  return wishes;
}
