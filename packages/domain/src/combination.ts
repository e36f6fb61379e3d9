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
  readonly #twins: readonly string[];
  /** How many that must be used are still to come. */
  readonly #fixedFrom: readonly number[];
  #best: readonly Kind[];
  #bestValue: number;
  #steps = 0;

  constructor(lines: readonly StoredLine[], fixed: readonly Kind[], optional: readonly Kind[], most: number) {
    this.#lines = lines;
    this.#fixed = new Set(fixed);
    this.#most = most + fixed.length;
    this.#order = [...fixed, ...withoutDominated(optional)].sort(byApplication);
    this.#bounds = makeBounds(this.#order, lines);
    this.#twins = this.#order.map(twinOf);
    this.#fixedFrom = this.#order.map((_, place) => fixed.filter((one) => this.#order.indexOf(one) >= place).length);
    this.#best = greedy(lines, fixed, optional, most);
    this.#bestValue = valueOf(this.#best, lines);
  }

  run(): readonly Kind[] {
    const start = { chosen: [], groups: new Set<string>(), without: new Set<string>(), off: 0 };
    this.#visit(0, standingOf(this.#lines), start);
    return withoutIdle(this.#best, this.#fixed, this.#lines);
  }

  #visit(place: number, standing: Standing, node: Node<Kind>): void {
    this.#steps += 1;
    const one = this.#order[place];
    if (one === undefined) {
      if (node.off > this.#bestValue) [this.#best, this.#bestValue] = [node.chosen, node.off];
      return;
    }
    const isFixed = this.#fixed.has(one);
    if (!isFixed && this.#steps > SEARCH_STEPS_MAX) return this.#visit(place + 1, standing, node);
    const { group } = one.stacking;
    const twin = this.#twins[place] ?? "";
    const blocked = (group !== undefined && node.groups.has(group)) || node.without.has(twin);
    const full = node.chosen.length + (this.#fixedFrom[place] ?? 0) >= this.#most;
    if (isFixed || (!blocked && !full)) this.#take(place, standing, node, one);
    if (isFixed) return;
    const rest = { ...node, without: new Set([...node.without, twin]) };
    if (full || this.#mayBeat(place + 1, standing, rest)) this.#visit(place + 1, standing, rest);
  }

  #take(place: number, standing: Standing, node: Node<Kind>, one: Kind): void {
    const after = copyOf(standing);
    const off = node.off + sumOf(takeOff(one.benefit, one.places, this.#lines, after));
    const { group } = one.stacking;
    const groups = group === undefined ? node.groups : new Set([...node.groups, group]);
    this.#visit(place + 1, after, { ...node, chosen: [...node.chosen, one], groups, off });
  }

  #mayBeat(place: number, standing: Standing, { off, groups, without }: Node<Kind>): boolean {
    const allowed = (index: number) => {
      const one = this.#order[index];
      if (one === undefined) return false;
      if (this.#fixed.has(one)) return true;
      const { group } = one.stacking;
      return !(group !== undefined && groups.has(group)) && !without.has(this.#twins[index] ?? "");
    };
    return off + boundOf(this.#bounds, standing, place, allowed) > this.#bestValue;
  }
}

interface Node<Kind extends Candidate> {
  readonly chosen: readonly Kind[];
  readonly groups: ReadonlySet<string>;
  /** Alike vouchers of which one was left out: then all that come after it are. */
  readonly without: ReadonlySet<string>;
  readonly off: number;
}

const sumOf = (cuts: readonly Cut[]) => cuts.reduce((sum, { value }) => sum + value, 0);

const valueOf = (candidates: readonly Candidate[], lines: readonly StoredLine[]) =>
  applyAll(candidates, lines).reduce((sum, { value }) => sum + value, 0);

function byApplication(one: Candidate, other: Candidate): number {
  return (
    BENEFIT_RANK[one.benefit.type] - BENEFIT_RANK[other.benefit.type] ||
    compare(one.expiresAt ?? Infinity, other.expiresAt ?? Infinity) ||
    compare(one.id, other.id)
  );
}

const compare = <Value extends number | string>(one: Value, other: Value) => (one < other ? -1 : Number(one > other));

const twinOf = ({ benefit, places, stacking }: Candidate) => JSON.stringify([benefit, places, stacking]);

// Of two that exclude each other and take from the same lines, the one that never takes more is never needed.
function withoutDominated<Kind extends Candidate>(optional: readonly Kind[]): readonly Kind[] {
  const sorted = optional.toSorted(byApplication);
  return sorted.filter((one, place) =>
    sorted.every((other, otherPlace) => {
      if (one === other || one.stacking.group === undefined) return true;
      if (one.stacking.group !== other.stacking.group || one.places.join() !== other.places.join()) return true;
      if (!takesAsMuch(other.benefit, one.benefit)) return true;
      return takesAsMuch(one.benefit, other.benefit) && place < otherPlace;
    }),
  );
}

function takesAsMuch(one: Benefit, other: Benefit): boolean {
  if (one.type === "amountOff" && other.type === "amountOff") return one.amount >= other.amount;
  if (one.type !== "percentOff" || other.type !== "percentOff") return false;
  return one.percent >= other.percent && (one.maxAmount ?? Infinity) >= (other.maxAmount ?? Infinity);
}

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
  let kept = chosen.toSorted(byApplication);
  const value = valueOf(kept, lines);
  const lastFirst = kept.toSorted((one, other) => compare(other.expiresAt ?? Infinity, one.expiresAt ?? Infinity));
  for (const one of lastFirst) {
    if (fixed.has(one)) continue;
    const without = kept.filter((other) => other !== one);
    if (valueOf(without, lines) >= value) kept = without;
  }
  return kept;
}
