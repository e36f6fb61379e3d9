// Deferred revenue of points: the worked examples of the field, and journals written as a bookkeeper reads them.
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CohortMonth, expectedRedeemed, redemptionCurve } from "./breakage.ts";
import { allocatePrice, deferredAt, journalOf, releasedOf, type SalesMonth } from "./liability.ts";

test("IFRS 15 illustrative example 52: 100,000 of sales, 10,000 points worth 1 each", () => {
  const expected = 9500;
  const [goods = 0, deferred = 0] = allocatePrice(100_000, 100_000, [expected]);
  expect([goods, deferred]).toEqual([91_324, 8676]);
  const first = releasedOf({ deferred, redeemed: 4500, expected });
  expect(first).toBe(4110);
  // In the second year 8,500 points in all have been spent, and 9,700 are expected: the catch-up is in the release.
  const second = releasedOf({ deferred, redeemed: 8500, expected: 9700 });
  expect([second - first, deferred - second]).toEqual([3493, 1073]);
});

test("a sale of 2,000 with 2,000 points worth 200, of which 85 % are expected", () => {
  // A source that rounds 7.8 % up to 8 % has 1,842 and 158, and releases half, 79, for half of the points granted.
  const [goods = 0, deferred = 0] = allocatePrice(2000, 2000, [170]);
  expect([goods, deferred]).toEqual([1843, 157]);
  expect(releasedOf({ deferred, redeemed: 1000, expected: 1700 })).toBe(92);
  expect(releasedOf({ deferred: 158, redeemed: 1000, expected: 2000 })).toBe(79);
});

test("when no more points are expected to be spent, all that is left is released", () => {
  expect(releasedOf({ deferred: 8676, redeemed: 9200, expected: 9200 })).toBe(8676);
  expect(releasedOf({ deferred: 8676, redeemed: 0, expected: 0 })).toBe(8676);
});

const cohort = (name: string, rows: Record<string, Partial<CohortMonth>>): CohortMonth[] =>
  Object.entries(rows).map(([month, row]) => {
    return { cohort: name, month, issued: 0, redeemed: 0, expired: 0, removed: 0, ...row };
  });

/** Of 100 points half are spent at once, half of the rest a month later, and what is left expires after two. */
const january = cohort("2026-01", {
  "2026-01": { issued: 100, redeemed: 50 },
  "2026-02": { redeemed: 25 },
  "2026-03": { expired: 25 },
});

test("the curve of an age pools what became of all points that lived through it", () => {
  expect(redemptionCurve(january, "2026-04")).toEqual([0.75, 0.5, 0]);
  const february = cohort("2026-02", { "2026-02": { issued: 300, redeemed: 30 }, "2026-03": { redeemed: 135 } });
  // Age 0: 80 of 400; age 1: 160 of 320; age 2: nothing of 25, all of which expired.
  expect(redemptionCurve([...january, ...february], "2026-04")).toEqual([0.2 + 0.8 * 0.5, 0.5, 0]);
});

test("no breakage is expected before history shows some, and points taken back tell nothing", () => {
  expect(redemptionCurve([], "2026-04")).toEqual([]);
  expect(expectedRedeemed([], 80, 0)).toBe(80);
  expect(expectedRedeemed(redemptionCurve(january, "2026-04"), 40, 1)).toBe(20);
  const refunded = cohort("2026-01", { "2026-01": { issued: 100, removed: 60, redeemed: 20 } });
  // Half of the 40 that stayed were spent; what becomes of the others has not been seen.
  expect(redemptionCurve(refunded, "2026-02")).toEqual([1]);
});

test("a month that is not over teaches nothing yet", () => {
  expect(redemptionCurve(january, "2026-02")).toEqual([1]);
  expect(redemptionCurve(january, "2026-03")).toEqual([1, 1]);
});

const one = () => 1000;

test("the journal of a shop: deferral by price, release as points are spent, breakage as they are not", () => {
  const sales: SalesMonth[] = [
    { cohort: "2026-01", month: "2026-01", paid: 1000 },
    { cohort: "2026-04", month: "2026-04", paid: 2000 },
    { cohort: "2026-04", month: "2026-05", paid: -1000 },
  ];
  const april = cohort("2026-04", {
    "2026-04": { issued: 200, redeemed: 50 },
    "2026-05": { removed: 100, redeemed: 10 },
    "2026-06": { expired: 40 },
  });
  const points = [{ currency: "points", months: [...january, ...april] }];
  const statement = journalOf({ sales, points }, one, { from: "2026-01", to: "2026-06" }).map(
    ({ period, opening, deferral, release, breakage, closing }) =>
      `${period}: ${opening} +${deferral} -${release} -${breakage} = ${closing}`,
  );
  expect(statement).toEqual([
    // 100 points with 1,000 of goods: all are expected to be spent, 1,000 x 100 / 1,100.
    "2026-01: 0 +91 -46 -0 = 45", // 91 x 50 / 100
    "2026-02: 45 +0 -22 -0 = 23", // 91 x 75 / 100 is 68
    "2026-03: 23 +0 -0 -23 = 0", // the rest has expired
    // A third is spent at once, half of the rest a month later: 133 of 200 are expected, 2,000 x 133 / 2,133.
    // 50 of the 125 that are expected now: 125 x 50 / 125 in all, of which 125 x 50 / 200 for points really spent.
    "2026-04: 0 +125 -31 -19 = 75",
    // Half the sale comes back: 63 are deferred for the 67 expected of 100. History expects no more than the 60 spent.
    "2026-05: 75 +-62 -7 -6 = 0",
  ]);
});

test("whatever happens, every entry adds up, and nothing stays deferred once no points are left", () => {
  const share = fc.nat({ max: 40 });
  const histories = fc.array(
    fc.tuple(fc.integer({ min: 1, max: 500 }), fc.array(fc.tuple(share, share, share), { maxLength: 5 })),
    {
      minLength: 1,
      maxLength: 4,
    },
  );
  fc.assert(
    fc.property(histories, (all) => {
      const months: CohortMonth[] = [];
      const sales: SalesMonth[] = [];
      for (const [place, [issued, later]] of all.entries()) {
        const name = `2026-0${place + 1}`;
        sales.push({ cohort: name, month: name, paid: issued * 10 });
        let left = issued;
        const take = (points: number) => {
          const taken = Math.min(points, left);
          left -= taken;
          return taken;
        };
        const rows = later.map(([redeemed, expired, removed]) => {
          return { issued: 0, redeemed: take(redeemed), expired: take(expired), removed: take(removed) };
        });
        const last = { issued: 0, redeemed: 0, expired: take(left), removed: 0 };
        for (const [age, row] of [{ issued, redeemed: 0, expired: 0, removed: 0 }, ...rows, last].entries()) {
          months.push({ cohort: name, month: `2026-${String(place + 1 + age).padStart(2, "0")}`, ...row });
        }
      }
      const history = { sales, points: [{ currency: "points", months }] };
      const journal = journalOf(history, one, { from: "2026-01", to: "2026-12" });
      let standing = 0;
      for (const { opening, deferral, release, breakage, closing } of journal) {
        expect(opening).toBe(standing);
        expect(closing).toBe(opening + deferral - release - breakage);
        standing = closing;
      }
      expect(standing).toBe(0);
      expect(deferredAt(history, one, "2026-12").get("points")).toBe(0);
    }),
  );
});
