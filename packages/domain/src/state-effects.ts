// How the effects of an event change a member's state: counters, activity by day, vouchers, tier, labels and facts.
import type { DayActivity, Effects, TierRecord, VoucherRecord } from "@regulars/contracts/events-effects";

export interface Counter {
  readonly value: number;
  readonly until: number | null;
}

/** The part of a member's state that effects change. Keys are kept in the order of their first change. */
export interface EffectsState {
  readonly counters: Map<string, Counter>;
  /** By local day ("2026-11-22"). */
  readonly activity: Map<string, DayActivity>;
  /** Vouchers that are issued or reserved. */
  readonly vouchers: Map<string, VoucherRecord>;
  tier: TierRecord | null;
  tags: readonly string[];
  segments: readonly string[];
  readonly facts: Map<string, unknown>;
}

// Tiers look back 1,000 days at most; a late refund finds its day for some months more.
const ACTIVITY_DAYS_MAX = 1_200;
const DAY_MS = 86_400_000;

/** Stands for all days too old to be kept one by one: what a whole life came to stays exact. */
export const OLDER_DAYS = "0000-00-00";

/** Applies the effects of one event in place. `at` decides what is forgotten, so that every fold forgets alike. */
export function applyEffects(state: EffectsState, effects: Effects, at: number): void {
  for (const { name, by, until } of effects.counters ?? []) {
    const value = (state.counters.get(name)?.value ?? 0) + by;
    if (value === 0) state.counters.delete(name);
    else state.counters.set(name, { value, until });
  }
  for (const { day, change } of effects.activity ?? []) {
    const figures = sumOfActivity(state.activity.get(day), change);
    if (isNothing(figures)) state.activity.delete(day);
    else state.activity.set(day, figures);
  }
  for (const voucher of effects.vouchers ?? []) {
    if (isOpenVoucher(voucher)) state.vouchers.set(voucher.id, voucher);
    else state.vouchers.delete(voucher.id);
  }
  if (effects.tier !== undefined) state.tier = effects.tier;
  if (effects.tags !== undefined) state.tags = effects.tags;
  if (effects.segments !== undefined) state.segments = effects.segments;
  for (const [name, value] of Object.entries(effects.facts ?? {})) {
    if (value === null) state.facts.delete(name);
    else state.facts.set(name, value);
  }
  if (effects.counters !== undefined || effects.activity !== undefined) forget(state, at);
}

/** Vouchers that can still become something else. */
export const isOpenVoucher = ({ state }: VoucherRecord) => state === "issued" || state === "reserved";

/** The sum of two figures of a day. */
export function sumOfActivity(one: DayActivity | undefined, other: DayActivity): DayActivity {
  if (one === undefined) return other;
  return {
    spend: one.spend + other.spend,
    orders: one.orders + other.orders,
    points: sumByName(one.points, other.points),
    events: sumByName(one.events, other.events),
  };
}

/** The figures of a day with their signs turned. */
export function negated(figures: DayActivity): DayActivity {
  return {
    spend: 0 - figures.spend,
    orders: 0 - figures.orders,
    points: Object.fromEntries(Object.entries(figures.points).map(([name, count]) => [name, 0 - count])),
    events: Object.fromEntries(Object.entries(figures.events).map(([name, count]) => [name, 0 - count])),
  };
}

/** Whether nothing is left on a day. */
export function isNothing({ spend, orders, points, events }: DayActivity): boolean {
  const none = (counts: Readonly<Record<string, number>>) => Object.values(counts).every((count) => count === 0);
  return spend === 0 && orders === 0 && none(points) && none(events);
}

function sumByName(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) {
  const sums: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sums[name] = (sums[name] ?? 0) + count;
  return Object.fromEntries(Object.entries(sums).filter(([, count]) => count !== 0));
}

function forget({ counters, activity }: EffectsState, at: number): void {
  for (const [name, { until }] of counters) if (until !== null && until <= at) counters.delete(name);
  if (activity.size <= ACTIVITY_DAYS_MAX) return;
  const oldest = new Date(at - ACTIVITY_DAYS_MAX * DAY_MS).toISOString().slice(0, 10);
  for (const [day, figures] of activity) {
    if (day >= oldest || day === OLDER_DAYS) continue;
    activity.delete(day);
    activity.set(OLDER_DAYS, sumOfActivity(activity.get(OLDER_DAYS), figures));
  }
}
