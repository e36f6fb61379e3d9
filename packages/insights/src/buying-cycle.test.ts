// A member's cycle is the usual one at first and the member's own in the end.
import { array, assert, double, integer, property } from "fast-check";
import { expect, test } from "vitest";
import { gapsOf, ownCycle, supposedCycle, usualCycle } from "./buying-cycle.ts";
import { seededNormal } from "./seeded-random.ts";

test("days with orders make gaps, whatever their order and however many orders a day has", () => {
  expect(gapsOf([30, 10, 10, 15])).toEqual([5, 15]);
  expect([gapsOf([]), gapsOf([7])]).toEqual([[], []]);
});

test("the variances of simulated gaps are found again", () => {
  const normal = seededNormal(3);
  const members = Array.from({ length: 3000 }, (_, member) => {
    const median = Math.log(30) + 0.6 * normal();
    return Array.from({ length: 1 + (member % 7) }, () => Math.exp(median + 0.3 * normal()));
  });
  const usual = usualCycle(members);
  expect(usual?.medianDays).toBeCloseTo(30, -0.5);
  expect(Math.sqrt(usual?.withinVariance ?? 0)).toBeCloseTo(0.3, 1.7);
  expect(usual?.credibilityGaps).toBeCloseTo(0.25, 1);
  expect([usual?.members, usual?.gaps]).toEqual([3000, members.flat().length]);
});

test("the window holds four of five next gaps", () => {
  const normal = seededNormal(4);
  const members = Array.from({ length: 4000 }, () => {
    const median = Math.log(21) + 0.5 * normal();
    return Array.from({ length: 6 }, () => Math.exp(median + 0.4 * normal()));
  });
  const usual = usualCycle(members.map((gaps) => gaps.slice(0, 5))) ?? supposedCycle(21);
  const inside = members.filter((gaps) => {
    const { fromDays, untilDays } = ownCycle(gaps.slice(0, 5), usual);
    const next = gaps[5] ?? 0;
    return next >= fromDays && next <= untilDays;
  });
  expect(inside.length / members.length).toBeCloseTo(0.8, 1.6);
});

test("members who do not differ all get the usual cycle, and clockwork its own", () => {
  const alike = usualCycle(Array.from({ length: 50 }, (_, at) => [10, 40, 20, at % 2 === 0 ? 20 : 10]));
  expect(alike?.credibilityGaps).toBe(1000);
  const clockwork = usualCycle([
    [7, 7, 7],
    [28, 28, 28],
  ]);
  expect(ownCycle([7, 7, 7], clockwork ?? supposedCycle(0)).days).toBeCloseTo(7, 1);
});

test("without a gap there is no usual cycle, and too few gaps suppose what they cannot say", () => {
  expect(usualCycle([])).toBeNull();
  expect(usualCycle([[], []])).toBeNull();
  expect(usualCycle([[30]])).toEqual({ ...supposedCycle(30), medianDays: expect.closeTo(30), members: 1, gaps: 1 });
});

test("a member's cycle lies between its own gaps and the usual one, nearer to its own the more there are", () => {
  const rule = property(
    double({ min: 1, max: 200, noNaN: true }),
    double({ min: 1, max: 200, noNaN: true }),
    integer({ min: 0, max: 30 }),
    (own, usualDays, count) => {
      const usual = supposedCycle(usualDays);
      const cycle = (gaps: number) =>
        ownCycle(
          Array.from({ length: gaps }, () => own),
          usual,
        );
      const [now, next] = [cycle(count), cycle(count + 1)];
      const between = now.days >= Math.min(own, usualDays) - 1e-6 && now.days <= Math.max(own, usualDays) + 1e-6;
      const nearer = Math.abs(Math.log(next.days / own)) <= Math.abs(Math.log(now.days / own)) + 1e-9;
      return between && nearer && now.fromDays < now.days && now.days < now.untilDays;
    },
  );
  assert(rule);
});

test("any positive gaps give finite cycles", () => {
  const gap = double({ min: 0.01, max: 4000, noNaN: true });
  const rule = property(array(array(gap, { maxLength: 6 }), { minLength: 1, maxLength: 12 }), (members) => {
    const usual = usualCycle(members);
    if (usual === null) return members.every((gaps) => gaps.length === 0);
    return members.every((gaps) => {
      const { fromDays, days, untilDays } = ownCycle(gaps, usual);
      return [fromDays, days, untilDays].every(Number.isFinite) && usual.credibilityGaps >= 0;
    });
  });
  assert(rule);
});
