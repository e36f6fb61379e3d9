// The special functions and distributions that every estimate and test of this package rests on.

const MACHINE_EPSILON = 2.220446049250313e-16;
/** Stops a continued fraction from dividing by nothing. */
const TINY = 1e-300;
/** A continued fraction or series needs about the root of its largest parameter in steps: enough for 10^10. */
const MAX_STEPS = 500_000;
/** Halving an interval of doubles more often than this changes nothing. */
const MAX_HALVINGS = 200;
/** From here on the seven terms of Stirling's series are exact to the last digit of a double. */
const STIRLING_FROM = 10;
const HALF_LOG_TWO_PI = 0.9189385332046728;

/** ln Γ(x) for x > 0, to about 15 digits. Stirling's series, shifted upwards for small x (Abramowitz & Stegun 6.1.41). */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  let shifted = x;
  let product = 1;
  while (shifted < STIRLING_FROM) {
    product *= shifted;
    shifted += 1;
  }
  const stirling = (shifted - 0.5) * Math.log(shifted) - shifted + HALF_LOG_TWO_PI + stirlingCorrection(shifted);
  return product === 1 ? stirling : stirling - Math.log(product);
}

/** ln B(a, b) for a, b > 0, without cancellation when an argument is large (as `lbeta` of R, after Fullerton). */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (!(small > 0)) return Number.NaN;
  if (large < STIRLING_FROM) return logGamma(small) + logGamma(large) - logGamma(small + large);
  const share = small / (small + large);
  const tail = stirlingCorrection(large) - stirlingCorrection(small + large);
  if (small < STIRLING_FROM) {
    return logGamma(small) + tail + small - small * Math.log(small + large) + (large - 0.5) * Math.log1p(-share);
  }
  const corrections = stirlingCorrection(small) + tail;
  const powers = (small - 0.5) * Math.log(share) + large * Math.log1p(-share);
  return HALF_LOG_TWO_PI - 0.5 * Math.log(large) + corrections + powers;
}

/**
 * I_x(a, b), the regularized incomplete beta function for a, b > 0: the distribution function of Beta(a, b) at x.
 * Lentz's continued fraction (Press et al., Numerical Recipes, 6.4).
 */
export function regularizedBeta(x: number, a: number, b: number): number {
  if (Number.isNaN(x) || !(a > 0) || !(b > 0)) return Number.NaN;
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b));
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
}

/** P(a, x), the regularized lower incomplete gamma function for a > 0: the distribution function of Gamma(a, 1) at x. */
export function regularizedGamma(a: number, x: number): number {
  if (x <= 0) return 0;
  return x < a + 1 ? gammaSeries(a, x) : 1 - gammaFraction(a, x);
}

/** Q(a, x) = 1 - P(a, x), exact to the last digits also where it is as small as 1e-300. */
export function regularizedGammaUpper(a: number, x: number): number {
  if (x <= 0) return 1;
  return x < a + 1 ? 1 - gammaSeries(a, x) : gammaFraction(a, x);
}

/** Φ(z), the standard normal distribution function; exact in the lower tail, so use Φ(-z) for an upper tail. */
export function normalCdf(z: number): number {
  if (Number.isNaN(z)) return z;
  const half = z * z * 0.5;
  return z < 0 ? 0.5 * regularizedGammaUpper(0.5, half) : 0.5 + 0.5 * regularizedGamma(0.5, half);
}

/** φ(z), the standard normal density. */
export function normalDensity(z: number): number {
  return Math.exp(-0.5 * z * z - HALF_LOG_TWO_PI);
}

/** z with Φ(z) = p, for 0 < p < 1; infinite at 0 and 1. Abramowitz & Stegun 26.2.23 polished by Halley's method. */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return Number.NaN;
  if (p > 0.5) return -normalQuantile(1 - p);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 0.5) return 0;
  const t = Math.sqrt(-2 * Math.log(p));
  const top = 2.515517 + t * (0.802853 + t * 0.010328);
  let z = top / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) - t;
  for (let step = 0; step < 4; step += 1) {
    const miss = (normalCdf(z) - p) / normalDensity(z);
    z -= miss / (1 + 0.5 * z * miss);
  }
  return z;
}

