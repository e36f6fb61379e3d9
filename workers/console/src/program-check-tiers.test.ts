// What is wrong with tiers, notices and birthday rewards is found before a program is published.
import { program, type ProgramInput } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { checkTiers } from "./program-check-tiers.ts";

const found = (more: Partial<ProgramInput>) =>
  checkTiers(program.parse({ currencies: [{ id: "points" }], ...more })).map(({ code, field }) => `${code} ${field}`);
const levels = (...all: NonNullable<ProgramInput["tiers"]>["levels"]) => ({ tiers: { levels: all } });
const gift = { id: "gift", name: { "zh-TW": "禮" }, benefit: { type: "amountOff" as const, amount: 100 } };

test("a program whose tiers make sense is not refused", () => {
  const benefits = { welcomeReward: "gift", birthdayReward: "gift" };
  const gold = { id: "gold", any: [{ points: { currency: "points", points: 1 } }, { spend: 1 }], benefits };
  expect(found({ rewards: [gift], ...levels({ id: "member" }, gold, { id: "black", paid: true }) })).toEqual([]);
  expect(found({})).toEqual([]);
});

test.each([
  ["an id given twice", levels({ id: "a" }, { id: "a", any: [{ spend: 1 }] }), "duplicate_item tiers.levels[1].id"],
  ["a second tier for everybody", levels({ id: "a" }, { id: "b" }), "invalid_program tiers.levels[1]"],
  ["a condition without a threshold", levels({ id: "a", any: [{}] }), "invalid_program tiers.levels[0].any[0]"],
  ["a threshold of zero", levels({ id: "a", all: [{ spend: 0 }] }), "invalid_program tiers.levels[0].all[0]"],
  [
    "a paid tier with conditions",
    levels({ id: "a", paid: true, any: [{ spend: 1 }] }),
    "invalid_program tiers.levels[0].paid",
  ],
  [
    "points that do not exist",
    levels({ id: "a", any: [{ points: { currency: "coins", points: 1 } }] }),
    "currency_unknown tiers.levels[0].any[0].points.currency",
  ],
  [
    "a reward that does not exist",
    levels({ id: "a", any: [{ spend: 1 }], benefits: { welcomeReward: "none" } }),
    "reward_unknown tiers.levels[0].benefits.welcomeReward",
  ],
  [
    "an entitlement given twice",
    levels({
      id: "a",
      benefits: {
        entitlements: [
          { id: "ride", perYear: 1 },
          { id: "ride", perYear: 2 },
        ],
      },
    }),
    "duplicate_item tiers.levels[0].benefits.entitlements[1].id",
  ],
  ["a birthday reward that does not exist", { birthdayReward: "none" }, "reward_unknown birthdayReward"],
  [
    "a notice given twice",
    { currencies: [{ id: "points", noticeDays: [7, 7] }] },
    "duplicate_item currencies[0].noticeDays[1]",
  ],
])("%s is refused", (_name, more, expected) => {
  expect(found(more)).toEqual([expected]);
});
