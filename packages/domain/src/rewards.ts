// The catalogue: who may buy which reward now, what a purchase and its return do, and vouchers given and voided by hand.
import type { OfferedReward, RewardUnavailable } from "@regulars/contracts/acts-rewards";
import type { CounterChange, VoucherPayment, VoucherRecord } from "@regulars/contracts/events-effects";
import { VOUCHERS_HELD_MAX } from "@regulars/contracts/limits";
import type { Reward } from "@regulars/contracts/program-rewards";
import { periodOf } from "./calendar.ts";
import { duesChange, duesOfPurchase } from "./clearing.ts";
import { Draft } from "./draft.ts";
import { expireReturned } from "./expiry.ts";
import { SETTLE_PREPARED, type SettleAsk } from "./needs.ts";
import type { Prepared } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { tierOf } from "./tiers-keep.ts";
import { hasRoom, issueVoucher } from "./vouchers-issue.ts";

const DAY_MS = 86_400_000;
/** How long after its period a count is kept: a purchase is returned within a year. */
const COUNTED_DAYS = 400;

export interface RewardMoment {
  readonly now: number;
  readonly timeZone: string;
  readonly prepared: Pick<Prepared, "grants" | "pending">;
}

/** The piece that a reward with stock needs of the stock's shared object, or null. */
export function stockNeed(program: CompiledProgram, rewardId: string) {
  const total = rewardOf(program, rewardId)?.stock;
  return total === undefined ? null : { name: stockName(rewardId), total, wanted: 1 };
}

/** Every reward of the catalogue, and why this member cannot buy it now. */
export function offersOf(
  state: MemberState,
  program: CompiledProgram,
  when: { readonly now: number; readonly timeZone: string },
): readonly OfferedReward[] {
  const draft = new Draft(state, when.now);
  return program.document.rewards.map((reward) => ({
    reward,
    unavailable: unavailable(draft, program, reward, when),
  }));
}

/**
 * Buys a voucher with points. Refuses: reward_not_found, reward_not_available, reward_limit_reached, vouchers_held_limit,
 * insufficient_points, reward_out_of_stock.
 */
export function decidePurchase(
  state: MemberState,
  program: CompiledProgram,
  { rewardId, ownerId, money }: { readonly rewardId: string; readonly ownerId: string | null; readonly money: string },
  moment: RewardMoment,
): Decision {
  const reward = rewardOf(program, rewardId);
  if (reward === undefined) return refuse("reward_not_found", "rewardId");
  const draft = new Draft(state, moment.now);
  const reason = unavailable(draft, program, reward, moment);
  if (reason !== null || reward.cost === null) return refusePurchase(draft, reward, reason ?? "not_for_sale");
  const stock = pieceOf(program, reward, moment);
  if (stock === "none") return refuse("reward_out_of_stock", "rewardId");
  const { currency, points } = reward.cost;
  const spends = draft.allocate(currency, points);
  draft.move("redeem", spends, "available", "redeemed", reward.id);
  const dues = duesOfPurchase(program, spends, money);
  draft.effects.owe(duesChange([], dues));
  const counted = counterOf(reward, moment);
  if (counted !== null) draft.effects.count([{ ...counted, by: 1 }]);
  const paid: VoucherPayment = { currency, points, spends, counter: counted, stock, money, dues };
  const origin = { kind: "reward", ref: reward.id };
  const issued = issueVoucher(draft, program, reward.id, origin, { ...moment, ownerId });
  const voucher: VoucherRecord = { ...issued, paid };
  draft.effects.putVoucher(voucher);
  return { ok: true, body: { kind: "reward.bought", voucher, cost: reward.cost, ...bodyOf(draft, program) } };
}

/**
 * Gives an unused voucher back for the very points that bought it, in their own lots with their own end. Refuses:
 * voucher_not_found, voucher_already_used, voucher_not_returnable.
 */
export function decideReturn(state: MemberState, program: CompiledProgram, voucherId: string, now: number): Decision {
  const draft = new Draft(state, now);
  const found = openVoucher(draft, voucherId);
  if (!found.ok) return found;
  const { paid, origin } = found.voucher;
  // One that came from another member was paid from lots of theirs.
  if (paid === undefined || origin.kind !== "reward") return refuse("voucher_not_returnable", "voucherId");
  for (const { lot } of paid.spends) draft.reopen(lot);
  draft.move("restore", paid.spends, "redeemed", "available", found.voucher.rewardId);
  expireReturned(draft, paid.spends);
  draft.effects.owe(duesChange(paid.dues, []));
  if (paid.counter !== null && draft.effects.counter(paid.counter.name) > 0) {
    draft.effects.count([{ ...paid.counter, by: -1 }]);
  }
  if (paid.stock !== null) draft.effects.require(stockBack(found.voucher, paid.stock));
  const voucher: VoucherRecord = { ...found.voucher, state: "voided" };
  draft.effects.putVoucher(voucher);
  const cost = { currency: paid.currency, points: paid.points };
  return { ok: true, body: { kind: "reward.returned", voucher, cost, ...bodyOf(draft, program) } };
}

