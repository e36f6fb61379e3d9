// Shares a whole out by weights without losing or making a unit: the largest remainder decides.
import { floorShare } from "./basket.ts";

/**
 * Integers that sum to `total`, in proportion to weights (integers of 0 or more); of equal remainders the first gets the unit.
 * Where all weights are zero the first gets everything.
 */
export function sharesByWeight(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  if (sum === 0) return weights.map((_, place) => (place === 0 ? total : 0));
  const shares = weights.map((weight) => floorShare(total, weight, sum));
  const left = total - shares.reduce((all, one) => all + one, 0);
  if (left === 0) return shares;
  const remainders = weights.map((weight, place) => ({ rest: remainderOf(total, weight, sum), place }));
  remainders.sort((one, other) => other.rest - one.rest || one.place - other.place);
  for (const { place } of remainders.slice(0, left)) shares[place] = (shares[place] ?? 0) + 1;
  return shares;
}

/** (amount × part) mod whole, exact for all safe integers. */
function remainderOf(amount: number, part: number, whole: number): number {
  const product = amount * part;
  return Number.isSafeInteger(product) ? product % whole : Number((BigInt(amount) * BigInt(part)) % BigInt(whole));
}
