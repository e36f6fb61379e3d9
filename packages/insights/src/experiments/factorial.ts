// Separates what each part of a multivariate experiment does by itself from what the parts do together.

import { studentTCdf, studentTQuantile } from "../special-functions.ts";
import type { Mean } from "./means.ts";
import type { Interval } from "./proportions.ts";

/** One factor; its first level is the one that others are measured against. */
export type Factor = { readonly name: string; readonly levels: readonly string[] };

/** One combination of levels, by factor, with what was measured in it (see meanOf and meanOfShare). */
export type Cell = Mean & { readonly levels: Readonly<Record<string, string>> };

export type FactorialEffect = {
  /** One factor and level: a main effect. Two or more: their interaction. */
  readonly levels: Readonly<Record<string, string>>;
  readonly effect: number;
  readonly standardError: number;
  readonly degrees: number;
  /** Two-sided; not corrected for the number of effects (see adjustPValues). */
  readonly pValue: number;
  readonly interval: Interval;
};

export type FactorialRefusal = { readonly ok: false; readonly missing: readonly Readonly<Record<string, string>>[] };
export type FactorialResult = { readonly ok: true; readonly effects: readonly FactorialEffect[] };

export type FactorialOptions = {
  /** Interactions of up to so many factors; 2 unless said. */
  readonly order?: number;
  /** One variance for all cells (the classic analysis), or each its own (Welch), which is right for shares too. */
  readonly pooled?: boolean;
  readonly confidence?: number;
};

/** Every effect is a sum over all cells: more than this is no experiment. */
export const MAX_FACTORIAL_CELLS = 4096;

/**
 * Main effects and interactions of a full factorial design with their intervals. The main effect of a level is the
 * mean of its cells minus the mean of the first level's, every combination of the other factors counting the same.
 * An interaction is half the difference between two such effects, as Box, Hunter & Hunter (2005, chapter 5); for more
 * factors half of that again. Refuses when a combination has fewer than two units, and says which.
 */
export function analyseFactorial(
  factors: readonly Factor[],
  cells: readonly Cell[],
  options: FactorialOptions = {},
): FactorialResult | FactorialRefusal {
  const { order = 2, pooled = false, confidence = 0.95 } = options;
  const wanted = combinations(factors);
  const byKey = new Map(cells.map((cell) => [keyOf(factors, cell.levels), cell]));
  const missing = wanted.filter((levels) => !((byKey.get(keyOf(factors, levels))?.n ?? 0) > 1));
  if (missing.length > 0) return { ok: false, missing };
  const complete = wanted.flatMap((levels) => byKey.get(keyOf(factors, levels)) ?? []);
  const variances = pooled
    ? pooledVariances(complete)
    : complete.map(({ n, variance }) => ({ variance, degrees: n - 1 }));
  const effects = askedEffects(factors, order).map((levels) => {
    const weights = complete.map((cell) => weightOf(factors, levels, cell.levels));
    return effectOf({ levels, weights, cells: complete, variances, pooled, confidence });
  });
  return { ok: true, effects };
}

type Contrast = {
  levels: Record<string, string>;
  weights: readonly number[];
  cells: readonly Cell[];
  variances: readonly { variance: number; degrees: number }[];
  pooled: boolean;
  confidence: number;
};

function effectOf({ levels, weights, cells, variances, pooled, confidence }: Contrast): FactorialEffect {
  let effect = 0;
  let variance = 0;
  let spread = 0;
  for (const [index, cell] of cells.entries()) {
    const weight = weights[index] ?? 0;
    const of = variances[index] ?? { variance: 0, degrees: 1 };
    const part = (weight * weight * of.variance) / cell.n;
    effect += weight * cell.mean;
    variance += part;
    spread += (part * part) / of.degrees;
  }
  const standardError = Math.sqrt(variance);
  const degrees = pooled ? (variances[0]?.degrees ?? 1) : spread > 0 ? (variance * variance) / spread : 1;
  const reach = studentTQuantile(0.5 + confidence / 2, degrees) * standardError;
  const pValue = standardError > 0 ? 2 * studentTCdf(-Math.abs(effect) / standardError, degrees) : effect === 0 ? 1 : 0;
  return { levels, effect, standardError, degrees, pValue, interval: { low: effect - reach, high: effect + reach } };
}

/** The weight of a cell in an effect: a product of signs over the effect's factors, shared out over all others. */
function weightOf(
  factors: readonly Factor[],
  asked: Readonly<Record<string, string>>,
  cell: Readonly<Record<string, string>>,
): number {
  let weight = 2;
  for (const { name, levels } of factors) {
    const level = asked[name];
    if (level === undefined) weight /= levels.length;
    else if (cell[name] === level) weight /= 2;
    else if (cell[name] === levels[0]) weight /= -2;
    else return 0;
  }
  return weight;
}

function pooledVariances(cells: readonly Cell[]): { variance: number; degrees: number }[] {
  const degrees = cells.reduce((sum, cell) => sum + cell.n - 1, 0);
  const variance = cells.reduce((sum, cell) => sum + (cell.n - 1) * cell.variance, 0) / degrees;
  return cells.map(() => ({ variance, degrees }));
}

/** Main effects first, then interactions of two factors, of three and so on. */
function askedEffects(factors: readonly Factor[], order: number): Record<string, string>[] {
  let asked: { levels: Record<string, string>; next: number }[] = [{ levels: {}, next: 0 }];
  const all: Record<string, string>[] = [];
  for (let size = 1; size <= Math.min(order, factors.length); size += 1) {
    asked = asked.flatMap(({ levels, next }) =>
      factors
        .slice(next)
        .flatMap((factor, skipped) =>
          factor.levels
            .slice(1)
            .map((level) => ({ levels: { ...levels, [factor.name]: level }, next: next + skipped + 1 })),
        ),
    );
    all.push(...asked.map(({ levels }) => levels));
  }
  return all;
}

function combinations(factors: readonly Factor[]): Record<string, string>[] {
  const cells = factors.reduce((count, { levels }) => count * levels.length, 1);
  if (cells > MAX_FACTORIAL_CELLS) throw new RangeError(`${cells} combinations are more than ${MAX_FACTORIAL_CELLS}`);
  return factors.reduce<Record<string, string>[]>(
    (all, { name, levels }) => all.flatMap((done) => levels.map((level) => ({ ...done, [name]: level }))),
    [{}],
  );
}

function keyOf(factors: readonly Factor[], levels: Readonly<Record<string, string>>): string {
  return JSON.stringify(factors.map(({ name }) => levels[name] ?? null));
}
