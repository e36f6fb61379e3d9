// Holds many baskets as whole numbers, so that a million of them fit in a few tens of megabytes.

/** Baskets as rows of item numbers; `offsets` says where each row begins, with one entry more than there are rows. */
export type BasketTable = {
  /** Names of the items by their number. */
  readonly items: readonly string[];
  readonly offsets: Int32Array;
  readonly members: Int32Array;
};

/** Rows grow by half when they are full. */
const GROWTH = 1.5;
const FIRST_ROOM = 1024;

/** A table of baskets with item names, taken as they are (no trimming); an item counts once in a basket. */
export function basketTable(baskets: Iterable<readonly string[]>): BasketTable {
  const builder = new BasketBuilder();
  for (const basket of baskets) builder.add(basket);
  return builder.table();
}

/** Fills a table basket by basket, for those that arrive page by page. */
export class BasketBuilder {
  readonly #numbers = new Map<string, number>();
  #offsets = new Int32Array(FIRST_ROOM);
  #members = new Int32Array(FIRST_ROOM);
  #rows = 0;
  #used = 0;

  /** Adds one basket and says its number. */
  add(basket: readonly string[]): number {
    if (this.#rows + 1 >= this.#offsets.length) this.#offsets = grown(this.#offsets, this.#rows + 2);
    if (this.#used + basket.length > this.#members.length) {
      this.#members = grown(this.#members, this.#used + basket.length);
    }
    const from = this.#used;
    for (const item of basket) {
      const known = this.#numbers.get(item);
      const number = known ?? this.#numbers.size;
      if (known === undefined) this.#numbers.set(item, number);
      else if (this.#members.subarray(from, this.#used).includes(number)) continue;
      this.#members[this.#used] = number;
      this.#used += 1;
    }
    this.#rows += 1;
    this.#offsets[this.#rows] = this.#used;
    return this.#rows - 1;
  }

  /** The table of what was added so far; the builder must not be used after. */
  table(): BasketTable {
    return {
      items: [...this.#numbers.keys()],
      offsets: this.#offsets.subarray(0, this.#rows + 1),
      members: this.#members.subarray(0, this.#used),
    };
  }
}

/** How many baskets a table has. */
export function basketCount(table: BasketTable): number {
  return table.offsets.length - 1;
}

function grown(full: Int32Array<ArrayBuffer>, atLeast: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(atLeast, Math.ceil(full.length * GROWTH)));
  larger.set(full);
  return larger;
}
