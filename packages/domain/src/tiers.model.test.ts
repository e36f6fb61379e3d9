// Tiers under random programs, orders, refunds and passing time: what must hold whatever happens.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { dayPlus, localDay } from "./calendar.ts";
import { Draft } from "./draft.ts";
import { TIME_ZONE } from "./memory-ledger.ts";
import { noonOf, TierDiary } from "./tier-diary.ts";
import { levelOf } from "./tiers-keep.ts";
import { progressOf, qualifiedAt } from "./tiers.ts";

type TiersInput = NonNullable<ProgramInput["tiers"]>;

const thresholds = fc.record({
  spend: fc.option(fc.constantFrom(3_000, 8_000, 20_000), { nil: undefined }),
  visits: fc.option(fc.integer({ min: 2, max: 4 }), { nil: undefined }),
  orders: fc.option(fc.integer({ min: 2, max: 6 }), { nil: undefined }),
});
const conditions = fc.array(thresholds.filter(isSomething), { minLength: 1, maxLength: 2 });
const level = (id: string) =>
  fc.oneof(
    conditions.map((any) => ({ id, any })),
    conditions.map((all) => ({ id, all })),
  );

const programs: fc.Arbitrary<TiersInput> = fc.record({
  levels: fc.tuple(fc.constant({ id: "member" }), level("silver"), level("gold")),
  window: fc.constantFrom<NonNullable<TiersInput["window"]>>(
    { type: "rolling", days: 30 },
    { type: "rolling", days: 90 },
    { type: "calendarYear" },
    { type: "anniversary" },
    { type: "lifetime" },
  ),
  keep: fc.constantFrom<NonNullable<TiersInput["keep"]>>(
    { type: "days", days: 45 },
    { type: "endOfNextYear" },
    { type: "forever" },
  ),
  downgrade: fc.constantFrom("none", "oneLevel", "toQualified"),
  graceDays: fc.constantFrom(0, 10),
  warnDays: fc.constantFrom(0, 20),
});

const steps = fc.array(
  fc.record({
    pass: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }) },
    ),
    net: fc.integer({ min: 0, max: 12_000 }),
    refund: fc.option(fc.nat(30)),
  }),
  { maxLength: 20, size: "max" },
);

/** Plays random steps; returns the diary, the ids that may still be refunded, and the day on which it ends. */
function play(tiers: TiersInput, history: typeof steps extends fc.Arbitrary<infer Steps> ? Steps : never) {
  const diary = new TierDiary(tiers);
  const open: string[] = [];
  let day = "2026-01-02";
  for (const { pass, net, refund } of history) {
    day = dayPlus(day, pass);
    if (refund === null || open.length === 0) open.push(diary.buy(day, net));
    else diary.refund(day, open.splice(refund % open.length, 1)[0]!);
  }
  return { diary, open, day };
}

test("orders that are refunded at once leave the tier exactly as it was, in whatever order they come back", () => {
  const baskets = fc.array(fc.record({ net: fc.integer({ min: 0, max: 25_000 }), rank: fc.nat() }), {
    minLength: 1,
    maxLength: 4,
  });
  let raised = 0;
  fc.assert(
    fc.property(programs, steps, baskets, (tiers, history, bought) => {
      const { diary, day } = play(tiers, history);
      diary.pass(day);
      const before = diary.ledger.state.tier;
      const orders = bought.map(({ net, rank }) => ({ rank, orderId: diary.buy(day, net) }));
      if (diary.ledger.state.tier?.tier !== before?.tier) raised += 1;
      for (const { orderId } of orders.sort((one, other) => one.rank - other.rank)) diary.refund(day, orderId);
      expect(diary.ledger.state.tier).toEqual(before);
    }),
    { numRuns: 1000 },
  );
  expect(raised).toBeGreaterThan(100);
});

test("a member whose every order came back has no tier that an order could have raised", () => {
  fc.assert(
    fc.property(programs, steps, (tiers, history) => {
      const { diary, open, day } = play(tiers, history);
      for (const orderId of open) diary.refund(day, orderId);
      // Renewals by time stand by themselves; they are looked at again when their own time is over.
      expect(diary.ledger.state.tier?.by).toBeUndefined();
    }),
    { numRuns: 500 },
  );
});

test("a tier is never higher than what the member qualified for when it was raised, renewed or given", () => {
  fc.assert(
    fc.property(programs, steps, (tiers, history) => {
      const { diary, day } = play(tiers, history);
      const { ledger } = diary;
      const section = ledger.program(1).document.tiers!;
      const { tier } = ledger.state;
      if (tier?.by === undefined) return;
      const draft = new Draft(ledger.state, noonOf(day));
      const then = qualifiedAt(section, draft, tier.since, TIME_ZONE);
      const now = qualifiedAt(section, draft, noonOf(day), TIME_ZONE);
      expect(Math.max(then, now)).toBeGreaterThanOrEqual(levelOf(section, tier));
    }),
    { numRuns: 500 },
  );
});

test("after an order a member is never lower than what it qualifies for", () => {
  fc.assert(
    fc.property(programs, steps, fc.integer({ min: 0, max: 25_000 }), (tiers, history, net) => {
      const { diary, day } = play(tiers, history);
      diary.buy(day, net);
      const { ledger } = diary;
      const section = ledger.program(1).document.tiers!;
      const qualified = qualifiedAt(section, new Draft(ledger.state, ledger.state.at), ledger.state.at, TIME_ZONE);
      expect(levelOf(section, ledger.state.tier)).toBeGreaterThanOrEqual(qualified);
    }),
    { numRuns: 500 },
  );
});

test("progress and raise agree: nothing is missing exactly when the basket raises the member to the next tier or beyond", () => {
  fc.assert(
    fc.property(programs, steps, fc.integer({ min: 0, max: 25_000 }), (tiers, history, net) => {
      const { diary, day } = play(tiers, history);
      diary.pass(day);
      const { ledger } = diary;
      const now = ledger.state.at;
      const draft = new Draft(ledger.state, now);
      const progress = progressOf(draft, ledger.program(1), { now, timeZone: TIME_ZONE, adding: net })!;
      const section = ledger.program(1).document.tiers!;
      const before = levelOf(section, ledger.state.tier);
      diary.buy(localDay(now, TIME_ZONE), net, now);
      const after = levelOf(section, ledger.state.tier);
      if (progress.next === null) return;
      // A tier above the next can have easier conditions, and is reached all the same.
      if (progress.missing.length === 0) expect(after).toBeGreaterThan(before);
      else expect(section.levels[after]?.id).not.toBe(progress.next);
    }),
    { numRuns: 1000 },
  );
});

test("how often the clock looks does not change the tier", () => {
  const looks = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 15 });
  fc.assert(
    fc.property(programs, steps, looks, (tiers, history, days) => {
      const often = play(tiers, history);
      const once = play(tiers, history);
      let { day } = often;
      for (const step of days) often.diary.pass((day = dayPlus(day, step)));
      once.diary.pass(day);
      expect(once.diary.ledger.state.tier).toEqual(often.diary.ledger.state.tier);
    }),
    { numRuns: 500 },
  );
});

function isSomething(one: Record<string, number | undefined>): boolean {
  return Object.values(one).some((threshold) => threshold !== undefined);
}
