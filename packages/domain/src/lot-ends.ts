// When points end that live as long as their member is active: their end follows the last local day with any activity.
import type { DayActivity } from "@regulars/contracts/events-effects";
import type { Lot } from "@regulars/contracts/events";
import { dayPlus, startOfLocalDay } from "./calendar.ts";
import { OLDER_DAYS } from "./state-effects.ts";

type Moving = Pick<Lot, "inactivityDays" | "zone">;

/** The instant at which the `days`th local day after `day` is over. */
export function endOfInactivity(day: string, days: number, zone: string): number {
  return startOfLocalDay(dayPlus(day, days + 1), zone);
}

/** The part of a lifetime that a lot keeps when its end moves with activity. */
export function inactivityOf({ inactivityDays, zone }: Moving): Moving {
  return inactivityDays === undefined || zone === undefined ? {} : { inactivityDays, zone };
}

/** The lot with the end that it has once the member was last active on `lastDay`; the same object when nothing changes. */
export function withEnd(lot: Lot, lastDay: string | null): Lot {
  const { inactivityDays, zone = "UTC", expiresAt } = lot;
  if (inactivityDays === undefined || expiresAt === null) return lot;
  const ownEnd = lot.ownEnd ?? expiresAt;
  const end = lastDay === null ? ownEnd : Math.max(ownEnd, endOfInactivity(lastDay, inactivityDays, zone));
  return end === expiresAt && lot.ownEnd === ownEnd ? lot : { ...lot, expiresAt: end, ownEnd };
}

/** The last local day with a paid order or a recorded activity, or null. */
export function lastActiveDay(days: Iterable<readonly [day: string, figures: DayActivity]>): string | null {
  let last: string | null = null;
  for (const [day, { orders, events }] of days) {
    if (day === OLDER_DAYS || (last !== null && day < last)) continue;
    if (orders > 0 || Object.values(events).some((count) => count > 0)) last = day;
  }
  return last;
}
