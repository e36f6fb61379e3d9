// Orders at checkout: authorized holds, paid captures and earns in one step, cancelled gives everything back.
import type { HoldRecord, OrderRecord, StoredSpend, UsedVoucher } from "@regulars/contracts/events-orders";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { fillCards } from "./cards.ts";
import { drawAllowance } from "./allowances.ts";
import { roomsOf } from "./caps.ts";
import { duesChange, duesOf } from "./clearing.ts";
import { contribute } from "./contribution.ts";
import { Draft } from "./draft.ts";
import { earnedBy } from "./earning.ts";
import { captureHold } from "./holds.ts";
import type { OrderMoment } from "./moment.ts";
import { blankOrder, orderEvent, sceneOf } from "./order-blank.ts";
import { earnInto, earningBasket } from "./order-earn.ts";
import { holdWishes, ownWishes, spendWishes } from "./order-spend.ts";
import { settlePartner } from "./partners.ts";
import { completePlay } from "./play.ts";
import type { CompiledProgram } from "./program.ts";
import { settleReferral } from "./referrals.ts";
import { giveBack } from "./refunds.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { valueWishes, type Redeemed, type RedeemWish } from "./tender.ts";
import { raiseTier } from "./tiers.ts";
import { chooseVouchers, reservedOf, settleVouchers } from "./vouchers.ts";
import { settleWallets } from "./wallets.ts";

/**
 * Moves an order to the wanted state. Refuses: order_state_conflict, insufficient_points, and what `valueWishes` and
 * `chooseVouchers` refuse. `known` is the order as it stands, `program` the version that decides it: the order's own once it
 * has one.
 */
export function decideOrder(
  state: MemberState,
  program: CompiledProgram,
  known: OrderRecord | null,
  wanted: OrderCommand,
  moment: OrderMoment,
): Decision {
  if (known !== null && RANK[wanted.state] <= RANK[known.state]) {
    return refuse("order_state_conflict", "state", { state: known.state, wanted: wanted.state });
  }
  if (wanted.state === "authorized" && wanted.allowanceId !== undefined) {
    return refuse("allowance_needs_paid", "allowanceId");
  }
  const draft = new Draft(state, moment.now);
  if (wanted.state === "authorized") return authorize(draft, program, wanted, moment);
  if (wanted.state === "paid") return pay(draft, state, program, known, wanted, moment);
  return cancel(draft, state, program, known ?? blankOrder(program, wanted, moment), moment);
}

/** Undoes an order that turned out to belong to another member: like a cancellation, with its reason kept. */
export function decideUndo(
  state: MemberState,
  program: CompiledProgram,
  known: OrderRecord,
  moment: OrderMoment,
): Decision {
  const draft = new Draft(state, moment.now);
  const cancelled = cancel(draft, state, program, known, moment);
  if (!cancelled.ok || cancelled.body.kind !== "order.cancelled") return cancelled;
  const order = { ...cancelled.body.order, undone: "order_id_conflict" as const };
  return { ok: true, body: { ...cancelled.body, kind: "order.undone", order } };
}

const RANK = { authorized: 1, paid: 2, cancelled: 3 } as const;

function authorize(draft: Draft, program: CompiledProgram, wanted: OrderCommand, moment: OrderMoment): Decision {
  const priced = price(draft, program, null, wanted, moment);
  if (!priced.ok) return priced;
  const lapsesAt = moment.now + program.document.holdTimeoutSeconds * 1000;
  const split = ownWishes(sceneOf(program, priced.order, moment), priced.redeemed);
  if (!split.ok) return split;
  const held = holdWishes(draft, split.own, { orderId: wanted.orderId, lapsesAt });
  if (!held.ok) return held;
  const order: OrderRecord = {
    ...priced.order,
    holds: held.holds.map(({ id }) => id),
    ...(split.wallets.length > 0 && { wallets: split.wallets }),
  };
  const scene = sceneOf(program, order, moment);
  settleVouchers(draft, priced.used, "reserved", scene);
  settleWallets(draft, null, order, lapsesAt);
  return orderEvent("order.authorized", draft, scene, { placed: held.holds, closed: [] });
}

function pay(
  draft: Draft,
  state: MemberState,
  program: CompiledProgram,
  known: OrderRecord | null,
  wanted: OrderCommand,
  moment: OrderMoment,
): Decision {
  const deciding = known === null ? moment : { ...moment, facts: known.facts };
  const priced = price(draft, program, known, wanted, deciding);
  if (!priced.ok) return priced;
  const split = ownWishes(sceneOf(program, priced.order, deciding), priced.redeemed);
  if (!split.ok) return split;
  const drawn = drawAllowance(draft, state, wanted, split.own);
  if (!drawn.ok) return drawn;
  const spent = spendWishes(draft, drawn.rest, openHolds(state, known));
  if (!spent.ok) return spent;
  const parts = [...drawn.parts, ...spent.parts];
  const order: OrderRecord = {
    ...priced.order,
    spends: parts.map(({ lot, points }): StoredSpend => ({ lot, points, restored: 0 })),
    ...(split.wallets.length > 0 && { wallets: split.wallets }),
  };
  // A voucher that was reserved and is not on the paid order goes back before the others are used.
  const dropped = (known?.vouchers ?? []).filter(
    ({ voucherId }) => !priced.used.some((one) => one.voucherId === voucherId),
  );
  settleVouchers(draft, dropped, "issued", sceneOf(program, order, deciding));
  settleVouchers(draft, priced.used, "used", sceneOf(program, order, deciding));
  const followed = follow(draft, program, order, { paidByPoints: priced.value, moment: deciding });
  settleWallets(draft, known, followed);
  return orderEvent(
    "order.paid",
    draft,
    { program, order: followed },
    {
      placed: drawn.placed,
      closed: [...drawn.closed, ...spent.closed],
    },
  );
}

