// Finds the maximum of a smooth function of a few numbers: Nelder-Mead from each start, then BFGS from the best.

/** Where the search ended. `settled` is false when it was still climbing, or ran away along a ridge without a top. */
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

/** Positive parameters are searched as logarithms; further out than this the data say nothing of them. */
const FARTHEST = 15;
/** Step of the central differences: the third root of a double's precision. */
const DIFFERENCE = 1e-5;
/** A step that promises to gain less than this share of the value is the end: about 1e-7 of a log-likelihood of 1e4. */
const ENOUGH = 1e-11;
const MAX_BFGS_STEPS = 100;
const MAX_BACKTRACKS = 30;
const MAX_SIMPLEX_STEPS = 150;
/** The simplex only has to come near the top: BFGS does the rest. */
const SIMPLEX_NEAR = 0.1;
const FIRST_SIMPLEX_EDGE = 0.5;

type Objective = (at: readonly number[]) => number;

/**
 * The maximum of `f` over vectors within ±15, searched from each of `starts`. Deterministic. `f` may return NaN or
 * -Infinity where it is not defined. Nelder & Mead (1965); Nocedal & Wright, Numerical Optimization, 6.1.
 */
export function maximize(f: Objective, starts: readonly (readonly number[])[]): Maximum {
  const count = { evaluations: 0 };
  const guarded = guard(f, count);
  const climbs = starts
    .map((start) => climbSimplex(guarded, start))
    .sort((one, other) => other.value - one.value)
    .map(({ at }) => climbGradient(guarded, at, null));
  const [first, ...others] = climbs;
  if (first === undefined) throw new RangeError("a search needs a start");
  const best = others.reduce((top, next) => (next.value > top.value ? next : top), first);
  return { ...best, evaluations: count.evaluations };
}

/** The same from a point known to be near the maximum, with the inverse Hessian found there. */
export function polishMaximum(f: Objective, near: Pick<Maximum, "at" | "inverse">): Maximum {
  const count = { evaluations: 0 };
  return { ...climbGradient(guard(f, count), near.at, near.inverse), evaluations: count.evaluations };
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

function climbGradient(f: Objective, start: readonly number[], known: Maximum["inverse"] | null): Maximum {
  let at = start;
  let value = f(at);
  let slope = gradient(f, at);
  let inverse = known ?? identity(at.length, 1 / Math.max(1, norm(slope)));
  let fresh = known === null;
  for (let step = 0; step < MAX_BFGS_STEPS; step += 1) {
    const direction = inverse.map((row) => dot(row, slope));
    const promise = dot(direction, slope);
    if (Math.abs(promise) <= ENOUGH * (1 + Math.abs(value)) && !fresh) {
      return { at, value, inverse, promise, settled: isInside(at), evaluations: 0 };
    }
    const next = promise > 0 ? search(f, at, value, direction, promise) : null;
    if (next === null) {
      const settled = isInside(at) && norm(slope) < flat(value);
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

function isInside(at: readonly number[]): boolean {
  return at.every((x) => Math.abs(x) < FARTHEST - 1);
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
