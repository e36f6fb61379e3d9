// Forecasts revenue, redemptions or liability with an interval, or says what is missing to do so.

import { normalQuantile } from "../special-functions.ts";
import { seededNormal } from "../seeded-random.ts";
import { advance, expectedNext, fitSmoothing } from "./smoothing.ts";
import type { SmoothingFit, SmoothingModel, SmoothingParameters } from "./smoothing.ts";

export type ForecastOptions = {
  /** How many periods ahead. */
  readonly horizon: number;
  /** Periods after which the year or week repeats: 12 for months, 7 for days. None: no season is looked for. */
  readonly season?: number;
  /** Of the intervals; .95 unless said. */
  readonly confidence?: number;
  /** What the series can never be below: 0 for money taken and points owed. */
  readonly floor?: number;
};

export type ForecastRange = { readonly mean: number; readonly low: number; readonly high: number };

export type Forecast = {
  readonly ok: true;
  readonly model: SmoothingModel;
  readonly parameters: SmoothingParameters;
  readonly aicc: number;
  /** Standard deviation of the errors one period ahead: in the unit of the series, or relative. */
  readonly deviation: number;
  readonly periods: readonly ForecastRange[];
  /** Of all periods of the horizon together; errors of periods go together, so this is not the sum of their ends. */
  readonly total: ForecastRange;
};

export type ForecastRefusal = {
  readonly ok: false;
  readonly missing: readonly (
    | { readonly what: "periods"; readonly have: number; readonly need: number }
    | { readonly what: "value"; readonly at: number }
    | { readonly what: "season"; readonly have: number; readonly atMost: number }
    | { readonly what: "horizon"; readonly have: number; readonly atMost: number }
  )[];
};

/** The damped trend model has six numbers to find; with fewer periods it cannot be compared with the others. */
export const MIN_PERIODS = 10;
/** Hyndman & Kostenko (2007): a season needs its own length and five more; without two whole ones it is a guess. */
const SPARE_PERIODS = 5;
/** As ets of R: first states of a longer season cannot be fitted. */
const MAX_SEASON = 24;
/** Further ahead the interval says only that nobody knows. */
const MAX_HORIZON = 400;
/** Enough for the ends of a 95 % interval to be right within about two per cent of its width. */
const PATHS = 5000;
const SEED = 20_070_301;

/**
 * The forecast by the exponential smoothing model with the smallest AICc of those with additive errors (no, additive
 * or damped trend; no or additive season) and with multiplicative errors (the same; no or multiplicative season).
 * Damped Holt-Winters is one of them. Hyndman, Koehler, Ord & Snyder (2008); intervals of additive models by formula
 * (chapter 6), of the others from simulated paths. Equal periods without gaps, oldest first.
 */
export function forecastSeries(values: readonly number[], options: ForecastOptions): Forecast | ForecastRefusal {
  const missing = whatIsMissing(values, options);
  if (missing.length > 0) return { ok: false, missing };
  const season = options.season ?? 1;
  let best: SmoothingFit | null = null;
  for (const model of modelsOf(season)) {
    const fit = fitSmoothing(values, model, season);
    if (fit !== null && (best === null || fit.aicc < best.aicc)) best = fit;
  }
  // The additive model without trend and season fits any series of numbers.
  if (best === null) throw new Error("no smoothing model fits");
  return forecastBy(best, options);
}

/** The forecast by one fitted model. */
export function forecastBy(fit: SmoothingFit, options: ForecastOptions): Forecast {
  const { horizon, confidence = 0.95, floor = Number.NEGATIVE_INFINITY } = options;
  const means = meansAhead(fit, horizon);
  const ask = { fit, means, confidence };
  const { periods, total } = fit.model.error === "additive" ? rangesByFormula(ask) : rangesByPaths(ask);
  const bounded = periods.map((period) => notBelow(floor, period));
  const mean = bounded.reduce((sum, period) => sum + period.mean, 0);
  return {
    ok: true,
    model: fit.model,
    parameters: fit.parameters,
    aicc: fit.aicc,
    deviation: Math.sqrt(fit.variance),
    periods: bounded,
    total: notBelow(floor * horizon, { ...total, mean }),
  };
}

