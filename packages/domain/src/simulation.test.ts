// Worked tables of simulations: what members would have got under a candidate, from what really happened to them.
import type { MemberEvent } from "@regulars/contracts/events";
import type { ProgramInput } from "@regulars/contracts/program";
import { describe, expect, test } from "vitest";
import { makeLine, makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { CANDIDATE_VERSION, ReplayLedger, type MemberReplay } from "./replay-ledger.ts";
import { addReplay, emptyTotals, gainsOf, resultOf } from "./simulation-totals.ts";

const DAY = 86_400_000;
const AT = Date.UTC(2026, 10, 2, 4);

/** NT$10 = 1 point, spent at NT$1, ending after a year; a point costs NT$0.50. */
const PRESENT: ProgramInput = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 }, unitCostMilli: 50_000 }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: { currency: "points", valuePerPoint: 100 },
};
const withRules = (...earning: NonNullable<ProgramInput["earning"]>): ProgramInput => ({ ...PRESENT, earning });
const DOUBLE = withRules({ id: "base", currency: "points", per: 1000, points: 2 });

interface Sale {
  readonly day: number;
  /** NT$; negative: a full refund of the order of that day's number. */
  readonly price: number;
  readonly redeem?: number;
  readonly orderId?: string;
}

/** What happened to a member under the present program. */
function makePast(sales: readonly Sale[]): readonly MemberEvent[] {
  const ledger = new MemoryLedger([PRESENT], AT);
  for (const [place, { day, price, redeem = 0, orderId = `o-${place}` }] of sales.entries()) {
    const at = AT + day * DAY;
    const lines = [makeLine({ quantity: 1, unitPrice: price * 100 })];
    const order = makeOrder(at, { orderId, lines, redeem: redeem > 0 ? [{ currency: "points", points: redeem }] : [] });
    const outcome =
      price > 0
        ? ledger.call({ do: "order", version: 1, order }, at)
        : ledger.call({ do: "refund", version: 1, refund: { orderId, refundId: "r", lines: null } }, at);
    if ("refused" in outcome) throw new Error(outcome.refused);
  }
  return ledger.events;
}

interface Window {
  readonly from?: number;
  readonly to?: number;
  readonly budgets?: Record<string, number>;
}

function replay(
  candidate: ProgramInput,
  events: readonly MemberEvent[],
  { from = 0, to = 100, budgets = {} }: Window = {},
): MemberReplay {
  const present = makeProgram(PRESENT);
  const ledger = new ReplayLedger({
    candidate: makeProgram(candidate, CANDIDATE_VERSION),
    present,
    programOf: () => present,
    from: AT + from * DAY,
    to: AT + to * DAY,
    timeZone: TIME_ZONE,
    budgets,
  });
  for (const event of events) ledger.add(event);
  return ledger.close();
}

const figures = (one: MemberReplay) => ({
  now: one.now.currencies.get("points"),
  candidate: one.candidate.currencies.get("points"),
});

