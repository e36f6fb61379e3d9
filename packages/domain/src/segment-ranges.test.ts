// When numbers that move with the calendar pass their limits.
import fc from "fast-check";
import { expect, test } from "vitest";
import { fallingChange, isWithin, risingChange, splitByWindow, windowDays } from "./segment-ranges.ts";

const range = fc
  .record({
    atLeast: fc.option(fc.double({ min: -20, max: 20, noNaN: true })),
    atMost: fc.option(fc.integer({ min: -20, max: 20 })),
  })
  .map(({ atLeast, atMost }) => ({ atLeast: atLeast ?? undefined, atMost: atMost ?? undefined }));

test.each([
  ["grows", 1, risingChange],
  ["shrinks", -1, fallingChange],
] as const)(
  "a number that %s by one a day passes a limit on the day that was said, and not before",
  (_, step, change) => {
    fc.assert(
      fc.property(fc.integer({ min: -30, max: 30 }), range, (value, limits) => {
        const days = change(value, limits) ?? Infinity;
        const holds = isWithin(value, limits);
        for (let later = 1; later < Math.min(days, 100); later += 1) {
          expect(isWithin(value + step * later, limits)).toBe(holds);
        }
        const isPossible = Math.ceil(limits.atLeast ?? -1000) <= Math.floor(limits.atMost ?? 1000);
        if (days < 100 && isPossible) expect(isWithin(value + step * days, limits)).toBe(!holds);
      }),
    );
  },
);

test("nothing lies in no range, and both limits lie in theirs", () => {
  expect(isWithin(null, { atLeast: -1e15 })).toBe(false);
  expect([1, 2, 3, 4].map((value) => isWithin(value, { atLeast: 2, atMost: 3 }))).toEqual([false, true, true, false]);
});

test("the last day of a window of days is today, and a fixed one keeps what lies in it", () => {
  const rows = ["2026-02-28", "2026-03-01", "2026-03-07", "2026-03-09"].map((day) => ({ day }));
  const today = "2026-03-07";
  const days = (window: Parameters<typeof windowDays>[0]) => {
    const { counted, changesInDays } = splitByWindow(rows, windowDays(window, today), today);
    return [counted.map(({ day }) => day.slice(5)), changesInDays];
  };
  expect(days({ lastDays: 7 })).toEqual([["03-01", "03-07"], 1]);
  expect(days({ lastDays: 8 })).toEqual([["02-28", "03-01", "03-07"], 1]);
  expect(days({ from: "2026-03-01", until: "2026-03-08" })).toEqual([["03-01", "03-07"], null]);
  expect(days(undefined)).toEqual([["02-28", "03-01", "03-07"], 2]);
});
