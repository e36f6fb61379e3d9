// Under random programs and histories: an order with everything that it completes leaves no trace once it is refunded.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { decideActivity, decideReversal } from "./activities.ts";
import { memberFacts } from "./facts.ts";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { writeSnapshot } from "./snapshot.ts";
import { emptyState, applyEvent, type MemberState } from "./state.ts";

const START = Date.parse("2026-01-01T04:00:00Z");
const DAY_MS = 86_400_000;

/** Programs whose prizes are in these currencies. */
function programsWith(...currencies: readonly string[]) {
  const prize = fc.record(
    {
      points: fc.record({ currency: fc.constantFrom(...currencies), points: fc.integer({ min: 1, max: 9 }) }),
      reward: fc.constant("cake"),
      badge: fc.constantFrom("one", "two"),
    },
    { requiredKeys: [] },
  );
  const times = fc.integer({ min: 1, max: 3 });
  const challenge = fc.record({
    counts: fc.constantFrom("orders" as const, "visits" as const),
    times,
    period: fc.constantFrom("day" as const, "week" as const, "month" as const, "program" as const),
    when: fc.constantFrom("true", "order.net >= 20000", "order.net < 20000", "channel == 'app'"),
    prize,
  });
  const onEvent = fc.record({
    counts: fc.constant("event" as const),
    event: fc.constant("review"),
    times,
    period: fc.constantFrom("week" as const, "program" as const),
    prize,
  });
  const every = fc.constantFrom("day" as const, "week" as const);
  const streak = fc.record({ every, length: fc.integer({ min: 2, max: 3 }), prize });
  const play = fc.record({
    challenges: fc.array(fc.oneof(challenge, onEvent), { minLength: 1, maxLength: 4 }),
    streaks: fc.array(streak, { maxLength: 2 }),
  });
  return play.map(({ challenges, streaks }): ProgramInput => ({
    currencies: [{ id: "points" }, { id: "stamps" }],
    earning: [
      { id: "base", currency: "points", per: 5000 },
      { id: "reviews", currency: "stamps", on: "review", type: "fixed", caps: [{ period: "week", times: 2 }] },
    ],
    rewards: [{ id: "cake", name: { "zh-TW": "蛋糕" }, benefit: { type: "gift", sku: "cake" } }],
    stampCards: [{ id: "card", currency: "stamps", size: 3, reward: "cake" }],
    play: {
      challenges: challenges.map((one, place) => ({ ...one, id: `c${place}` })),
      streaks: streaks.map((one, place) => ({ ...one, id: `s${place}` })),
    },
  }));
}

const programs = programsWith("points", "stamps");

const happening = fc.record({
  do: fc.constantFrom("order" as const, "order" as const, "review" as const, "refund" as const),
  days: fc.nat(9),
  units: fc.integer({ min: 1, max: 3 }),
  late: fc.nat(3),
  place: fc.nat(5),
});
const histories = fc.array(happening, { maxLength: 14 });

test("an order that is refunded in any steps leaves the member exactly as before it", () => {
  fc.assert(
    fc.property(programs, histories, happening, fc.boolean(), (program, history, last, inSteps) => {
      const ledger = new MemoryLedger([program], START);
      const now = live(ledger, history);
      const before = portrait(ledger.state);
      order(ledger, "last", last, now);
      if (inSteps) for (let unit = 0; unit < last.units; unit += 1) refund(ledger, "last", 1, now);
      else refund(ledger, "last", null, now);
      expect(portrait(ledger.state)).toEqual(before);
      expect(folded(ledger)).toBe(writeSnapshot(ledger.state));
    }),
    { numRuns: 400 },
  );
});

test("an event that is taken back leaves the member exactly as before it", () => {
  fc.assert(
    fc.property(programs, histories, (program, history) => {
      const ledger = new MemoryLedger([program], START);
      const now = live(ledger, history);
      const before = portrait(ledger.state);
      review(ledger, "last", now);
      reverse(ledger, "last", now);
      expect(portrait(ledger.state)).toEqual(before);
    }),
    { numRuns: 400 },
  );
});