/** Gives a voucher by hand, whatever it costs. Refuses: reward_not_found, vouchers_held_limit, reward_out_of_stock. */
export function decideIssue(
  state: MemberState,
  program: CompiledProgram,
  {
    rewardId,
    reason,
    ownerId,
  }: { readonly rewardId: string; readonly reason: string; readonly ownerId: string | null },
  moment: RewardMoment,
): Decision {
  const reward = rewardOf(program, rewardId);
  if (reward === undefined) return refuse("reward_not_found", "rewardId");
  const draft = new Draft(state, moment.now);
  if (!hasRoom(draft)) return refuse("vouchers_held_limit", undefined, { limit: VOUCHERS_HELD_MAX });
  if (pieceOf(program, reward, moment) === "none") return refuse("reward_out_of_stock", "rewardId");
  const origin = { kind: "hand", ref: reward.id };
  const voucher = issueVoucher(draft, program, reward.id, origin, { ...moment, ownerId });
  return { ok: true, body: { kind: "voucher.issued", voucher, reason, ...bodyOf(draft, program) } };
}

/** Takes a voucher away; what it cost is not given back. Refuses: voucher_not_found, voucher_already_used. */
export function decideVoid(
  state: MemberState,
  { voucherId, reason }: { readonly voucherId: string; readonly reason: string },
  now: number,
): Decision {
  const draft = new Draft(state, now);
  const found = openVoucher(draft, voucherId);
  if (!found.ok) return found;
  const voucher: VoucherRecord = { ...found.voucher, state: "voided" };
  draft.effects.putVoucher(voucher);
  return { ok: true, body: { kind: "voucher.changed", voucher, reason, ...draft.body([]) } };
}

function unavailable(
  draft: Draft,
  program: CompiledProgram,
  reward: Reward,
  when: { readonly now: number; readonly timeZone: string },
): RewardUnavailable | null {
  const { cost, from, until, tiers, perMember } = reward;
  if (cost === null) return "not_for_sale";
  if (from !== undefined && when.now < Date.parse(from)) return "not_yet";
  if (until !== undefined && when.now >= Date.parse(until)) return "over";
  const tier = tierOf(program, draft.effects.tier);
  if (tiers !== undefined && (tier === null || !tiers.includes(tier))) return "tier";
  const counted = counterOf(reward, when);
  if (counted !== null && draft.effects.counter(counted.name) >= (perMember?.times ?? Infinity)) return "limit";
  if (!hasRoom(draft)) return "vouchers_held";
  const spendable = draft.allocate(cost.currency, cost.points).reduce((sum, { points }) => sum + points, 0);
  return spendable < cost.points || draft.figures(cost.currency).debt > 0 ? "points" : null;
}

function refusePurchase(draft: Draft, { cost, perMember }: Reward, reason: RewardUnavailable): Refused {
  if (reason === "points" && cost !== null) {
    const available = draft.figures(cost.currency).available;
    return refuse("insufficient_points", undefined, { available, requested: cost.points, currency: cost.currency });
  }
  if (reason === "vouchers_held") return refuse("vouchers_held_limit", undefined, { limit: VOUCHERS_HELD_MAX });
  if (reason === "limit" && perMember !== undefined) return refuse("reward_limit_reached", "rewardId", perMember);
  return refuse("reward_not_available", "rewardId", { reason });
}

// The key of the granted piece; null for a reward without stock.
function pieceOf(program: CompiledProgram, { id }: Reward, { prepared }: RewardMoment): string | null | "none" {
  const need = stockNeed(program, id);
  if (need === null) return null;
  if ((prepared.grants[need.name] ?? 0) < need.wanted) return "none";
  const taken = prepared.pending?.find(({ takes }) => takes.some(({ name }) => name === need.name));
  return taken?.intent ?? "none";
}

function stockBack({ id, rewardId }: VoucherRecord, key: string) {
  const ask: SettleAsk = { takes: [{ name: stockName(rewardId), key, unused: 1 }], claims: [] };
  return { id: `stock/${id}/returned`, kind: SETTLE_PREPARED, ask };
}

function openVoucher(draft: Draft, voucherId: string): { ok: true; voucher: VoucherRecord } | Refused {
  const voucher = draft.effects.voucher(voucherId);
  if (voucher === undefined) return refuse("voucher_not_found", "voucherId");
  if (voucher.state !== "issued") return refuse("voucher_already_used", "voucherId", { state: voucher.state });
  return { ok: true, voucher };
}

function counterOf(
  { id, perMember }: Reward,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): Pick<CounterChange, "name" | "until"> | null {
  if (perMember === undefined) return null;
  const { key, endsAt } = periodOf(now, perMember.period, timeZone);
  return { name: `rewards/${id}/${key}`, until: endsAt === null ? null : endsAt + COUNTED_DAYS * DAY_MS };
}

const stockName = (rewardId: string) => `stock/${rewardId}`;

const rewardOf = (program: CompiledProgram, rewardId: string) =>
  program.document.rewards.find(({ id }) => id === rewardId);

const bodyOf = (draft: Draft, program: CompiledProgram) => draft.body(program.currencies.keys());