function whatIsMissing(
  values: readonly number[],
  { season = 1, horizon }: ForecastOptions,
): ForecastRefusal["missing"] {
  const have = values.length;
  const need = season > 1 ? Math.max(MIN_PERIODS, 2 * season + SPARE_PERIODS) : MIN_PERIODS;
  const at = values.findIndex((value) => !Number.isFinite(value));
  return [
    ...(season > MAX_SEASON ? [{ what: "season" as const, have: season, atMost: MAX_SEASON }] : []),
    ...(horizon >= 1 && horizon <= MAX_HORIZON
      ? []
      : [{ what: "horizon" as const, have: horizon, atMost: MAX_HORIZON }]),
    ...(have < need ? [{ what: "periods" as const, have, need }] : []),
    ...(at >= 0 ? [{ what: "value" as const, at }] : []),
  ];
}

function modelsOf(season: number): SmoothingModel[] {
  return (["additive", "multiplicative"] as const).flatMap((error) =>
    (["none", "additive", "damped"] as const).flatMap((trend) =>
      (season > 1 ? (["none", error] as const) : (["none"] as const)).map((kind) => ({ error, trend, season: kind })),
    ),
  );
}

function meansAhead({ end, model, parameters }: SmoothingFit, horizon: number): number[] {
  const state = { ...end, season: [...end.season] };
  return Array.from({ length: horizon }, () => {
    const mean = expectedNext(state, model, parameters);
    advance(state, 0, { model, parameters });
    return mean;
  });
}

type Ask = { readonly fit: SmoothingFit; readonly means: readonly number[]; readonly confidence: number };

/** σ²(1 + Σ c²) with c(j) = α + β(φ + … + φ^j)/φ + γ at whole seasons; a total adds up each error's later effects. */
function rangesByFormula({ fit, means, confidence }: Ask): { periods: ForecastRange[]; total: ForecastRange } {
  const { alpha, beta, gamma, phi } = fit.parameters;
  const season = fit.end.season.length;
  const z = normalQuantile(0.5 + confidence / 2);
  const deviation = Math.sqrt(fit.variance);
  let damped = 0;
  const effects = means.map((_, ahead) => {
    if (ahead === 0) return 1;
    damped += phi ** (ahead - 1);
    return alpha + beta * damped + (season > 0 && ahead % season === 0 ? gamma : 0);
  });
  let squares = 0;
  let sums = 0;
  let sum = 0;
  const periods = means.map((mean, ahead) => {
    const effect = effects[ahead] ?? 0;
    squares += effect * effect;
    sum += effect;
    sums += sum * sum;
    return range(mean, z * deviation * Math.sqrt(squares));
  });
  const total = means.reduce((added, mean) => added + mean, 0);
  return { periods, total: range(total, z * deviation * Math.sqrt(sums)) };
}

function rangesByPaths({ fit, means, confidence }: Ask): { periods: ForecastRange[]; total: ForecastRange } {
  const { model, parameters, end, variance } = fit;
  const normal = seededNormal(SEED);
  const deviation = Math.sqrt(variance);
  const seen = means.map(() => new Float64Array(PATHS));
  const totals = new Float64Array(PATHS);
  for (let path = 0; path < PATHS; path += 1) {
    const state = { ...end, season: [...end.season] };
    for (const values of seen) {
      // No period can take less than nothing, however bad the luck.
      const error = Math.max(-1, deviation * normal());
      const value = expectedNext(state, model, parameters) * (1 + error);
      advance(state, error, { model, parameters });
      values[path] = value;
      totals[path] = (totals[path] ?? 0) + value;
    }
  }
  const total = means.reduce((added, mean) => added + mean, 0);
  return {
    periods: means.map((mean, ahead) => between(mean, seen[ahead] ?? totals, confidence)),
    total: between(total, totals, confidence),
  };
}

function between(mean: number, values: Float64Array, confidence: number): ForecastRange {
  const sorted = values.sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))] ?? mean;
  return { mean, low: at(0.5 - confidence / 2), high: at(0.5 + confidence / 2) };
}

function notBelow(floor: number, { mean, low, high }: ForecastRange): ForecastRange {
  const least = Math.max(floor, mean);
  return { mean: least, low: Math.max(floor, low), high: Math.max(least, high) };
}

function range(mean: number, reach: number): ForecastRange {
  return { mean, low: mean - reach, high: mean + reach };
}
