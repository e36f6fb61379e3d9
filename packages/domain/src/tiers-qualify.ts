// What a member qualifies for: spend, points, visits, orders and activity within a window of local days.
import type { Qualification, Tier, Tiers } from "@regulars/contracts/program-tiers";
import { dayInYear, dayPlus, localDay } from "./calendar.ts";
import { LIFE_VISITS } from "./contribution.ts";
import type { Draft } from "./draft.ts";

/** Local days that count, both ends included; `from` null: from the beginning. */
export interface Span {
  readonly from: string | null;
  readonly to: string;
}

/** What a member did in a span. */
export interface Measures {
  /** Minor units. */
  readonly spend: number;
  readonly orders: number;
  readonly visits: number;
  readonly points: ReadonlyMap<string, number>;
  readonly activities: ReadonlyMap<string, number>;
}

export interface Measure {
  /** `spend`, `orders`, `visits`, `points:{currency}` or `activity:{type}`. */
  readonly measure: string;
  readonly have: number;
  readonly need: number;
}

/** The days that count at an instant. */
export function spanAt(tiers: Tiers, draft: Draft, instant: number, timeZone: string): Span {
  const to = localDay(instant, timeZone);
  switch (tiers.window.type) {
    case "lifetime":
      return { from: null, to };
    case "rolling":
      return { from: dayPlus(to, 1 - tiers.window.days), to };
    case "calendarYear":
      return { from: `${to.slice(0, 4)}-01-01`, to };
    case "anniversary":
      return { from: anniversaryOn(draft, to, timeZone), to };
  }
}

/** The last anniversary of the member's enrolment that is not after the day. */
export function anniversaryOn(draft: Draft, day: string, timeZone: string): string {
  const monthDay = localDay(draft.enrolledAt, timeZone).slice(5);
  const year = Number(day.slice(0, 4));
  const thisYear = dayInYear(year, monthDay);
  return thisYear <= day ? thisYear : dayInYear(year - 1, monthDay);
}

/** What the member did on the days of a span, as a draft leaves it. */
export function measuresOf(draft: Draft, { from, to }: Span): Measures {
  const points = new Map<string, number>();
  const activities = new Map<string, number>();
  const sums = { spend: 0, orders: 0, visits: 0 };
  let visitsAfter = 0;
  for (const [day, figures] of draft.effects.figures()) {
    if (day > to) visitsAfter += Number(figures.orders > 0);
    if (day > to || (from !== null && day < from)) continue;
    sums.spend += figures.spend;
    sums.orders += figures.orders;
    sums.visits += Number(figures.orders > 0);
    for (const [currency, count] of Object.entries(figures.points)) {
      points.set(currency, (points.get(currency) ?? 0) + count);
    }
    for (const [type, count] of Object.entries(figures.events)) {
      activities.set(type, (activities.get(type) ?? 0) + count);
    }
  }
  // Days too old to be kept one by one are one sum, so the visits of a whole life have a counter of their own.
  const visits = from === null ? draft.effects.counter(LIFE_VISITS) - visitsAfter : sums.visits;
  return { ...sums, visits, points, activities };
}

/** The highest level whose conditions hold, as a place in the program's list; −1: none. Paid tiers are never earned. */
export function levelFor({ levels }: Tiers, measures: Measures): number {
  return levels.findLastIndex((tier) => !tier.paid && holds(tier, measures));
}

function holds({ any, all }: Tier, measures: Measures): boolean {
  const met = (one: Qualification) => measuresFor(one, measures).every(({ have, need }) => have >= need);
  return (any.length === 0 || any.some(met)) && all.every(met);
}

/** What is missing for a tier: of all that must hold, and of the nearest of those of which one is enough. */
export function missingFor({ any, all }: Tier, measures: Measures): Measure[] {
  const unmet = (one: Qualification) => measuresFor(one, measures).filter(({ have, need }) => have < need);
  const alternatives = any.map(unmet).sort((one, other) => distance(one) - distance(other));
  const missing = new Map<string, Measure>();
  for (const one of [...all.flatMap(unmet), ...(alternatives[0] ?? [])]) {
    const known = missing.get(one.measure);
    if (known === undefined || known.need < one.need) missing.set(one.measure, one);
  }
  return [...missing.values()];
}

// Two measures half way are as far as one that has not begun.
const distance = (missing: readonly Measure[]) => missing.reduce((sum, { have, need }) => sum + 1 - have / need, 0);

function measuresFor(wanted: Qualification, measures: Measures): Measure[] {
  const { spend, points, visits, orders, activities } = wanted;
  const all: Measure[] = [];
  if (spend !== undefined) all.push({ measure: "spend", have: measures.spend, need: spend });
  if (points !== undefined) {
    const have = measures.points.get(points.currency) ?? 0;
    all.push({ measure: `points:${points.currency}`, have, need: points.points });
  }
  if (visits !== undefined) all.push({ measure: "visits", have: measures.visits, need: visits });
  if (orders !== undefined) all.push({ measure: "orders", have: measures.orders, need: orders });
  if (activities !== undefined) {
    const have = measures.activities.get(activities.type) ?? 0;
    all.push({ measure: `activity:${activities.type}`, have, need: activities.times });
  }
  return all;
}
