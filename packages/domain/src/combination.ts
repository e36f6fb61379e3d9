// The best legal combination of vouchers for the shopper: an exact search that leaves out what cannot beat the best found.
import type { StoredLine } from "@regulars/contracts/events-orders";
import type { Benefit, Terms } from "@regulars/contracts/program-rewards";
import { BENEFIT_RANK, copyOf, standingOf, takeOff, type Cut, type Standing } from "./benefits.ts";
import { boundOf, makeBounds, type Bounds } from "./combination-bound.ts";

/** A voucher or code that may be used on a basket by its own terms, and the lines that it may take something off. */
export interface Candidate {
  readonly id: string;
  readonly benefit: Benefit;
  readonly stacking: Terms["stacking"];
  readonly expiresAt: number | null;
  /** Places of lines. */
  readonly places: readonly number[];
  /** The same for vouchers that differ in nothing but when they end. */
  readonly twin: string;
}

/** A candidate from what is known of it. */
export function candidateOf(facts: Omit<Candidate, "twin">): Candidate {
  const { benefit, places, stacking } = facts;
  return { ...facts, twin: JSON.stringify([benefit, places, stacking]) };
}

export interface Applied<Kind extends Candidate> {
  readonly candidate: Kind;
  readonly cuts: readonly Cut[];
  /** Minor units. */
  readonly value: number;
}

/**
 * Combinations that are looked at before the best found so far is taken: some 20 ms. Twenty vouchers of any stacking stay
 * far below; only hundreds of different ones on one basket come here.
 */
export const SEARCH_STEPS_MAX = 20_000;

/** What these vouchers take off together, in the order in which they are applied. */
export function applyAll<Kind extends Candidate>(
  candidates: readonly Kind[],
  lines: readonly StoredLine[],
): readonly Applied<Kind>[] {
  const standing = standingOf(lines);
  return candidates.toSorted(byApplication).map((candidate) => {
    const cuts = takeOff(candidate.benefit, candidate.places, lines, standing);
    return { candidate, cuts, value: sumOf(cuts) };
  });
}

/** Why `other` cannot be used beside `one`, or null. */
export function conflictOf(one: Candidate, other: Candidate): "alone" | "group" | null {
  if (one.stacking.alone || other.stacking.alone) return "alone";
  return one.stacking.group !== undefined && one.stacking.group === other.stacking.group ? "group" : null;
}

/**
 * The optional vouchers that take most off together with `fixed` (which are legal among themselves), at most `most` of them.
 * None of those returned could be left out without taking less off; among alike ones those that end sooner are used.
 */
export function bestCombination<Kind extends Candidate>(
  lines: readonly StoredLine[],
  fixed: readonly Kind[],
  optional: readonly Kind[],
  most: number,
): readonly Kind[] {
  const legal = optional.filter((one) => fixed.every((other) => conflictOf(other, one) === null));
  const together = new Search(
    lines,
    fixed,
    legal.filter(({ stacking }) => !stacking.alone),
    most,
  ).run();
  if (fixed.length > 0 || most === 0) return together;
  const alone = legal.filter(({ stacking }) => stacking.alone).toSorted(byApplication);
  let best = { chosen: together, value: valueOf(together, lines) };
  for (const one of alone) {
    const value = valueOf([one], lines);
    if (value > best.value) best = { chosen: [one], value };
  }
  return best.chosen;
}

class Search<Kind extends Candidate> {
  readonly #lines: readonly StoredLine[];
  readonly #order: readonly Kind[];
  readonly #fixed: ReadonlySet<Kind>;
  readonly #most: number;
  readonly #bounds: Bounds;
  /** How many that must be used are still to come. */
  readonly #fixedFrom: readonly number[];
  /** By place: a voucher of its group is chosen, or one just like it was left out. */
  readonly #barred: number[];
  #best: readonly Kind[];
  #bestValue: number;
  #steps = 0;

  constructor(lines: readonly StoredLine[], fixed: readonly Kind[], optional: readonly Kind[], most: number) {
    this.#lines = lines;
    this.#fixed = new Set(fixed);
    this.#most = most + fixed.length;
    this.#order = [...fixed, ...optional].sort(byApplication);
    this.#bounds = makeBounds(this.#order, lines);
    this.#fixedFrom = this.#order.map((_, place) => fixed.filter((one) => this.#order.indexOf(one) >= place).length);
    this.#barred = this.#order.map(() => 0);
    this.#best = greedy(lines, fixed, optional, most);
    this.#bestValue = valueOf(this.#best, lines);
  }

