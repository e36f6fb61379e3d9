// Foretells when a member will need a product again, and warns when the silence has become too long.
import { type OwnCycle, ownCycle, type UsualCycle, usualCycle } from "./buying-cycle.ts";

/** What a member bought of one product, or of one category, on a local day (see days.ts). */
export type Supply = { readonly day: number; readonly quantity: number };

/** When the member will need more: days are numbers as in days.ts, the window holds the day four times in five. */
export type Repurchase = {
  readonly lastDay: number;
  /** What the last supply lasts: the member's cycle for one unit, times the quantity. */
  readonly cycle: OwnCycle;
  readonly dueDay: number;
  readonly windowFrom: number;
  readonly windowUntil: number;
  readonly churn: ChurnWarning;
};

/** `warns` when the silence is longer than k cycles; `warnsFrom` is the first day on which it is. */
export type ChurnWarning = {
  readonly silenceDays: number;
  /** The silence in cycles. */
  readonly times: number;
  readonly warns: boolean;
  readonly warnsFrom: number;
};

/** A supply twice as large lasts twice as long; a power below 1 lets it be used up faster, 0 makes quantity nothing. */
export type QuantityScale = { readonly quantityPower?: number };

const USUAL_TIMES = 2;

/** How long one unit lasts in a category, from the supplies of each member; null when nobody came back. */
export function categoryCycle(
  suppliesByMember: Iterable<readonly Supply[]>,
  scale: QuantityScale = {},
): UsualCycle | null {
  return usualCycle([...suppliesByMember].map((supplies) => unitGaps(supplies, scale)));
}

/**
 * The next need of a member for a product (or category) from its own supplies, leaning on `category`, the cycle of the
 * product's category, while there are few (see `ownCycle`). `churnTimes` is the k of the warning. Null without a supply
 * until `asOf`; later ones are not seen.
 */
export function foretellRepurchase(
  supplies: readonly Supply[],
  category: UsualCycle,
  options: QuantityScale & { readonly asOf: number; readonly churnTimes?: number },
): Repurchase | null {
  const seen = mergeDays(supplies.filter(({ day }) => day <= options.asOf));
  const last = seen.at(-1);
  if (last === undefined) return null;
  const unit = ownCycle(unitGaps(seen, options), category);
  const units = unitsOf(last, options);
  const cycle: OwnCycle = {
    days: unit.days * units,
    fromDays: unit.fromDays * units,
    untilDays: unit.untilDays * units,
    gaps: unit.gaps,
  };
  return {
    lastDay: last.day,
    cycle,
    dueDay: last.day + Math.round(cycle.days),
    windowFrom: last.day + Math.floor(cycle.fromDays),
    windowUntil: last.day + Math.ceil(cycle.untilDays),
    churn: churnWarning({ lastDay: last.day, asOf: options.asOf, cycleDays: cycle.days }, options.churnTimes),
  };
}

/** Warns when the days since the last order are more than `times` (k) of the member's own cycles. */
export function churnWarning(
  { lastDay, asOf, cycleDays }: { readonly lastDay: number; readonly asOf: number; readonly cycleDays: number },
  times = USUAL_TIMES,
): ChurnWarning {
  const silenceDays = asOf - lastDay;
  return {
    silenceDays,
    times: silenceDays / cycleDays,
    warns: silenceDays > times * cycleDays,
    warnsFrom: lastDay + Math.floor(times * cycleDays) + 1,
  };
}

/** Days for which one unit of each supply but the last one lasted. */
function unitGaps(supplies: readonly Supply[], scale: QuantityScale): number[] {
  const days = mergeDays(supplies);
  return days.slice(1).map((next, index) => {
    const before = days[index] as Supply;
    return (next.day - before.day) / unitsOf(before, scale);
  });
}

function mergeDays(supplies: readonly Supply[]): Supply[] {
  const byDay = new Map<number, number>();
  for (const { day, quantity } of supplies) {
    if (quantity > 0) byDay.set(day, (byDay.get(day) ?? 0) + quantity);
  }
  return [...byDay].map(([day, quantity]) => ({ day, quantity })).sort((one, other) => one.day - other.day);
}

function unitsOf({ quantity }: Supply, { quantityPower = 1 }: QuantityScale): number {
  return quantity ** quantityPower;
}
