// Prizes of challenges and streaks: what completing one gives, where it is remembered, and how it is taken back while unused.
import type { StoredEarn, StoredGrant } from "@regulars/contracts/events-orders";
import type { Prize } from "@regulars/contracts/program-play";
import type { Draft } from "./draft.ts";
import type { OrderMoment } from "./moment.ts";
import { openLotFor } from "./order-earn.ts";
import { lifetimeOf, type CompiledProgram } from "./program.ts";
import { takeAllBack } from "./take-back.ts";
import { issueVoucher } from "./vouchers-issue.ts";

/** Where and when something is completed. */
export interface PrizeScene extends Pick<OrderMoment, "expiredOf"> {
  readonly program: CompiledProgram;
  readonly timeZone: string;
  /** When the order was placed, or the event happened (Unix ms). */
  readonly at: number;
  readonly storeId: string | null;
  readonly ownerId: string | null;
}

/** One completion of a challenge in a period, or of a streak over a stretch of periods. */
export interface Completion {
  /** Name of the period; of a streak, the numbers of its first and last. */
  readonly period: string | readonly [first: number, last: number];
  /** What the count must not fall below; of a streak absent. */
  readonly times?: number;
  readonly badge: string | null;
  readonly grant: StoredGrant;
  /** Forgotten after (Unix ms); null: never. */
  readonly until: number | null;
}

/** Badges of a member: by id, what gave each, when first, and how often. */
export type Badges = Readonly<
  Record<string, Readonly<Record<string, { readonly at: number; readonly times: number }>>>
>;

export const BADGES = "badges";
// Each completion is a fact of its own: a daily challenge has hundreds, and an event carries only what it changes.
const completionFact = (ref: string, period: Completion["period"]) =>
  `play/${ref}/${typeof period === "string" ? period : period.join("-")}`;
// Forgotten with one event at most, so that it stays small.
const FORGOTTEN_MAX = 20;

/** Completions of a challenge or streak that are still remembered. */
export function completionsOf(draft: Draft, ref: string): readonly Completion[] {
  return draft.effects.factsUnder<Completion>(`play/${ref}/`);
}

/** The completion of a challenge in a period, or null. */
export function completionIn(draft: Draft, ref: string, period: string): Completion | null {
  return draft.effects.fact<Completion>(completionFact(ref, period));
}

/** Gives a prize and remembers for what. */
export function givePrize(
  draft: Draft,
  scene: PrizeScene,
  { kind, id, prize }: { kind: "challenge" | "streak"; id: string; prize: Prize },
  of: Pick<Completion, "period" | "times" | "until">,
): StoredGrant {
  const { program, timeZone, ownerId } = scene;
  const at = { now: draft.now, timeZone, ownerId };
  const voucher = prize.reward === undefined ? null : issueVoucher(draft, program, prize.reward, { kind, ref: id }, at);
  const earned = prize.points === undefined ? [] : [openPrizeLot(draft, scene, id, prize.points)];
  const badge = prize.badge ?? null;
  if (badge !== null) countBadge(draft, badge, id, 1);
  const grant: StoredGrant = { kind, ref: id, voucherId: voucher?.id ?? null, spends: [], earned, undone: false };
  const isOver = ({ until }: Completion) => until !== null && until <= draft.now;
  for (const { period } of completionsOf(draft, id).filter(isOver).slice(0, FORGOTTEN_MAX)) {
    draft.effects.setFact(completionFact(id, period), null);
  }
  draft.effects.setFact(completionFact(id, of.period), { ...of, badge, grant } satisfies Completion);
  return grant;
}

/** Takes a prize back and forgets its completion; null when its voucher is no longer there to take. */
export function takePrize(
  draft: Draft,
  scene: Pick<PrizeScene, "program" | "expiredOf">,
  completion: Completion,
  reopen: Parameters<typeof takeAllBack>[3]["reopen"],
): StoredGrant | null {
  const { grant, badge } = completion;
  if (grant.voucherId !== null) {
    const voucher = draft.effects.voucher(grant.voucherId);
    if (voucher?.state !== "issued") return null;
    draft.effects.putVoucher({ ...voucher, state: "voided" });
  }
  const earned = takeAllBack(draft, scene.program, grant.earned, { expiredOf: scene.expiredOf, reopen });
  if (badge !== null) countBadge(draft, badge, grant.ref, -1);
  draft.effects.setFact(completionFact(grant.ref, completion.period), null);
  return { ...grant, earned, undone: true };
}

function openPrizeLot(
  draft: Draft,
  { at, ...scene }: PrizeScene,
  rule: string,
  { currency, points }: { readonly currency: string; readonly points: number },
): StoredEarn {
  const known = scene.program.currencies.get(currency);
  if (known === undefined) throw new Error(`prize ${rule} gives ${currency}, which the program does not have`);
  const why = { base: "net" as const, amount: 0, per: 1, times: 1, points, type: "fixed" as const };
  const place = { ...scene, placedAt: at, orderId: rule };
  return openLotFor(draft, place, { rule, currency, points, why }, lifetimeOf(known, at, scene.timeZone));
}

function countBadge(draft: Draft, badge: string, ref: string, by: 1 | -1): void {
  const { [badge]: held = {}, ...others } = draft.effects.fact<Badges>(BADGES) ?? {};
  const { [ref]: known = { at: draft.now, times: 0 }, ...rest } = held;
  const times = known.times + by;
  const after = times > 0 ? { ...rest, [ref]: { ...known, times } } : rest;
  const badges: Badges = Object.keys(after).length > 0 ? { ...others, [badge]: after } : others;
  draft.effects.setFact(BADGES, Object.keys(badges).length > 0 ? badges : null);
}
