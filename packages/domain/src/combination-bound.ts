// What vouchers could take off at most beside those that are chosen: an upper bound, never below what they really can.
import type { StoredLine } from "@regulars/contracts/events-orders";
import type { Benefit } from "@regulars/contracts/program-rewards";
import { standingOf, takeOff, type Standing } from "./benefits.ts";
import type { Candidate } from "./combination.ts";

/** What is known of the candidates of one search before it begins. */
export interface Bounds {
  readonly candidates: readonly Candidate[];
  /** Of a benefit that goes by units: the most that it can take off, whatever was applied before it. */
  readonly byUnits: readonly (number | null)[];
  /** Minor units by which rounding to lines can make one step take more than its share. */
  readonly slack: number;
}

const EPSILON = 1e-6;

export function makeBounds(candidates: readonly Candidate[], lines: readonly StoredLine[]): Bounds {
  return {
    candidates,
    byUnits: candidates.map(({ benefit, places }) => mostByUnits(benefit, places, lines)),
    slack: areNestless(candidates) ? 0 : lines.length,
  };
}

/**
 * The most (minor units) that the allowed candidates from `place` on can take off together. Shares and amounts are applied
 * without rounding and without regard to their exclusions: each takes less from less, so no choice among them takes more.
 */
export function boundOf(
  { candidates, byUnits, slack }: Bounds,
  standing: Standing,
  place: number,
  allowed: (index: number) => boolean,
): number {
  const left = [...standing.left];
  const whole = left.reduce((sum, amount) => sum + amount, 0);
  let most = 0;
  for (let index = place; index < candidates.length; index += 1) {
    const candidate = candidates[index];
    if (candidate === undefined || !allowed(index)) continue;
    most += byUnits[index] ?? takeReal(candidate, left) + slack;
  }
  return Math.min(whole, Math.floor(most + EPSILON));
}

function takeReal({ benefit, places }: Candidate, left: number[]): number {
  const sum = places.reduce((total, place) => total + (left[place] ?? 0), 0);
  if (sum <= 0) return 0;
  const off = Math.min(sum, realOff(benefit, sum));
  for (const place of places) left[place] = (left[place] ?? 0) * (1 - off / sum);
  return off;
}

function realOff(benefit: Benefit, sum: number): number {
  switch (benefit.type) {
    case "percentOff":
      return Math.min((sum * Math.round(benefit.percent * 100)) / 10_000, benefit.maxAmount ?? Infinity);
    case "amountOff":
      return benefit.amount;
    case "freeShipping":
      return sum;
    default:
      return 0;
  }
}

// Fewer units are left after others were used, but those may be dearer; a line's rounding gives one minor unit more.
function mostByUnits(benefit: Benefit, places: readonly number[], lines: readonly StoredLine[]): number | null {
  const standing = standingOf(lines);
  switch (benefit.type) {
    case "nextItem": {
      const units = places.reduce((sum, place) => sum + (standing.spare[place] ?? 0), 0);
      const times = Math.min(benefit.maxTimes, Math.floor(units / (benefit.buy + 1)));
      const worth = (place: number) => (standing.left[place] ?? 0) / (standing.spare[place] ?? 1);
      const dearest = places.toSorted((one, other) => worth(other) - worth(one));
      let [most, wanted] = [lines.length, times];
      for (const place of dearest) {
        const taken = Math.min(wanted, standing.spare[place] ?? 0);
        wanted -= taken;
        most += Math.max(0, taken * (worth(place) - benefit.price));
      }
      return most;
    }
    case "bundle":
    case "gift":
      return takeOff(benefit, places, lines, standing).reduce((sum, { value }) => sum + value, lines.length);
    case "experience":
      return 0;
    default:
      return null;
  }
}

// Where the candidates' lines are the same or have nothing in common, only sums matter, and rounding cannot move between lines.
function areNestless(candidates: readonly Candidate[]): boolean {
  const sets = new Map(candidates.map(({ places }) => [places.join(), new Set(places)]));
  const all = [...sets.values()];
  return all.every((one, place) => all.slice(place + 1).every((other) => ![...one].some((line) => other.has(line))));
}
