import { expect, test } from "vitest";
import { seededRandom } from "../seeded-random.ts";
import {
  decideSequentially,
  replaySequentially,
  sequentialConversions,
  winningLead,
  winProbability,
} from "./sequential.ts";

test("the treatment wins at a lead of twice the root of N, and nobody at N conversions", () => {
  const plan = { conversions: 2500 };
  expect(winningLead(plan)).toBe(100);
  expect(decideSequentially(plan, { treatment: 599, control: 500 })).toBe("goOn");
  expect(decideSequentially(plan, { treatment: 600, control: 500 })).toBe("treatmentWins");
  expect(decideSequentially(plan, { treatment: 500, control: 900 })).toBe("goOn");
  expect(decideSequentially(plan, { treatment: 1200, control: 1300 })).toBe("noWinner");
});

test("when either side may win, the lead is a little longer", () => {
  const plan = { conversions: 100, sides: 2 } as const;
  expect(winningLead(plan)).toBe(22.5);
  expect(decideSequentially(plan, { treatment: 10, control: 33 })).toBe("controlWins");
  expect(decideSequentially(plan, { treatment: 10, control: 32 })).toBe("goOn");
});

test("a false alarm comes at most five times in a hundred, however often one looks", () => {
  for (const conversions of [100, 900, 2500, 40_000]) {
    const rate = winProbability(conversions, 0.5);
    expect(rate).toBeLessThan(0.05);
    expect(rate).toBeGreaterThan(0.03);
  }
  const random = seededRandom(3);
  const flips = () => Array.from({ length: 400 }, () => (random() < 0.5 ? "treatment" : "control"));
  let wins = 0;
  const runs = 4000;
  for (let run = 0; run < runs; run += 1) {
    const { decision, after } = replaySequentially({ conversions: 400 }, flips());
    expect(after).toBeLessThanOrEqual(400);
    if (decision === "treatmentWins") wins += 1;
  }
  expect(Math.abs(wins / runs - winProbability(400, 0.5))).toBeLessThan(0.01);
});

test("a plan long enough finds the lift it was made for", () => {
  for (const lift of [0.1, 0.2, 0.5]) {
    const conversions = sequentialConversions(lift) ?? 0;
    expect(winProbability(conversions, (1 + lift) / (2 + lift))).toBeGreaterThanOrEqual(0.8);
    expect(winProbability(Math.floor(conversions * 0.97), (1 + lift) / (2 + lift))).toBeLessThan(0.8);
  }
  expect(sequentialConversions(0)).toBeNull();
  expect(sequentialConversions(1e-6)).toBeNull();
  expect(winProbability(100, 1)).toBe(1);
});
