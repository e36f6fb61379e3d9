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

interface Holding {
  readonly ref: string;
  readonly at: number;
}

/** Badges of a member: by id, what gave each and when. */
export type Badges = Readonly<Record<string, readonly Holding[]>>;

export const BADGES = "badges";
const completionsFact = (ref: string) => `play/${ref}`;

/** Completions of a challenge or streak that are still remembered, oldest first. */
export function completionsOf(draft: Draft, ref: string): readonly Completion[] {
  return draft.effects.fact<readonly Completion[]>(completionsFact(ref)) ?? [];
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
  if (badge !== null) setBadge(draft, badge, (held) => [...held, { ref: id, at: draft.now }]);
  const grant: StoredGrant = { kind, ref: id, voucherId: voucher?.id ?? null, spends: [], earned, undone: false };
  const kept = completionsOf(draft, id).filter(({ until }) => until === null || until > draft.now);
  draft.effects.setFact(completionsFact(id), [...kept, { ...of, badge, grant }]);
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
  if (badge !== null) setBadge(draft, badge, (held) => withoutLast(held, grant.ref));
  const left = completionsOf(draft, grant.ref).filter((one) => one !== completion);
  draft.effects.setFact(completionsFact(grant.ref), left.length === 0 ? null : left);
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

function setBadge(draft: Draft, badge: string, change: (held: readonly Holding[]) => readonly Holding[]): void {
  const { [badge]: held = [], ...others } = draft.effects.fact<Badges>(BADGES) ?? {};
  const after = change(held);
  const badges: Badges = after.length === 0 ? others : { ...others, [badge]: after };
  draft.effects.setFact(BADGES, Object.keys(badges).length === 0 ? null : badges);
}

function withoutLast(held: readonly Holding[], ref: string): readonly Holding[] {
  const place = held.findLastIndex((one) => one.ref === ref);
  return held.filter((_, index) => index !== place);
}