describe("two members and three orders under twice the points", () => {
  // Mei: NT$375, then NT$120 of which 20 points pay NT$20.  Wu: NT$99, given back.
  const mei = makePast([
    { day: 1, price: 375 },
    { day: 2, price: 120, redeem: 20 },
  ]);
  const wu = makePast([
    { day: 1, price: 99, orderId: "w" },
    { day: 3, price: -99, orderId: "w" },
  ]);

  test("each member's figures", () => {
    expect(figures(replay(DOUBLE, mei))).toEqual({
      now: { given: 47, redeemed: 20, expired: 0, outstanding: 27 },
      candidate: { given: 94, redeemed: 20, expired: 0, outstanding: 74 },
    });
    expect(figures(replay(DOUBLE, wu))).toEqual({
      now: { given: 0, redeemed: 0, expired: 0, outstanding: 0 },
      candidate: { given: 0, redeemed: 0, expired: 0, outstanding: 0 },
    });
  });

  test("the result: points, cost, liability, rules, and the orders that differ", () => {
    const totals = emptyTotals();
    const candidate = makeProgram(DOUBLE, CANDIDATE_VERSION);
    const now = makeProgram(PRESENT);
    const scene = { candidate, programOf: () => now, timeZone: TIME_ZONE };
    addReplay(totals, "mbr_mei", replay(DOUBLE, mei), scene);
    addReplay(totals, "mbr_wu", replay(DOUBLE, wu), scene);
    const spread = { gain: 1, lose: 0, same: 1, deciles: [], gainMost: [], loseMost: [] };
    const result = resultOf(JSON.parse(JSON.stringify(totals)), { now, candidate }, () => spread);
    expect(result).toMatchObject({
      members: 2,
      orders: 3,
      ordersDiffering: 3,
      currencies: [
        {
          currency: "points",
          now: { given: 47, outstanding: 27, cost: 2350, liability: 1350 },
          candidate: { given: 94, outstanding: 74, cost: 4700, liability: 3700 },
        },
      ],
      rules: [{ rule: "base", currency: "points", now: 47, candidate: 94 }],
      refused: [],
      notReplayed: [],
    });
    expect(result.examples.map(({ memberId, orderId, difference }) => [memberId, orderId, difference])).toEqual([
      ["mbr_mei", "o-0", 37],
      ["mbr_wu", "w", 9],
    ]);
    expect(result.examples[0]).toMatchObject({
      net: 37_500,
      now: { earned: [{ rule: "base", points: 37 }], rules: [{ rule: "base", base: 37_500, times: 37 }] },
      candidate: { earned: [{ rule: "base", points: 74 }] },
    });
  });

  test("who gains", () => {
    expect(gainsOf(replay(DOUBLE, mei))).toEqual([{ currency: "points", now: 47, candidate: 94 }]);
  });
});

test("orders before the window stay as they were, and their points are there", () => {
  const events = makePast([
    { day: 1, price: 500 },
    { day: 10, price: 100, redeem: 50 },
  ]);
  const { now, candidate } = figures(replay(DOUBLE, events, { from: 5 }));
  expect(now).toEqual({ given: 5, redeemed: 50, expired: 0, outstanding: 5 });
  expect(candidate).toEqual({ given: 10, redeemed: 50, expired: 0, outstanding: 10 });
});

test("a refund of an order from before the window takes back what that order really gave", () => {
  const events = makePast([
    { day: 1, price: 500, orderId: "old" },
    { day: 10, price: -500, orderId: "old" },
  ]);
  const { now, candidate } = figures(replay(DOUBLE, events, { from: 5 }));
  expect(now).toEqual({ given: -50, redeemed: 0, expired: 0, outstanding: 0 });
  expect(candidate).toEqual(now);
});

test("what happens from the end of the window on does not count", () => {
  const events = makePast([
    { day: 1, price: 100 },
    { day: 10, price: 900 },
  ]);
  expect(replay(DOUBLE, events, { to: 5 }).noticed.orders).toBe(1);
  expect(figures(replay(DOUBLE, events, { to: 5 })).candidate?.given).toBe(20);
});

test("a member redeems no more than the candidate gives", () => {
  const half = withRules({ id: "base", currency: "points", per: 2000, points: 1 });
  const events = makePast([
    { day: 1, price: 500 },
    { day: 2, price: 400, redeem: 50 },
  ]);
  const { now, candidate } = figures(replay(half, events));
  expect(now).toMatchObject({ given: 85, redeemed: 50 });
  // 25 points, of which all are spent; NT$375 then give 18.
  expect(candidate).toMatchObject({ given: 43, redeemed: 25, outstanding: 18 });
});

test("caps of a member hold over the orders of a simulation", () => {
  const capped = withRules({
    id: "base",
    currency: "points",
    per: 1000,
    points: 1,
    caps: [{ period: "program", points: 60 }],
  });
  const events = makePast([
    { day: 1, price: 500 },
    { day: 2, price: 500 },
  ]);
  expect(figures(replay(capped, events)).candidate?.given).toBe(60);
});

