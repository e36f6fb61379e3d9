// Tests that retries are soon at first and last through an outage of hours.
import { expect, test } from "vitest";
import { retryDelaySeconds } from "./retry-delay.ts";

/** As in wrangler.jsonc. */
const RETRIES_MAX = 100;

const delays = Array.from({ length: RETRIES_MAX }, (_, index) => retryDelaySeconds(index + 1));

test("the first retry comes after a second, and in the first minutes none waits longer than 30 s", () => {
  expect(delays.slice(0, 7)).toEqual([1, 2, 4, 8, 16, 30, 30]);
  expect(Math.max(...delays.slice(0, 20))).toBe(30);
});

test("retries last for more than half a day", () => {
  const seconds = delays.reduce((sum, delay) => sum + delay, 0);
  expect(seconds).toBeGreaterThan(12 * 3600);
});
