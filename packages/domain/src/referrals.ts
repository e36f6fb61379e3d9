// Referral: both sides are paid on the new member's first paid order that is large and soon enough, and give it back with its refund.
import type { SharingEvent } from "@regulars/contracts/events-more";
import type { StoredEarn, OrderRecord } from "@regulars/contracts/events-orders";
import { stayingLines, totalsOf } from "./basket.ts";
import { periodOf } from "./calendar.ts";
import { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";
import { givePrize, prizeOf, type PrizeLot } from "./prizes.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { takeBack } from "./take-back.ts";
import { voucheredOf } from "./vouchers.ts";

/** What a member keeps of how it was referred: once `asked`, the referrer decides. */
export interface ReferralFact {
  readonly referrerId: string;
  readonly state: "named" | "asked" | "paid" | "refused";
  readonly orderId?: string;
  readonly earned?: StoredEarn;
}

export const REFERRAL_FACT = "referral";

/** What the referrer is asked, and how the referee is paid when the answer is yes. */
export interface ReferralAsk {
  readonly referrerId: string;
  readonly orderId: string;
  readonly prize: PrizeLot;
  readonly ownPrize: PrizeLot;
  readonly perReferrer: { readonly period: Parameters<typeof periodOf>[1]; readonly times: number };
  readonly household: string | null;
}

const RULE = "referral";

type Reward = Extract<
  SharingEvent,
  { kind: "referral.rewarded" | "referral.refused" | "referral.reversed" }
>["referral"];

/** What this order means for the member's referral; requires the duty toward the referrer. */
export function settleReferral(draft: Draft, scene: OrderScene): OrderRecord["referral"] {
  const { order, program } = scene;
  const rule = program.document.sharing.referral;
  const fact = draft.effects.fact<ReferralFact>(REFERRAL_FACT);
  if (rule === undefined || fact === null) return order.referral;
  const staying = stayingLines(order.lines, order.returned);
  const isLarge = staying.length > 0 && totalsOf(staying).net - voucheredOf(staying) >= rule.minNet;
  if (order.referral === undefined) {
    const isSoon = order.facts.enrolledDays <= rule.withinDays;
    return fact.state === "named" && isLarge && isSoon ? askReferrer(draft, scene, fact) : undefined;
  }
  return order.referral.given && !isLarge ? reverse(draft, scene, fact) : order.referral;
}

/**
 * The referrer's side. Refuses transfer_not_allowed: `self` for the same person or household, `ring` when the referee has
 * referred the referrer, `velocity` when too many were paid in the period.
 */
export function decideReward(
  state: MemberState,
  ask: Pick<ReferralAsk, "orderId" | "prize" | "perReferrer" | "household"> & {
    readonly refereeId: string;
    readonly hashes: readonly string[];
  },
  own: { readonly memberId: string; readonly hashes: readonly string[]; readonly household: string | null },
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): Decision {
  const { refereeId, orderId, prize, perReferrer } = ask;
  const isSelf = refereeId === own.memberId || ask.hashes.some((hash) => own.hashes.includes(hash));
  const sharesHome = own.household !== null && own.household === ask.household;
  if (isSelf || sharesHome) return refuse("transfer_not_allowed", undefined, { reason: "self" });
  const draft = new Draft(state, now);
  const ownFact = draft.effects.fact<ReferralFact>(REFERRAL_FACT);
  if (ownFact?.referrerId === refereeId) return refuse("transfer_not_allowed", undefined, { reason: "ring" });
  const { key, endsAt } = periodOf(now, perReferrer.period, timeZone);
  const name = `referral/paid/${key}`;
  if (draft.effects.counter(name) >= perReferrer.times) {
    return refuse("transfer_not_allowed", undefined, { reason: "velocity" });
  }
  const counted = { name, by: 1, until: endsAt === null ? null : endsAt + COUNTER_KEPT_MS };
  draft.effects.count([counted]);
  const earned = givePrize(draft, prize);
  const { currency, points } = prize;
  const referral: Reward = { id: orderId, referrerId: own.memberId, refereeId, currency, points, earned, counted };
  return { ok: true, body: { kind: "referral.rewarded", referral, ...draft.body([]) } };
}

/** The referrer gives back what a referral had paid, and may be paid for another in its place. */
export function decideRewardReversed(
  state: MemberState,
  program: CompiledProgram,
  referral: Reward & { readonly earned: StoredEarn },
  moment: { readonly now: number; readonly expiredOf: (lotId: string) => number },
): Decision {
  const draft = new Draft(state, moment.now);
  const { earned, counted } = referral;
  const { expired } = takeBack(draft, program, earned, earned.points - earned.reversed, moment);
  if (counted !== undefined) draft.effects.count([{ ...counted, by: -counted.by }]);
  const after = { ...earned, reversed: earned.points, reversedExpired: earned.reversedExpired + expired };
  return { ok: true, body: { kind: "referral.reversed", referral: { ...referral, earned: after }, ...draft.body([]) } };
}

/** The referee's end: paid when the referrer was, unless the order has come back meanwhile; null when nothing is left to do. */
export function decideReferralSettled(
  state: MemberState,
  { memberId, orderId, given, prize }: { memberId: string; orderId: string; given: boolean; prize: PrizeLot },
  now: number,
): Decision | null {
  const draft = new Draft(state, now);
  const fact = draft.effects.fact<ReferralFact>(REFERRAL_FACT);
  if (fact === null || fact.state !== "asked" || fact.orderId !== orderId) return null;
  const { referrerId } = fact;
  const earned = given ? givePrize(draft, prize) : null;
  const ended = earned === null ? { state: "refused" as const } : { state: "paid" as const, earned };
  draft.effects.setFact(REFERRAL_FACT, { referrerId, orderId, ...ended } satisfies ReferralFact);
  const { currency } = prize;
  const points = earned?.points ?? 0;
  const referral: Reward = { id: orderId, referrerId, refereeId: memberId, currency, points, earned };
  return { ok: true, body: { kind: given ? "referral.rewarded" : "referral.refused", referral, ...draft.body([]) } };
}

/** A paid referral is taken back long after its period; its counter must still be there. */
const COUNTER_KEPT_MS = 400 * 86_400_000;

function askReferrer(draft: Draft, scene: OrderScene, { referrerId }: ReferralFact): OrderRecord["referral"] {
  const rule = scene.program.document.sharing.referral;
  const prize = rule && prizeOf(scene, rule.referrer, RULE);
  const ownPrize = rule && prizeOf(scene, rule.referee, RULE);
  if (rule === undefined || !prize || !ownPrize) return undefined;
  const { orderId } = scene.order;
  const household = draft.effects.fact<{ id: string }>("household")?.id ?? null;
  const asked: ReferralAsk = { referrerId, orderId, prize, ownPrize, perReferrer: rule.perReferrer, household };
  const lane = `referral/${referrerId}`;
  draft.effects.require({ id: `referral.reward/${orderId}`, kind: "referral.reward", ask: asked, lane });
  draft.effects.setFact(REFERRAL_FACT, { referrerId, state: "asked", orderId } satisfies ReferralFact);
  return { referrerId, given: true };
}

// As before the order: another one may pay for the referral.
function reverse(draft: Draft, scene: OrderScene, fact: ReferralFact): OrderRecord["referral"] {
  const { orderId } = scene.order;
  const { referrerId, earned } = fact;
  if (fact.orderId === orderId) {
    if (earned !== undefined) takeBack(draft, scene.program, earned, earned.points - earned.reversed, scene);
    draft.effects.setFact(REFERRAL_FACT, { referrerId, state: "named" } satisfies ReferralFact);
  }
  const lane = `referral/${referrerId}`;
  const reversed = { referrerId, orderId };
  draft.effects.require({ id: `referral.reverse/${orderId}`, kind: "referral.reverse", ask: reversed, lane });
  return { referrerId, given: false };
}
