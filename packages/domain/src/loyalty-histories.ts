// Random programs and histories for the model test of the loyalty program: rules, caps, tiers, vouchers, cards, challenges.
import type { ProgramInput } from "@regulars/contracts/program";
import type { StoredLine } from "@regulars/contracts/events-orders";
import fc from "fast-check";

export const SKUS = [
  { sku: "tea", category: "drink" },
  { sku: "cake", category: "food" },
  { sku: "mug", category: "ware" },
  { sku: "card", category: "gift" },
] as const;

export const REWARDS = ["off50", "off20pct", "second-for-1", "free-tea", "no-return", "extended"] as const;

type Earning = NonNullable<ProgramInput["earning"]>[number];

const base: fc.Arbitrary<Earning> = fc.record({
  id: fc.constant("base"),
  currency: fc.constant("points"),
  per: fc.constantFrom(100, 1000, 3000),
  points: fc.constantFrom(1, 3),
  rounding: fc.constantFrom("floor", "round", "ceil"),
  roundOn: fc.constantFrom("order", "line"),
  less: fc.constantFrom(["discounts", "vouchers", "points"], ["discounts", "tax"], []),
  perOrderMax: fc.option(fc.constantFrom(5, 50), { nil: undefined }),
  caps: fc.constantFrom([], [{ period: "day" as const, points: 40 }], [{ period: "program" as const, points: 300 }]),
});

const more: fc.Arbitrary<Earning>[] = [
  fc.constant({ id: "stamp", currency: "stamps", type: "perItem", per: 1, lines: { categories: ["drink"] } }),
  fc.constant({
    id: "food",
    currency: "points",
    type: "perItem",
    points: 2,
    lines: { categories: ["food"] },
    group: "g",
    stacking: "best",
  }),
  fc.constant({
    id: "big",
    currency: "points",
    type: "fixed",
    points: 15,
    when: "order.net >= 20000",
    group: "g",
    stacking: "best",
  }),
  fc.constant({
    id: "double",
    currency: "points",
    type: "multiplier",
    factor: 2,
    of: ["base"],
    when: "now.day % 2 == 0",
  }),
  fc.constant({
    id: "tiered",
    currency: "points",
    type: "multiplier",
    factor: 1,
    of: ["base"],
    byTier: { gold: 1.5, black: 2.25 },
  }),
  fc.constant({ id: "first", currency: "points", type: "fixed", points: 30, when: "member.firstOrder" }),
  fc.constant({ id: "visit", currency: "stamps", type: "fixed", points: 1, caps: [{ period: "day", times: 1 }] }),
  fc.constant({
    id: "waiting",
    currency: "points",
    per: 500,
    points: 1,
    pendingDays: 3,
    expiry: { type: "rolling", days: 30 },
  }),
];

const words = { "zh-TW": "獎勵" };

const rewards: NonNullable<ProgramInput["rewards"]> = [
  { id: "off50", name: words, benefit: { type: "amountOff", amount: 5000 }, cost: { currency: "points", points: 40 } },
  {
    id: "off20pct",
    name: words,
    benefit: { type: "percentOff", percent: 20, maxAmount: 9000 },
    terms: { minNet: 4000 },
  },
  {
    id: "second-for-1",
    name: words,
    benefit: { type: "nextItem", buy: 1, price: 100 },
    terms: { stacking: { alone: true } },
  },
  {
    id: "free-tea",
    name: words,
    benefit: { type: "amountOff", amount: 12_000 },
    terms: { lines: { categories: ["drink"] } },
  },
  {
    id: "no-return",
    name: words,
    benefit: { type: "amountOff", amount: 700 },
    terms: { onRefund: { type: "keepUsed" } },
  },
  {
    id: "extended",
    name: words,
    benefit: { type: "amountOff", amount: 900 },
    terms: { validDays: 5, onRefund: { type: "extend", days: 10 } },
  },
];

const tiers: ProgramInput["tiers"] = {
  levels: [
    { id: "white" },
    { id: "gold", any: [{ spend: 60_000 }, { visits: 4 }] },
    { id: "black", all: [{ spend: 200_000 }, { orders: 5 }], benefits: { welcomeReward: "off50" } },
  ],
  window: { type: "rolling", days: 60 },
  keep: { type: "days", days: 30 },
  downgrade: "oneLevel",
};

/** A program of some of these rules, with or without tiers, cards, challenges and debt. */
export const programs: fc.Arbitrary<ProgramInput> = fc
  .record({
    base,
    more: fc.subarray(more.map((_, place) => place)),
    tiered: fc.boolean(),
    cards: fc.boolean(),
    challenged: fc.boolean(),
    debt: fc.constantFrom("allow" as const, "clampToBalance" as const),
  })
  .chain((wish) => fc.tuple(fc.constant(wish), ...wish.more.flatMap((place) => more[place] ?? [])))
  .map(([wish, ...rules]) => ({
    currencies: [{ id: "points", expiry: { type: "rolling" as const, days: 90 } }, { id: "stamps" }],
    earning: [wish.base, ...rules],
    tender: [{ currency: "points", valuePerPoint: 10, maxShareOfOrder: 0.8 }],
    refund: { debt: wish.debt },
    rewards,
    ...(wish.tiered && { tiers }),
    ...(wish.cards && { stampCards: [{ id: "card", currency: "stamps", size: 4, reward: "free-tea" }] }),
    ...(wish.challenged && {
      play: {
        challenges: [
          {
            id: "three",
            counts: "orders" as const,
            times: 3,
            period: "month" as const,
            prize: { points: { currency: "points", points: 25 } },
          },
        ],
      },
    }),
  }));

/** Lines of a basket, each of another id. */
export const baskets: fc.Arbitrary<StoredLine[]> = fc
  .array(
    fc.record({
      good: fc.constantFrom(...SKUS),
      quantity: fc.integer({ min: 1, max: 4 }),
      unitPrice: fc.integer({ min: 0, max: 30_000 }),
      discount: fc.integer({ min: 0, max: 100 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((lines) =>
    lines.map(({ good, quantity, unitPrice, discount }, place) => ({
      lineId: String(place),
      ...good,
      quantity,
      unitPrice,
      discount: Math.min(discount, quantity * unitPrice),
      tax: Math.floor((quantity * unitPrice) / 21),
      ...(good.sku === "card" && { kind: "giftCard" as const }),
    })),
  );

/** One thing that happens to a member. Places choose among what is there then. */
export type Happening =
  | { readonly do: "pass"; readonly hours: number }
  | { readonly do: "issue"; readonly reward: (typeof REWARDS)[number] }
  | {
      readonly do: "order";
      readonly lines: StoredLine[];
      readonly state: "authorized" | "paid";
      readonly points: number;
      readonly vouchers: readonly number[];
      readonly lateHours: number;
    }
  | { readonly do: "settle"; readonly order: number; readonly state: "paid" | "cancelled" }
  | { readonly do: "refund"; readonly order: number; readonly quantities: readonly number[] };

export const happenings: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("pass" as const), hours: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("issue" as const), reward: fc.constantFrom(...REWARDS) }) },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant("order" as const),
      lines: baskets,
      state: fc.constantFrom("authorized" as const, "paid" as const, "paid" as const),
      points: fc.constantFrom(0, 0, 10, 50),
      vouchers: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
      lateHours: fc.constantFrom(0, 0, 5, 90),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("settle" as const),
      order: fc.nat({ max: 9 }),
      state: fc.constantFrom("paid" as const, "cancelled" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("refund" as const),
      order: fc.nat({ max: 9 }),
      quantities: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 4 }),
    }),
  },
);
