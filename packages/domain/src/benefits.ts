// What each benefit takes off a basket, in minor units: after the lines' discounts and after what was applied before it.
import type { StoredLine } from "@regulars/contracts/events-orders";
import type { Benefit } from "@regulars/contracts/program-rewards";
import { floorShare } from "./basket.ts";
import { sharesByWeight } from "./shares-by-weight.ts";

/** A basket while benefits are applied to it one after the other; by place of the line. */
export interface Standing {
  /** What is left to pay of each line. */
  readonly left: number[];
  /** Units that no bundle, second item or gift has used yet, and what they cost. */
  readonly spare: number[];
  readonly spareWorth: number[];
}

/** What a benefit takes off one line. */
export interface Cut {
  readonly place: number;
  readonly value: number;
}

/**
 * The order in which benefits are applied: what goes by units first, then shares of what is left, then amounts, shipping last.
 * So every combination has one result, whatever order it was named in.
 */
export const BENEFIT_RANK: Readonly<Record<Benefit["type"], number>> = {
  bundle: 0,
  nextItem: 1,
  gift: 2,
  percentOff: 3,
  amountOff: 4,
  freeShipping: 5,
  experience: 6,
};

/** A basket before any benefit. */
export function standingOf(lines: readonly StoredLine[]): Standing {
  const left = lines.map((line) => line.quantity * line.unitPrice - line.discount);
  return { left, spare: lines.map(({ quantity }) => quantity), spareWorth: [...left] };
}

/** The same again, to try something on. */
export const copyOf = ({ left, spare, spareWorth }: Standing): Standing => ({
  left: [...left],
  spare: [...spare],
  spareWorth: [...spareWorth],
});

/**
 * Applies a benefit to the lines at `places` and returns what it took off each, never more than was left of it. A gift or
 * an experience that the basket does not hold takes nothing off.
 */
export function takeOff(
  benefit: Benefit,
  places: readonly number[],
  lines: readonly StoredLine[],
  standing: Standing,
): readonly Cut[] {
  const cuts = cutsOf(benefit, places, lines, standing).filter(({ value }) => value > 0);
  for (const { place, value } of cuts) standing.left[place] = at(standing.left, place) - value;
  return cuts;
}

function cutsOf(
  benefit: Benefit,
  places: readonly number[],
  lines: readonly StoredLine[],
  standing: Standing,
): readonly Cut[] {
  switch (benefit.type) {
    case "percentOff": {
      const whole = sumOf(places, standing.left);
      const off = floorShare(whole, Math.round(benefit.percent * 100), 10_000);
      return spread(Math.min(off, benefit.maxAmount ?? off), places, standing);
    }
    case "amountOff":
      return spread(Math.min(benefit.amount, sumOf(places, standing.left)), places, standing);
    case "freeShipping":
      return places.map((place) => ({ place, value: at(standing.left, place) }));
    case "gift":
      return freeUnits(benefit.quantity, places, standing);
    case "nextItem":
      return nextItem(benefit, places, standing);
    case "bundle":
      return bundle(benefit, places, lines, standing);
    case "experience":
      return [];
  }
}

function spread(amount: number, places: readonly number[], { left }: Standing): readonly Cut[] {
  const weights = places.map((place) => at(left, place));
  const shares = sharesByWeight(amount, weights);
  return places.map((place, index) => ({ place, value: at(shares, index) }));
}

// The dearest units of the gift's SKU, should it be on several lines.
function freeUnits(quantity: number, places: readonly number[], standing: Standing): readonly Cut[] {
  const taken = takeUnits(standing, places.toSorted(byDearness(standing)), quantity);
  return taken.map((part) => ({ place: part.place, value: useUnits(standing, part.place, part.taken) }));
}

// The cheapest units that cost more than the price get it; the dearest are those that were bought for it.
function nextItem(
  { buy, price, maxTimes }: Extract<Benefit, { type: "nextItem" }>,
  places: readonly number[],
  standing: Standing,
): readonly Cut[] {
  const counted = places.filter((place) => unitWorth(standing, place) > price).sort(byDearness(standing));
  const units = sumOf(counted, standing.spare);
  const times = Math.min(maxTimes, Math.floor(units / (buy + 1)));
  const cuts: Cut[] = [];
  for (const { place, taken } of takeUnits(standing, counted.toReversed(), times)) {
    cuts.push({ place, value: useUnits(standing, place, taken) - taken * price });
  }
  for (const { place, taken } of takeUnits(standing, counted, times * buy)) useUnits(standing, place, taken);
  return cuts;
}

// As often as takes off most; of a SKU on several lines the dearest units go first.
function bundle(
  { items, price, maxTimes }: Extract<Benefit, { type: "bundle" }>,
  places: readonly number[],
  lines: readonly StoredLine[],
  standing: Standing,
): readonly Cut[] {
  const needs = new Map<string, number>();
  for (const { sku, quantity } of items) needs.set(sku, (needs.get(sku) ?? 0) + quantity);
  const shelves = [...needs].map(([sku, quantity]) => {
    const own = places.filter((place) => lines[place]?.sku === sku && at(standing.spare, place) > 0);
    return { quantity, places: own.sort(byDearness(standing)), units: sumOf(own, standing.spare) };
  });
  const most = shelves.reduce((times, { quantity, units }) => Math.min(times, Math.floor(units / quantity)), maxTimes);
  let best = { value: 0, taken: [] as readonly Taken[] };
  for (let times = 1; times <= most; times += 1) {
    const taken = shelves.flatMap((shelf) => takeUnits(standing, shelf.places, times * shelf.quantity));
    const worth = taken.reduce((sum, part) => sum + worthOf(standing, part.place, part.taken), 0);
    if (worth - times * price > best.value) best = { value: worth - times * price, taken };
  }
  const worths = best.taken.map(({ place, taken }) => useUnits(standing, place, taken));
  const shares = sharesByWeight(best.value, worths);
  return best.taken.map(({ place }, index) => ({ place, value: at(shares, index) }));
}

interface Taken {
  readonly place: number;
  readonly taken: number;
}

function takeUnits({ spare }: Standing, places: readonly number[], wanted: number): readonly Taken[] {
  const parts: Taken[] = [];
  let missing = wanted;
  for (const place of places) {
    const taken = Math.min(missing, at(spare, place));
    if (taken === 0) continue;
    missing -= taken;
    parts.push({ place, taken });
  }
  return parts;
}

const worthOf = ({ spare, spareWorth }: Standing, place: number, units: number) =>
  units === 0 ? 0 : floorShare(at(spareWorth, place), units, at(spare, place));

function useUnits(standing: Standing, place: number, units: number): number {
  const worth = worthOf(standing, place, units);
  standing.spare[place] = at(standing.spare, place) - units;
  standing.spareWorth[place] = at(standing.spareWorth, place) - worth;
  return worth;
}

const unitWorth = ({ spare, spareWorth }: Standing, place: number) =>
  at(spare, place) === 0 ? 0 : at(spareWorth, place) / at(spare, place);

const byDearness = (standing: Standing) => (one: number, other: number) =>
  unitWorth(standing, other) - unitWorth(standing, one) || one - other;

const sumOf = (places: readonly number[], figures: readonly number[]) =>
  places.reduce((sum, place) => sum + at(figures, place), 0);

const at = (figures: readonly number[], place: number) => figures[place] ?? 0;
