// Every member is judged by the own cycle: five weeks of silence are nothing to one and the end to another.
import { array, assert, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { supposedCycle } from "./buying-cycle.ts";
import { type LifecycleStage, lifecycleOf } from "./lifecycle.ts";

const usual = supposedCycle(30);

function everyDays(gap: number, orders: number): number[] {
  return Array.from({ length: orders }, (_, order) => order * gap);
}

function at(days: readonly number[], silentDays: number) {
  const found = lifecycleOf(days, { asOf: Math.max(...days) + silentDays, usual });
  return found === null ? null : [found.stage, found.label];
}

test("one order makes a new member, a second an active one, five a mature one", () => {
  expect(at([0], 5)).toEqual(["new", "N"]);
  expect(at([0, 30], 5)).toEqual(["active", "A"]);
  expect(at(everyDays(30, 5), 5)).toEqual(["mature", "A"]);
});

test("silence leads through at risk, sleeping and lost, down to deeply lost", () => {
  const member = everyDays(30, 6);
  const stages = [44, 45, 75, 120, 240].map((silentDays) => at(member, silentDays));
  expect(stages).toEqual([
    ["mature", "A"],
    ["at_risk", "A"],
    ["sleeping", "S"],
    ["lost", "L"],
    ["lost", "D"],
  ]);
});

test("five weeks of silence are too long for a weekly member and nothing for one who comes each quarter", () => {
  expect(at(everyDays(7, 30), 35)).toEqual(["lost", "L"]);
  expect(at(everyDays(90, 30), 35)).toEqual(["mature", "A"]);
});

test("who comes back after being lost is won back, until coming again has become a habit", () => {
  const away = [...everyDays(30, 6), 150 + 200];
  expect(at(away, 3)).toEqual(["won_back", "A"]);
  expect(at([...away, 380], 3)).toEqual(["won_back", "A"]);
  expect(at([...away, 380, 410], 3)).toEqual(["mature", "A"]);
  expect(at(away, 300)?.[0]).toBe("lost");
});

test("orders of a day count once, of the future not yet, and without any there is no stage", () => {
  const found = lifecycleOf([0, 0, 0, 90], { asOf: 10, usual });
  expect([found?.stage, found?.cycleDays]).toEqual(["new", expect.closeTo(30)]);
  expect(lifecycleOf([90], { asOf: 10, usual })).toBeNull();
  expect(lifecycleOf([], { asOf: 10, usual })).toBeNull();
});

test("a stage lasts exactly until the day on which it is said to change", () => {
  const rank: Record<LifecycleStage, number> = {
    new: 0,
    active: 0,
    mature: 0,
    won_back: 0,
    at_risk: 1,
    sleeping: 2,
    lost: 3,
  };
  const rule = property(
    array(integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 12 }),
    integer({ min: 0, max: 900 }),
    (days, wait) => {
      const asOf = Math.max(...days) + wait;
      const on = (day: number) => lifecycleOf(days, { asOf: day, usual });
      const now = on(asOf);
      if (now === null) return false;
      if (now.changesOn === null) return now.label === "D";
      const [before, after] = [on(now.changesOn - 1), on(now.changesOn)];
      const stays = before?.stage === now.stage && before.label === now.label;
      const worse =
        after !== null && (rank[after.stage] > rank[now.stage] || (now.label === "L" && after.label === "D"));
      return now.changesOn > asOf && stays && worse;
    },
  );
  assert(rule);
});
