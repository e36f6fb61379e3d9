// Shares a whole out by weights without losing or making a unit: the largest remainder decides.

/** Integers that sum to `total`, in proportion to weights (integers); of equal remainders the first gets the unit. */
export function sharesByWeight(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((all, weight) => all + BigInt(weight), 0n);
  if (sum === 0n) return weights.map((_, place) => (place === 0 ? total : 0));
  const products = weights.map((weight) => BigInt(total) * BigInt(weight));
  const shares = products.map((product) => Number(product / sum));
  const left = total - shares.reduce((all, one) => all + one, 0);
  const remainders = products.map((product, place) => ({ remainder: product % sum, place }));
  remainders.sort((one, other) => Number(other.remainder > one.remainder) - Number(other.remainder < one.remainder));
  for (const { place } of remainders.slice(0, left)) shares[place] = (shares[place] ?? 0) + 1;
  return shares;
}
