// Finds the maximum of a smooth function of a few numbers: Nelder-Mead from each start, then BFGS from the best.

/** Where the search ended. `settled` is false when it was still climbing, or ran far out along a ridge. */
export type Maximum = {
  readonly at: readonly number[];
  readonly value: number;
  readonly settled: boolean;
  /** What the next step would still gain, to first order: tiny at a top and far out on a ridge alike. */
  readonly promise: number;
  readonly evaluations: number;
  /** The inverse of the negative Hessian as BFGS learnt it; a later search from here starts with it. */
  readonly inverse: readonly (readonly number[])[];
};

/** Positive parameters are searched as logarithms around a usual value; nothing further out than this is looked at. */
const FARTHEST = 15;
/** Out here (e^6 times the usual value) a search follows a ridge, which never ends and hardly rises. */
export const FAR_OUT = 6;
/** On a ridge it may be enough that a step promises less than a likelihood ratio would ever notice. */
export const ENOUGH_ON_RIDGE = 1e-3;
/** Step of the central differences: the third root of a double's precision. */
const DIFFERENCE = 1e-5;
/** A step that promises to gain less than this share of the value is the end: about 1e-7 of a log-likelihood of 1e4. */
const ENOUGH = 1e-11;
/** Tops nearer to each other than this, in powers of e, are one. */
const SAME_PLACE = 0.1;
const MAX_BFGS_STEPS = 100;
const MAX_BACKTRACKS = 30;
const MAX_SIMPLEX_STEPS = 150;
/** The simplex only has to come near the top: BFGS does the rest. */
const SIMPLEX_NEAR = 0.1;
const FIRST_SIMPLEX_EDGE = 0.5;

type Objective = (at: readonly number[]) => number;

/**
 * The tops of `f` over vectors around 0, within ±15, that are reached from `starts`: the highest first, each once.
 * Deterministic. Far out, a step that promises less than `onRidge` ends the search. `f` may return NaN or -Infinity where it is not defined. Nelder & Mead (1965); Nocedal & Wright,
 * Numerical Optimization, 6.1.
 */
export function findTops(f: Objective, starts: readonly (readonly number[])[], onRidge = 0): Maximum[] {
  const tops = starts
    .map((start) => climb(f, (guarded) => climbGradient(guarded, climbSimplex(guarded, start).at, null, onRidge)))
    .sort((one, other) => other.value - one.value);
  return tops.filter((top, rank) => !tops.slice(0, rank).some((higher) => isSame(higher, top)));
}

/** The highest of these tops. */
export function maximize(f: Objective, starts: readonly (readonly number[])[]): Maximum {
  const [highest] = findTops(f, starts);
  if (highest === undefined) throw new RangeError("a search needs a start");
  return highest;
}

/** The top nearest to a point found before, with the inverse Hessian found there. */
export function polishMaximum(f: Objective, near: Pick<Maximum, "at" | "inverse">, onRidge = 0): Maximum {
  return climb(f, (guarded) => climbGradient(guarded, near.at, near.inverse, onRidge));
}

function climb(f: Objective, way: (guarded: Objective) => Maximum): Maximum {
  const count = { evaluations: 0 };
  const top = way(guard(f, count));
  return { ...top, evaluations: count.evaluations };
}

/** Whether two searches ended at one place: as near as their steps let them come, or both on a ridge of one height. */
function isSame(one: Maximum, other: Maximum): boolean {
  const apart = norm(minus(one.at, other.at));
  return apart < SAME_PLACE || (isFarOut(one.at) && isFarOut(other.at) && one.value - other.value < 1);
}

function guard(f: Objective, count: { evaluations: number }): Objective {
  return (at) => {
    count.evaluations += 1;
    if (at.some((x) => !(Math.abs(x) <= FARTHEST))) return Number.NEGATIVE_INFINITY;
    const value = f(at);
    return Number.isNaN(value) || value === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : value;
  };
}

type Point = { readonly at: readonly number[]; readonly value: number };

function climbSimplex(f: Objective, start: readonly number[]): Point {
  const pointAt = (at: readonly number[]): Point => ({ at, value: f(at) });
  const corners = [
    pointAt(start),
    ...start.map((_, axis) => pointAt(start.map((x, other) => (other === axis ? x + FIRST_SIMPLEX_EDGE : x)))),
  ];
  for (let step = 0; step < MAX_SIMPLEX_STEPS; step += 1) {
    corners.sort((one, other) => other.value - one.value);
    const best = corners[0] as Point;
    const worst = corners.at(-1) as Point;
    if (best.value - worst.value < SIMPLEX_NEAR) break;
    const middle = start.map((_, axis) => mean(corners.slice(0, -1).map(({ at }) => at[axis] ?? 0)));
    const along = (share: number) => pointAt(middle.map((x, axis) => x + share * (x - (worst.at[axis] ?? 0))));
    const mirrored = along(1);
    const next = nextCorner(mirrored, best, corners.at(-2) as Point, worst, along);
    if (next !== null) corners[corners.length - 1] = next;
    else for (let at = 1; at < corners.length; at += 1) corners[at] = pointAt(halfway(best.at, corners[at] as Point));
  }
  return corners.reduce((top, next) => (next.value > top.value ? next : top));
}