  run(): readonly Kind[] {
    this.#visit(0, standingOf(this.#lines), [], 0);
    return withoutIdle(this.#best, this.#fixed, this.#lines);
  }

  #visit(place: number, standing: Standing, chosen: readonly Kind[], off: number): void {
    this.#steps += 1;
    const one = this.#order[place];
    if (one === undefined) {
      if (off > this.#bestValue) [this.#best, this.#bestValue] = [chosen, off];
      return;
    }
    const isFixed = this.#fixed.has(one);
    const full = chosen.length + (this.#fixedFrom[place] ?? 0) >= this.#most;
    const mayTake = isFixed || (!full && this.#barred[place] === 0 && this.#steps <= SEARCH_STEPS_MAX);
    if (mayTake) this.#take(place, standing, chosen, off);
    if (isFixed) return;
    const alike = this.#bar(place, (other) => other.twin === one.twin);
    const allowed = (index: number) => this.#barred[index] === 0;
    const mayBeat = !mayTake || off + boundOf(this.#bounds, standing, place + 1, allowed) > this.#bestValue;
    if (mayBeat) this.#visit(place + 1, standing, chosen, off);
    this.#unbar(alike);
  }

  #take(place: number, standing: Standing, chosen: readonly Kind[], off: number): void {
    const one = this.#order[place];
    if (one === undefined) return;
    const after = copyOf(standing);
    const more = sumOf(takeOff(one.benefit, one.places, this.#lines, after));
    const { group } = one.stacking;
    const others = group === undefined ? [] : this.#bar(place, ({ stacking }) => stacking.group === group);
    this.#visit(place + 1, after, [...chosen, one], off + more);
    this.#unbar(others);
  }

  #bar(after: number, isBarred: (other: Kind) => boolean): readonly number[] {
    const places: number[] = [];
    for (let place = after + 1; place < this.#order.length; place += 1) {
      const other = this.#order[place];
      if (other !== undefined && !this.#fixed.has(other) && isBarred(other)) places.push(place);
    }
    for (const place of places) this.#barred[place] = (this.#barred[place] ?? 0) + 1;
    return places;
  }

  #unbar(places: readonly number[]): void {
    for (const place of places) this.#barred[place] = (this.#barred[place] ?? 0) - 1;
  }
}

const sumOf = (cuts: readonly Cut[]) => cuts.reduce((sum, { value }) => sum + value, 0);

const valueOf = (candidates: readonly Candidate[], lines: readonly StoredLine[]) =>
  applyAll(candidates, lines).reduce((sum, { value }) => sum + value, 0);

// Larger before smaller; alike ones stand together, the one that ends first before the others.
function byApplication(one: Candidate, other: Candidate): number {
  return (
    BENEFIT_RANK[one.benefit.type] - BENEFIT_RANK[other.benefit.type] ||
    sizeOf(other.benefit) - sizeOf(one.benefit) ||
    compare(one.twin, other.twin) ||
    compare(one.expiresAt ?? Infinity, other.expiresAt ?? Infinity) ||
    compare(one.id, other.id)
  );
}

function sizeOf(benefit: Benefit): number {
  if (benefit.type === "percentOff") return benefit.percent;
  return benefit.type === "amountOff" ? benefit.amount : 0;
}

const compare = <Value extends number | string>(one: Value, other: Value) => (one < other ? -1 : Number(one > other));

// Those that take most off by themselves, as many as go together: what the search has to beat.
function greedy<Kind extends Candidate>(
  lines: readonly StoredLine[],
  fixed: readonly Kind[],
  optional: readonly Kind[],
  most: number,
): readonly Kind[] {
  const chosen = [...fixed];
  const byValue = optional
    .map((one) => ({ one, value: valueOf([one], lines) }))
    .sort((one, other) => other.value - one.value || byApplication(one.one, other.one));
  for (const { one } of byValue) {
    if (chosen.length === fixed.length + most) break;
    if (chosen.every((other) => conflictOf(one, other) === null)) chosen.push(one);
  }
  return chosen;
}

// A voucher that takes nothing off beside the others is kept for another day; the one that ends last first.
function withoutIdle<Kind extends Candidate>(
  chosen: readonly Kind[],
  fixed: ReadonlySet<Kind>,
  lines: readonly StoredLine[],
): readonly Kind[] {
  const value = valueOf(chosen, lines);
  const lastFirst = chosen.toSorted((one, other) => compare(other.expiresAt ?? Infinity, one.expiresAt ?? Infinity));
  const without = (one: Kind) => chosen.filter((other) => other !== one);
  const idle = lastFirst.find((one) => !fixed.has(one) && valueOf(without(one), lines) >= value);
  return idle === undefined ? chosen.toSorted(byApplication) : withoutIdle(without(idle), fixed, lines);
}
