// Orders at checkout: authorized holds, paid captures and earns in one step, cancelled gives everything back.
import type { HoldRecord, OrderRecord, StoredEarn, StoredSpend } from "@regulars/contracts/events";
import type { BasketCommand, OrderCommand } from "@regulars/contracts/rpc";
import { totalsOf } from "./basket.ts";
import { Draft, type LotPart } from "./draft.ts";
import { earnedBy, type EarningBasket } from "./earning.ts";
import { expireReturned } from "./expiry.ts";
import { captureHold, shortage } from "./holds.ts";
import type { OrderMoment } from "./moment.ts";
import { lifetimeOf, type CompiledProgram } from "./program.ts";
import { giveBack } from "./refunds.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { valueWishes, type Redeemed, type RedeemWish } from "./tender.ts";

/**
 * Moves an order to the wanted state. Refuses: order_state_conflict, insufficient_points, and what `valueWishes` refuses.
 * `known` is the order as it stands, `program` the version that decides it: the order's own once it has one.
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
  const draft = new Draft(state, moment.now);
  if (wanted.state === "authorized") return authorize(draft, program, wanted, moment);
  if (wanted.state === "paid") return pay(draft, state, program, known, wanted, moment);
  return cancel(draft, state, program, known ?? blank(program, wanted, moment), moment);
}

/** What the order earns when it is paid now; used by a quote too. */
export function earningBasket(basket: BasketCommand, paidByPoints: number, moment: EarnMoment): EarningBasket {
  const { lines, storeId, regionId, ownerId, channel, currency, placedAt } = basket;
  const { facts: member, timeZone } = moment;
  return { lines, storeId, regionId, ownerId, channel, currency, placedAt, paidByPoints, member, timeZone };
}

type EarnMoment = Pick<OrderMoment, "facts" | "timeZone">;

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
  const order = blank(program, wanted, moment);
  const valued = valueWishes(program, wanted.redeem ?? [], order.net);
  if (!valued.ok) return valued;
  const lapsesAt = moment.now + program.document.holdTimeoutSeconds * 1000;
  const holds: HoldRecord[] = [];
  for (const [place, { currency, points }] of valued.redeemed.entries()) {
    const parts = draft.allocate(currency, points);
    const short = shortage(parts, points, `redeem[${place}].points`);
    if (short !== null) return short;
    draft.move("hold", parts, "available", "held");
    holds.push(draft.newHold({ currency, points, lapsesAt, orderId: wanted.orderId }, parts, place));
  }
  const paying = { redeemed: valued.redeemed, payable: order.net - valued.value, holds: holds.map(({ id }) => id) };
  return orderEvent("order.authorized", draft, program, { ...order, ...paying }, holds, []);
}

function pay(
  draft: Draft,
  state: MemberState,
  program: CompiledProgram,
  known: OrderRecord | null,
  wanted: OrderCommand,
  moment: OrderMoment,
): Decision {
  const order = blank(program, wanted, known === null ? moment : { ...moment, facts: known.facts });
  const valued = valueWishes(program, wanted.redeem ?? known?.redeemed.map(wishOf) ?? [], order.net);
  if (!valued.ok) return valued;
  const held = openHolds(state, known);
  const spent = spend(draft, valued.redeemed, held);
  if (!spent.ok) return spent;
  const earned = earn(draft, program, earningBasket(wanted, valued.value, { ...moment, facts: order.facts }));
  const paid: OrderRecord = {
    ...order,
    redeemed: valued.redeemed,
    payable: order.net - valued.value,
    spends: spent.parts.map(({ lot, points }): StoredSpend => ({ lot, points, restored: 0 })),
    earned,
  };
  return orderEvent("order.paid", draft, program, paid, [], spent.closed);
}

// Captures what was held, takes from the balance what is wanted beyond it, and releases what is held beyond the wish.
function spend(
  draft: Draft,
  redeemed: readonly Redeemed[],
  held: readonly HoldRecord[],
): { ok: true; parts: LotPart[]; closed: HoldRecord[] } | Refused {
  const parts: LotPart[] = [];
  const closed: HoldRecord[] = [];
  for (const hold of held) {
    const wish = redeemed.find(({ currency }) => currency === hold.currency)?.points ?? 0;
    const capturedPoints = Math.min(wish, hold.points);
    parts.push(...captureHold(draft, hold, capturedPoints));
    closed.push({ ...hold, capturedPoints, state: capturedPoints > 0 ? "captured" : "voided" });
  }
  for (const [place, { currency, points }] of redeemed.entries()) {
    const captured = closed.find((hold) => hold.currency === currency)?.capturedPoints ?? 0;
    const rest = draft.allocate(currency, points - captured);
    const short = shortage(rest, points - captured, `redeem[${place}].points`);
    if (short !== null && !short.ok) return short;
    draft.move("redeem", rest, "available", "redeemed");
    parts.push(...rest);
  }
  return { ok: true, parts, closed };
}

function earn(draft: Draft, program: CompiledProgram, basket: EarningBasket): StoredEarn[] {
  return earnedBy(program, basket).map(({ rule, currency, points, why }) => {
    const currencyRule = program.currencies.get(currency);
    if (currencyRule === undefined) throw new Error(`rule ${rule} earns ${currency}, which the program does not have`);
    const life = lifetimeOf(currencyRule, basket.placedAt, basket.timeZone);
    // A till's clock may run ahead: what does not wait is available at once all the same.
    const availableAt = currencyRule.pendingDays === 0 ? Math.min(life.availableAt, draft.now) : life.availableAt;
    const { expiresAt } = life;
    const lot = draft.newLot({ currency, points, storeId: basket.storeId, rule, availableAt, expiresAt });
    const parts = [{ lot, points }];
    draft.move("earn", parts, "issued", availableAt > draft.now ? "pending" : "available", rule);
    expireReturned(draft, parts);
    return { currency, points, rule, lot: lot.id, why, reversed: 0, reversedExpired: 0 };
  });
}

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
  const given = known.state === "paid" ? giveBack(draft, program, known, all, moment).order : known;
  return orderEvent("order.cancelled", draft, program, { ...given, state: "cancelled" }, [], closed);
}

function openHolds(state: MemberState, known: OrderRecord | null): HoldRecord[] {
  return (known?.holds ?? []).flatMap((id) => state.holds.get(id) ?? []);
}

function blank(program: CompiledProgram, wanted: OrderCommand, moment: EarnMoment): OrderRecord {
  const { orderId, state, storeId, regionId, ownerId, currency, channel, placedAt, lines } = wanted;
  const { gross, net } = totalsOf(lines);
  return {
    orderId,
    state,
    storeId,
    regionId,
    ownerId,
    currency,
    channel,
    placedAt,
    programVersion: program.version,
    lines,
    facts: moment.facts,
    gross,
    net,
    payable: net,
    redeemed: [],
    holds: [],
    spends: [],
    earned: [],
    returned: {},
    refunded: 0,
    undone: null,
  };
}

function orderEvent(
  kind: "order.authorized" | "order.paid" | "order.cancelled",
  draft: Draft,
  program: CompiledProgram,
  order: OrderRecord,
  placedHolds: readonly HoldRecord[],
  closedHolds: readonly HoldRecord[],
): Decision {
  const { transactions, lots } = draft;
  const balances = draft.balances(program.currencies.keys());
  return { ok: true, body: { kind, order, placedHolds, closedHolds, transactions, lots, balances } };
}

const wishOf = ({ currency, points }: Redeemed): RedeemWish => ({ currency, points });
