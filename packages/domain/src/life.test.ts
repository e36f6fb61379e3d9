// The life of points worked out by hand: when they end, what is told before, and ends that are put off or taken back.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { localDay, localTime } from "./calendar.ts";
import { decideDelivery, decideExtension, decideReinstatement } from "./life-acts.ts";
import { noticeDueAt } from "./life-notices.ts";
import { makeLine, makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { lifetimeOf } from "./program.ts";
import { nextDueAt, watchOf } from "./settle.ts";
import { writeSnapshot } from "./snapshot.ts";
import { statementText } from "./statement-text.ts";
import { noonOf } from "./tier-diary.ts";

const DAY_MS = 86_400_000;
const START = noonOf("2026-01-01");
const earning: ProgramInput["earning"] = [{ id: "base", currency: "points", per: 100, points: 1 }];
const inactivity: ProgramInput = { currencies: [{ id: "points", expiry: { type: "inactivity", days: 30 } }], earning };
const rolling: ProgramInput = { currencies: [{ id: "points", expiry: { type: "rolling", days: 30 } }], earning };

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

describe("ends put off and points given back", () => {
  const when = (now: number) => ({ now, timeZone: TIME_ZONE });

  test("an extension moves the end of available, pending and held points, and is on the statement", () => {
    const ledger = new MemoryLedger([rolling], START);
    buy(ledger, "2026-01-01", 1_000);
    buy(ledger, "2026-01-10", 500);
    ledger.call(
      { do: "hold", version: 1, wish: { currency: "points", points: 4, ttlSeconds: 60 } },
      noonOf("2026-01-10"),
    );
    const ask = { currency: "points", endsBefore: noonOf("2026-02-01"), days: 60, reason: "illness" };
    const outcome = ledger.decide((state, _, now) => decideExtension(state, ask, when(now)), noonOf("2026-01-10") + 1);
    expect(outcome).toMatchObject({ event: { body: { kind: "points.extended", points: 10, reason: "illness" } } });
    expect(endsOf(ledger)).toEqual(["2026-02-09", "2026-04-01"]);
    expect(statementText(ledger).at(-1)).toBe("extend:  = 11/0/4");
    ledger.passTime(noonOf("2026-02-10"));
    expect(available(ledger)).toBe(10);
    const spendable = ledger.state.currencies.get("points")!.spendable;
    expect(spendable).toHaveLength(1);
  });

  test("an extended order is refunded from its own lot", () => {
    const ledger = new MemoryLedger([rolling], START);
    const orderId = buy(ledger, "2026-01-01", 1_000);
    buy(ledger, "2026-01-10", 500);
    const other = lots(ledger).split("\n")[1];
    const ask = { currency: "points", endsBefore: noonOf("2026-02-01"), days: 60, reason: "x" };
    ledger.decide((state, _, now) => decideExtension(state, ask, when(now)), noonOf("2026-01-11"));
    refund(ledger, "2026-01-12", orderId);
    expect(lots(ledger)).toBe(other);
  });

  test("nothing that ends in that time is refused", () => {
    const ledger = new MemoryLedger([rolling], START);
    const ask = { currency: "points", endsBefore: noonOf("2026-02-01"), days: 60, reason: "x" };
    expect(ledger.decide((state, _, now) => decideExtension(state, ask, when(now)), START)).toEqual({
      refused: "nothing_to_extend",
    });
    expect(ledger.decide((state, _, now) => decideReinstatement(state, ask, [], when(now)), START)).toEqual({
      refused: "nothing_to_reinstate",
    });
  });

  test("expired points come back into their own lot, which a refund of the order finds", () => {
    const ledger = new MemoryLedger([rolling], START);
    const orderId = buy(ledger, "2026-01-01", 1_000);
    const [open] = ledger.state.lots.values();
    ledger.passTime(noonOf("2026-02-05"));
    const expired = [{ lot: open!.lot, points: 10 }];
    ledger.decide(
      (state, _, now) => decideReinstatement(state, { days: 10, reason: "x" }, expired, when(now)),
      noonOf("2026-02-06"),
    );
    expect(endsOf(ledger)).toEqual(["2026-02-16"]);
    refund(ledger, "2026-02-07", orderId);
    expect(statementText(ledger)).toEqual([
      "earn: available +10 = 10/0/0",
      "expire: available -10 = 0/0/0",
      "restore: available +10 = 10/0/0",
      "reverse: available -10 = 0/0/0",
    ]);
    expect(ledger.state.lots.size).toBe(0);
  });
});

describe("points that wait for a delivery", () => {
  const delivered: ProgramInput = {
    currencies: [{ id: "points", expiry: { type: "rolling", days: 30 } }],
    earning: [{ id: "base", currency: "points", per: 100, points: 1, pendingUntil: "delivered" }],
  };

  test("they become available with it, and time alone never makes them so", () => {
    const ledger = new MemoryLedger([delivered], START);
    const orderId = buy(ledger, "2026-01-01", 1_000);
    expect(nextDueAt(ledger.state)).toBe(Infinity);
    ledger.passTime(noonOf("2026-01-20"));
    deliver(ledger, orderId, "2026-01-20");
    deliver(ledger, orderId, "2026-01-21");
    ledger.passTime(noonOf("2026-02-01"));
    expect(statementText(ledger)).toEqual([
      "earn: pending +10 = 0/10/0",
      "mature: available +10, pending -10 = 10/0/0",
      "expire: available -10 = 0/0/0",
    ]);
  });

  test("points whose time is over when the delivery comes end at once", () => {
    const ledger = new MemoryLedger([delivered], START);
    const orderId = buy(ledger, "2026-01-01", 1_000);
    deliver(ledger, orderId, "2026-03-01");
    expect(available(ledger)).toBe(0);
  });

  test("an order that is not paid cannot have been delivered", () => {
    const ledger = new MemoryLedger([delivered], START);
    const order = { ...orderOf("a", "2026-01-01", 1_000), state: "authorized" as const };
    ledger.call({ do: "order", version: 1, order }, START);
    expect(deliver(ledger, "a", "2026-01-02")).toEqual({ refused: "order_state_conflict" });
  });

  function deliver(ledger: MemoryLedger, orderId: string, day: string) {
    return ledger.decide((state, _, now) => decideDelivery(state, ledger.orders.get(orderId)!, now), noonOf(day));
  }
});

function orderOf(orderId: string, day: string, net: number, after = 0, redeem: number | null = null) {
  const lines = [makeLine({ lineId: "1", quantity: 1, unitPrice: net })];
  const wish = redeem === null ? null : [{ currency: "points", points: redeem }];
  return makeOrder(noonOf(day) + after, { orderId, lines, redeem: wish });
}

function buy(ledger: MemoryLedger, day: string, net: number, redeem: number | null = null): string {
  const orderId = `o${ledger.orders.size}`;
  const outcome = ledger.call({ do: "order", version: 1, order: orderOf(orderId, day, net, 0, redeem) }, noonOf(day));
  if ("refused" in outcome) throw new Error(outcome.refused);
  return orderId;
}

function refund(ledger: MemoryLedger, day: string, orderId: string): void {
  const outcome = ledger.call(
    { do: "refund", version: 1, refund: { orderId, refundId: "r", lines: null } },
    noonOf(day),
  );
  if ("refused" in outcome) throw new Error(outcome.refused);
}

const available = ({ state }: MemoryLedger) => state.currencies.get("points")?.available ?? 0;

const lots = ({ state }: MemoryLedger) =>
  [...state.lots.values()].map(({ lot, available: left }) => `${lot.id} ${lot.expiresAt} ${left}`).join("\n");

/** The local days on which the lots end, or at whose beginning they have. */
const endsOf = ({ state }: MemoryLedger) =>
  [...state.lots.values()].map(({ lot }) => localDay(lot.expiresAt!, TIME_ZONE)).sort();

const noticesOf = ({ events }: MemoryLedger) =>
  events.flatMap(({ at, body }) =>
    body.kind === "points.expiring" ? [`${localDay(at, TIME_ZONE)}: ${body.points} points in ${body.days} days`] : [],
  );

/** The instant of a local time, found by looking at the clock there. */
function atLocal(text: string, zone: string): number {
  const asUtc = Date.parse(`${text}:00Z`);
  const { year, month, day, hour, minute } = localTime(asUtc, zone);
  const guess = asUtc + (asUtc - Date.UTC(year, month - 1, day, hour, minute));
  const there = localTime(guess, zone);
  return guess + (asUtc - Date.UTC(there.year, there.month - 1, there.day, there.hour, there.minute));
}
