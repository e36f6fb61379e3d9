// The programs that the model tests run under, each said twice: as the document, and as plain arithmetic beside it.
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";

interface NaiveBasket {
  readonly lines: OrderCommand["lines"];
  readonly paidByPoints: number;
  readonly first: boolean;
}

export interface NaiveProgram {
  readonly debt: boolean;
  readonly holdSeconds: number;
  readonly currencies: ReadonlyMap<string, { readonly pendingDays: number }>;
  /** `shareOf`: the order's net is at least so many times the value of the points. */
  readonly tenders: ReadonlyMap<string, { value: number; min: number; step: number; shareOf: number }>;
  readonly expiresAt: (currency: string, earnedAt: number) => number;
  readonly earn: (
    basket: NaiveBasket & { gross: number; net: number; units: number },
  ) => [rule: string, currency: string, points: number][];
}

const DAY_MS = 86_400_000;
/** Taipei has had UTC+8 and no summer time since 1979. */
const TAIPEI_MS = 8 * 3_600_000;

const yearly = { id: "coins", expiry: { type: "fixed", monthDay: "06-30", yearsAhead: 0 }, pendingDays: 7 } as const;

// The first midnight in Taipei after a 30 June that is still to come.
function afterJune(earnedAt: number): number {
  const { 0: year } = [new Date(earnedAt + TAIPEI_MS).getUTCFullYear()];
  const end = Date.parse(`${year}-06-30T16:00:00Z`);
  return end > earnedAt ? end : Date.parse(`${year + 1}-06-30T16:00:00Z`);
}

export const modelPrograms: readonly ProgramInput[] = [
  {
    currencies: [{ id: "points", expiry: { type: "rolling", days: 40 } }, yearly, { id: "stamps" }],
    earning: [
      { id: "base", currency: "points", per: 1000, points: 1 },
      { id: "gross", currency: "coins", base: "gross", per: 700, points: 2, rounding: "round" },
      {
        id: "big",
        currency: "stamps",
        base: "gross",
        per: 5000,
        points: 1,
        rounding: "ceil",
        when: "order.quantity >= 3",
      },
      {
        id: "small",
        currency: "points",
        base: "gross",
        per: 1_000_000,
        points: 5,
        rounding: "ceil",
        when: "order.quantity <= 2",
      },
      {
        id: "welcome",
        currency: "points",
        base: "gross",
        per: 1_000_000,
        points: 30,
        rounding: "ceil",
        when: "member.firstOrder",
      },
    ],
    tender: [
      { currency: "points", valuePerPoint: 100, minPoints: 5, stepPoints: 5, maxShareOfOrder: 0.5 },
      { currency: "coins", valuePerPoint: 150 },
    ],
    holdTimeoutSeconds: 900,
  },
  {
    currencies: [
      { id: "points", expiry: { type: "rolling", days: 10 } },
      { ...yearly, pendingDays: 0 },
      { id: "stamps" },
    ],
    earning: [
      { id: "base", currency: "points", base: "net", per: 300, points: 3, rounding: "round" },
      { id: "gross", currency: "coins", base: "net", per: 5000, points: 10 },
    ],
    tender: { currency: "points", valuePerPoint: 1000 },
    refund: { debt: "clampToBalance" },
    holdTimeoutSeconds: 60,
  },
  { currencies: [{ id: "points" }], tender: { currency: "points", valuePerPoint: 10, maxShareOfOrder: 1 } },
  {
    currencies: [
      { id: "points", expiry: { type: "rolling", days: 40 }, pendingDays: 14 },
      { id: "coins", expiry: { type: "rolling", days: 5 }, pendingDays: 20 },
    ],
    earning: [
      { id: "base", currency: "points", per: 500, points: 1 },
      { id: "coins", currency: "coins", per: 1000, points: 1 },
    ],
    tender: { currency: "points", valuePerPoint: 100 },
    holdTimeoutSeconds: 86_400,
  },
];

const floor = (amount: number, per: number) => Math.floor(amount / per);
const round = (amount: number, per: number) => Math.floor((2 * amount + per) / (2 * per));
const ceil = (amount: number, per: number) => Math.floor((amount + per - 1) / per);
const some = (amount: number) => (amount > 0 ? 1 : 0);

export const naivePrograms: readonly NaiveProgram[] = [
  {
    debt: true,
    holdSeconds: 900,
    currencies: new Map([
      ["points", { pendingDays: 0 }],
      ["coins", { pendingDays: 7 }],
      ["stamps", { pendingDays: 0 }],
    ]),
    tenders: new Map([
      ["points", { value: 100, min: 5, step: 5, shareOf: 2 }],
      ["coins", { value: 150, min: 1, step: 1, shareOf: 1 }],
    ]),
    expiresAt: (currency, at) =>
      currency === "points" ? at + 40 * DAY_MS : currency === "coins" ? afterJune(at) : Infinity,
    earn: ({ gross, net, units, first }) => [
      ["base", "points", floor(net, 1000)],
      ["gross", "coins", round(gross, 700) * 2],
      ["big", "stamps", units >= 3 ? ceil(gross, 5000) : 0],
      ["small", "points", units <= 2 ? some(gross) * 5 : 0],
      ["welcome", "points", first ? some(gross) * 30 : 0],
    ],
  },
  {
    debt: false,
    holdSeconds: 60,
    currencies: new Map([
      ["points", { pendingDays: 0 }],
      ["coins", { pendingDays: 0 }],
      ["stamps", { pendingDays: 0 }],
    ]),
    tenders: new Map([["points", { value: 1000, min: 1, step: 1, shareOf: 1 }]]),
    expiresAt: (currency, at) =>
      currency === "points" ? at + 10 * DAY_MS : currency === "coins" ? afterJune(at) : Infinity,
    earn: ({ net }) => [
      ["base", "points", round(net, 300) * 3],
      ["gross", "coins", floor(net, 5000) * 10],
    ],
  },
  {
    debt: true,
    holdSeconds: 900,
    currencies: new Map([["points", { pendingDays: 0 }]]),
    tenders: new Map([["points", { value: 10, min: 1, step: 1, shareOf: 1 }]]),
    expiresAt: () => Infinity,
    earn: () => [],
  },
  {
    debt: true,
    holdSeconds: 86_400,
    currencies: new Map([
      ["points", { pendingDays: 14 }],
      ["coins", { pendingDays: 20 }],
    ]),
    tenders: new Map([["points", { value: 100, min: 1, step: 1, shareOf: 1 }]]),
    expiresAt: (currency, at) => at + (currency === "points" ? 40 : 5) * DAY_MS,
    earn: ({ net }) => [
      ["base", "points", floor(net, 500)],
      ["coins", "coins", floor(net, 1000)],
    ],
  },
];

/** What a basket earns by plain arithmetic. */
export function naiveEarnings(
  program: NaiveProgram,
  basket: NaiveBasket,
): { rule: string; currency: string; points: number }[] {
  let [gross, net, units] = [0, -basket.paidByPoints, 0];
  for (const { quantity, unitPrice, discount } of basket.lines) {
    gross += quantity * unitPrice;
    net += quantity * unitPrice - discount;
    units += quantity;
  }
  if (units === 0) return [];
  const earned = program.earn({ ...basket, gross, net: Math.max(0, net), units });
  return earned.map(([rule, currency, points]) => ({ rule, currency, points })).filter(({ points }) => points > 0);
}
