// A product falls due when the last supply is used up, by the member's own pace.
import { array, assert, integer, property, record } from "fast-check";
import { expect, test } from "vitest";
import { supposedCycle } from "./buying-cycle.ts";
import { dayNumber, dayText } from "./days.ts";
import { categoryCycle, churnWarning, foretellRepurchase } from "./repurchase.ts";

const day = dayNumber("2026-01-01");

/** One can of milk powder lasts three weeks. */
function cans(...supplies: [week: number, quantity: number][]) {
  return supplies.map(([week, quantity]) => ({ day: day + 7 * week, quantity }));
}

const families = [cans([0, 1], [3, 1], [6, 1]), cans([0, 2], [6, 2], [12, 2]), cans([1, 1], [4, 2], [10, 1], [13, 1])];
const milk = categoryCycle(families) ?? supposedCycle(0);

test("a can lasts three weeks and two cans six, whoever bought them", () => {
  expect(milk.medianDays).toBeCloseTo(21, 9);
  const one = foretellRepurchase(cans([0, 1]), milk, { asOf: day });
  const two = foretellRepurchase(cans([0, 2]), milk, { asOf: day });
  expect(dayText(one?.dueDay ?? 0)).toBe("2026-01-22");
  expect(dayText(two?.dueDay ?? 0)).toBe("2026-02-12");
});

test("quantity means nothing where the tenant says so", () => {
  const scale = { quantityPower: 0 };
  const cycle = categoryCycle([cans([0, 5], [3, 1], [6, 9])], scale) ?? supposedCycle(0);
  expect(cycle.medianDays).toBeCloseTo(21, 9);
  expect(foretellRepurchase(cans([0, 9]), cycle, { ...scale, asOf: day })?.cycle.days).toBeCloseTo(21, 9);
});

test("a newcomer goes by the category, an old hand by the own pace", () => {
  const usual = supposedCycle(20);
  const daily = (count: number) => Array.from({ length: count }, (_, at) => ({ day: day + 10 * at, quantity: 1 }));
  const cycle = (count: number) => foretellRepurchase(daily(count), usual, { asOf: day + 1000 })?.cycle;
  expect(cycle(1)?.days).toBeCloseTo(20, 9);
  // One own gap against two supposed ones: the third root of 10 · 20 · 20.
  expect(cycle(2)?.days).toBeCloseTo(Math.cbrt(4000), 9);
  expect(cycle(100)?.days).toBeCloseTo(10, 0);
  expect([cycle(1)?.gaps, cycle(100)?.gaps]).toEqual([0, 99]);
});

test("what came on one day is one supply, and what was returned or comes later is none", () => {
  const supplies = [...cans([0, 1], [0, 1]), { day, quantity: -1 }, ...cans([9, 1])];
  const found = foretellRepurchase(supplies, milk, { asOf: day + 7 });
  expect([found?.lastDay, found?.dueDay]).toEqual([day, day + 42]);
  expect(foretellRepurchase([], milk, { asOf: day })).toBeNull();
  expect(foretellRepurchase(cans([9, 1]), milk, { asOf: day })).toBeNull();
});

test("the warning comes on the first day after k cycles of silence", () => {
  const silence = (days: number) => churnWarning({ lastDay: day, asOf: day + days, cycleDays: 21 }, 2);
  expect(silence(42)).toEqual({ silenceDays: 42, times: 2, warns: false, warnsFrom: day + 43 });
  expect(silence(43).warns).toBe(true);
});

test("the window holds the due day, and the warning begins when it says", () => {
  const supply = record({ day: integer({ min: 0, max: 700 }), quantity: integer({ min: 1, max: 6 }) });
  const rule = property(
    array(supply, { minLength: 1, maxLength: 12 }),
    integer({ min: 3, max: 90 }),
    integer({ min: 1, max: 5 }),
    (supplies, usualDays, times) => {
      const at = (asOf: number) => foretellRepurchase(supplies, supposedCycle(usualDays), { asOf, churnTimes: times });
      const found = at(700);
      if (found === null) return false;
      const { windowFrom, dueDay, windowUntil, lastDay, churn } = found;
      const inWindow = lastDay <= windowFrom && windowFrom <= dueDay && dueDay <= windowUntil;
      const warning = (asOf: number) => churnWarning({ lastDay, asOf, cycleDays: found.cycle.days }, times).warns;
      return inWindow && warning(churn.warnsFrom) && !warning(churn.warnsFrom - 1);
    },
  );
  assert(rule);
});
