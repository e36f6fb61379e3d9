// Every combination of scores has a name where a name is promised, and the first rule that is met gives it.
import { expect, test } from "vitest";
import type { RfmScores } from "./rfm.ts";
import {
  rPackageSegments,
  type SegmentRule,
  segmentOf,
  shopifyGroupOf,
  shopifyGroups,
  taiwanGroups,
  taiwanLabels,
} from "./rfm-segments.ts";

const fifths = [1, 2, 3, 4, 5];
const allScores: RfmScores[] = fifths.flatMap((recency) =>
  fifths.flatMap((frequency) => fifths.map((monetary) => ({ recency, frequency, monetary }))),
);

test("three of R's ten segments are always empty, because an earlier rule is met first", () => {
  const reached = new Set(allScores.map((scores) => segmentOf(scores, rPackageSegments)));
  const names = rPackageSegments.map(({ name }) => name);
  expect(names.filter((name) => !reached.has(name))).toEqual(["New Customers", "Promising", "Can't Lose Them"]);
  expect(reached.has(null)).toBe(true);
});

test("each of Shopify's groups but prospects is reached, and every score is in exactly one", () => {
  for (const scores of allScores) {
    const met = shopifyGroups.filter((rule) => segmentOf(scores, [rule] as readonly SegmentRule[]) !== null);
    expect(met, JSON.stringify(scores)).toHaveLength(1);
  }
  const reached = new Set([null, ...allScores].map((scores) => shopifyGroupOf(scores)));
  expect([...reached].sort().join(" ")).toBe(
    "ACTIVE ALMOST_LOST AT_RISK CHAMPIONS DORMANT LOYAL NEEDS_ATTENTION NEW PREVIOUSLY_LOYAL PROMISING PROSPECTS",
  );
});

test("a member without orders is a prospect", () => {
  expect(shopifyGroupOf(null)).toBe("PROSPECTS");
});

test("新客, 常客 and 貴客 each speak of one axis, and the dearest name comes first", () => {
  expect(taiwanLabels({ recency: 5, frequency: 1, monetary: 1 })).toEqual(["新客"]);
  expect(taiwanLabels({ recency: 1, frequency: 4, monetary: 3 })).toEqual(["常客"]);
  expect(taiwanLabels({ recency: 5, frequency: 5, monetary: 5 })).toEqual(["貴客", "常客", "新客"]);
  expect(segmentOf({ recency: 5, frequency: 5, monetary: 4 }, taiwanGroups)).toBe("貴客");
  expect(taiwanLabels({ recency: 3, frequency: 3, monetary: 3 })).toEqual([]);
});

test("scores of three or ten bins are stretched to fifths before they are named", () => {
  expect(segmentOf({ recency: 3, frequency: 3, monetary: 3 }, rPackageSegments, 3)).toBe("Champions");
  expect(segmentOf({ recency: 1, frequency: 1, monetary: 1 }, rPackageSegments, 3)).toBe("Lost");
  expect(segmentOf({ recency: 10, frequency: 8, monetary: 7 }, rPackageSegments, 10)).toBe("Champions");
});