/** P(T ≤ t) of Student's t with `degrees` > 0 degrees of freedom (not necessarily whole, as in Welch's test). */
export function studentTCdf(t: number, degrees: number): number {
  if (Number.isNaN(t)) return t;
  // I_{1-x}(1/2, v/2) keeps the digits that 1 - I_x(v/2, 1/2) would lose near t = 0.
  const square = t * t;
  if (square < degrees) {
    const body = 0.5 * regularizedBeta(square / (degrees + square), 0.5, 0.5 * degrees);
    return t < 0 ? 0.5 - body : 0.5 + body;
  }
  const tail = 0.5 * regularizedBeta(degrees / (degrees + square), 0.5 * degrees, 0.5);
  return t < 0 ? tail : 1 - tail;
}

/** t with P(T ≤ t) = p for Student's t; infinite at 0 and 1. */
export function studentTQuantile(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1 && degrees > 0)) return Number.NaN;
  if (p > 0.5) return -studentTQuantile(1 - p, degrees);
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 0.5) return 0;
  let low = Math.min(-1, normalQuantile(p));
  while (studentTCdf(low, degrees) > p) low *= 2;
  return crossing((t) => studentTCdf(t, degrees) - p, low, 0);
}

/** P(X ≤ x) of chi-square with `degrees` > 0 degrees of freedom. */
export function chiSquareCdf(x: number, degrees: number): number {
  return regularizedGamma(0.5 * degrees, 0.5 * x);
}

/** P(X > x) of chi-square: the p-value of a chi-square statistic, exact also where it is tiny. */
export function chiSquareUpperTail(x: number, degrees: number): number {
  return regularizedGammaUpper(0.5 * degrees, 0.5 * x);
}

/** x with P(X ≤ x) = p of chi-square. */
export function chiSquareQuantile(p: number, degrees: number): number {
  if (!(p >= 0 && p <= 1 && degrees > 0)) return Number.NaN;
  if (p === 0) return 0;
  if (p === 1) return Number.POSITIVE_INFINITY;
  let high = degrees + 1;
  while (chiSquareCdf(high, degrees) < p) high *= 2;
  return crossing((x) => (p < 0.5 ? chiSquareCdf(x, degrees) - p : 1 - p - chiSquareUpperTail(x, degrees)), 0, high);
}

/** P(F > f) of the F distribution with `between` and `within` degrees of freedom. */
export function fUpperTail(f: number, between: number, within: number): number {
  return f <= 0 ? 1 : regularizedBeta(within / (within + between * f), 0.5 * within, 0.5 * between);
}

/** ln(e^a + e^b), also where either would overflow or vanish. */
export function logAddExp(a: number, b: number): number {
  if (a === Number.NEGATIVE_INFINITY) return b;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}

/** Where a rising function crosses zero between `low` and `high`, by halving to the last digit. */
export function crossing(rising: (x: number) => number, low: number, high: number): number {
  let below = low;
  let above = high;
  for (let step = 0; step < MAX_HALVINGS; step += 1) {
    const middle = below + (above - below) / 2;
    if (middle === below || middle === above) break;
    if (rising(middle) < 0) below = middle;
    else above = middle;
  }
  return below + (above - below) / 2;
}

function stirlingCorrection(x: number): number {
  const inverse = 1 / x;
  const square = inverse * inverse;
  const last = 691 / 360_360 - square / 156;
  const series = 1 / 1260 - square * (1 / 1680 - square * (1 / 1188 - square * last));
  return inverse * (1 / 12 - square * (1 / 360 - square * series));
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = 1 / away(1 - ((a + b) * x) / (a + 1));
  let result = d;
  for (let m = 1; m <= MAX_STEPS; m += 1) {
    const even = (m * (b - m) * x) / ((a - 1 + 2 * m) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    result *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 1 + 2 * m));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < MACHINE_EPSILON) break;
  }
  return result;
}

function gammaSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n <= MAX_STEPS && term > sum * MACHINE_EPSILON; n += 1) {
    term *= x / (a + n);
    sum += term;
  }
  return sum * Math.exp(a * Math.log(x) - x - logGamma(a));
}

function gammaFraction(a: number, x: number): number {
  if (x === Number.POSITIVE_INFINITY) return 0;
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let result = d;
  for (let n = 1; n <= MAX_STEPS; n += 1) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / away(numerator * d + b);
    c = away(b + numerator / c);
    result *= d * c;
    if (Math.abs(d * c - 1) < MACHINE_EPSILON) break;
  }
  return result * Math.exp(a * Math.log(x) - x - logGamma(a));
}

function away(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}
