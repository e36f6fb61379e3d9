// Finds which items are bought together often: frequent item sets, each with the number of baskets that hold it.

import { basketCount } from "./baskets.ts";
import type { BasketTable } from "./baskets.ts";

export type ItemSetOptions = {
  /** Least share of the baskets, 0 to 1. */
  readonly support: number;
  /** Most items of a set; 10 unless said (as arules). */
  readonly maxLength?: number;
  /** Only these baskets, by number and each once: a segment's, a store's, a season's. */
  readonly subset?: ArrayLike<number>;
  /** More sets than this are refused: the support is too low for anybody to read the answer. */
  readonly maxSets?: number;
};

/** Item sets as rows of item numbers, each ascending in the order of `BasketTable.items`. */
export type ItemSets = {
  readonly ok: true;
  readonly baskets: number;
  readonly sets: readonly { readonly items: readonly number[]; readonly count: number }[];
};
export type TooManySets = { readonly ok: false; readonly reason: "support_too_low"; readonly maxSets: number };

/** About 40 MB of sets: a Worker has 128. */
export const MAX_ITEM_SETS = 200_000;
const MAX_LENGTH = 10;
const WORD_BITS = 32;
/** Stands after each basket's ranks. */
const END = -1;
/** Support times baskets is compared with this allowance for rounding. */
const ROUNDING = 1e-9;

/**
 * All sets of items that at least a share of `support` of the baskets hold. Eclat (Zaki 2000): depth first over the
 * items from the rarest on. The baskets of each first item are numbered anew, so that the bitsets of what goes with
 * it are as short as the item is rare, and a set's count is one pass of AND and population count.
 */
export function frequentItemSets(table: BasketTable, options: ItemSetOptions): ItemSets | TooManySets {
  const { support, maxLength = MAX_LENGTH, maxSets = MAX_ITEM_SETS } = options;
  const ranked = rankItems(table, options);
  const search: Search = { minCount: ranked.minCount, maxLength, maxSets, found: [], prefix: [], pools: [] };
  const baskets = ranked.rows;
  if (baskets === 0 || !(support > 0)) return { ok: true, baskets, sets: [] };
  const frequent = ranked.itemOf.length;
  const together = new Int32Array(frequent);
  const slots = new Int32Array(frequent);
  for (let first = 0; first < frequent; first += 1) {
    if (!grow(search, first, ranked)) return { ok: false, reason: "support_too_low", maxSets };
    search.prefix.push(first);
    const group = maxLength > 1 ? pairsOf(ranked, first, { together, slots }) : null;
    const complete = group === null || extend(search, group, ranked, 0);
    search.prefix.pop();
    if (!complete) return { ok: false, reason: "support_too_low", maxSets };
  }
  return { ok: true, baskets, sets: search.found };
}

type Ranked = {
  readonly rows: number;
  readonly minCount: number;
  /** Item number by rank; rank 0 is the rarest frequent item. */
  readonly itemOf: Int32Array;
  readonly countOf: Int32Array;
  /** Frequent items of each basket as ascending ranks, with an END after each basket. */
  readonly ranks: Int32Array;
  /** Where in `ranks` each item stands: those of rank r from starts[r] to starts[r + 1]. */
  readonly starts: Int32Array;
  readonly places: Int32Array;
};

type Group = { readonly ranks: Int32Array; readonly counts: Int32Array; readonly words: number; bits: Int32Array };

type Search = {
  readonly minCount: number;
  readonly maxLength: number;
  readonly maxSets: number;
  readonly found: { items: number[]; count: number }[];
  readonly prefix: number[];
  /** Bitsets of each depth, kept between calls. */
  readonly pools: Int32Array[];
};

function grow(search: Search, rank: number, { itemOf, countOf }: Ranked, count = countOf[rank] ?? 0): boolean {
  if (search.found.length >= search.maxSets) return false;
  const items = [...search.prefix, rank].map((one) => itemOf[one] ?? 0);
  search.found.push({ items: items.sort((one, other) => one - other), count });
  return true;
}

/** Extends the prefix by each member of the group, and by what stays frequent with it. */
function extend(search: Search, group: Group, ranked: Ranked, depth: number): boolean {
  const { ranks, counts, words, bits } = group;
  for (let at = 0; at < ranks.length; at += 1) {
    const rank = ranks[at] ?? 0;
    if (!grow(search, rank, ranked, counts[at])) return false;
    const after = ranks.length - at - 1;
    if (after === 0 || search.prefix.length + 2 > search.maxLength) continue;
    const room = after * words;
    let pool = search.pools[depth];
    if (pool === undefined || pool.length < room) search.pools[depth] = pool = new Int32Array(room);
    const nextRanks: number[] = [];
    const nextCounts: number[] = [];
    for (let other = at + 1; other < ranks.length; other += 1) {
      const count = intersect({
        bits,
        one: at * words,
        other: other * words,
        words,
        into: pool,
        to: nextRanks.length * words,
      });
      if (count < search.minCount) continue;
      nextRanks.push(ranks[other] ?? 0);
      nextCounts.push(count);
    }
    if (nextRanks.length === 0) continue;
    search.prefix.push(rank);
    const next = { ranks: Int32Array.from(nextRanks), counts: Int32Array.from(nextCounts), words, bits: pool };
    const complete = extend(search, next, ranked, depth + 1);
    search.prefix.pop();
    if (!complete) return false;
  }
  return true;
}