/** The corner that takes the worst one's place; null when the whole simplex must shrink. */
function nextCorner(mirrored: Point, best: Point, secondWorst: Point, worst: Point, along: (share: number) => Point) {
  if (mirrored.value > best.value) {
    const farther = along(2);
    return farther.value > mirrored.value ? farther : mirrored;
  }
  if (mirrored.value > secondWorst.value) return mirrored;
  const nearer = along(mirrored.value > worst.value ? 0.5 : -0.5);
  return nearer.value > Math.max(mirrored.value, worst.value) ? nearer : null;
}

function climbGradient(
  f: Objective,
  start: readonly number[],
  known: Maximum["inverse"] | null,
  onRidge: number,
): Maximum {
  let at = start;
  let value = f(at);
  let slope = gradient(f, at);
  let inverse = known ?? identity(at.length, 1 / Math.max(1, norm(slope)));
  let fresh = known === null;
  for (let step = 0; step < MAX_BFGS_STEPS; step += 1) {
    const direction = inverse.map((row) => dot(row, slope));
    const promise = dot(direction, slope);
    if (Math.abs(promise) <= enough(at, value, onRidge) && !fresh) {
      return { at, value, inverse, promise, settled: !isFarOut(at), evaluations: 0 };
    }
    const next = promise > 0 ? search(f, at, value, direction, promise) : null;
    if (next === null) {
      const settled = !isFarOut(at) && norm(slope) < flat(value);
      if (fresh) return { at, value, inverse, promise, settled, evaluations: 0 };
      inverse = identity(at.length, 1 / Math.max(1, norm(slope)));
      fresh = true;
      continue;
    }
    const nextSlope = gradient(f, next.at);
    inverse = learn(inverse, minus(next.at, at), minus(slope, nextSlope), fresh);
    fresh = false;
    ({ at, value } = next);
    slope = nextSlope;
  }
  const promise = dot(
    inverse.map((row) => dot(row, slope)),
    slope,
  );
  return { at, value, inverse, promise, settled: false, evaluations: 0 };
}

/** Halves the step until it gains what its slope promised, in part (Armijo). */
function search(f: Objective, at: readonly number[], value: number, direction: readonly number[], promise: number) {
  let share = Math.min(1, 2 / norm(direction));
  for (let tries = 0; tries < MAX_BACKTRACKS; tries += 1) {
    const candidate = at.map((x, axis) => x + share * (direction[axis] ?? 0));
    const reached = f(candidate);
    if (reached >= value + 1e-4 * share * promise) return { at: candidate, value: reached };
    share /= 2;
  }
  return null;
}

/** The BFGS update; `bend` is how much the slope fell along `step`. A step along which it did not fall teaches nothing. */
function learn(
  inverse: Maximum["inverse"],
  step: readonly number[],
  bend: readonly number[],
  fresh: boolean,
): Maximum["inverse"] {
  const curvature = dot(step, bend);
  if (!(curvature > 1e-12 * norm(step) * norm(bend))) return inverse;
  const from = fresh ? identity(step.length, curvature / dot(bend, bend)) : inverse;
  const moved = from.map((row) => dot(row, bend));
  const scale = (1 + dot(bend, moved) / curvature) / curvature;
  return from.map((row, i) =>
    row.map((entry, j) => {
      const si = step[i] ?? 0;
      const sj = step[j] ?? 0;
      return entry + scale * si * sj - ((moved[i] ?? 0) * sj + si * (moved[j] ?? 0)) / curvature;
    }),
  );
}

function gradient(f: Objective, at: readonly number[]): number[] {
  return at.map((_, axis) => {
    const shifted = (by: number) => f(at.map((x, other) => (other === axis ? x + by : x)));
    const slope = (shifted(DIFFERENCE) - shifted(-DIFFERENCE)) / (2 * DIFFERENCE);
    return Number.isFinite(slope) ? slope : 0;
  });
}

/** How flat the slope must be to count as a top: what rounding of the value does to central differences, with room. */
function flat(value: number): number {
  return 1e-3 + (1e3 * Number.EPSILON * Math.abs(value)) / DIFFERENCE;
}

function enough(at: readonly number[], value: number, onRidge: number): number {
  return Math.max(isFarOut(at) ? onRidge : 0, ENOUGH * (1 + Math.abs(value)));
}

function isFarOut(at: readonly number[]): boolean {
  return at.some((x) => Math.abs(x) > FAR_OUT);
}

function identity(size: number, scale: number): number[][] {
  return Array.from({ length: size }, (_, row) => Array.from({ length: size }, (__, at) => (row === at ? scale : 0)));
}

function halfway(one: readonly number[], other: Point): number[] {
  return one.map((x, axis) => (x + (other.at[axis] ?? 0)) / 2);
}

function minus(one: readonly number[], other: readonly number[]): number[] {
  return one.map((x, axis) => x - (other[axis] ?? 0));
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, x, axis) => sum + x * (other[axis] ?? 0), 0);
}

function norm(vector: readonly number[]): number {
  return Math.sqrt(dot(vector, vector));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, x) => sum + x, 0) / values.length;
}
