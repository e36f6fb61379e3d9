// The fits against ets of R (package forecast), as recorded in statsmodels' fit_ets_results_*.json.
import { expect, test } from "vitest";
import { AIR_PASSENGERS, OIL, TOURISTS } from "./published-series.ts";
import { fitSmoothing } from "./smoothing.ts";
import type { SmoothingModel } from "./smoothing.ts";

type Kind = "none" | "additive" | "multiplicative";
type Trend = SmoothingModel["trend"];
const model = (error: "additive" | "multiplicative", trend: Trend, season: Kind): SmoothingModel => ({
  error,
  trend,
  season,
});

test("the simplest model agrees with R in every figure", () => {
  // ets(oil, "ANN"): alpha at its bound .9999.
  const fit = fitSmoothing(OIL, model("additive", "none", "none"), 1);
  expect(fit?.logLikelihood).toBeCloseTo(-285.07846, 5);
  expect(fit?.variance).toBeCloseTo(2405.96895, 3);
  expect(fit?.parameters.alpha).toBeCloseTo(0.9999, 6);
  expect(fit?.end.level).toBeCloseTo(542.34121919, 4);
  // The first level hardly matters at such an alpha: R stops at 110.88, with the same likelihood.
  expect(fit?.start.level).toBeCloseTo(110.88321179, 0);
  const relative = fitSmoothing(OIL, model("multiplicative", "none", "none"), 1);
  expect(relative?.logLikelihood).toBeCloseTo(-289.29729, 4);
  expect(relative?.variance).toBeCloseTo(0.02466, 5);
});

test("no fit explains its series worse than R's does", () => {
  const oil: [SmoothingModel, number][] = [
    [model("additive", "additive", "none"), -285.64745],
    [model("additive", "damped", "none"), -284.64438],
    [model("multiplicative", "additive", "none"), -293.30311],
    [model("multiplicative", "damped", "none"), -292.23999],
  ];
  const tourists: [SmoothingModel, number][] = [
    [model("additive", "none", "additive"), -204.28165],
    [model("additive", "additive", "additive"), -201.27311],
    [model("additive", "damped", "additive"), -200.02362],
    [model("multiplicative", "none", "multiplicative"), -206.42027],
    [model("multiplicative", "additive", "multiplicative"), -195.75179],
    [model("multiplicative", "damped", "multiplicative"), -196.36298],
  ];
  for (const [kind, ofR] of oil) {
    expect(fitSmoothing(OIL, kind, 1)?.logLikelihood, JSON.stringify(kind)).toBeGreaterThan(ofR - 0.001);
  }
  for (const [kind, ofR] of tourists) {
    expect(fitSmoothing(TOURISTS, kind, 4)?.logLikelihood, JSON.stringify(kind)).toBeGreaterThan(ofR - 0.001);
  }
});

test("airline passengers are explained at least as well as by R's own choice", () => {
  // ets(AirPassengers): ETS(M,Ad,M), AICc 1400.638; forecast 8.x.
  const fit = fitSmoothing(AIR_PASSENGERS, model("multiplicative", "damped", "multiplicative"), 12);
  expect(fit?.aicc).toBeLessThan(1400.64);
  expect(fit?.aicc).toBeGreaterThan(1390);
});

test("a series in another unit has the same fit", () => {
  const kind = model("multiplicative", "damped", "multiplicative");
  const one = fitSmoothing(TOURISTS, kind, 4);
  const million = fitSmoothing(
    TOURISTS.map((value) => value * 1e6),
    kind,
    4,
  );
  expect(million?.parameters.alpha).toBeCloseTo(one?.parameters.alpha ?? 0, 3);
  expect((million?.end.level ?? 0) / 1e6).toBeCloseTo(one?.end.level ?? 0, 2);
  expect(million?.variance).toBeCloseTo(one?.variance ?? 0, 7);
});

test("multiplicative errors need values above zero", () => {
  expect(fitSmoothing([1, 2, 0, 4, 5, 6, 7, 8, 9, 9], model("multiplicative", "none", "none"), 1)).toBeNull();
});
