// Partners: whose code an order was given, and the points that stand for one who is a member.
import type { StoredEarn } from "@regulars/contracts/events-orders";
import type { Partner } from "@regulars/contracts/program-sharing";
import { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";
import { givePrize, prizeOf, type PrizeLot } from "./prizes.ts";
import type { CompiledProgram } from "./program.ts";
import type { Decision } from "./refuse.ts";
import type { MemberState } from "./state.ts";
import { takeBack } from "./take-back.ts";

/** What a partner who is a member is told of an order: the points that stand for it in all. */
export interface PartnerAsk {
  readonly memberId: string;
  readonly orderId: string;
  readonly points: number;
  readonly prize: PrizeLot;
}

/** The partner whose code an order was given, in whatever letters; null when the program has none. */
export function partnerOf(program: CompiledProgram, code: string | undefined): Partner | null {
  if (code === undefined) return null;
  const wanted = code.toLowerCase();
  return program.document.sharing.partners.find((one) => one.code.toLowerCase() === wanted) ?? null;
}

/** Points that stand for the order's partner; requires the duty that tells the partner when they have changed. */
export function settlePartner(draft: Draft, scene: OrderScene): number | undefined {
  const { program, order } = scene;
  const member = partnerOf(program, order.partner)?.member;
  if (member === undefined) return order.partnerPoints;
  const paid = Math.max(0, order.payable - order.refunded);
  const points = Math.floor(paid / member.per) * member.points;
  const prize = prizeOf(scene, { currency: member.currency, points }, "partner");
  if (points === (order.partnerPoints ?? 0) || prize === null) return order.partnerPoints;
  const { orderId } = order;
  const ask: PartnerAsk = { memberId: member.memberId, orderId, points, prize };
  const lane = `partner/${member.memberId}`;
  draft.effects.require({ id: `partner.settle/${orderId}/${points}`, kind: "partner.settle", ask, lane });
  return points;
}

/** The partner's side: gives at first, and takes back what no longer stands. */
export function decidePartnerSettled(
  state: MemberState,
  program: CompiledProgram,
  { buyerId, orderId, points, prize }: Omit<PartnerAsk, "memberId"> & { readonly buyerId: string },
  known: StoredEarn | null,
  { now, expiredOf }: { readonly now: number; readonly expiredOf: (lotId: string) => number },
): Decision {
  const draft = new Draft(state, now);
  let earned = known;
  if (earned === null) earned = givePrize(draft, prize);
  else {
    const target = Math.max(earned.reversed, earned.points - points);
    const { expired } = takeBack(draft, program, earned, target - earned.reversed, { expiredOf });
    earned = { ...earned, reversed: target, reversedExpired: earned.reversedExpired + expired };
  }
  return { ok: true, body: { kind: "partner.settled", partner: { orderId, buyerId, earned }, ...draft.body([]) } };
}
