// Random programs of earning rules and random baskets, for tests; each condition with what it means in plain code.
import fc from "fast-check";
import type { ProgramInput } from "@regulars/contracts/program";
import { localTime } from "./calendar.ts";
import type { EarningBasket } from "./earning.ts";
import { makeLine, TIME_ZONE } from "./memory-ledger.ts";

type RuleInput = NonNullable<ProgramInput["earning"]>[number];

/** When the baskets of these tests begin. */
export const START = Date.parse("2026-03-01T04:00:00Z");
export const HOUR_MS = 3_600_000;

const netOf = ({ lines: all }: EarningBasket) =>
  all.reduce((sum, one) => sum + one.quantity * one.unitPrice - one.discount, 0);
const nowOf = ({ placedAt }: EarningBasket) => localTime(placedAt, TIME_ZONE);

/** Conditions by their text. The last one divides by zero for a basket of two lines: then it does not hold. */
export const CONDITIONS: Readonly<Record<string, (basket: EarningBasket) => boolean>> = {
  "order.net > 3000": (one) => netOf(one) > 3000,
  "order.paid <= 2000": (one) => netOf(one) - one.paidByPoints <= 2000,
  "now.day == 8": (one) => nowOf(one).day === 8,
  "now.hour < 12": (one) => nowOf(one).hour < 12,
  "lines.exists(line, line.category == 'drinks')": (one) => one.lines.some(({ category: is }) => is === "drinks"),
  "lines.all(line, line.quantity >= 2)": (one) => one.lines.every(({ quantity }) => quantity >= 2),
  "member.firstOrder": (one) => one.member.firstOrder,
  "member.ordersBefore >= 2 || member.visits > 0": (one) => one.member.ordersBefore >= 2,
  "member.tier == 'gold'": (one) => one.member.tier === "gold",
  "'vip' in member.tags": (one) => one.member.tags?.includes("vip") ?? false,
  "channel == 'app'": (one) => one.channel === "app",
  "lines[0].unitPrice / (order.lines - 2) > 100": ({ lines: [first, ...others] }) => {
    const parts = others.length - 1;
    return parts !== 0 && first !== undefined && Math.trunc(first.unitPrice / parts) > 100;
  },
};

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined, freq: 2 });
const category = fc.constantFrom("drinks", "food", "gifts");

const lineFilters = fc.record(
  {
    categories: fc.uniqueArray(category, { minLength: 1, maxLength: 2 }),
    skus: fc.constant(["tea"]),
    excludeCategories: fc.uniqueArray(category, { maxLength: 1 }),
    giftCards: fc.boolean(),
    shipping: fc.boolean(),
  },
  { requiredKeys: [] },
);

const caps = fc.array(
  fc
    .tuple(fc.constantFrom("day", "week", "month", "year", "program"), fc.boolean(), fc.nat(40))
    .map(([period, isPoints, most]) => (isPoints ? { period, points: most } : { period, times: most % 4 })),
  { maxLength: 2 },
);

const optional = {
  base: maybe(fc.constantFrom("net", "gross")),
  less: maybe(fc.subarray(["discounts", "vouchers", "points", "tax"] as const)),
  lines: maybe(lineFilters),
  rounding: maybe(fc.constantFrom("floor", "round", "ceil")),
  roundOn: maybe(fc.constantFrom("order", "line")),
  when: maybe(fc.constantFrom(...Object.keys(CONDITIONS))),
  stores: maybe(fc.constant(["s1"])),
  channels: maybe(fc.constant(["app"])),
  tiers: maybe(fc.constantFrom(["gold"], ["gold", "silver"])),
  from: maybe(fc.constant("2026-03-03T00:00:00+08:00")),
  until: maybe(fc.constant("2026-03-09T00:00:00+08:00")),
  perOrderMax: maybe(fc.nat(30)),
  caps: maybe(caps),
  budget: maybe(fc.constant({ points: 100 })),
};

const earningRule = fc
  .record({
    type: fc.constantFrom("perAmount", "perAmount", "perItem", "fixed", "multiplier"),
    per: fc.constantFrom(1, 3, 100, 999),
    points: fc.integer({ min: 1, max: 9 }),
    priority: fc.integer({ min: -1, max: 1 }),
    group: fc.constantFrom(undefined, undefined, "best", "exclusive"),
    factor: fc.constantFrom(1.25, 1.5, 2, 3),
    named: fc.boolean(),
    ...optional,
  })
  .map((drawn) => Object.fromEntries(Object.entries(drawn).filter(([, value]) => value !== undefined)));

/** Programs of up to eight rules of every kind. */
export const programs = fc.array(earningRule, { minLength: 1, maxLength: 8 }).map((drawn): ProgramInput => ({
  currencies: [{ id: "points" }],
  tender: { currency: "points", valuePerPoint: 7 },
  earning: drawn.map(({ named, factor, group, ...rule }, place) => {
    const multiplies = rule["type"] === "multiplier";
    // A group has multipliers or rules that they multiply, never both.
    const grouped = group === undefined ? {} : { group: `${String(group)}-${multiplies}`, stacking: group };
    const extra = multiplies ? { factor, ...(named === true && { of: ["r0", "r1"] }) } : {};
    return { id: `r${place}`, currency: "points", ...rule, ...grouped, ...extra } as RuleInput;
  }),
}));

const line = fc
  .record({
    sku: fc.constantFrom("tea", "cake"),
    category: fc.option(category),
    kind: fc.constantFrom("goods", "goods", "goods", "giftCard", "shipping"),
    quantity: fc.integer({ min: 1, max: 4 }),
    unitPrice: fc.constantFrom(0, 1, 33, 150, 999, 1000, 2500),
    off: fc.constantFrom(0, 0, 7, 50, 100),
    taxed: fc.constantFrom(0, 5, 20),
  })
  .map(({ off, taxed, ...one }) => {
    const discount = Math.floor((one.quantity * one.unitPrice * off) / 100);
    const tax = Math.floor(((one.quantity * one.unitPrice - discount) * taxed) / (100 + taxed));
    return { ...one, kind: one.kind as "goods", discount, tax };
  });
/** Up to five lines. */
export const baskets = fc
  .array(line, { minLength: 1, maxLength: 5 })
  .map((all) => all.map((one, place) => makeLine({ ...one, lineId: `${place}` })));

const member = fc.record({
  homeStoreId: fc.constant(null),
  source: fc.constant(null),
  firstOrder: fc.boolean(),
  ordersBefore: fc.nat(3),
  birthdayMonth: fc.boolean(),
  enrolledDays: fc.nat(400),
  tier: fc.constantFrom(null, "silver", "gold"),
  tags: fc.subarray(["vip", "new"]),
});

/** A basket with its member, partly paid by points, within twelve days. */
export const earningBaskets = fc
  .record({
    lines: baskets,
    member,
    paid: fc.nat(100),
    hours: fc.nat(24 * 12),
    channel: fc.constantFrom(null, "app", "pos"),
  })
  .map(({ paid, hours, ...one }): EarningBasket => {
    const cost = one.lines.reduce((sum, each) => sum + each.quantity * each.unitPrice - each.discount, 0);
    const place = { storeId: "s1", regionId: "r1", ownerId: "o1", currency: "TWD", timeZone: TIME_ZONE };
    return { ...one, ...place, placedAt: START + hours * HOUR_MS, paidByPoints: Math.floor((cost * paid) / 100) };
  });
