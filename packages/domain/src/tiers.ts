// Tiers at checkout: an order or event raises the member at once, and what was refunded no longer holds up what it had raised.
import type { TierRecord } from "@regulars/contracts/events-effects";
import type { StoredGrant } from "@regulars/contracts/events-orders";
import type { TierProgress } from "@regulars/contracts/orders";
import type { Tiers } from "@regulars/contracts/program-tiers";
import { localDay } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import { expireInactive } from "./expiry.ts";
import type { OrderScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import { levelOf, recordOf, tierOf } from "./tiers-keep.ts";
import { levelFor, measuresOf, missingFor, spanAt, type Measures } from "./tiers-qualify.ts";
import { issueVoucher } from "./vouchers-issue.ts";

export interface Raised {
  readonly before: TierRecord | null;
  readonly grants: readonly StoredGrant[];
}

export interface RaiseMoment {
  /** When it happened: a late order counts on its own day. */
  readonly placedAt: number;
  readonly timeZone: string;
  /** The order or event that raises. */
  readonly by: string;
  readonly ownerId: string | null;
}

/** Raises the tier at checkout once the order counts; returns the tier before, or null when nothing changed. */
export function raiseTier(draft: Draft, { program, order, timeZone }: OrderScene): Raised | null {
  const { placedAt, orderId, ownerId } = order;
  return raiseFor(draft, program, { placedAt, timeZone, by: orderId, ownerId });
}

/** The same for an event beside orders, once its figures are in the draft. What was set by hand is not raised. */
export function raiseFor(draft: Draft, program: CompiledProgram, moment: RaiseMoment): Raised | null {
  const { tiers } = program.document;
  const before = draft.effects.tier;
  if (tiers === undefined || before?.fixed === true) return null;
  const { timeZone, by } = moment;
  const current = levelOf(tiers, before);
  if (current === tiers.levels.length - 1) return null;
  // A late order may have reached a tier on its own day, in a window that is over by now.
  const now = draft.now;
  const isLate = localDay(moment.placedAt, timeZone) < localDay(now, timeZone);
  for (const at of isLate ? [now, moment.placedAt] : [now]) {
    const level = qualifiedAt(tiers, draft, at, timeZone);
    const record = level > current ? recordOf(tiers, level, draft, { at, timeZone }) : null;
    if (record === null || (record.until !== null && record.until <= now)) continue;
    const welcome = welcomeInto(draft, program, record.tier, moment);
    const voucher = welcome && { welcome: welcome.voucherId };
    draft.effects.setTier({ ...record, by, before, ...voucher });
    return { before, grants: welcome === null ? [] : [welcome] };
  }
  return null;
}

/**
 * After a refund: what an order had raised is given back when nothing justifies it any more, neither on the day on which it
 * was raised nor today. Returns the ids of welcome vouchers that were taken back. Points that only the order kept alive end.
 */
export function lowerTier(draft: Draft, { program, timeZone }: OrderScene): readonly string[] {
  expireInactive(draft);
  const { tiers } = program.document;
  const record = draft.effects.tier;
  if (tiers === undefined || record === null) return [];
  const voided: string[] = [];
  const lowered = justified(record, tiers, draft, timeZone, (dropped) => voided.push(...unwelcome(draft, dropped)));
  if (lowered !== record) draft.effects.setTier(lowered);
  return voided;
}

/** Where a member stands; null in a program without tiers. `adding`: the net of a basket that would count now, or null. */
export function progressOf(
  draft: Draft,
  program: CompiledProgram,
  when: {
    readonly now: number;
    readonly timeZone: string;
    readonly adding: number | null;
    /** What the basket would earn. */
    readonly earning?: readonly { readonly currency: string; readonly points: number }[];
  },
): TierProgress | null {
  const { tiers } = program.document;
  if (tiers === undefined) return null;
  const record = draft.effects.tier;
  const level = levelOf(tiers, record);
  const next = tiers.levels.find(({ paid }, place) => place > level && !paid);
  const known = tiers.levels[level]?.id === record?.tier ? record : null;
  const measures = withBasket(draft, measuresOf(draft, spanAt(tiers, draft, when.now, when.timeZone)), when);
  return {
    tier: tierOf(program, record),
    until: known === null || known.until === null ? null : new Date(known.until).toISOString(),
    next: next?.id ?? null,
    missing: next === undefined ? [] : missingFor(next, measures),
    freeShipping: tiers.levels[level]?.benefits.freeShipping ?? false,
  };
}

/** The level that the member qualifies for at an instant. */
export function qualifiedAt(tiers: Tiers, draft: Draft, instant: number, timeZone: string): number {
  return levelFor(tiers, measuresOf(draft, spanAt(tiers, draft, instant, timeZone)));
}

function withBasket(draft: Draft, measures: Measures, when: Parameters<typeof progressOf>[2]): Measures {
  const { adding, earning = [] } = when;
  if (adding === null) return measures;
  const points = new Map(measures.points);
  for (const one of earning) points.set(one.currency, (points.get(one.currency) ?? 0) + one.points);
  const isFirstOfDay = draft.effects.day(localDay(when.now, when.timeZone)).orders <= 0;
  const { spend, orders, visits } = measures;
  return { ...measures, spend: spend + adding, orders: orders + 1, visits: visits + Number(isFirstOfDay), points };
}

// What lies beneath a tier comes back as it was, so the order in which orders are refunded makes no difference.
function justified(
  record: TierRecord,
  tiers: Tiers,
  draft: Draft,
  timeZone: string,
  drop: (record: TierRecord) => void,
): TierRecord | null {
  const before = record.before ?? null;
  if (record.fixed) {
    const beneath = before === null ? null : justified(before, tiers, draft, timeZone, drop);
    return beneath === before ? record : { ...record, before: beneath };
  }
  const level = tiers.levels.findIndex(({ id }) => id === record.tier);
  const isHeld = (at: number) => qualifiedAt(tiers, draft, at, timeZone) >= level;
  if (record.by === undefined || level === -1 || isHeld(record.since) || isHeld(draft.now)) return record;
  drop(record);
  return before === null ? null : justified(before, tiers, draft, timeZone, drop);
}

const welcomeCounter = (tier: string) => `tiers/welcome/${tier}`;

// Once a member and tier: whoever falls and rises again has had it.
function welcomeInto(
  draft: Draft,
  program: CompiledProgram,
  tierId: string,
  { timeZone, ownerId }: RaiseMoment,
): (StoredGrant & { readonly voucherId: string }) | null {
  const rewardId = program.document.tiers?.levels.find(({ id }) => id === tierId)?.benefits.welcomeReward;
  const name = welcomeCounter(tierId);
  if (rewardId === undefined || draft.effects.counter(name) > 0) return null;
  const origin = { kind: "tier", ref: tierId };
  const voucher = issueVoucher(draft, program, rewardId, origin, { now: draft.now, timeZone, ownerId });
  draft.effects.count([{ name, by: 1, until: null }]);
  return { kind: "tier", ref: tierId, voucherId: voucher.id, spends: [], earned: [], undone: false };
}

// A welcome voucher that was used stays used, and is not given a second time.
function unwelcome(draft: Draft, { tier, welcome }: TierRecord): string[] {
  const voucher = welcome === undefined ? undefined : draft.effects.voucher(welcome);
  if (voucher?.state !== "issued") return [];
  draft.effects.putVoucher({ ...voucher, state: "voided" });
  draft.effects.count([{ name: welcomeCounter(tier), by: -1, until: null }]);
  return [voucher.id];
}
