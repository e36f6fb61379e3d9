// The figures of repeated measurements: medians, and ranges of ratios that were taken within one round.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The median with the lowest and the highest. Throws when there is nothing. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((one, other) => one - other);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) throw new Error("a spread of no values");
  return { median: quantile(sorted, 0.5), min, max };
}

/** A quantile of sorted values, between neighbours by proportion. */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share;
  const low = sorted[Math.floor(place)] ?? NaN;
  const high = sorted[Math.ceil(place)] ?? NaN;
  return low + (high - low) * (place - Math.floor(place));
}

/** The same order, begun at another place. */
export function rotated<Item>(items: readonly Item[], by: number): Item[] {
  const start = by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

export function describeSpread({ median, min, max }: Spread): string {
  return `${figure(median)} [${figure(min)}-${figure(max)}]`;
}

function figure(value: number): string {
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
