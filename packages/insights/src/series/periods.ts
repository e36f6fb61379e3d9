// Compares any period with any other: what changed, by how much, and which groups made it change.

/** A whole-numbered day (see days.ts) to another, both included. */
export type DayRange = { readonly from: number; readonly to: number };

/** What a group (a store, a tier, a channel) had on a day: money, orders, points; in one unit. */
export type DayValue = { readonly day: number; readonly group: string; readonly value: number };

export type Change = {
  readonly current: number;
  readonly previous: number;
  /** current - previous. */
  readonly change: number;
  /** change / |previous|: .1 is ten per cent more. Null when there was nothing before. */
  readonly rate: number | null;
  /** 100 × current / previous. Null when there was nothing before. */
  readonly index: number | null;
};

export type GroupChange = Change & {
  readonly group: string;
  /** The group's change / |total before|: what it added to the rate of the total; these sum to it. */
  readonly contribution: number | null;
  /** Its share of the total now and before, to see a shift between groups. Null when the total is 0. */
  readonly shareCurrent: number | null;
  readonly sharePrevious: number | null;
};

export type PeriodComparison = {
  readonly total: Change;
  /** The same a day, which is what to compare when the periods are not of one length. */
  readonly perDay: Change;
  /** By falling size of change. */
  readonly groups: readonly GroupChange[];
};

export type ComparedPeriods = { readonly current: DayRange; readonly previous: DayRange };

/** One factor of a product, such as members × orders of a member × mean order = revenue. */
export type Driver = { readonly name: string; readonly current: number; readonly previous: number };

/**
 * One period against another, in total, a day, and by group. The periods may overlap, lie in any order and differ in
 * length; a period that ends before it begins is empty. Groups of either period appear.
 */
export function comparePeriods(values: Iterable<DayValue>, { current, previous }: ComparedPeriods): PeriodComparison {
  const sums = new Map<string, { current: number; previous: number }>();
  for (const { day, group, value } of values) {
    const isCurrent = current.from <= day && day <= current.to;
    const isPrevious = previous.from <= day && day <= previous.to;
    if (!isCurrent && !isPrevious) continue;
    const sum = sums.get(group) ?? { current: 0, previous: 0 };
    if (isCurrent) sum.current += value;
    if (isPrevious) sum.previous += value;
    sums.set(group, sum);
  }
  let now = 0;
  let before = 0;
  for (const sum of sums.values()) {
    now += sum.current;
    before += sum.previous;
  }
  const groups = [...sums].map(([group, sum]) => ({
    group,
    ...changeOf(sum.current, sum.previous),
    contribution: ratio(sum.current - sum.previous, Math.abs(before)),
    shareCurrent: ratio(sum.current, now),
    sharePrevious: ratio(sum.previous, before),
  }));
  return {
    total: changeOf(now, before),
    perDay: changeOf(ratio(now, daysOf(current)) ?? 0, ratio(before, daysOf(previous)) ?? 0),
    groups: groups.sort((one, other) => Math.abs(other.change) - Math.abs(one.change) || byName(one, other)),
  };
}

/** The change between two figures. */
export function changeOf(current: number, previous: number): Change {
  const change = current - previous;
  const share = ratio(current, previous);
  const index = share === null ? null : 100 * share;
  return { current, previous, change, rate: ratio(change, Math.abs(previous)), index };
}

/**
 * How much of the change of a product each of its factors made, in the unit of the product; the parts sum to the
 * change without a rest: logarithmic mean Divisia index, L(now, before) × ln(factor now / factor before), of Ang
 * (2004). Null when a factor is not above 0 in both periods, for then no share of the change is its own.
 */
export function driversOf(drivers: readonly Driver[]): readonly { name: string; effect: number }[] | null {
  if (drivers.some(({ current, previous }) => !(current > 0 && previous > 0))) return null;
  const now = drivers.reduce((product, { current }) => product * current, 1);
  const before = drivers.reduce((product, { previous }) => product * previous, 1);
  const weight = logarithmicMean(now, before);
  return drivers.map(({ name, current, previous }) => ({ name, effect: weight * Math.log(current / previous) }));
}

/** The period just before this one and as long. */
export function periodBefore({ from, to }: DayRange): DayRange {
  return { from: from - (to - from + 1), to: from - 1 };
}

function logarithmicMean(a: number, b: number): number {
  const apart = Math.log(a / b);
  // Near equality the quotient loses its digits and the mean is the middle.
  return Math.abs(apart) < 1e-8 ? (a + b) / 2 : (a - b) / apart;
}

function daysOf({ from, to }: DayRange): number {
  return Math.max(0, to - from + 1);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function byName(one: { group: string }, other: { group: string }): number {
  return one.group < other.group ? -1 : 1;
}
