// What is wrong with rewards, codes and stamp cards is said before a program is published.
import { program, type ProgramInput } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { checkRewards } from "./program-check-rewards.ts";

const name = { "zh-TW": "折價券" };
const off = { id: "off", name, benefit: { type: "amountOff", amount: 100 } } as const;
const pieces = { ...off, id: "pieces", stock: 5 };

const articles = (prefix: string) => Array.from({ length: 500 }, (_, n) => `${prefix}-471088001${n + 1000}`);

const found = (more: Partial<ProgramInput>) => {
  const currencies = [{ id: "points" }, { id: "stamps" }, { id: "coin", network: "mall" }];
  return checkRewards(program.parse({ currencies, rewards: [off, pieces], ...more })).map(
    ({ code, field }) => `${code} ${field}`,
  );
};

test("rewards, codes and cards that lead somewhere are sound", () => {
  const codes = [
    { id: "spring", reward: "off", type: "public", code: "SPRING" },
    { id: "flyer", reward: "off", type: "unique" },
  ] as const;
  const stampCards = [{ id: "card", currency: "stamps", size: 10, reward: "off" }];
  expect(found({ codes: [...codes], stampCards })).toEqual([]);
});

test.each<[string, Partial<ProgramInput>, string[]]>([
  ["an id given twice", { rewards: [off, off] }, ["duplicate_item rewards[1].id"]],
  [
    "a cost in points that are not there, or in a network's coin",
    {
      rewards: [
        { ...off, cost: { currency: "miles", points: 1 } },
        { ...off, id: "b", cost: { currency: "coin", points: 1 } },
      ],
    },
    ["currency_unknown rewards[0].cost.currency", "invalid_program rewards[1].cost.currency"],
  ],
  [
    "tiers and conditions that make no sense",
    { rewards: [{ ...off, tiers: ["gold"], terms: { tiers: ["black"], when: "order.nett > 1" } }] },
    [
      "tier_unknown rewards[0].tiers[0]",
      "tier_unknown rewards[0].terms.tiers[0]",
      "invalid_condition rewards[0].terms.when",
    ],
  ],
  [
    "a span that is empty",
    { rewards: [{ ...off, from: "2026-02-01T00:00:00Z", until: "2026-01-01T00:00:00Z" }] },
    ["invalid_program rewards[0].until"],
  ],
  [
    "terms of 1,000 articles, which each voucher would carry",
    { rewards: [{ ...off, terms: { lines: { skus: articles("a"), excludeSkus: articles("b") } } }] },
    ["too_many_items rewards[0].terms"],
  ],
  [
    "a public code without one, two alike, and a unique one with one",
    {
      codes: [
        { id: "a", reward: "off", type: "public" },
        { id: "b", reward: "off", type: "public", code: "May" },
        { id: "c", reward: "off", type: "public", code: "MAY" },
        { id: "d", reward: "off", type: "unique", code: "JUNE" },
      ],
    },
    ["duplicate_item codes[2].code", "missing_field codes[0].code", "invalid_program codes[3].code"],
  ],
  [
    "codes and cards of a reward that is unknown or may run out",
    {
      codes: [{ id: "a", reward: "none", type: "unique" }],
      stampCards: [{ id: "card", currency: "points", size: 5, reward: "pieces" }],
    },
    ["reward_unknown codes[0].reward", "invalid_program stampCards[0].reward"],
  ],
  [
    "two cards of one currency",
    {
      stampCards: [
        { id: "small", currency: "stamps", size: 5, reward: "off" },
        { id: "large", currency: "stamps", size: 10, reward: "off" },
      ],
    },
    ["duplicate_item stampCards[1].currency"],
  ],
  [
    "a gift of time that may run out",
    { birthdayReward: "pieces", tiers: { levels: [{ id: "vip", benefits: { welcomeReward: "pieces" } }] } },
    ["invalid_program birthdayReward", "invalid_program tiers.levels[0].benefits.welcomeReward"],
  ],
])("%s", (_, document, faults) => {
  expect(found(document)).toEqual(faults);
});