// What a paid order brings: points, full cards, play, a tier, a referral, and what owners owe each other for it.
function follow(
  draft: Draft,
  program: CompiledProgram,
  paid: OrderRecord,
  { paidByPoints, moment }: { paidByPoints: number; moment: OrderMoment },
): OrderRecord {
  const basket = earningBasket(paid, paidByPoints, { facts: paid.facts, timeZone: moment.timeZone });
  const grants = moment.prepared?.grants ?? {};
  const rooms = roomsOf(program, (name) => draft.effects.counter(name), grants, basket);
  let order: OrderRecord = Object.keys(rooms).length === 0 ? paid : { ...paid, rooms };
  const scene = () => sceneOf(program, order, moment);
  order = { ...order, earned: earnInto(draft, scene(), earnedBy(program, { ...basket, rooms })) };
  order = { ...order, ...contribute(draft, scene()) };
  const { played, grants: prizes } = completePlay(draft, scene());
  if (played.length > 0) order = { ...order, played };
  const granted = [...prizes, ...fillCards(draft, scene())];
  const raised = raiseTier(draft, scene());
  if (raised !== null) {
    granted.push(...raised.grants);
    order = { ...order, tierBefore: raised.before };
  }
  if (granted.length > 0) order = { ...order, grants: granted };
  const referral = settleReferral(draft, scene());
  if (referral !== undefined) order = { ...order, referral };
  const partnerPoints = settlePartner(draft, scene());
  if (partnerPoints !== undefined) order = { ...order, partnerPoints };
  const dues = duesOf(program, order);
  draft.effects.owe(duesChange([], dues));
  return dues.length === 0 ? order : { ...order, dues };
}

type Priced =
  | {
      readonly ok: true;
      readonly order: OrderRecord;
      readonly used: readonly UsedVoucher[];
      readonly redeemed: readonly Redeemed[];
      /** Minor units that points pay. */
      readonly value: number;
    }
  | Refused;

// Vouchers come off first; points pay up to a share of what is left.
function price(
  draft: Draft,
  program: CompiledProgram,
  known: OrderRecord | null,
  wanted: OrderCommand,
  moment: OrderMoment,
): Priced {
  const blank = blankOrder(program, wanted, moment);
  const { prepared } = sceneOf(program, blank, moment);
  const { storeId, regionId, ownerId, currency, channel, placedAt, orderId } = blank;
  const { facts, timeZone, now } = moment;
  const place = { storeId, regionId, ownerId, currency, channel };
  const at = { program, prepared, ...place, placedAt, orderId, facts, timeZone, now };
  const asked = wanted.vouchers ?? reservedOf(known);
  const chosen = chooseVouchers({
    ...at,
    held: draft.effects.openVouchers(),
    wanted: asked,
    codes: wanted.codes ?? (known === null ? [] : undefined),
    reserved: known?.vouchers ?? [],
    best: false,
    lines: blank.lines,
  });
  if (!chosen.ok) return chosen;
  const toPay = blank.net - chosen.value;
  const valued = valueWishes(program, wanted.redeem ?? known?.redeemed.map(wishOf) ?? [], toPay);
  if (!valued.ok) return valued;
  const payable = toPay - valued.value;
  const { redeemed, value } = valued;
  const order: OrderRecord = {
    ...blank,
    lines: chosen.lines,
    redeemed,
    payable,
    ...(chosen.used.length > 0 && { vouchers: statedAs(chosen.used, wanted.state === "paid" ? "used" : "reserved") }),
  };
  return { ok: true, order, used: chosen.used, redeemed, value };
}

const statedAs = (used: readonly UsedVoucher[], state: UsedVoucher["state"]) => used.map((one) => ({ ...one, state }));

function cancel(
  draft: Draft,
  state: MemberState,
  program: CompiledProgram,
  known: OrderRecord,
  moment: OrderMoment,
): Decision {
  const closed = openHolds(state, known).map((hold): HoldRecord => {
    captureHold(draft, hold, 0);
    return { ...hold, state: "voided" };
  });
  const all = Object.fromEntries(known.lines.map((line) => [line.lineId, line.quantity]));
  const given = known.state === "paid" ? giveBack(draft, program, known, all, moment) : null;
  const order: OrderRecord = { ...(given?.order ?? known), state: "cancelled" };
  const scene = sceneOf(program, order, moment);
  if (known.state === "authorized") {
    settleVouchers(draft, known.vouchers ?? [], "issued", scene);
    settleWallets(draft, known, order);
  }
  return orderEvent("order.cancelled", draft, scene, { placed: [], closed, emptied: given?.emptied ?? false });
}

function openHolds(state: MemberState, known: OrderRecord | null): HoldRecord[] {
  return (known?.holds ?? []).flatMap((id) => state.holds.get(id) ?? []);
}

const wishOf = ({ currency, points, wallet }: Redeemed): RedeemWish => ({
  currency,
  points,
  ...(wallet && { wallet }),
});
