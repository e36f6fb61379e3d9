// What vouchers could take off at most beside those that are chosen: an upper bound, never below what they really can.
import type { StoredLine } from "@regulars/contracts/events-orders";
import type { Benefit } from "@regulars/contracts/program-rewards";
import { copyOf, takeOff, type Standing } from "./benefits.ts";
import type { Candidate } from "./combination.ts";

/** What is known of the candidates of one search before it begins. */
export interface Bounds {
  readonly candidates: readonly Candidate[];
  readonly lines: readonly StoredLine[];
  /** Whether lines can be rounded against each other: not where the candidates' lines are the same or have nothing in common. */
  readonly nested: boolean;
}

// What is added to a sum of fractions before it is rounded down: far more than their error, far less than a minor unit.
const EPSILON = 1e-4;

export function makeBounds(candidates: readonly Candidate[], lines: readonly StoredLine[]): Bounds {
  return { candidates, lines, nested: areNested(candidates) };
}

/**
 * The most (minor units) that the allowed candidates from `place` on can take off together, by two ways of which the lower
 * holds. Each by itself, of a group only the largest: what was taken before leaves less to take. And one after the other
 * without rounding and without regard to exclusions: no choice among them takes more than all of them.
 */
export function boundOf(
  { candidates, lines, nested }: Bounds,
  standing: Standing,
  place: number,
  allowed: (index: number) => boolean,
): number {
  const left = [...standing.left];
  const whole = left.reduce((sum, amount) => sum + amount, 0);
  const groups = new Map<string, number>();
  let [apart, together] = [0, 0];
  for (let index = place; index < candidates.length; index += 1) {
    const one = candidates[index];
    if (one === undefined || !allowed(index)) continue;
    const byUnits = mostByUnits(one, standing, lines);
    const alone = byUnits ?? realOff(one, standing.left);
    const { group } = one.stacking;
    if (group === undefined) apart += alone;
    else groups.set(group, Math.max(groups.get(group) ?? 0, alone));
    together += byUnits ?? takeReal(one, left) + (nested ? left.length : 0);
  }
  for (const most of groups.values()) apart += most;
  return Math.min(whole, Math.floor(Math.min(apart, together) + EPSILON));
}

function takeReal(one: Candidate, left: number[]): number {
  const off = realOff(one, left);
  if (off === 0) return 0;
  const share = 1 - off / sumOf(one.places, left);
  for (const place of one.places) left[place] = (left[place] ?? 0) * share;
  return off;
}

function realOff({ benefit, places }: Candidate, left: readonly number[]): number {
  const sum = sumOf(places, left);
  switch (benefit.type) {
    case "percentOff":
      return Math.min(sum, (sum * Math.round(benefit.percent * 100)) / 10_000, benefit.maxAmount ?? Infinity);
    case "amountOff":
      return Math.min(sum, benefit.amount);
    default:
      return sum;
  }
}

// Null for what does not go by units. Using units leaves fewer of them, but maybe dearer ones; rounding gives one more a line.
function mostByUnits({ benefit, places }: Candidate, standing: Standing, lines: readonly StoredLine[]): number | null {
  switch (benefit.type) {
    case "nextItem":
      return dearestUnits(benefit, places, standing) + places.length;
    case "bundle":
    case "gift": {
      const cuts = takeOff(benefit, places, lines, copyOf(standing));
      return cuts.reduce((sum, { value }) => sum + value, places.length);
    }
    case "experience":
      return 0;
    default:
      return null;
  }
}

function dearestUnits(
  { buy, price, maxTimes }: Extract<Benefit, { type: "nextItem" }>,
  places: readonly number[],
  { spare, spareWorth }: Standing,
): number {
  const worth = (place: number) => (spareWorth[place] ?? 0) / Math.max(1, spare[place] ?? 0);
  let wanted = Math.min(maxTimes, Math.floor(sumOf(places, spare) / (buy + 1)));
  let most = 0;
  for (const place of places.toSorted((one, other) => worth(other) - worth(one))) {
    if (wanted === 0 || worth(place) <= price) break;
    const taken = Math.min(wanted, spare[place] ?? 0);
    wanted -= taken;
    most += taken * (worth(place) - price);
  }
  return most;
}

const sumOf = (places: readonly number[], figures: readonly number[]) =>
  places.reduce((sum, place) => sum + (figures[place] ?? 0), 0);

function areNested(candidates: readonly Candidate[]): boolean {
  const sets = new Map(candidates.map(({ places }) => [places.join(), new Set(places)]));
  const all = [...sets.values()];
  return all.some((one, place) => all.slice(place + 1).some((other) => [...one].some((line) => other.has(line))));
}
