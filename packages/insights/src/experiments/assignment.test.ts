import { assert, integer, property, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { assignArm, bucketOf, checkSampleRatio } from "./assignment.ts";
import { hashFraction, murmur3 } from "./hashing.ts";

const UNITS = Array.from({ length: 20_000 }, (_, index) => `member-${index}`);
const halves = [
  { id: "a", weight: 1 },
  { id: "b", weight: 1 },
];

test("the hash is MurmurHash3, so other languages can find the same arm", () => {
  // Published vectors of MurmurHash3_x86_32.
  expect(murmur3("", 0)).toBe(0);
  expect(murmur3("", 1)).toBe(0x514e28b7);
  expect(murmur3("hello", 0)).toBe(0x248bfa47);
  expect(murmur3("hello, world", 0)).toBe(0x149bbb7f);
  expect(murmur3("The quick brown fox jumps over the lazy dog", 0x9747b28c)).toBe(0x2fa826cd);
  expect(hashFraction("ab", "c")).not.toBe(hashFraction("a", "bc"));
});

test("a unit sees the same arm for ever", () => {
  // Typed in from the first version: a change here would move members of running experiments.
  const seen = UNITS.slice(0, 12).map((unit) => assignArm({ id: "welcome", arms: halves }, unit));
  expect(seen.join("")).toBe("abbababbbbaa");
});

test("arms are filled by their weights, and the sample-ratio check is content", () => {
  const weights = property(
    uniqueArray(integer({ min: 1, max: 50 }), { minLength: 2, maxLength: 5 }),
    integer({ min: 0, max: 1e6 }),
    (asked, salt) => {
      const arms = asked.map((weight, index) => ({ id: `arm-${index}`, weight }));
      const counts = new Map<string | null, number>();
      for (const unit of UNITS) {
        const arm = assignArm({ id: `e${salt}`, arms }, unit);
        counts.set(arm, (counts.get(arm) ?? 0) + 1);
      }
      const counted = arms.map(({ id, weight }) => ({ weight, units: counts.get(id) ?? 0 }));
      expect(counted.reduce((sum, { units }) => sum + units, 0)).toBe(UNITS.length);
      expect(checkSampleRatio(counted).pValue).toBeGreaterThan(1e-6);
    },
  );
  assert(weights, { numRuns: 15, seed: 4 });
});

test("a wider coverage moves nobody who takes part already", () => {
  const at = (coverage: number) => UNITS.map((unit) => assignArm({ id: "wide", arms: halves, coverage }, unit));
  const [tenth, half, all] = [at(0.1), at(0.5), at(1)];
  expect(moved(tenth, half)).toBe(0);
  expect(moved(half, all)).toBe(0);
  expect(share(tenth.filter((arm) => arm !== null).length)).toBeCloseTo(0.1, 1);
  expect(all).not.toContain(null);
});

test("a new arm takes only what is its own, and a removed one frees only its own", () => {
  const two = UNITS.map((unit) => assignArm({ id: "grow", arms: halves }, unit));
  const grown = { id: "grow", arms: [{ id: "c", weight: 1 }, ...halves] };
  const three = UNITS.map((unit) => assignArm(grown, unit));
  const changed = three.filter((arm, index) => arm !== two[index]);
  expect(new Set(changed)).toEqual(new Set(["c"]));
  expect(share(changed.length)).toBeCloseTo(1 / 3, 1);
});

test("two experiments share out their members independently", () => {
  const both = UNITS.filter(
    (unit) =>
      assignArm({ id: "one", arms: halves }, unit) === "a" && assignArm({ id: "two", arms: halves }, unit) === "a",
  );
  expect(Math.abs(share(both.length) - 0.25)).toBeLessThan(0.015);
  const buckets = UNITS.map((unit) => bucketOf("s", unit, 10));
  expect([Math.min(...buckets), Math.max(...buckets)]).toEqual([0, 9]);
});

test("a split that is off raises the alarm, and one that is off by chance does not", () => {
  // Chi-square of 821,588 against 815,482 (Kohavi's Bing example) is 22.8: p = 1.8e-6.
  const bing = checkSampleRatio([
    { weight: 1, units: 821_588 },
    { weight: 1, units: 815_482 },
  ]);
  expect(bing.chiSquare).toBeCloseTo(22.7746, 3);
  expect(bing.pValue).toBeCloseTo(1.8e-6, 7);
  expect(bing.mismatch).toBe(true);
  const fair = [
    { weight: 1, units: 5020 },
    { weight: 1, units: 4980 },
  ];
  expect(checkSampleRatio(fair).mismatch).toBe(false);
  expect(checkSampleRatio([...fair, { weight: 0, units: 1 }]).mismatch).toBe(true);
  expect(checkSampleRatio([{ weight: 1, units: 0 }])).toMatchObject({ pValue: 1, mismatch: false });
});

function moved(before: readonly (string | null)[], after: readonly (string | null)[]): number {
  return before.filter((arm, index) => arm !== null && arm !== after[index]).length;
}

function share(count: number): number {
  return count / UNITS.length;
}
