// Points as a means of payment: minimum, step and share, worked out by hand.
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { makeProgram } from "./memory-ledger.ts";
import { redeemableOf, valueWishes } from "./tender.ts";

const tender = { currency: "points", valuePerPoint: 100, minPoints: 10, stepPoints: 5, maxShareOfOrder: 0.5 };

test.each([
  [10_000, 1000, 50, "half of 100.00 is 50 points of 1.00"],
  [10_000, 48, 45, "the balance, down to a step"],
  [10_000, 9, 0, "less than the minimum"],
  [1900, 1000, 0, "half of 19.00 is 9 points: less than the minimum"],
  [2000, 1000, 10, "half of 20.00 is the minimum"],
  [10_999, 1000, 50, "54 points, down to a step"],
  [0, 1000, 0, "nothing to pay"],
  [10_000, -20, 0, "a debt buys nothing"],
])("net %i and a balance of %i redeem at most %i: %s", (net, available, maxPoints) => {
  expect(redeemableOf(tender, net, available)).toEqual({ maxPoints, value: maxPoints * 100 });
});

test("a share is exact: three tenths of 10.00 is 3.00 and not 2.99", () => {
  expect(redeemableOf({ ...tender, maxShareOfOrder: 0.3, minPoints: 0, stepPoints: 1 }, 1000, 99).maxPoints).toBe(3);
  expect(
    redeemableOf({ ...tender, maxShareOfOrder: 0.29, minPoints: 0, stepPoints: 1, valuePerPoint: 1 }, 100, 99)
      .maxPoints,
  ).toBe(29);
  expect(
    redeemableOf({ ...tender, maxShareOfOrder: 1, stepPoints: 1, valuePerPoint: 1 }, 1_000_000_000_000, 2e12).maxPoints,
  ).toBe(1e12);
});

test.each([
  [[["points", 50]], null],
  [[["points", 5]], ["redeem_below_minimum", "redeem[0].points"]],
  [[["points", 12]], ["redeem_step", "redeem[0].points"]],
  [[["points", 55]], ["redeem_exceeds_share", "redeem[0].points"]],
  [[["stamps", 1]], ["redeem_not_allowed", "redeem[0].currency"]],
  [
    [
      ["points", 50],
      ["coins", 50],
    ],
    null,
  ],
  [
    [
      ["points", 50],
      ["coins", 51],
    ],
    ["redeem_exceeds_share", "redeem[1].points"],
  ],
  [[["coins", 100]], null],
  [[["coins", 101]], ["redeem_exceeds_share", "redeem[0].points"]],
] as [[string, number][], [string, string] | null][])("on a net of 100.00, %j comes to %j", (wanted, refusal) => {
  const input: ProgramInput = {
    currencies: [{ id: "points" }, { id: "coins" }, { id: "stamps" }],
    tender: [tender, { currency: "coins", valuePerPoint: 100 }],
  };
  const wishes = wanted.map(([currency, points]) => ({ currency, points }));
  const valued = valueWishes(makeProgram(input), wishes, 10_000);
  expect(valued.ok ? null : [valued.refusal.code, valued.refusal.field]).toEqual(refusal);
  if (valued.ok) expect(valued.value).toBe(wishes.reduce((sum, { points }) => sum + points * 100, 0));
});