type Intersection = { bits: Int32Array; one: number; other: number; words: number; into: Int32Array; to: number };

/** The hot loop: writes the AND of two bitsets and counts its bits (Hacker's Delight, 5-1). */
function intersect({ bits, one, other, words, into, to }: Intersection): number {
  let count = 0;
  for (let word = 0; word < words; word += 1) {
    // Inside the bounds by construction; `| 0` keeps the engine on whole numbers.
    let both = ((bits[one + word] as number) & (bits[other + word] as number)) | 0;
    into[to + word] = both;
    if (both === 0) continue;
    both -= (both >>> 1) & 0x55555555;
    both = (both & 0x33333333) + ((both >>> 2) & 0x33333333);
    count += Math.imul((both + (both >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
  }
  return count;
}

/** The items frequent together with `first` and more common than it, as bitsets over the baskets of `first`. */
function pairsOf(ranked: Ranked, first: number, room: { together: Int32Array; slots: Int32Array }): Group | null {
  const { together, slots } = room;
  together.fill(0);
  countPartners(ranked, first, together);
  const partners: number[] = [];
  for (let rank = first + 1; rank < together.length; rank += 1) {
    slots[rank] = -1;
    if ((together[rank] ?? 0) < ranked.minCount) continue;
    slots[rank] = partners.length;
    partners.push(rank);
  }
  if (partners.length === 0) return null;
  const words = Math.ceil((ranked.countOf[first] ?? 0) / WORD_BITS);
  const bits = new Int32Array(partners.length * words);
  markPartners(ranked, first, { slots, bits, words });
  const counts = Int32Array.from(partners, (rank) => together[rank] ?? 0);
  return { ranks: Int32Array.from(partners), counts, words, bits };
}

function countPartners({ ranks, starts, places }: Ranked, first: number, together: Int32Array): void {
  const to = starts[first + 1] ?? 0;
  for (let at = starts[first] ?? 0; at < to; at += 1) {
    let place = (places[at] ?? 0) + 1;
    for (let rank = ranks[place] ?? END; rank !== END; rank = ranks[place] ?? END) {
      together[rank] = (together[rank] ?? 0) + 1;
      place += 1;
    }
  }
}

type Marks = { readonly slots: Int32Array; readonly bits: Int32Array; readonly words: number };

function markPartners({ ranks, starts, places }: Ranked, first: number, { slots, bits, words }: Marks): void {
  const from = starts[first] ?? 0;
  const baskets = (starts[first + 1] ?? 0) - from;
  for (let basket = 0; basket < baskets; basket += 1) {
    let place = (places[from + basket] ?? 0) + 1;
    for (let rank = ranks[place] ?? END; rank !== END; rank = ranks[place] ?? END) {
      const slot = slots[rank] ?? -1;
      const word = slot * words + (basket >>> 5);
      if (slot >= 0) bits[word] = (bits[word] ?? 0) | (1 << (basket & 31));
      place += 1;
    }
  }
}

/** Leaves out what is rare, and numbers the rest from the rarest to the most common. */
function rankItems(table: BasketTable, { support, subset }: ItemSetOptions): Ranked {
  const { offsets: from, members } = table;
  const rows = subset === undefined ? basketCount(table) : subset.length;
  const rowAt = (index: number) => (subset === undefined ? index : (subset[index] ?? 0));
  const counts = new Int32Array(table.items.length);
  for (let index = 0; index < rows; index += 1) {
    const row = rowAt(index);
    for (let at = from[row] ?? 0; at < (from[row + 1] ?? 0); at += 1) {
      const item = members[at] ?? 0;
      counts[item] = (counts[item] ?? 0) + 1;
    }
  }
  const minCount = Math.max(1, Math.ceil(support * rows - ROUNDING));
  const itemOf = Int32Array.from(counts.keys())
    .filter((item) => (counts[item] ?? 0) >= minCount)
    .sort((one, other) => (counts[one] ?? 0) - (counts[other] ?? 0) || one - other);
  const rankOf = new Int32Array(counts.length).fill(-1);
  for (const [rank, item] of itemOf.entries()) rankOf[item] = rank;
  const countOf = Int32Array.from(itemOf, (item) => counts[item] ?? 0);
  const total = countOf.reduce((sum, count) => sum + count, 0);
  const ranks = new Int32Array(total + rows);
  let used = 0;
  for (let index = 0; index < rows; index += 1) {
    const row = rowAt(index);
    const begin = used;
    for (let at = from[row] ?? 0; at < (from[row + 1] ?? 0); at += 1) {
      const rank = rankOf[members[at] ?? 0] ?? -1;
      if (rank >= 0) ranks[used++] = rank;
    }
    ranks.subarray(begin, used).sort();
    ranks[used++] = END;
  }
  return { rows, minCount, itemOf, countOf, ranks, ...placesOf(ranks, countOf) };
}

function placesOf(ranks: Int32Array, countOf: Int32Array): Pick<Ranked, "starts" | "places"> {
  const starts = new Int32Array(countOf.length + 1);
  for (const [rank, count] of countOf.entries()) starts[rank + 1] = (starts[rank] ?? 0) + count;
  const next = starts.slice();
  const places = new Int32Array(starts.at(-1) ?? 0);
  for (let place = 0; place < ranks.length; place += 1) {
    const rank = ranks[place] ?? END;
    if (rank === END) continue;
    const at = next[rank] ?? 0;
    places[at] = place;
    next[rank] = at + 1;
  }
  return { starts, places };
}
