// Gamma-Gamma agrees with what is published for CDNOW, and finds its own parameters again.
import { assert, double, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { expectedSpend, fitGammaGamma, groupSpending, spendFrequencyCorrelation } from "./gamma-gamma.ts";
import { seededRandom } from "./seeded-random.ts";
import { simulateBetaGeometric, simulatedSpending } from "./simulated-histories.ts";

/** Fader & Hardie, as in lifetimes' tests. */
const cdnow = { p: 6.25, q: 3.74, v: 15.44 };

/** x and mean spending of the first ten members of CDNOW. */
const firstTen = [
  [2, 22.35],
  [1, 11.77],
  ...[0, 0, 0].map(() => [0, 0] as const),
  [7, 73.74],
  [1, 11.77],
  [0, 0],
  [2, 25.55],
  [0, 0],
] as const;

test("the spending expected of CDNOW's first ten members is that of lifetimes", () => {
  const expected = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17];
  const found = firstTen.map(([frequency, monetary]) => expectedSpend(cdnow, { frequency, monetary }));
  expect(found.filter((spend, at) => Math.abs(spend - (expected[at] ?? 0)) > 0.1)).toEqual([]);
});

test("more orders draw the expectation from the mean of all to the member's own", () => {
  const rule = property(integer({ min: 0, max: 50 }), double({ min: 1, max: 500, noNaN: true }), (x, own) => {
    const all = expectedSpend(cdnow, { frequency: 0, monetary: 0 });
    const spend = expectedSpend(cdnow, { frequency: x, monetary: own });
    const next = expectedSpend(cdnow, { frequency: x + 1, monetary: own });
    return Math.abs(next - own) <= Math.abs(spend - own) + 1e-9 && (spend - all) * (own - all) >= -1e-9;
  });
  assert(rule);
  expect(expectedSpend({ p: 2, q: 0.9, v: 5 }, { frequency: 0, monetary: 0 })).toBe(Infinity);
});

test("a fit finds the parameters of simulated spending again", () => {
  const members = simulateBetaGeometric(
    { r: 1, alpha: 4, a: 0.5, b: 4 },
    { members: 20_000, days: 365, random: seededRandom(11), mayStopAtFirst: false },
  );
  const groups = groupSpending(members);
  const fit = fitGammaGamma(groups);
  const names = ["p", "q", "v"] as const;
  const off = names.map((name) =>
    fit.kind === "fitted" ? Math.abs(fit.parameters[name] / simulatedSpending[name] - 1) : fit,
  );
  expect(off.filter((share) => !(typeof share === "number" && share < 0.06))).toEqual([]);
  expect(Math.abs(spendFrequencyCorrelation(groups))).toBeLessThan(0.05);
});

test("members without a repeat order or with free ones say nothing of spending", () => {
  const groups = groupSpending([
    { frequency: 0, monetary: 0 },
    { frequency: 3, monetary: 0 },
    { frequency: 2, monetary: 7 },
    { frequency: 2, monetary: 7 },
  ]);
  expect([groups.members, [...groups.rowMembers]]).toEqual([2, [2]]);
});

test("too few repeat buyers are refused with what is missing, and equal amounts have no maximum", () => {
  expect(fitGammaGamma(groupSpending([{ frequency: 1, monetary: 5 }]))).toEqual({
    kind: "too_little_data",
    missing: [{ what: "repeatBuyers", have: 1, need: 100 }],
  });
  expect(fitGammaGamma(groupSpending([]), 0).kind).toBe("too_little_data");
  const alike = Array.from({ length: 300 }, (_, at) => ({ frequency: 1 + (at % 5), monetary: 20 }));
  expect(fitGammaGamma(groupSpending(alike))).toEqual({ kind: "no_maximum", missing: [] });
});
