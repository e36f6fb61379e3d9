import { describe, expect, test } from "vitest";
import fc from "fast-check";
import {
  applyLease,
  askLease,
  BUDGET_SHARDS,
  budgetShardOf,
  closeRecall,
  emptyRoot,
  emptyShard,
  freeFor,
  freeOf,
  giveBackTo,
  leaseTo,
  limitRoot,
  openRecall,
  recallFrom,
  takeFrom,
  type BudgetLimit,
  type BudgetRoot,
  type BudgetShard,
  type Taken,
} from "./budgets.ts";

/** One budget over a network that loses answers: what a step has written stays, what it would have said is gone. */
class Sharing {
  root: BudgetRoot = emptyRoot();
  readonly shards: BudgetShard[] = Array.from({ length: BUDGET_SHARDS }, emptyShard);
  readonly taken = new Map<string, Taken>();
  readonly #loses: () => boolean;

  constructor(loses: () => boolean = () => false) {
    this.#loses = loses;
  }

  get given(): number {
    return [...this.taken.values()].reduce((sum, { granted }) => sum + granted, 0);
  }

  /** Takes as the objects do: from the shard, else the root is asked, which recalls. Null: an answer was lost on the way. */
  take(member: string, wanted: number, limit: BudgetLimit): number | null {
    const index = budgetShardOf(member);
    if (this.#from(index, member, { wanted, limit }, false)) return this.granted(member);
    const dry = this.#refill(index, { want: wanted - this.granted(member), limit });
    if (dry === null) return null;
    this.#from(index, member, { wanted, limit }, dry);
    return this.granted(member);
  }

  giveBack(member: string, unused: number): void {
    const index = budgetShardOf(member);
    const back = giveBackTo(this.#shard(index), this.taken.get(member), unused);
    this.shards[index] = back.shard;
    this.taken.set(member, back.taken);
  }

  granted(member: string): number {
    return this.taken.get(member)?.granted ?? 0;
  }

  #from(index: number, member: string, ask: { wanted: number; limit: BudgetLimit }, dry: boolean): boolean {
    const given = takeFrom(this.#shard(index), this.taken.get(member), ask, dry);
    if (given === null) return false;
    this.shards[index] = given.shard;
    this.taken.set(member, given.taken);
    return true;
  }

  #refill(index: number, wish: { want: number; limit: BudgetLimit }): boolean | null {
    const isAgain = this.#shard(index).asked !== null;
    const { shard, ask } = askLease(this.#shard(index), index, wish);
    this.shards[index] = shard;
    if (this.#loses()) return null;
    this.root = limitRoot(this.root, ask.limit);
    if (freeFor(this.root, ask) < ask.want && !this.#recallAll()) return null;
    const leased = leaseTo(this.root, ask);
    this.root = leased.root;
    if (this.#loses()) return null;
    this.shards[index] = applyLease(this.#shard(index), leased.lease, this.root.limit);
    return isAgain && this.#shard(index).left < wish.want ? this.#refill(index, wish) : leased.lease.amount < wish.want;
  }

  #recallAll(): boolean {
    for (const index of this.shards.keys()) {
      const opened = openRecall(this.root, index);
      this.root = opened.root;
      if (this.#loses()) return false;
      const knowing = applyLease(this.#shard(index), opened.ask.lease, opened.ask.limit);
      const { shard, amount } = recallFrom(knowing, opened.ask.number);
      this.shards[index] = shard;
      if (this.#loses()) return false;
      this.root = closeRecall(this.root, index, { number: opened.ask.number, amount });
    }
    return true;
  }

  #shard(index: number): BudgetShard {
    return this.shards[index] as BudgetShard;
  }
}

const limitOf = (total: number, version = 1): BudgetLimit => ({ version, total });

const wishes = fc.array(
  fc.record({
    member: fc.integer({ min: 0, max: 60 }).map((number) => `mbr_${number}`),
    points: fc.integer({ min: 1, max: 90 }),
    back: fc.option(fc.integer({ min: 0, max: 90 }), { nil: null, freq: 4 }),
  }),
  { minLength: 1, maxLength: 120 },
);

test("however many take, lose answers, try again and give back: no more is out than there is", () => {
  fc.assert(
    fc.property(wishes, fc.integer({ min: 0, max: 2000 }), fc.infiniteStream(fc.nat(9)), (all, total, chance) => {
      const sharing = new Sharing(() => chance.next().value === 0);
      for (const { member, points, back } of all) {
        if (back !== null) sharing.giveBack(member, back);
        else sharing.take(member, points, limitOf(total));
        expect(sharing.given).toBeLessThanOrEqual(total);
        expect(sharing.shards.every(({ left }) => left >= 0)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

test("in the end exactly as much is given as there is, or as was wanted if that is less, also after lost answers", () => {
  fc.assert(
    fc.property(wishes, fc.integer({ min: 0, max: 2000 }), fc.infiniteStream(fc.nat(9)), (all, total, chance) => {
      let calm = false;
      const sharing = new Sharing(() => !calm && chance.next().value === 0);
      const wanted = new Map<string, number>();
      for (const { member, points } of all) {
        sharing.take(member, points, limitOf(total));
        wanted.set(member, Math.max(wanted.get(member) ?? 0, points));
      }
      calm = true;
      for (const [member, points] of wanted) sharing.take(member, points, limitOf(total));
      const sum = [...wanted.values()].reduce((before, points) => before + points, 0);
      expect(sharing.given).toBe(Math.min(total, sum));
    }),
    { numRuns: 500 },
  );
});

test("a total that grows or shrinks holds from the first take of its version; what was given by then stays", () => {
  fc.assert(
    fc.property(wishes, fc.array(fc.nat(2000), { minLength: 2, maxLength: 5 }), (all, totals) => {
      const sharing = new Sharing();
      const each = Math.ceil(all.length / totals.length);
      let most = 0;
      for (const [index, { member, points, back }] of all.entries()) {
        const version = Math.floor(index / each) + 1;
        if (index % each === 0) most = Math.max(sharing.given, totals[version - 1] ?? 0);
        if (back !== null) sharing.giveBack(member, back);
        else sharing.take(`${member}/${index}`, points, limitOf(totals[version - 1] ?? 0, version));
        expect(sharing.given).toBeLessThanOrEqual(most);
      }
    }),
    { numRuns: 300 },
  );
});

describe("a key takes once", () => {
  test("the same again gives the same, a larger wish adds the difference, and after giving back nothing more", () => {
    const sharing = new Sharing();
    expect(sharing.take("m", 30, limitOf(100))).toBe(30);
    expect(sharing.take("m", 30, limitOf(100))).toBe(30);
    expect(sharing.take("m", 50, limitOf(100))).toBe(50);
    sharing.giveBack("m", 20);
    sharing.giveBack("m", 20);
    expect(sharing.given).toBe(30);
    expect(sharing.take("m", 50, limitOf(100))).toBe(30);
  });

  test("a key that is given back before it took anything never takes", () => {
    const sharing = new Sharing();
    sharing.giveBack("m", 0);
    expect(sharing.take("m", 5, limitOf(100))).toBe(0);
  });
});

test("the last point is found in whichever shard it lies", () => {
  const sharing = new Sharing();
  for (let member = 0; member < 200; member += 1) sharing.take(`first ${member}`, 1, limitOf(1000));
  expect(freeOf(sharing.root)).toBeLessThan(800);
  expect(sharing.take("last", 1000, limitOf(1000))).toBe(800);
  expect(sharing.take("too late", 1, limitOf(1000))).toBe(0);
});
