import { customerPyramid, decileTotals, paretoShare } from "@regulars/insights/value";
import { seededRandom } from "@regulars/insights/seeded-random";
import { expect, test } from "vitest";
import { cutByRank, ranksNeeded } from "./insight-report-ranks.ts";

/** What the database answers: sums of the best so many, at the ranks that are asked for. */
function sumsAt(values: readonly number[], ranks: readonly number[]) {
  const ranked = values.toSorted((one, other) => other - one);
  return ranks.map((rank) => {
    const best = ranked.slice(0, rank);
    const value = best.reduce((sum, one) => sum + one, 0);
    return { rank, value, positive: best.reduce((sum, one) => sum + Math.max(0, one), 0), spend: 2 * value };
  });
}

function cut(values: readonly number[], others = 0) {
  const positive = values.filter((value) => value > 0).length;
  const counts = { buyers: values.length, positive, members: values.length + others };
  return cutByRank(counts, sumsAt(values, ranksNeeded(counts)));
}

test("sums at a few ranks say of any members what packages/insights says of all their values", () => {
  const random = seededRandom(20_260_331);
  for (let size = 0; size < 130; size += 1) {
    const values = Array.from({ length: size }, () => Math.floor(random() ** 3 * 1000) - (size % 3 === 0 ? 50 : 0));
    const found = cut(values, 3);
    const pyramid = customerPyramid([...values, 0, 0, 0]);
    expect(found.pyramid.map(({ members, level }) => [level, members])).toEqual(
      pyramid.map(({ members, level }) => [level, members]),
    );
    for (const [at, { value, shareOfMembers, shareOfValue }] of pyramid.entries()) {
      expect(found.pyramid[at]?.value).toBeCloseTo(value, 9);
      expect(found.pyramid[at]?.shareOfMembers).toBeCloseTo(shareOfMembers, 12);
      expect(found.pyramid[at]?.shareOfValue).toBeCloseTo(shareOfValue, 12);
    }
    const share = paretoShare(values, 0.2);
    if (share === null) expect(found.paretoShare).toBeNull();
    else expect(found.paretoShare).toBeCloseTo(share, 12);
    expect(found.deciles.map(({ value }) => value)).toEqual(decileTotals(values));
    expect(found.deciles.reduce((sum, { members }) => sum + members, 0)).toBe(size);
    expect(found.deciles.every(({ value, spend }) => spend === 2 * value)).toBe(true);
  }
});

test("few ranks are needed, however many members there are", () => {
  expect(ranksNeeded({ buyers: 1_000_000, positive: 900_000, members: 2_000_000 }).length).toBeLessThan(20);
});