test("a budget is shared by the members of a simulation", () => {
  const budgets: Record<string, number> = {};
  const rule = { id: "base", currency: "points", per: 1000, points: 1, budget: { points: 60 } } as const;
  const events = makePast([{ day: 1, price: 500 }]);
  const given = () => figures(replay(withRules(rule), events, { budgets })).candidate?.given ?? 0;
  expect([given(), given(), given()]).toEqual([50, 10, 0]);
});

test("points end when the candidate says so", () => {
  const short: ProgramInput = { ...PRESENT, currencies: [{ id: "points", expiry: { type: "rolling", days: 7 } }] };
  const events = makePast([{ day: 1, price: 500 }]);
  expect(figures(replay(short, events)).candidate).toEqual({ given: 50, redeemed: 0, expired: 50, outstanding: 0 });
});

test("the present program as its own candidate changes nothing", () => {
  const events = makePast([
    { day: 1, price: 375 },
    { day: 2, price: 120, redeem: 20 },
    { day: 4, price: -375, orderId: "o-0" },
    { day: 5, price: 80 },
  ]);
  const same = replay(PRESENT, events);
  expect(figures(same).candidate).toEqual(figures(same).now);
  expect(same.noticed.differing).toBe(0);
  expect([...same.candidate.rules]).toEqual([...same.now.rules]);
});

describe("what happened beside orders", () => {
  const MOVED = { lots: [], balances: [] };
  /** The past of a member with one more event, as the projector stores it. */
  const withEvent = (
    events: readonly MemberEvent[],
    day: number,
    body: Partial<MemberEvent["body"]>,
  ): MemberEvent[] => {
    const sequence = events.length + 1;
    // The caller gives what this kind of event carries.
    const full = { transactions: [], ...MOVED, ...body } as unknown as MemberEvent["body"];
    const [first] = events;
    if (first === undefined) throw new Error("no past");
    return [...events, { ...first, sequence, at: AT + day * DAY, body: full }];
  };

  test("a review gives what the candidate gives for it", () => {
    const review = { id: "review", currency: "points", on: "review", type: "fixed", points: 30 } as const;
    const candidate = withRules({ id: "base", currency: "points", per: 1000, points: 1 }, review);
    const record = {
      type: "review",
      key: "r-1",
      data: {},
      storeId: null,
      regionId: null,
      ownerId: null,
      at: AT + 2 * DAY,
    };
    const facts = { homeStoreId: null, source: null, firstOrder: false, ordersBefore: 1, birthdayMonth: false };
    const body = { kind: "activity.recorded", record: { ...record, facts, earned: [], reversedAt: null } };
    const events = withEvent(makePast([{ day: 1, price: 100 }]), 2, body as never);
    expect(figures(replay(candidate, events))).toMatchObject({ now: { given: 10 }, candidate: { given: 40 } });
  });

  test("labels that were put on a member count for the candidate", () => {
    const rule = { id: "vip", currency: "points", per: 1000, points: 3, when: '"vip" in member.tags' };
    const base = makePast([{ day: 1, price: 100 }]);
    const labelled = withEvent(base, 2, { kind: "facts.set", tags: ["vip"] });
    const later = makePast([
      { day: 1, price: 100 },
      { day: 3, price: 100 },
    ]).slice(-1);
    const events = [
      ...labelled,
      ...later.map((event) => ({ ...event, sequence: labelled.length + 1, body: lotOf(event, 4) })),
    ];
    expect(figures(replay(withRules(rule), events)).candidate?.given).toBe(30);
  });

  // The lot is named by its event, which the label has moved on by one.
  const lotOf = (event: MemberEvent, sequence: number) =>
    JSON.parse(JSON.stringify(event.body).replaceAll("lot_3_", `lot_${sequence}_`)) as MemberEvent["body"];

  test("what cannot be replayed is counted, not passed over", () => {
    const events = withEvent(makePast([{ day: 1, price: 100 }]), 2, {
      kind: "points.reinstated",
      reason: "",
      points: 0,
    } as never);
    expect([...replay(DOUBLE, events).noticed.notReplayed]).toEqual([["points.reinstated", 1]]);
  });
});
