// Challenges, streaks and badges, worked out by hand: what completes them, and what a refund undoes.
import { describe, expect, test } from "vitest";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { ProgramInput } from "@regulars/contracts/program";
import type { OrderCommand } from "@regulars/contracts/rpc";
import { Draft } from "./draft.ts";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { playProgress } from "./play-progress.ts";
import { statementText } from "./statement-text.ts";

// Noon in Taipei.
const day = (text: string) => Date.parse(`${text}T04:00:00Z`);

const july = {
  currencies: [{ id: "points" }, { id: "stamps" }],
  rewards: [{ id: "cake", name: { "zh-TW": "蛋糕" }, benefit: { type: "gift", sku: "cake" } }],
  tender: { currency: "points", valuePerPoint: 100 },
  play: {
    challenges: [
      { id: "three-visits", times: 3, period: "month", prize: { points: { currency: "points", points: 50 } } },
    ],
  },
} satisfies ProgramInput;

const withPlay = (play: ProgramInput["play"], more: Partial<ProgramInput> = {}): ProgramInput => ({
  ...july,
  ...more,
  play,
});

describe("a challenge", () => {
  test("counts local days with an order, and gives its prize once a period", () => {
    const ledger = new MemoryLedger([july], day("2026-07-01"));
    pay(ledger, "A", "2026-07-01");
    pay(ledger, "B", "2026-07-01");
    pay(ledger, "C", "2026-07-09");
    expect(challenge(ledger, "2026-07-09")).toMatchObject({ count: 2, times: 3, completed: false });
    pay(ledger, "D", "2026-07-31");
    pay(ledger, "E", "2026-07-31");
    expect(statementText(ledger)).toEqual(["earn: available +50 = 50/0/0"]);
    expect(challenge(ledger, "2026-07-31")).toMatchObject({ count: 3, completed: true });
    expect(ledger.orders.get("D")?.grants).toMatchObject([{ kind: "challenge", ref: "three-visits", undone: false }]);
  });

  test("starts anew with its period, in the tenant's own zone", () => {
    const ledger = new MemoryLedger([july], day("2026-07-01"));
    pay(ledger, "A", "2026-07-30");
    pay(ledger, "B", "2026-07-31");
    // 31 July in London, 1 August in Taipei.
    payAt(ledger, "C", Date.parse("2026-07-31T17:00:00Z"));
    expect(challenge(ledger, "2026-08-01")).toMatchObject({ count: 1, completed: false });
    pay(ledger, "D", "2026-08-02");
    pay(ledger, "E", "2026-08-03");
    expect(statementText(ledger)).toEqual(["earn: available +50 = 50/0/0"]);
  });

  test("counts only orders that meet its condition", () => {
    const times = { times: 2, period: "program", prize: { badge: "gourmet" } } as const;
    const big = { id: "big", counts: "orders", when: "order.net >= 30000", ...times } as const;
    const ledger = new MemoryLedger([withPlay({ challenges: [big] })], day("2026-07-01"));
    pay(ledger, "A", "2026-07-01", 300);
    pay(ledger, "B", "2026-07-01", 299);
    expect(badges(ledger)).toEqual([]);
    pay(ledger, "C", "2026-07-01", 500);
    expect(badges(ledger)).toEqual(["gourmet"]);
    refund(ledger, "B");
    expect(badges(ledger)).toEqual(["gourmet"]);
    refund(ledger, "A");
    expect(badges(ledger)).toEqual([]);
  });

  test("takes its prize back when a refund leaves too few, whichever order it is of", () => {
    const ledger = new MemoryLedger([july], day("2026-07-01"));
    for (const [id, on] of [
      ["A", "01"],
      ["B", "02"],
      ["C", "03"],
    ] as const)
      pay(ledger, id, `2026-07-${on}`);
    refund(ledger, "A");
    expect(statementText(ledger)).toEqual(["earn: available +50 = 50/0/0", "reverse: available -50 = 0/0/0"]);
    expect(challenge(ledger, "2026-07-03")).toMatchObject({ count: 2, completed: false });
    pay(ledger, "D", "2026-07-04");
    expect(balance(ledger)).toBe(50);
  });

  test("keeps its prize when the refunded day has another order, or more days than it takes", () => {
    const ledger = new MemoryLedger([july], day("2026-07-01"));
    for (const [id, on] of [
      ["A", "01"],
      ["B", "01"],
      ["C", "02"],
      ["D", "03"],
      ["E", "04"],
    ] as const) {
      pay(ledger, id, `2026-07-${on}`);
    }
    refund(ledger, "A");
    refund(ledger, "D");
    expect(balance(ledger)).toBe(50);
    refund(ledger, "B");
    expect(balance(ledger)).toBe(0);
  });

  test("takes prize points back as a refund does: what was spent becomes debt", () => {
    const ledger = new MemoryLedger([july], day("2026-07-01"));
    for (const [id, on] of [
      ["A", "01"],
      ["B", "02"],
      ["C", "03"],
    ] as const)
      pay(ledger, id, `2026-07-${on}`);
    pay(ledger, "D", "2026-08-03", 100, { redeem: [{ currency: "points", points: 30 }] });
    refund(ledger, "C");
    expect(balance(ledger)).toBe(-30);
  });

  test("voids its voucher while that is unused, and leaves it once it was used", () => {
    const prize = { reward: "cake", badge: "early" };
    const gift = { id: "gift", times: 1, period: "day", when: "order.net < 20000", prize } as const;
    for (const used of [false, true]) {
      const ledger = new MemoryLedger([withPlay({ challenges: [gift] })], day("2026-07-01"));
      pay(ledger, "A", "2026-07-01");
      const [voucher] = ledger.state.vouchers.values();
      expect(voucher).toMatchObject({ rewardId: "cake", origin: { kind: "challenge", ref: "gift" } });
      if (used && voucher !== undefined) pay(ledger, "B", "2026-07-01", 200, { vouchers: [voucher.id] });
      refund(ledger, "A");
      expect(ledger.state.vouchers.size).toBe(0);
      expect(badges(ledger)).toEqual(used ? ["early"] : []);
      if (used) refund(ledger, "B");
      expect(ledger.state.vouchers.size).toBe(used ? 1 : 0);
    }
  });

  test("counts an order no more when what stays of it no longer meets the condition", () => {
    const big = { id: "big", counts: "orders", when: "order.net >= 30000", times: 1, period: "day" } as const;
    const prize = { points: { currency: "points", points: 50 } };
    const ledger = new MemoryLedger([withPlay({ challenges: [{ ...big, prize }] })], day("2026-07-01"));
    pay(ledger, "A", "2026-07-01", 400);
    const refunded = { orderId: "A", refundId: "r", lines: [{ lineId: "1", quantity: 2 }] };
    ledger.call({ do: "refund", version: 1, refund: refunded }, day("2026-07-02"));
    expect([balance(ledger), ledger.orders.get("A")?.played]).toEqual([0, []]);
  });

  test("whose prize fills a stamp card gives back stamps and voucher", () => {
    const prize = { points: { currency: "stamps", points: 2 } };
    const play: ProgramInput["play"] = { challenges: [{ id: "double", times: 1, period: "day", prize }] };
    const stampCards = [{ id: "card", currency: "stamps", size: 2, reward: "cake" }];
    const ledger = new MemoryLedger([withPlay(play, { stampCards })], day("2026-07-01"));
    pay(ledger, "A", "2026-07-01");
    expect(ledger.state.vouchers.size).toBe(1);
    refund(ledger, "A");
    expect([ledger.state.vouchers.size, ledger.state.currencies.get("stamps")?.available]).toEqual([0, 0]);
  });

  test("won every day for years makes no event large, and is forgotten 400 days after", () => {
    const prize = { points: { currency: "points", points: 1 }, badge: "daily" };
    const play: ProgramInput["play"] = { challenges: [{ id: "daily", times: 1, period: "day", prize }] };
    const ledger = new MemoryLedger([withPlay(play)], day("2026-01-01"));
    for (let place = 0; place < 800; place += 1) payAt(ledger, `${place}`, day("2026-01-01") + place * 86_400_000);
    expect(balance(ledger)).toBe(800);
    const sizes = ledger.events.map(({ body }) => JSON.stringify(body).length);
    expect(Math.max(...sizes)).toBeLessThan(6000);
    expect([...ledger.state.facts.keys()].filter((name) => name.startsWith("play/")).length).toBeLessThan(405);
  });

  test("of which a member has heard in an earlier version goes on in the next", () => {
    const ledger = new MemoryLedger([july, july], day("2026-07-01"));
    pay(ledger, "A", "2026-07-01");
    pay(ledger, "B", "2026-07-02");
    payAt(ledger, "C", day("2026-07-03"), {}, 2);
    expect(balance(ledger)).toBe(50);
  });
});

