// The life of points worked out by hand: when they end, what moves their end, and what is told before.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { localDay } from "./calendar.ts";
import { noticeDueAt } from "./life-notices.ts";
import { makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { lifetimeOf } from "./program.ts";
import { nextDueAt, watchOf } from "./settle.ts";
import { writeSnapshot } from "./snapshot.ts";
import { statementText } from "./statement-text.ts";
import { noonOf } from "./tier-diary.ts";
import {
  atLocal,
  available,
  buy,
  earning,
  endsOf,
  lots,
  noticesOf,
  orderOf,
  refund,
  rolling,
  START,
} from "./life-diary.ts";

const DAY_MS = 86_400_000;
const inactivity: ProgramInput = { currencies: [{ id: "points", expiry: { type: "inactivity", days: 30 } }], earning };

describe("when points end", () => {
  test.each([
    ["rolling", { type: "rolling", days: 365 }, "2026-02-28T06:30", "2027-02-28T06:30"],
    [
      "rolling to the end of the month",
      { type: "rolling", days: 365, endOf: "month" },
      "2026-02-10T06:30",
      "2027-03-01T00:00",
    ],
    [
      "rolling to the end of a month of 31 days",
      { type: "rolling", days: 90, endOf: "month" },
      "2026-01-31T06:30",
      "2026-06-01T00:00",
    ],
    [
      "31 December of the next year",
      { type: "fixed", monthDay: "12-31", yearsAhead: 1 },
      "2026-06-01T06:30",
      "2028-01-01T00:00",
    ],
    [
      "29 February, in a common year",
      { type: "fixed", monthDay: "02-29", yearsAhead: 1 },
      "2026-06-01T06:30",
      "2027-03-01T00:00",
    ],
    [
      "29 February, in a leap year",
      { type: "fixed", monthDay: "02-29", yearsAhead: 1 },
      "2027-06-01T06:30",
      "2028-03-01T00:00",
    ],
    ["30 days without activity", { type: "inactivity", days: 30 }, "2026-06-01T06:30", "2026-07-02T00:00"],
  ] as const)("%s", (_name, expiry, earned, end) => {
    for (const zone of ["Asia/Taipei", "America/New_York"]) {
      const { currencies } = makeProgram({ currencies: [{ id: "points", expiry }] });
      const { expiresAt } = lifetimeOf(currencies.get("points")!, atLocal(earned, zone), zone);
      expect(expiresAt).toBe(atLocal(end, zone));
    }
  });

  test("points that follow activity end together, so many local days after the last one, whenever they were earned", () => {
    const ledger = new MemoryLedger([inactivity], START);
    buy(ledger, "2026-01-01", 1_000);
    buy(ledger, "2026-01-25", 500);
    expect(endsOf(ledger)).toEqual(["2026-02-25", "2026-02-25"]);
    expect(nextDueAt(ledger.state)).toBe(atLocal("2026-02-25T00:00", TIME_ZONE));
    ledger.passTime(atLocal("2026-02-24T23:59", TIME_ZONE));
    expect(available(ledger)).toBe(15);
    ledger.passTime(atLocal("2026-02-25T00:00", TIME_ZONE));
    expect(statementText(ledger)).toEqual([
      "earn: available +10 = 10/0/0",
      "earn: available +5 = 15/0/0",
      "expire: available -10 = 5/0/0",
      "expire: available -5 = 0/0/0",
    ]);
  });

  test("a refunded order was no activity: the end goes back to where it was", () => {
    const ledger = new MemoryLedger([inactivity], START);
    buy(ledger, "2026-01-01", 1_000);
    const before = lots(ledger);
    const orderId = buy(ledger, "2026-01-25", 500);
    refund(ledger, "2026-01-26", orderId);
    expect(lots(ledger)).toBe(before);
    expect(endsOf(ledger)).toEqual(["2026-02-01"]);
  });

  test("points that only a refunded order had kept alive end with its refund", () => {
    const ledger = new MemoryLedger([inactivity], START);
    buy(ledger, "2026-01-01", 1_000);
    const orderId = buy(ledger, "2026-01-25", 500);
    refund(ledger, "2026-02-10", orderId);
    expect(statementText(ledger).slice(2)).toEqual(["reverse: available -5 = 10/0/0", "expire: available -10 = 0/0/0"]);
  });

  test("what was spent and comes back ends with the others; what the answer says is what the state has", () => {
    const paying: ProgramInput = { ...inactivity, tender: { currency: "points", valuePerPoint: 100 } };
    const ledger = new MemoryLedger([paying], START);
    buy(ledger, "2026-01-01", 1_000);
    const orderId = buy(ledger, "2026-01-10", 1_000, 10);
    buy(ledger, "2026-01-20", 100);
    refund(ledger, "2026-01-21", orderId);
    expect(endsOf(ledger)).toEqual(["2026-02-20", "2026-02-20"]);
    for (const { body } of ledger.events.slice(-1)) {
      const next = "balances" in body ? body.balances[0]?.expiringNext : null;
      expect(next).toEqual({ at: atLocal("2026-02-20T00:00", TIME_ZONE), points: 11 });
    }
    const end = ledger.state.currencies.get("points")!.spendable;
    expect(end.map(({ lot }) => localDay(lot.expiresAt!, TIME_ZONE))).toEqual(endsOf(ledger));
  });

  test("ends that moved survive sleep, and the fold of all events gives them again", () => {
    const ledger = new MemoryLedger([inactivity], START);
    buy(ledger, "2026-01-01", 1_000);
    buy(ledger, "2026-01-25", 500);
    const before = writeSnapshot(ledger.state);
    ledger.sleep();
    expect(writeSnapshot(ledger.state)).toBe(before);
  });

  test("a changed policy never rewrites points that were earned before", () => {
    const ledger = new MemoryLedger([rolling, { ...rolling, currencies: [{ id: "points" }] }], START);
    buy(ledger, "2026-01-01", 1_000);
    ledger.call({ do: "order", version: 2, order: orderOf("late", "2026-01-02", 1_000) }, noonOf("2026-01-02"));
    expect([...ledger.state.lots.values()].map(({ lot }) => lot.expiresAt)).toEqual([START + 30 * DAY_MS, null]);
    ledger.passTime(START + 30 * DAY_MS);
    expect(available(ledger)).toBe(10);
  });
});

describe("notices", () => {
  const noticed: ProgramInput = {
    currencies: [{ id: "points", expiry: { type: "fixed", monthDay: "12-31", yearsAhead: 0 }, noticeDays: [30, 7, 1] }],
    earning,
  };

  test("points are announced 30, 7 and 1 days before they end, each group once", () => {
    const ledger = new MemoryLedger([noticed], START);
    buy(ledger, "2026-03-01", 1_000);
    buy(ledger, "2026-04-01", 500);
    for (
      let day = atLocal("2026-11-01T09:00", TIME_ZONE);
      day < atLocal("2027-01-02T00:00", TIME_ZONE);
      day += DAY_MS
    ) {
      ledger.passTime(day);
    }
    expect(noticesOf(ledger)).toEqual([
      "2026-12-02: 15 points in 30 days",
      "2026-12-25: 15 points in 7 days",
      "2026-12-31: 15 points in 1 days",
    ]);
  });

  test("a late look tells only the nearest of the days that have passed", () => {
    const ledger = new MemoryLedger([noticed], START);
    buy(ledger, "2026-03-01", 1_000);
    ledger.passTime(atLocal("2026-12-27T09:00", TIME_ZONE));
    ledger.passTime(atLocal("2026-12-31T09:00", TIME_ZONE));
    expect(noticesOf(ledger)).toEqual(["2026-12-27: 10 points in 7 days", "2026-12-31: 10 points in 1 days"]);
  });

  test("points that live shorter than a notice takes are told of later only", () => {
    const ledger = new MemoryLedger([noticed], START);
    buy(ledger, "2026-12-20", 1_000);
    ledger.passTime(atLocal("2026-12-26T09:00", TIME_ZONE));
    expect(noticesOf(ledger)).toEqual(["2026-12-26: 10 points in 7 days"]);
  });

  test("points of several times of one day are one group; those of the next day another", () => {
    const days = {
      ...rolling,
      currencies: [{ id: "points", expiry: { type: "rolling" as const, days: 30 }, noticeDays: [7] }],
    };
    const ledger = new MemoryLedger([days], START);
    buy(ledger, "2026-01-01", 1_000);
    ledger.call({ do: "order", version: 1, order: orderOf("b", "2026-01-01", 300, 3_600_000) }, START + 3_600_000);
    buy(ledger, "2026-01-02", 200);
    ledger.passTime(noonOf("2026-01-25"));
    expect(noticesOf(ledger)).toEqual(["2026-01-25: 13 points in 7 days", "2026-01-25: 2 points in 7 days"]);
  });

  test("the clock knows when to wake up for a notice, across a change of clocks", () => {
    const zone = "America/New_York";
    const program = makeProgram(noticed);
    const ledger = new MemoryLedger([noticed], START);
    buy(ledger, "2026-03-01", 1_000);
    const watch = watchOf({ program, timeZone: zone, birthday: null }, ledger.state.at);
    // The points end at midnight in Taipei, 11:00 in New York; 60 days before that is still summer time there.
    expect(noticeDueAt(ledger.state, { ...watch.policy!, notice: { points: [60] } })).toBe(
      atLocal("2026-11-01T11:00", zone),
    );
    expect(nextDueAt(ledger.state, watch)).toBe(atLocal("2026-12-01T11:00", zone));
  });
});
