// Ends of points that people put off, points that are given back, and points that wait for a delivery, as statements.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { decideDelivery, decideExtension, decideReinstatement } from "./life-acts.ts";
import { available, buy, endsOf, lots, orderOf, refund, rolling, START } from "./life-diary.ts";
import { MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { nextDueAt } from "./settle.ts";
import { statementText } from "./statement-text.ts";
import { noonOf } from "./tier-diary.ts";

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
