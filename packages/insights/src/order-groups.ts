// Groups members by what a likelihood knows of them, so that a fit costs what differs and not what exists.

/** What a model of buying knows of one member: x, t_x and T (see purchases.ts). */
export type History = { readonly frequency: number; readonly recency: number; readonly age: number };

/** Distinct pairs of a frequency and a time, as columns. */
export type Pairs = { readonly frequency: Float64Array; readonly time: Float64Array };

/**
 * Sufficient statistics of many members. Every likelihood here is a function of x, one of (x, T) and one of (x, t_x),
 * so each is worked out once for each distinct pair; `rows` of (pair, pair, number of members) put them together.
 */
export type OrderGroups = {
  readonly members: number;
  readonly orders: number;
  readonly meanAge: number;
  readonly frequencies: Float64Array;
  readonly frequencyMembers: Float64Array;
  readonly agePairs: Pairs;
  readonly recencyPairs: Pairs;
  readonly rowAge: Uint32Array;
  readonly rowRecency: Uint32Array;
  readonly rowMembers: Float64Array;
};

/**
 * Groups histories. `grain` > 0 rounds times to its multiples first, which makes fewer groups to find a first
 * estimate on; the default 0 loses nothing.
 */
export function groupHistories(histories: Iterable<History>, grain = 0): OrderGroups {
  const ages = new PairIndex();
  const recencies = new PairIndex();
  const rows = new Map<number, Map<number, number>>();
  const byFrequency = new Map<number, number>();
  let members = 0;
  let orders = 0;
  let ageSum = 0;
  for (const { frequency, recency, age } of histories) {
    const roundedAge = roundTo(age, grain);
    const ageAt = ages.of(frequency, roundedAge);
    const recencyAt = recencies.of(frequency, Math.min(roundedAge, roundTo(recency, grain)));
    const row = rows.get(ageAt) ?? new Map<number, number>();
    if (row.size === 0) rows.set(ageAt, row);
    row.set(recencyAt, (row.get(recencyAt) ?? 0) + 1);
    byFrequency.set(frequency, (byFrequency.get(frequency) ?? 0) + 1);
    members += 1;
    orders += frequency;
    ageSum += age;
  }
  const flat = [...rows].flatMap(([ageAt, row]) => [...row].map(([recencyAt, count]) => [ageAt, recencyAt, count]));
  return {
    members,
    orders,
    meanAge: members === 0 ? 0 : ageSum / members,
    frequencies: Float64Array.from(byFrequency.keys()),
    frequencyMembers: Float64Array.from(byFrequency.values()),
    agePairs: ages.columns(),
    recencyPairs: recencies.columns(),
    rowAge: Uint32Array.from(flat, ([ageAt = 0]) => ageAt),
    rowRecency: Uint32Array.from(flat, ([, recencyAt = 0]) => recencyAt),
    rowMembers: Float64Array.from(flat, ([, , count = 0]) => count),
  };
}

/** The weighted sum of a function over the distinct frequencies, and the values of one over distinct pairs. */
export function sumByFrequency(groups: OrderGroups, term: (frequency: number) => number): number {
  let sum = 0;
  groups.frequencies.forEach((frequency, at) => {
    sum += (groups.frequencyMembers[at] ?? 0) * term(frequency);
  });
  return sum;
}

export function overPairs(pairs: Pairs, term: (frequency: number, time: number) => number): Float64Array {
  const { frequency, time } = pairs;
  return frequency.map((x, at) => term(x, time[at] ?? 0));
}

/** Numbers each pair of a frequency and a time in the order in which it first comes. */
class PairIndex {
  readonly #at = new Map<number, Map<number, number>>();
  readonly #frequency: number[] = [];
  readonly #time: number[] = [];

  of(frequency: number, time: number): number {
    let times = this.#at.get(frequency);
    if (times === undefined) this.#at.set(frequency, (times = new Map()));
    const known = times.get(time);
    if (known !== undefined) return known;
    times.set(time, this.#time.length);
    this.#frequency.push(frequency);
    return this.#time.push(time) - 1;
  }

  columns(): Pairs {
    return { frequency: Float64Array.from(this.#frequency), time: Float64Array.from(this.#time) };
  }
}

function roundTo(time: number, grain: number): number {
  return grain > 0 ? Math.round(time / grain) * grain : time;
}
