// A program as large as a chain would ever have: 200 rules over five currencies, and 20 rewards whose vouchers a member holds.
import type { ProgramInput } from "@regulars/contracts/program";
import { CURRENCY } from "./requests.ts";

export const RULES = 200;
export const VOUCHERS = 20;
export const CURRENCIES = [CURRENCY, "stamps", "miles", "leaves", "stars"] as const;

type Earning = NonNullable<ProgramInput["earning"]>[number];
type Reward = NonNullable<ProgramInput["rewards"]>[number];

/** What chains write: a base for each currency, and campaigns of which few apply to one basket; here eleven of 200 rules give. */
const campaigns: readonly ((place: number) => Partial<Earning>)[] = [
  (place) => ({ when: `order.net > ${place * 20_000} && store.region == "north"`, per: 5000 }),
  (place) => ({ lines: { categories: [`campaign-${place}`] }, type: "perItem", points: 5 }),
  (place) => ({ when: `now.weekday == ${(place % 7) + 1} && now.hour >= 18`, type: "fixed", points: 10 }),
  (place) => ({ when: `lines.exists(line, line.category == "season-${place}")`, type: "fixed", points: 20 }),
  (place) => ({ stores: [`store-${place}`], per: 1000 }),
  (place) => ({ when: `"tag-${place}" in member.tags`, type: "fixed", points: 7 }),
  () => ({ when: "member.birthdayMonth && order.quantity >= 3", type: "fixed", points: 50 }),
  (place) => ({ when: `channel == "app" && order.gross > ${place * 1000}`, per: 3000, group: "app", stacking: "best" }),
  (place) => ({ type: "multiplier", factor: 1.5, when: `now.day == ${(place % 28) + 1}` }),
  (place) => ({
    lines: { excludeCategories: ["tea"] },
    regions: [place % 40 === 9 ? "north" : "south"],
    per: 10_000,
    caps: [{ period: "day", points: 1 + (place % 3) }],
  }),
];

const bases: readonly Earning[] = CURRENCIES.map((currency) => ({ id: `base-${currency}`, currency, per: 1000 }));

const rules: readonly Earning[] = Array.from({ length: RULES - bases.length }, (_, place) => ({
  id: `rule-${place}`,
  currency: CURRENCIES[place % CURRENCIES.length] ?? CURRENCY,
  ...campaigns[place % campaigns.length]?.(place),
}));

const words = { "zh-TW": "優惠", en: "Offer" };

const benefits: readonly ((place: number) => Pick<Reward, "benefit" | "terms">)[] = [
  (place) => ({ benefit: { type: "amountOff", amount: 1000 + place * 100 }, terms: { minNet: place * 20_000 } }),
  (place) => ({ benefit: { type: "percentOff", percent: 5 + place, maxAmount: 20_000 }, terms: {} }),
  () => ({ benefit: { type: "nextItem", buy: 1, price: 100 }, terms: { lines: { categories: ["tea"] } } }),
  (place) => ({
    benefit: { type: "amountOff", amount: 3000 + place },
    terms: { stacking: { group: `group-${place % 3}` } },
  }),
  (place) => ({ benefit: { type: "amountOff", amount: 9000 + place }, terms: { stacking: { alone: true } } }),
];

export const rewards: readonly Reward[] = Array.from({ length: VOUCHERS }, (_, place) => {
  const { benefit, terms } = benefits[place % benefits.length]?.(place) ?? {
    benefit: { type: "experience" },
    terms: {},
  };
  return { id: `reward-${place}`, name: words, benefit, terms: { validDays: 365, ...terms } };
});

export const richProgram: ProgramInput = {
  currencies: CURRENCIES.map((id) => ({ id, expiry: { type: "rolling", days: 365 } })),
  earning: [...bases, ...rules],
  tender: CURRENCIES.map((currency) => ({
    currency,
    valuePerPoint: 100,
    minPoints: 10,
    stepPoints: 10,
    maxShareOfOrder: 0.5,
  })),
  rewards: [...rewards],
};
