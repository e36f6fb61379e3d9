// Forecasts against published ones, against simulated truth, and where they must not be made.
import { expect, test } from "vitest";
import { seededNormal } from "../seeded-random.ts";
import { forecastBy, forecastSeries } from "./forecast.ts";
import type { Forecast, ForecastOptions } from "./forecast.ts";
import { AIR_PASSENGERS, OIL, TOURISTS } from "./published-series.ts";
import { advance, expectedNext, fitSmoothing } from "./smoothing.ts";

test("simple smoothing of oil since 1996 gives the book's forecast and intervals", () => {
  // Hyndman & Athanasopoulos, Forecasting: principles and practice, 2nd ed., 7.1 and its ses(oildata, h = 5).
  const fit = fitSmoothing(OIL.slice(31), { error: "additive", trend: "none", season: "none" }, 1);
  expect(fit?.parameters.alpha).toBeCloseTo(0.8339, 3);
  expect(fit?.start.level).toBeCloseTo(446.5868, 1);
  expect(fit?.aicc).toBeCloseTo(179.8573, 3);
  expect(Math.sqrt(fit?.variance ?? 0)).toBeCloseTo(29.8282, 3);
  const { periods } = fit === null ? { periods: [] } : forecastBy(fit, { horizon: 3 });
  expectRange(periods[0], [542.6806, 484.2183, 601.1429]);
  expectRange(periods[1], [542.6806, 466.5589, 618.8023]);
  expectRange(periods[2], [542.6806, 452.286, 633.0752]);
  const eighty = fit === null ? [] : forecastBy(fit, { horizon: 1, confidence: 0.8 }).periods;
  expectRange(eighty[0], [542.6806, 504.4541, 580.907]);
});

test("growing tourists get a season, and the last two years held out are inside the interval", () => {
  const forecast = made(TOURISTS.slice(0, -8), { horizon: 8, season: 4 });
  expect(forecast.model.season).not.toBe("none");
  const held = TOURISTS.slice(-8);
  const inside = held.filter((value, at) => {
    const range = forecast.periods[at];
    return range !== undefined && range.low <= value && value <= range.high;
  });
  expect(inside.length).toBeGreaterThanOrEqual(7);
});

test("airline passengers get a multiplicative season, and their last year is forecast within five per cent", () => {
  const forecast = made(AIR_PASSENGERS.slice(0, -12), { horizon: 12, season: 12, floor: 0 });
  expect(forecast.model).toMatchObject({ error: "multiplicative", season: "multiplicative" });
  const year = AIR_PASSENGERS.slice(-12);
  const misses = year.map((value, at) => Math.abs((forecast.periods[at]?.mean ?? 0) / value - 1));
  expect(misses.reduce((sum, miss) => sum + miss, 0) / 12).toBeLessThan(0.05);
  const total = year.reduce((sum, value) => sum + value, 0);
  expect(forecast.total.low).toBeLessThan(total);
  expect(forecast.total.high).toBeGreaterThan(total);
});

test("a total is the sum of its periods, and its interval is wider than chance alone and narrower than the sum", () => {
  for (const forecast of [made(OIL, { horizon: 6 }), made(TOURISTS, { horizon: 6, season: 4 })]) {
    const sumOf = (pick: "mean" | "low" | "high") => forecast.periods.reduce((sum, range) => sum + range[pick], 0);
    expect(forecast.total.mean).toBeCloseTo(sumOf("mean"), 6);
    expect(forecast.total.low).toBeGreaterThan(sumOf("low") * 0.99);
    expect(forecast.total.high).toBeLessThan(sumOf("high") * 1.01);
    const alone = Math.sqrt(forecast.periods.reduce((sum, range) => sum + (range.high - range.low) ** 2, 0));
    expect(forecast.total.high - forecast.total.low).toBeGreaterThan(alone * 0.98);
  }
});

