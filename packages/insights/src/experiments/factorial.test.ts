import { expect, test } from "vitest";
import { seededNormal } from "../seeded-random.ts";
import { analyseFactorial } from "./factorial.ts";
import type { Cell } from "./factorial.ts";
import { meanOf } from "./means.ts";

/** Box, Hunter & Hunter (2005), chapter 5: yields of a pilot plant, each combination run twice. */
const RUNS: [temperature: string, concentration: string, catalyst: string, one: number, two: number][] = [
  ["160", "20", "A", 59, 61],
  ["180", "20", "A", 74, 70],
  ["160", "40", "A", 50, 58],
  ["180", "40", "A", 69, 67],
  ["160", "20", "B", 50, 54],
  ["180", "20", "B", 81, 85],
  ["160", "40", "B", 46, 44],
  ["180", "40", "B", 79, 81],
];
const PLANT = [
  { name: "temperature", levels: ["160", "180"] },
  { name: "concentration", levels: ["20", "40"] },
  { name: "catalyst", levels: ["A", "B"] },
];
const CELLS: Cell[] = RUNS.map(([temperature, concentration, catalyst, one, two]) => ({
  ...meanOf({ n: 2, sum: one + two, sumSquares: one * one + two * two }),
  levels: { temperature, concentration, catalyst },
}));

test("the pilot plant of Box, Hunter and Hunter gives their seven effects and standard error", () => {
  const result = analyseFactorial(PLANT, CELLS, { order: 3, pooled: true });
  const found = result.ok
    ? result.effects.map(({ levels, effect }) => [Object.keys(levels).join(" × "), Number(effect.toFixed(9))])
    : [];
  expect(found).toEqual([
    ["temperature", 23],
    ["concentration", -5],
    ["catalyst", 1.5],
    ["temperature × concentration", 1.5],
    ["temperature × catalyst", 10],
    ["concentration × catalyst", 0],
    ["temperature × concentration × catalyst", 0.5],
  ]);
  // Their estimate: variance 8 on 8 degrees of freedom, standard error √2.
  for (const effect of result.ok ? result.effects : []) {
    expect(effect.degrees).toBe(8);
    expect(effect.standardError).toBeCloseTo(Math.SQRT2, 12);
  }
});

test("with more than two levels each is measured against the first", () => {
  const factors = [
    { name: "title", levels: ["plain", "name", "emoji"] },
    { name: "hour", levels: ["noon", "evening"] },
  ];
  const means: Record<string, number> = { plain: 10, name: 12, emoji: 9 };
  const cells = factors[0]?.levels.flatMap((title) =>
    ["noon", "evening"].map((hour) => {
      const together = title === "name" && hour === "evening" ? 2 : 0;
      const mean = (means[title] ?? 0) + (hour === "evening" ? 1 : 0) + together;
      return { levels: { title, hour }, n: 50, mean, variance: 4 };
    }),
  );
  const result = analyseFactorial(factors, cells ?? []);
  const effects = result.ok ? result.effects.map(({ levels, effect }) => [levels, Number(effect.toFixed(9))]) : [];
  expect(effects).toEqual([
    [{ title: "name" }, 3],
    [{ title: "emoji" }, -1],
    [{ hour: "evening" }, 1.666666667],
    [{ title: "name", hour: "evening" }, 1],
    [{ title: "emoji", hour: "evening" }, 0],
  ]);
});

test("a combination nobody saw is named, not guessed", () => {
  expect(analyseFactorial(PLANT, CELLS.slice(1))).toEqual({
    ok: false,
    missing: [{ temperature: "160", concentration: "20", catalyst: "A" }],
  });
});

test("the interval of an interaction holds the truth about 95 times in 100", () => {
  const normal = seededNormal(5);
  const factors = PLANT.slice(0, 2);
  const runs = 600;
  let held = 0;
  for (let run = 0; run < runs; run += 1) {
    const cells = ["160", "180"].flatMap((temperature) =>
      ["20", "40"].map((concentration) => {
        const both = temperature === "180" && concentration === "40";
        const values = Array.from({ length: 12 }, () => 5 + (both ? 3 : 0) + (both ? 4 : 1) * normal());
        const sums = values.reduce((sum, value) => sum + value, 0);
        const sumSquares = values.reduce((sum, value) => sum + value * value, 0);
        return { levels: { temperature, concentration }, ...meanOf({ n: 12, sum: sums, sumSquares }) };
      }),
    );
    const result = analyseFactorial(factors, cells);
    const interval = result.ok ? result.effects[2]?.interval : undefined;
    if (interval !== undefined && interval.low <= 1.5 && 1.5 <= interval.high) held += 1;
  }
  expect(Math.abs(held / runs - 0.95)).toBeLessThan(0.025);
});
