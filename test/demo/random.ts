// Owns the chance of the demo: one stream of numbers that a seed decides wholly.

export interface Random {
  /** From 0 up to 1. */
  unit(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  pick<Item>(items: readonly Item[]): Item;
  /** An item by its weight. */
  weighted<Item>(items: readonly Item[], weight: (item: Item) => number): Item;
  /** A waiting time with this mean, as of independent events. */
  wait(mean: number): number;
}

/** Mulberry32: small, fast, and the same everywhere. */
export function makeRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const at = <Item>(items: readonly Item[], index: number): Item => {
    const item = items[index];
    if (item === undefined) throw new Error("Nothing to choose from");
    return item;
  };
  const weighted = <Item>(items: readonly Item[], weight: (item: Item) => number): Item => {
    let left = unit() * items.reduce((sum, item) => sum + weight(item), 0);
    const found = items.findIndex((item) => (left -= weight(item)) < 0);
    return at(items, found === -1 ? items.length - 1 : found);
  };
  return {
    unit,
    between: (low, high) => low + Math.floor(unit() * (high - low + 1)),
    pick: (items) => at(items, Math.floor(unit() * items.length)),
    weighted,
    wait: (mean) => -Math.log(1 - unit()) * mean,
  };
}