// A card that the stamps of one order's prize filled stays full when another order loses the prize: stamps are owed then.
test("once everything is refunded and taken back, nothing is left of it", () => {
  fc.assert(
    fc.property(programsWith("points"), histories, (program, history) => {
      const ledger = new MemoryLedger([program], START);
      const before = portrait(ledger.state);
      const kept = history.filter((one) => one.do !== "refund");
      const now = live(ledger, kept);
      for (const [place, one] of kept.entries()) {
        if (one.do === "review") reverse(ledger, `${place}`, now);
        else refund(ledger, `${place}`, null, now);
      }
      expect(portrait(ledger.state)).toEqual(before);
    }),
    { numRuns: 400 },
  );
});

type Happening = typeof happening extends fc.Arbitrary<infer Value> ? Value : never;

function live(ledger: MemoryLedger, history: readonly Happening[]): number {
  let now = START;
  for (const [place, one] of history.entries()) {
    now += one.days * DAY_MS;
    if (one.do === "order") order(ledger, `${place}`, one, now);
    if (one.do === "review") review(ledger, `${place}`, now);
    if (one.do === "refund") refund(ledger, `${place - one.place}`, one.units, now);
  }
  return now;
}

function order(ledger: MemoryLedger, orderId: string, { units, late }: Happening, now: number): void {
  const lines = [makeLine({ quantity: units, unitPrice: 8000 })];
  const channel = units === 2 ? "app" : null;
  const placed = makeOrder(now - late * DAY_MS, { orderId, lines, channel });
  ledger.call({ do: "order", version: 1, order: placed }, now);
}

function refund(ledger: MemoryLedger, orderId: string, units: number | null, now: number): void {
  const lines = units === null ? null : [{ lineId: "1", quantity: units }];
  const wish = { orderId, refundId: `r${ledger.state.sequence}`, lines };
  ledger.call({ do: "refund", version: 1, refund: wish }, now);
}

const expiredOf = () => 0;

function review(ledger: MemoryLedger, key: string, now: number): void {
  const ask = { type: "review", key, data: {}, storeId: null, regionId: null, ownerId: null };
  ledger.decide((state, program, at) => {
    const facts = memberFacts(state, undefined, at, TIME_ZONE, program);
    return decideActivity(state, program, ask, { now: at, timeZone: TIME_ZONE, facts, expiredOf });
  }, now);
}

function reverse(ledger: MemoryLedger, key: string, now: number): void {
  const body = ledger.events
    .map((event) => event.body)
    .find((one) => "record" in one && "key" in one.record && one.record.key === key);
  if (body?.kind !== "activity.recorded") return;
  ledger.decide(
    (state, program, at) => decideReversal(state, program, body.record, { now: at, timeZone: TIME_ZONE, expiredOf }),
    now,
  );
}

// What a member is, whatever way it came about: no numbers of events, no order of maps.
function portrait(state: MemberState) {
  const { currencies, counters, activity, vouchers, facts, tier, tags, paidOrders, lots } = state;
  const figures = [...currencies].map(
    ([id, { available, pending, held, debt }]) => [id, [available, pending, held, debt]] as const,
  );
  return {
    currencies: figures.filter(([, sums]) => sums.some((sum) => sum !== 0)).sort(),
    counters: [...counters].filter(([, { value }]) => value !== 0).sort(),
    activity: [...activity].sort(([one], [other]) => (one < other ? -1 : 1)),
    vouchers: [...vouchers].sort(),
    facts: [...facts].sort(),
    lots: [...lots.values()].map(({ lot, available, pending }) => [lot.id, available, pending]).sort(),
    rest: { tier, tags, paidOrders },
  };
}

function folded({ events }: MemoryLedger): string {
  const state = emptyState();
  for (const event of events) applyEvent(state, event);
  return writeSnapshot(state);
}
