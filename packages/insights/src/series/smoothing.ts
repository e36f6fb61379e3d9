// Exponential smoothing as a state space model: runs one, fits its parameters, and says how well it explains a series.

import { maximize } from "../maximize.ts";

/** Error, trend and season: additive, multiplicative, damped or none. Hyndman et al. (2008), tables 2.2 and 2.3. */
export type SmoothingModel = {
  readonly error: "additive" | "multiplicative";
  readonly trend: "none" | "additive" | "damped";
  readonly season: "none" | "additive" | "multiplicative";
};

/** Smoothing parameters of level, trend and season, and the damping; those a model lacks are 0 (φ: 1). */
export type SmoothingParameters = {
  readonly alpha: number;
  readonly beta: number;
  readonly gamma: number;
  readonly phi: number;
};

/** `season` holds the next period first. Without a trend or season these stay neutral. */
export type SmoothingState = { level: number; trend: number; season: number[] };

export type SmoothingFit = {
  readonly model: SmoothingModel;
  readonly parameters: SmoothingParameters;
  readonly start: SmoothingState;
  readonly end: SmoothingState;
  /** Up to a constant, as `logLik` of ets in R: -(n ln Σe² + 2 Σ ln|μ| [multiplicative errors]) / 2. */
  readonly logLikelihood: number;
  /** Akaike's criterion corrected for few data; the smaller the better; infinite with fewer data than parameters. */
  readonly aicc: number;
  /** Of the errors: in the unit of the series, or relative with multiplicative errors. */
  readonly variance: number;
};

/** The bounds of ets in R; beta stays below alpha and gamma below 1 - alpha. */
const LEAST = 1e-4;
const DAMPING = { low: 0.8, high: 0.98 };
/** Errors smaller than this share of the series are none. */
const NO_ERROR = 1e-12;
/** Smoothing parameters a search starts from: calm and lively. */
const STARTS = [
  { alpha: 0.3, beta: 0.1, gamma: 0.2 },
  { alpha: 0.8, beta: 0.05, gamma: 0.05 },
] as const;

/**
 * The maximum likelihood fit of one model, smoothing parameters and first states together (Hyndman et al. 2002).
 * `season` is the number of periods after which it repeats. Null when the series and the model do not go together.
 */
export function fitSmoothing(values: readonly number[], model: SmoothingModel, season: number): SmoothingFit | null {
  if (model.error === "multiplicative" && values.some((value) => !(value > 0))) return null;
  // Searched in units of the mean size, so that steps mean the same for cents and for millions.
  const scale = values.reduce((sum, value) => sum + Math.abs(value), 0) / values.length || 1;
  const scaled = Float64Array.from(values, (value) => value / scale);
  const guess = firstStates(scaled, model, season);
  const layout = { model, season, guess, steps: stepSizes(scaled) };
  const search = (at: readonly number[]) => {
    const { parameters, start } = unpack(at, layout);
    return runSmoothing(scaled, { model, parameters, start }).logLikelihood;
  };
  const best = maximize(
    search,
    STARTS.map((start) => pack(start, layout)),
  );
  if (!Number.isFinite(best.value)) return null;
  const { parameters, start } = unpack(best.at, layout);
  const run = runSmoothing(scaled, { model, parameters, start });
  const count = values.length;
  const fitted = best.at.length;
  const logLikelihood = run.logLikelihood - count * Math.log(scale);
  const counted = fitted + 1;
  const room = count - counted - 1;
  const error = model.error === "additive" ? scale * scale : 1;
  return {
    model,
    parameters,
    start: rescale(start, scale, model),
    end: rescale(run.end, scale, model),
    logLikelihood,
    aicc: room > 0 ? -2 * logLikelihood + 2 * counted + (2 * counted * (counted + 1)) / room : Number.POSITIVE_INFINITY,
    variance: (run.squares * error) / Math.max(1, count - fitted),
  };
}

type Run = { readonly model: SmoothingModel; readonly parameters: SmoothingParameters; readonly start: SmoothingState };

/** Runs a model over a series: its likelihood, the sum of squared errors and the states it ends in. */
export function runSmoothing(values: ArrayLike<number>, { model, parameters, start }: Run) {
  const state = { ...start, season: [...start.season] };
  let squares = 0;
  let logs = 0;
  let size = 0;
  for (let at = 0; at < values.length; at += 1) {
    const expected = expectedNext(state, model, parameters);
    const relative = model.error === "multiplicative";
    if (relative && !(expected > 0)) return { logLikelihood: Number.NEGATIVE_INFINITY, squares, end: state };
    const value = values[at] ?? 0;
    const error = relative ? (value - expected) / expected : value - expected;
    squares += error * error;
    size += relative ? 1 : value * value;
    if (relative) logs += Math.log(expected);
    advance(state, error, { model, parameters });
  }
  const count = values.length;
  // A series without any error would be infinitely likely.
  const likely = Math.max(squares, (size || 1) * NO_ERROR);
  return { logLikelihood: -0.5 * (count * Math.log(likely) + 2 * logs), squares, end: state };
}

