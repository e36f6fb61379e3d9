// Earning over random programs, baskets and refunds: explanations agree, limits hold, and a full refund leaves nothing behind.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { ProgramInput } from "@regulars/contracts/program";
import { periodOf } from "./calendar.ts";
import { roomsOf } from "./caps.ts";
import { checkCondition } from "./conditions.ts";
import { counts, sharesOfPoints } from "./earning-lines.ts";
import { earnedBy, type EarningBasket } from "./earning.ts";
import { explain, explainOrder } from "./explain.ts";
import { makeLine, makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";

type RuleInput = NonNullable<ProgramInput["earning"]>[number];

const START = Date.parse("2026-03-01T04:00:00Z");
const HOUR_MS = 3_600_000;
const CONDITIONS = [
  "order.net > 3000",
  "order.paid <= 2000",
  "now.day == 8",
  "now.hour < 12",
  "lines.exists(line, line.category == 'drinks')",
  "lines.all(line, line.quantity >= 2)",
  "member.firstOrder",
  "member.ordersBefore >= 2 || member.visits > 0",
  "member.tier == 'gold'",
  "'vip' in member.tags",
  "channel == 'app'",
  "lines[0].unitPrice / (order.lines - 2) > 100",
];

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
  when: maybe(fc.constantFrom(...CONDITIONS)),
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

const program = fc.array(earningRule, { minLength: 1, maxLength: 8 }).map((drawn): ProgramInput => ({
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
const lines = fc
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

const basket = fc
  .record({ lines, member, paid: fc.nat(100), hours: fc.nat(24 * 12), channel: fc.constantFrom(null, "app", "pos") })
  .map(({ paid, hours, ...one }): EarningBasket => {
    const cost = one.lines.reduce((sum, each) => sum + each.quantity * each.unitPrice - each.discount, 0);
    const place = { storeId: "s1", regionId: "r1", ownerId: "o1", currency: "TWD", timeZone: TIME_ZONE };
    return { ...one, ...place, placedAt: START + hours * HOUR_MS, paidByPoints: Math.floor((cost * paid) / 100) };
  });

test("the conditions of these tests can be published", () => {
  expect(CONDITIONS.map(checkCondition)).toEqual(CONDITIONS.map(() => null));
});

test("an explanation has every rule once and gives exactly what the order earns; nothing has a reason", () => {
  const reasons = new Set<string>();
  fc.assert(
    fc.property(program, basket, fc.nat(30), fc.option(fc.nat(20)), (input, drawn, counter, grant) => {
      const compiled = makeProgram(input);
      const names = (input.earning ?? []).map(({ id }) => `budget/${id}/all`);
      const grants = grant === null ? null : Object.fromEntries(names.map((name) => [name, grant]));
      const full = { ...drawn, rooms: roomsOf(compiled, () => counter, grants, drawn) };
      const { rules } = explain(compiled, full);
      expect(rules.map(({ rule }) => rule).sort()).toEqual((input.earning ?? []).map(({ id }) => id).sort());
      const given = rules.filter(({ points }) => points > 0);
      expect(given.map(({ rule, currency, points, why }) => ({ rule, currency, points, why }))).toEqual(
        earnedBy(compiled, full),
      );
      for (const { reason, points, outcome, times, why, cut } of rules) {
        expect({ reason: reason === null, outcome }).toEqual({
          reason: points > 0,
          outcome: points > 0 ? "earned" : "nothing",
        });
        if (points > 0) expect(cut?.from ?? points).toBe((times ?? 0) * (why?.points ?? 0));
        if (points > 0 && cut !== null) expect(cut.to).toBe(points);
        if (reason !== null) reasons.add(reason);
      }
    }),
    { numRuns: 1500 },
  );
  const seen = ["beaten", "below_rate", "budget", "cap", "channel", "condition", "excluded", "no_lines", "no_points"];
  expect([...reasons].sort()).toEqual([...seen, "not_in_force", "tier"].sort());
});

test("what points pay is shared over the lines to the unit, and never more than a line costs", () => {
  fc.assert(
    fc.property(lines, fc.nat(20_000), (all, paidByPoints) => {
      const costs = all.map((one) => one.quantity * one.unitPrice - one.discount);
      const total = costs.reduce((sum, cost) => sum + cost, 0);
      const shares = sharesOfPoints(all, paidByPoints);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.min(total, paidByPoints));
      for (const [place, share] of shares.entries()) {
        const cost = costs[place]!;
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(cost);
        const exact = total === 0 ? 0 : (Math.min(total, paidByPoints) * cost) / total;
        expect(Math.abs(share - exact)).toBeLessThan(1 + 1e-9);
      }
    }),
  );
});

test("no gift card and no shipping line counts unless a rule says so", () => {
  const wrong = (input: ProgramInput, all: EarningBasket["lines"]) =>
    makeProgram(input).rules.flatMap(({ lines: { giftCards, shipping }, measure }) =>
      all
        .filter(({ kind }) => (kind === "giftCard" && !giftCards) || (kind === "shipping" && !shipping))
        .filter((one) => measure.filters.every((each) => counts(each, one))),
    );
  expect(() => fc.assert(fc.property(program, lines, (input, all) => wrong(input, all).length === 0))).not.toThrow();
});

const visit = fc.record({ lines, hours: fc.nat(60), spend: fc.constantFrom(0, 0, 30), refund: fc.array(fc.nat(30)) });

test("caps are never exceeded, and refunds in any order and split end where the orders never were", () => {
  fc.assert(
    fc.property(
      program,
      fc.array(visit, { minLength: 1, maxLength: 8 }),
      fc.array(fc.nat(40)),
      (input, visits, picks) => {
        const ledger = new MemoryLedger([input], START);
        const before = countersOf(ledger);
        let now = START;
        for (const [place, { lines: bought, hours, spend }] of visits.entries()) {
          now += hours * HOUR_MS;
          const redeem = spend > 0 ? [{ currency: "points", points: spend }] : null;
          const order = makeOrder(now, { orderId: `${place}`, lines: bought, redeem });
          ledger.call({ do: "order", version: 1, order }, now);
          expectCapsKept(ledger, input);
          expectExplained(ledger, `${place}`);
          refundSome(ledger, picks[place] ?? 0, place, now);
          expectCapsKept(ledger, input);
        }
        for (const [orderId, order] of ledger.orders) {
          ledger.call({ do: "refund", version: 1, refund: { orderId, refundId: "rest", lines: null } }, now);
          const staying = ledger.orders.get(orderId)!.earned.map(({ points, reversed }) => points - reversed);
          expect(staying, `${order.state} ${orderId}`).toEqual(staying.map(() => 0));
        }
        expect(countersOf(ledger)).toEqual(before);
      },
    ),
    { numRuns: 500 },
  );
});

const countersOf = ({ state }: MemoryLedger) =>
  Object.fromEntries([...state.counters].map(([name, one]) => [name, one.value]));

function refundSome(ledger: MemoryLedger, pick: number, serial: number, now: number): void {
  const known = [...ledger.orders.values()];
  const order = known[pick % (known.length || 1)];
  const line0 = order?.lines[pick % order.lines.length];
  if (order === undefined || line0 === undefined) return;
  const before = new Map(order.earned.map((one) => [one.rule, one.reversed]));
  const units = [{ lineId: line0.lineId, quantity: 1 + (pick % line0.quantity) }];
  const refund = { orderId: order.orderId, refundId: `s${serial}`, lines: units };
  ledger.call({ do: "refund", version: 1, refund }, now);
  for (const { rule, reversed, points } of ledger.orders.get(order.orderId)!.earned) {
    expect(reversed, "a refund never gives points").toBeGreaterThanOrEqual(before.get(rule) ?? 0);
    expect(reversed).toBeLessThanOrEqual(points);
  }
}

// Adds up what each capped rule has given by period, from the orders alone.
function expectCapsKept({ orders }: MemoryLedger, { earning = [] }: ProgramInput): void {
  for (const { id, caps: limits = [] } of earning) {
    for (const { period, points, times } of limits) {
      const sums = new Map<string, { points: number; times: number }>();
      for (const order of orders.values()) {
        const left = leftOf(order, id);
        const { key } = periodOf(order.placedAt, period, TIME_ZONE);
        const sum = sums.get(key) ?? { points: 0, times: 0 };
        sums.set(key, { points: sum.points + left, times: sum.times + Number(left > 0) });
      }
      for (const sum of sums.values()) {
        if (points !== undefined) expect(sum.points, `${id} a ${period}`).toBeLessThanOrEqual(points);
        if (times !== undefined) expect(sum.times, `${id} a ${period}`).toBeLessThanOrEqual(times);
      }
    }
  }
}

const leftOf = (order: OrderRecord, id: string) =>
  order.earned.reduce((sum, { rule, points, reversed }) => (rule === id ? sum + points - reversed : sum), 0);

function expectExplained(ledger: MemoryLedger, orderId: string): void {
  const order = ledger.orders.get(orderId);
  if (order === undefined) return;
  const { rules } = explainOrder(ledger.program(order.programVersion), order, TIME_ZONE);
  const given = rules.filter(({ points }) => points > 0);
  expect(given.map(({ rule, points, why }) => ({ rule, points, why }))).toEqual(
    order.earned.map(({ rule, points, why }) => ({ rule, points, why })),
  );
}