describe("a streak", () => {
  const prize = { points: { currency: "points", points: 20 } };
  const weekly = withPlay({ streaks: [{ id: "weekly", every: "week", length: 3, prize }] });

  test("needs an order in so many weeks in a row, from Monday to Sunday", () => {
    const ledger = new MemoryLedger([weekly], day("2026-07-01"));
    pay(ledger, "A", "2026-07-05"); // Sunday
    pay(ledger, "B", "2026-07-06"); // Monday
    pay(ledger, "C", "2026-07-12"); // Sunday of the same week
    expect(streak(ledger, "2026-07-12")).toMatchObject({ count: 2, length: 3, thisPeriod: true });
    expect(streak(ledger, "2026-07-13")).toMatchObject({ count: 2, thisPeriod: false });
    pay(ledger, "D", "2026-07-13");
    expect(statementText(ledger)).toEqual(["earn: available +20 = 20/0/0"]);
    expect(streak(ledger, "2026-07-13")).toMatchObject({ count: 0, completedTimes: 1 });
  });

  test("begins again after it was completed, and after a week without", () => {
    const ledger = new MemoryLedger([weekly], day("2026-07-01"));
    const weeks = ["07-01", "07-08", "07-15", "07-22", "07-29", "08-05", "08-19", "08-26"];
    for (const on of weeks) pay(ledger, on, `2026-${on}`);
    expect(balance(ledger)).toBe(40);
    pay(ledger, "last", "2026-09-02");
    expect(balance(ledger)).toBe(60);
  });

  test("is completed by a late order that closes its gap", () => {
    const ledger = new MemoryLedger([weekly], day("2026-07-01"));
    pay(ledger, "A", "2026-07-01");
    pay(ledger, "C", "2026-07-15");
    payAt(ledger, "B", day("2026-07-08"), {}, 1, day("2026-07-16"));
    expect(balance(ledger)).toBe(20);
  });

  test("loses its prize when the only order of one of its weeks is refunded", () => {
    const ledger = new MemoryLedger([weekly], day("2026-07-01"));
    for (const on of ["07-01", "07-08", "07-15"]) pay(ledger, on, `2026-${on}`);
    refund(ledger, "07-08");
    expect(balance(ledger)).toBe(0);
    expect(streak(ledger, "2026-07-15")).toMatchObject({ count: 1, completedTimes: 0 });
  });

  test("may run over days and months", () => {
    const play: ProgramInput["play"] = {
      streaks: [
        { id: "daily", every: "day", length: 2, prize },
        { id: "monthly", every: "month", length: 2, prize },
      ],
    };
    const ledger = new MemoryLedger([withPlay(play)], day("2026-01-01"));
    pay(ledger, "A", "2025-12-31");
    pay(ledger, "B", "2026-01-01");
    expect(balance(ledger)).toBe(40);
  });
});