test("the formula of an additive model gives the intervals that simulated futures have", () => {
  const model = { error: "additive", trend: "damped", season: "additive" } as const;
  const fit = fitSmoothing(TOURISTS, model, 4);
  if (fit === null) throw new Error("no fit");
  const { parameters, end, variance } = fit;
  const normal = seededNormal(2);
  const horizon = 10;
  const runs = 20_000;
  const squares = Array<number>(horizon).fill(0);
  const { periods, total } = forecastBy(fit, { horizon, confidence: 0.6826894921370859 });
  let ofTotal = 0;
  for (let run = 0; run < runs; run += 1) {
    const state = { ...end, season: [...end.season] };
    let sum = 0;
    for (let ahead = 0; ahead < horizon; ahead += 1) {
      const error = Math.sqrt(variance) * normal();
      const miss = expectedNext(state, model, parameters) + error - (periods[ahead]?.mean ?? 0);
      squares[ahead] = (squares[ahead] ?? 0) + miss * miss;
      sum += miss;
      advance(state, error, { model, parameters });
    }
    ofTotal += sum * sum;
  }
  // At this confidence an interval reaches one standard deviation to each side.
  const ratios = periods.map(({ high, mean }, ahead) => (high - mean) / Math.sqrt((squares[ahead] ?? 0) / runs));
  for (const ratio of [...ratios, (total.high - total.mean) / Math.sqrt(ofTotal / runs)]) {
    expect(Math.abs(ratio - 1)).toBeLessThan(0.025);
  }
});

test("the 80 % interval of a wandering series holds about 80 of 100 futures", () => {
  const normal = seededNormal(21);
  let held = 0;
  let totals = 0;
  const runs = 250;
  const horizon = 3;
  for (let run = 0; run < runs; run += 1) {
    let level = 1000;
    const values = Array.from({ length: 60 + horizon }, () => {
      const error = 20 * normal();
      const value = level + error;
      level += 0.4 * error;
      return value;
    });
    const forecast = made(values.slice(0, 60), { horizon, confidence: 0.8 });
    const future = values.slice(60);
    const last = forecast.periods[horizon - 1];
    const after = future[horizon - 1] ?? 0;
    if (last !== undefined && last.low <= after && after <= last.high) held += 1;
    const total = future.reduce((sum, value) => sum + value, 0);
    if (forecast.total.low <= total && total <= forecast.total.high) totals += 1;
  }
  // Models chosen by their fit are a little too sure of themselves: that is known and not more than this.
  expect(held / runs).toBeGreaterThan(0.7);
  expect(held / runs).toBeLessThan(0.88);
  expect(totals / runs).toBeGreaterThan(0.7);
  expect(totals / runs).toBeLessThan(0.88);
});

test("too little data is refused, and what is missing is said", () => {
  expect(forecastSeries([1, 2, 3], { horizon: 3 })).toEqual({
    ok: false,
    missing: [{ what: "periods", have: 3, need: 10 }],
  });
  const year = TOURISTS.slice(0, 24);
  expect(forecastSeries(year, { horizon: 3, season: 12 })).toEqual({
    ok: false,
    missing: [{ what: "periods", have: 24, need: 29 }],
  });
  expect(forecastSeries([...OIL, Number.NaN], { horizon: 1000, season: 52 })).toEqual({
    ok: false,
    missing: [
      { what: "season", have: 52, atMost: 24 },
      { what: "horizon", have: 1000, atMost: 400 },
      { what: "periods", have: 50, need: 109 },
      { what: "value", at: 49 },
    ],
  });
});

test("a series that never changes, or is nothing but zeros, stays what it is", () => {
  for (const value of [0, 500]) {
    const forecast = made(Array<number>(40).fill(value), { horizon: 4, season: 7, floor: 0 });
    for (const range of forecast.periods) expectRange(range, [value, value, value]);
    expect(forecast.total.mean).toBeCloseTo(4 * value, 2);
  }
});

test("money taken is never forecast below nothing", () => {
  const falling = Array.from({ length: 24 }, (_, at) => Math.max(0, 100 - 5 * at) + (at % 3));
  const forecast = made(falling, { horizon: 12, floor: 0 });
  for (const range of forecast.periods) {
    expect(Math.min(range.low, range.mean)).toBeGreaterThanOrEqual(0);
    expect(range.high).toBeGreaterThanOrEqual(range.mean);
  }
  expect(forecast.total.low).toBeGreaterThanOrEqual(0);
});

test("the same series has the same forecast, to the last digit", () => {
  const ask = { horizon: 6, season: 4 };
  expect(forecastSeries(TOURISTS, ask)).toEqual(forecastSeries(TOURISTS, ask));
});

function made(values: readonly number[], options: ForecastOptions): Forecast {
  const forecast = forecastSeries(values, options);
  if (!forecast.ok) throw new Error(JSON.stringify(forecast.missing));
  return forecast;
}

function expectRange(
  range: { mean: number; low: number; high: number } | undefined,
  [mean, low, high]: [number, number, number],
): void {
  expect(range?.mean).toBeCloseTo(mean, 2);
  expect(range?.low).toBeCloseTo(low, 2);
  expect(range?.high).toBeCloseTo(high, 2);
}
