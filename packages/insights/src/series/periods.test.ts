// Comparisons of periods against sums by hand, for any ranges.
import { array, assert, constantFrom, double, integer, property, record, tuple } from "fast-check";
import { expect, test } from "vitest";
import { dayNumber } from "../days.ts";
import { changeOf, comparePeriods, driversOf, periodBefore } from "./periods.ts";

test("one month against the month before: change, index and what each store added", () => {
  const sales = [
    { day: dayNumber("2026-01-10"), group: "Taipei", value: 600 },
    { day: dayNumber("2026-01-31"), group: "Tainan", value: 400 },
    { day: dayNumber("2026-02-01"), group: "Taipei", value: 900 },
    { day: dayNumber("2026-02-28"), group: "Tainan", value: 300 },
    { day: dayNumber("2026-02-14"), group: "Hualien", value: 50 },
    { day: dayNumber("2026-03-01"), group: "Taipei", value: 9999 },
  ];
  const current = { from: dayNumber("2026-02-01"), to: dayNumber("2026-02-28") };
  const previous = { from: dayNumber("2026-01-01"), to: dayNumber("2026-01-31") };
  const { total, perDay, groups } = comparePeriods(sales, { current, previous });
  expect(total).toEqual({ current: 1250, previous: 1000, change: 250, rate: 0.25, index: 125 });
  // February is shorter: a day it grew by 38 %.
  expect(perDay.rate).toBeCloseTo(1250 / 28 / (1000 / 31) - 1, 12);
  expect(groups.map(({ group, change, rate, contribution }) => [group, change, rate, contribution])).toEqual([
    ["Taipei", 300, 0.5, 0.3],
    ["Tainan", -100, -0.25, -0.1],
    ["Hualien", 50, null, 0.05],
  ]);
  expect(groups[0]).toMatchObject({ shareCurrent: 0.72, sharePrevious: 0.6 });
});

test("any two ranges add up: groups to the total, contributions to its rate, shares to one", () => {
  const days = record({
    day: integer({ min: 0, max: 60 }),
    group: constantFrom("a", "b", "c", "d"),
    value: integer({ min: -50, max: 1000 }),
  });
  const range = tuple(integer({ min: -5, max: 65 }), integer({ min: 0, max: 40 })).map(([from, length]) => ({
    from,
    to: from + length,
  }));
  const adding = property(array(days, { maxLength: 80 }), range, range, (values, current, previous) => {
    const { total, groups } = comparePeriods(values, { current, previous });
    const inside = ({ from, to }: typeof current) =>
      values.reduce((sum, { day, value }) => sum + (from <= day && day <= to ? value : 0), 0);
    expect([total.current, total.previous]).toEqual([inside(current), inside(previous)]);
    expect(groups.reduce((sum, { change }) => sum + change, 0)).toBe(total.change);
    if (total.rate !== null) {
      expect(groups.reduce((sum, { contribution }) => sum + (contribution ?? 0), 0)).toBeCloseTo(total.rate, 9);
    }
    if (total.current !== 0) {
      expect(groups.reduce((sum, { shareCurrent }) => sum + (shareCurrent ?? 0), 0)).toBeCloseTo(1, 9);
    }
  });
  assert(adding, { seed: 4 });
});

test("from nothing there is no rate, and from a loss a gain is a rise", () => {
  expect(changeOf(5, 0)).toEqual({ current: 5, previous: 0, change: 5, rate: null, index: null });
  expect(changeOf(50, -100).rate).toBe(1.5);
  expect(periodBefore({ from: 10, to: 16 })).toEqual({ from: 3, to: 9 });
});

test("revenue is split over members, visits and baskets without a rest", () => {
  const factor = record({
    name: constantFrom("members", "orders", "amount"),
    current: double({ min: 0.01, max: 1e6, noNaN: true }),
    previous: double({ min: 0.01, max: 1e6, noNaN: true }),
  });
  const whole = property(array(factor, { minLength: 1, maxLength: 4 }), (drivers) => {
    const product = (pick: "current" | "previous") => drivers.reduce((all, driver) => all * driver[pick], 1);
    const change = product("current") - product("previous");
    const effects = driversOf(drivers)?.reduce((sum, { effect }) => sum + effect, 0) ?? Number.NaN;
    const size = Math.max(product("current"), product("previous"));
    expect(Math.abs(effects - change)).toBeLessThanOrEqual(1e-7 * size);
  });
  assert(whole, { seed: 4 });
  // 100 members × 2 orders × 50 = 10,000; 120 × 2 × 50 = 12,000: all of it came from members.
  expect(
    driversOf([
      { name: "members", current: 120, previous: 100 },
      { name: "orders", current: 2, previous: 2 },
      { name: "amount", current: 50, previous: 50 },
    ])?.map(({ effect }) => Math.round(effect * 1e6) / 1e6),
  ).toEqual([2000, 0, 0]);
  expect(driversOf([{ name: "members", current: 0, previous: 1 }])).toBeNull();
});
