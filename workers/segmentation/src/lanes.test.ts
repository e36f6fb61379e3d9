// Tests how pages are dealt to lanes.
import { expect, test } from "vitest";
import { LANES, pagesOf, sideBySide } from "./lanes.ts";

const idsOf = (count: number) => Array.from({ length: count }, (_, index) => `m${index}`);

test.each([
  [0, [0]],
  [499, [499]],
  [500, [250, 250]],
  [10_000, [5000, 5000]],
  [10_001, [2501, 2501, 2501, 2498]],
  [20_000, [5000, 5000, 5000, 5000]],
])("%i members are dealt to pages of %j", (count, lengths) => {
  const pages = pagesOf(idsOf(count), 5000);
  expect(pages.map(({ length }) => length)).toEqual(lengths);
  expect(pages.flat()).toEqual(idsOf(count));
});

test("every page is worked on once, never more at a time than there are lanes", async () => {
  let busy = 0;
  let most = 0;
  const done: number[] = [];
  await sideBySide([1, 2, 3, 4, 5], async (page) => {
    most = Math.max(most, (busy += 1));
    await new Promise((resolve) => setTimeout(resolve, 1));
    busy -= 1;
    done.push(page);
  });
  expect(done.toSorted()).toEqual([1, 2, 3, 4, 5]);
  expect(most).toBe(LANES);
});

test("a page that fails is told", async () => {
  await expect(
    sideBySide(["good", "bad"], async (page) => void (page === "bad" && (await Promise.reject(new Error("down"))))),
  ).rejects.toThrow("down");
});