/** What a state expects of the next period. */
export function expectedNext(state: SmoothingState, model: SmoothingModel, { phi }: SmoothingParameters): number {
  const level = state.level + phi * state.trend;
  if (model.season === "none") return level;
  const season = state.season[0] ?? 0;
  return model.season === "additive" ? level + season : level * season;
}

/** Moves a state one period on by the error of what it expected (relative with multiplicative errors). */
export function advance(
  state: SmoothingState,
  error: number,
  { model, parameters }: Pick<Run, "model" | "parameters">,
): void {
  const { alpha, beta, gamma, phi } = parameters;
  const before = state.level + phi * state.trend;
  const step = model.error === "multiplicative" ? before * error : error;
  state.level = before + alpha * step;
  state.trend = phi * state.trend + beta * step;
  if (model.season === "none") return;
  const season = state.season.shift() ?? 0;
  state.season.push(model.season === "additive" ? season + gamma * error : season * (1 + gamma * error));
}

type Layout = {
  readonly model: SmoothingModel;
  readonly season: number;
  readonly guess: SmoothingState;
  readonly steps: { readonly level: number; readonly trend: number };
};

/** Numbers of a search: logits of the smoothing parameters, then first states as steps away from their guess. */
function pack(start: (typeof STARTS)[number], { model, season }: Layout): number[] {
  const { alpha, beta, gamma } = start;
  const packed = [logit(alpha)];
  if (model.trend !== "none") packed.push(logit(beta / alpha));
  if (model.season !== "none") packed.push(logit(gamma / (1 - alpha)));
  if (model.trend === "damped") packed.push(0);
  packed.push(0);
  if (model.trend !== "none") packed.push(0);
  for (let at = 1; model.season !== "none" && at < season; at += 1) packed.push(0);
  return packed;
}

function unpack(packed: readonly number[], { model, season, guess, steps }: Layout) {
  let at = 0;
  const next = () => packed[at++] ?? 0;
  const alpha = within(next(), LEAST, 1 - LEAST);
  const beta = model.trend === "none" ? 0 : within(next(), LEAST, Math.max(LEAST, alpha));
  const gamma = model.season === "none" ? 0 : within(next(), LEAST, Math.max(LEAST, 1 - alpha));
  const phi = model.trend === "damped" ? within(next(), DAMPING.low, DAMPING.high) : 1;
  const start: SmoothingState = { level: guess.level + steps.level * next(), trend: 0, season: [] };
  if (model.trend !== "none") start.trend = guess.trend + steps.trend * next();
  if (model.season !== "none") {
    const neutral = model.season === "additive" ? 0 : 1;
    const seasons = guess.season.slice(0, season - 1).map((one) => one + steps.level * next());
    seasons.push(neutral * season - seasons.reduce((sum, one) => sum + one, 0));
    start.season = seasons;
  }
  return { parameters: { alpha, beta, gamma, phi }, start };
}

/** Season from the means of each phase round a line through whole seasons; level and trend from the line. */
function firstStates(values: Float64Array, model: SmoothingModel, season: number): SmoothingState {
  const { intercept, slope } = line(values);
  const trend = model.trend === "none" ? 0 : slope;
  const level = model.trend === "none" ? mean(values.slice(0, Math.max(3, season))) : intercept;
  if (model.season === "none") return { level, trend, season: [] };
  const additive = model.season === "additive";
  const phases = Array.from({ length: season }, (_, phase) => {
    const apart: number[] = [];
    for (let at = phase; at < values.length; at += season) {
      const base = intercept + slope * (at + 1);
      const value = values[at] ?? 0;
      apart.push(additive ? value - base : value / Math.max(base, NO_ERROR));
    }
    return mean(apart);
  });
  const middle = mean(phases);
  return { level, trend, season: phases.map((phase) => (additive ? phase - middle : phase / middle)) };
}

function stepSizes(values: Float64Array): { level: number; trend: number } {
  const { intercept, slope } = line(values);
  const squares = values.reduce((sum, value, at) => sum + (value - intercept - slope * (at + 1)) ** 2, 0);
  const deviation = Math.max(Math.sqrt(squares / values.length), 1e-3);
  return { level: deviation, trend: deviation / 4 };
}

/** Least squares through (1, first value), (2, second) … */
function line(values: Float64Array): { intercept: number; slope: number } {
  const middle = (values.length + 1) / 2;
  const average = mean(values);
  let across = 0;
  let along = 0;
  for (const [at, value] of values.entries()) {
    across += (at + 1 - middle) * (value - average);
    along += (at + 1 - middle) ** 2;
  }
  const slope = along > 0 ? across / along : 0;
  return { intercept: average - slope * middle, slope };
}

function rescale({ level, trend, season }: SmoothingState, scale: number, model: SmoothingModel): SmoothingState {
  const stretch = model.season === "additive" ? scale : 1;
  return { level: level * scale, trend: trend * scale, season: season.map((one) => one * stretch) };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 1) sum += values[at] ?? 0;
  return values.length > 0 ? sum / values.length : 0;
}

function logit(share: number): number {
  return Math.log(share / (1 - share));
}

function within(at: number, low: number, high: number): number {
  return low + (high - low) / (1 + Math.exp(-at));
}
