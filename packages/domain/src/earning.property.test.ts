// Earning over random programs, baskets and refunds: explanations agree, limits hold, and a full refund leaves nothing behind.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { ProgramInput } from "@regulars/contracts/program";
import { periodOf } from "./calendar.ts";
import { roomsOf } from "./caps.ts";
import { checkCondition } from "./conditions.ts";
import { counts, sharesOfPoints } from "./earning-lines.ts";
import { baskets, CONDITIONS, earningBaskets, HOUR_MS, programs, START } from "./earning-wishes.ts";
import { earnedBy, type EarningBasket } from "./earning.ts";
import { explain, explainOrder } from "./explain.ts";
import { makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { naiveEarned } from "./naive-earning.ts";

test("every basket earns what plain arithmetic says", () => {
  fc.assert(
    fc.property(programs, earningBaskets, fc.nat(30), fc.option(fc.nat(20)), (input, drawn, counter, grant) => {
      const compiled = makeProgram(input);
      const grants = grant === null ? null : grantsOf(input, grant);
      const full = { ...drawn, rooms: roomsOf(compiled, () => counter, grants, drawn) };
      const earned = earnedBy(compiled, full).map(({ rule, points }) => [rule, points] as const);
      expect(new Map(earned)).toEqual(naiveEarned(input, drawn, { counter, grant }));
    }),
    { numRuns: 3000 },
  );
});

test("the conditions of these tests can be published", () => {
  const texts = Object.keys(CONDITIONS);
  expect(texts.map(checkCondition)).toEqual(texts.map(() => null));
});

test("an explanation has every rule once and gives exactly what the order earns; nothing has a reason", () => {
  const reasons = new Set<string>();
  fc.assert(
    fc.property(programs, earningBaskets, fc.nat(30), fc.option(fc.nat(20)), (input, drawn, counter, grant) => {
      const compiled = makeProgram(input);
      const grants = grant === null ? null : grantsOf(input, grant);
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
    fc.property(baskets, fc.nat(20_000), (all, paidByPoints) => {
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
  expect(() => fc.assert(fc.property(programs, baskets, (input, all) => wrong(input, all).length === 0))).not.toThrow();
});

const visit = fc.record({
  lines: baskets,
  hours: fc.nat(60),
  spend: fc.constantFrom(0, 0, 30),
  refund: fc.array(fc.nat(30)),
});

test("caps are never exceeded, and refunds in any order and split end where the orders never were", () => {
  fc.assert(
    fc.property(
      programs,
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

const grantsOf = ({ earning = [] }: ProgramInput, grant: number) =>
  Object.fromEntries(earning.map(({ id }) => [`budget/${id}/all`, grant]));

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
