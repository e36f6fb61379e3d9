// Gauss's hypergeometric function in the two forms that the models of buying need, by methods that stay exact.

const MACHINE_EPSILON = 2.220446049250313e-16;
const TINY = 1e-300;
/** The fraction needs about 20 / sqrt(1 - z) steps: enough for z within 1e-8 of 1. */
const MAX_STEPS = 200_000;
/** The series needs about 36 / (1 - z) terms: enough for a horizon of 100,000 times the member's past. */
const MAX_TERMS = 4_000_000;
/** Above this, a negative parameter makes terms so large that their difference loses more than three digits. */
const MAX_ALTERNATION = 6;
/** Steps of the trapezoid after the substitution; each halving of the step doubles the exact digits. */
const QUADRATURE_STEP = 1 / 32;
/** Beyond this the terms of the series and what they are multiplied with leave the range of numbers. */
const MAX_EXPONENT = 300;
/** Steps of the trapezoid over ln(p / (1 - p)), in deviations of it: a bell is exact to the last digit with these. */
const BELL_STEP = 1 / 16;
/** Where the density has fallen by e^-40, what is left out is below the last digit. */
const NEGLIGIBLE_EXPONENT = 40;

/**
 * 2F1(1, b; c; z) for c > b > 0 and 0 ≤ z < 1, by Gauss's continued fraction (DLMF 15.7.1) and Lentz's method.
 * Every coefficient is positive, so that nothing cancels.
 */
export function gaussFraction(b: number, c: number, z: number): number {
  let numerator = 1 - (b / c) * z;
  let denominator = 1;
  let fraction = numerator;
  for (let n = 1; n <= MAX_STEPS; n += 1) {
    const even = -(n * (c - b + n - 1) * z) / ((c + 2 * n - 2) * (c + 2 * n - 1));
    denominator = 1 / away(1 + even * denominator);
    numerator = away(1 + even / numerator);
    fraction *= numerator * denominator;
    const odd = -((b + n) * (c + n - 1) * z) / ((c + 2 * n - 1) * (c + 2 * n));
    denominator = 1 / away(1 + odd * denominator);
    numerator = away(1 + odd / numerator);
    const change = numerator * denominator;
    fraction *= change;
    if (Math.abs(change - 1) < MACHINE_EPSILON) break;
  }
  return 1 / fraction;
}

/**
 * ∫₀¹ (1 - (1 + p·u)^-r) / p · Beta(p; a, b) dp for r, a, b > 0 and u ≥ 0: the orders expected of a member whose rate
 * is Gamma(r, 1/u of the horizon) and who stops after each with a probability that is Beta(a, b). Euler's form of
 * 2F1 (Fader, Hardie & Lee 2005, eq. 9-10), arranged so that a = 1 and a + b = 1 are not special.
 */
export function ordersUntilDropout({ r, a, b, u }: { r: number; a: number; b: number; u: number }): number {
  if (u <= 0) return 0;
  const z = u / (1 + u);
  const c = a + b - 1;
  if ((r - c) * z > MAX_ALTERNATION) return ordersByQuadrature(r, a, b, u);
  const exponent = (1 - a) * Math.log1p(u);
  if (exponent < -MAX_EXPONENT) return ordersByBell(r, a, b, u);
  const lasting = Math.exp(exponent);
  // c times the sum over k ≥ 1 of (c - r)_k (a)_(k-1) / ((c)_k k!) z^k, whose first term holds c itself.
  let term = (c - r) * z;
  let sum = term;
  for (let k = 1; k < MAX_TERMS; k += 1) {
    term *= ((c - r + k) * (a + k - 1) * z) / ((c + k) * (k + 1));
    sum += term;
    if (Math.abs(term) <= MACHINE_EPSILON * (1 - z) * Math.abs(sum)) break;
  }
  const untilOne = a === 1 ? Math.log1p(u) : Math.expm1(exponent) / (1 - a);
  return c * untilOne - lasting * sum;
}

/** The same for large a, where the density of ln(p / (1 - p)) is nearly a bell: over it, scaled by its height. */
function ordersByBell(r: number, a: number, b: number, u: number): number {
  const center = Math.log(a / b);
  const deviation = Math.sqrt(1 / a + 1 / b);
  const logDensity = (x: number) => -a * logOnePlusExp(-x) - b * logOnePlusExp(x);
  const height = logDensity(center);
  const step = BELL_STEP * Math.min(1, deviation);
  let weights = 0;
  let sum = 0;
  for (const side of [1, -1]) {
    for (let at = side === 1 ? 0 : 1; ; at += 1) {
      const x = center + side * at * step;
      const fallen = height - logDensity(x);
      if (fallen > NEGLIGIBLE_EXPONENT) break;
      const density = Math.exp(-fallen);
      const p = 1 / (1 + Math.exp(-x));
      weights += density;
      sum += density * (p * u < MACHINE_EPSILON ? r * u : -Math.expm1(-r * Math.log1p(p * u)) / p);
    }
  }
  return sum / weights;
}

/** The same by the double-exponential trapezoid (Takahasi & Mori 1974), which does not mind the ends. */
function ordersByQuadrature(r: number, a: number, b: number, u: number): number {
  const reach = Math.asinh(NEGLIGIBLE_EXPONENT / (Math.PI * Math.min(a, b, 1)));
  let weights = 0;
  let sum = 0;
  for (let t = -reach; t <= reach; t += QUADRATURE_STEP) {
    const bent = Math.PI * Math.sinh(t);
    const p = 1 / (1 + Math.exp(-bent));
    const density = Math.exp(-a * logOnePlusExp(-bent) - b * logOnePlusExp(bent)) * Math.cosh(t);
    weights += density;
    sum += density * (p * u < MACHINE_EPSILON ? r * u : -Math.expm1(-r * Math.log1p(p * u)) / p);
  }
  return sum / weights;
}

function logOnePlusExp(x: number): number {
  return x > NEGLIGIBLE_EXPONENT ? x : Math.log1p(Math.exp(x));
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