function pay(ledger: MemoryLedger, orderId: string, on: string, units = 100, more: Partial<OrderCommand> = {}) {
  const lines = [makeLine({ quantity: 4, unitPrice: units * 25 })];
  payAt(ledger, orderId, day(on), { lines, ...more });
}

function payAt(
  ledger: MemoryLedger,
  orderId: string,
  placedAt: number,
  more: Partial<OrderCommand> = {},
  version = 1,
  now = placedAt,
) {
  const outcome = ledger.call({ do: "order", version, order: makeOrder(placedAt, { orderId, ...more }) }, now);
  if ("refused" in outcome) throw new Error(outcome.refused);
}

function refund(ledger: MemoryLedger, orderId: string): OrderRecord | undefined {
  const known = { orderId, refundId: `r-${orderId}`, lines: null };
  const outcome = ledger.call({ do: "refund", version: 1, refund: known }, ledger.state.at);
  if ("refused" in outcome) throw new Error(outcome.refused);
  return ledger.orders.get(orderId);
}

function progress(ledger: MemoryLedger, on: string) {
  const draft = new Draft(ledger.state, day(on));
  return playProgress(draft, ledger.program(1), { now: day(on), timeZone: TIME_ZONE });
}

const challenge = (ledger: MemoryLedger, on: string) => progress(ledger, on).challenges[0];
const streak = (ledger: MemoryLedger, on: string) => progress(ledger, on).streaks[0];
const badges = (ledger: MemoryLedger) => progress(ledger, "2026-07-01").badges.map(({ id }) => id);
const balance = ({ state }: MemoryLedger) => state.currencies.get("points")?.available ?? 0;
