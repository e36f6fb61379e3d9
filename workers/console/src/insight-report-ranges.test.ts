import { expect, test } from "vitest";
import { comparedRanges, countSteps, stepAfter, stepOf, stepsOf } from "./insight-report-ranges.ts";

const TODAY = "2026-03-31";

test("without a range it is the last thirty days, today included, against as many before", () => {
  expect(comparedRanges({}, TODAY)).toEqual({
    ok: true,
    value: {
      current: { from: "2026-03-02", until: "2026-03-31" },
      previous: { from: "2026-01-31", until: "2026-03-01" },
    },
  });
});

test("any range may be compared with any other, also with itself or a later one", () => {
  const asked = { from: "2026-01-01", until: "2026-01-01", compareFrom: "2026-02-01", compareUntil: "2026-02-28" };
  expect(comparedRanges(asked, TODAY)).toMatchObject({ ok: true, value: { previous: { from: "2026-02-01" } } });
});

test("a range of five years and a day is refused, and one that ends before it begins", () => {
  const years = { from: "2021-03-28", until: "2026-03-31" };
  expect(comparedRanges(years, TODAY).ok).toBe(true);
  expect(comparedRanges({ ...years, from: "2021-03-27" }, TODAY)).toMatchObject({ refusals: [{ field: "until" }] });
  expect(comparedRanges({ from: TODAY, until: "2026-03-30" }, TODAY).ok).toBe(false);
});

test("weeks begin on Mondays and months on their first day, whatever day the range begins", () => {
  expect(["2026-03-01", "2026-03-02", "2026-03-08", "1969-12-28"].map((day) => stepOf(day, "week"))).toEqual([
    "2026-02-23",
    "2026-03-02",
    "2026-03-02",
    "1969-12-22",
  ]);
  expect(stepsOf({ from: "2025-12-31", until: "2026-02-01" }, "month")).toEqual([
    "2025-12-01",
    "2026-01-01",
    "2026-02-01",
  ]);
  expect(stepAfter("2024-01-31", "day")).toBe("2024-02-01");
  expect(stepAfter("2024-12-01", "month")).toBe("2025-01-01");
});

test("steps are counted as they are made", () => {
  for (const by of ["day", "week", "month"] as const) {
    for (const until of ["2026-01-01", "2026-01-31", "2026-02-01", "2027-03-01", "2030-12-31"]) {
      const range = { from: "2026-01-01", until };
      expect([by, until, countSteps(range, by)]).toEqual([by, until, stepsOf(range, by).length]);
    }
  }
});
