// A quote promises exactly what the order then does, and writes nothing.
import fc from "fast-check";
import { expect, test } from "vitest";
import { memberFacts } from "./facts.ts";
import { histories, playHistory } from "./ledger-history.ts";
import { roundTrips } from "./ledger-wishes.ts";
import { NaiveLedger } from "./ledger-model.ts";
import { makeOrder, TIME_ZONE } from "./memory-ledger.ts";
import { decideQuote } from "./quotes.ts";
import { writeSnapshot } from "./snapshot.ts";

test("an order right after a quote earns, takes and asks for exactly what was quoted, or is refused as the quote was", () => {
  let [kept, refused] = [0, 0];
  fc.assert(
    fc.property(histories, roundTrips, fc.nat(30 * 86_400_000), (history, { version, basket, redeem }, later) => {
      const { ledger, now } = playHistory(history);
      const at = now + later;
      const order = makeOrder(at, {
        orderId: "quoted",
        lines: basket,
        redeem: redeem(new NaiveLedger(at), version, basket),
      });
      const program = ledger.program(version);
      const before = writeSnapshot(ledger.state);
      const facts = memberFacts(ledger.state, undefined, at, TIME_ZONE);
      const quoted = decideQuote(ledger.state, program, order, { now: at, timeZone: TIME_ZONE, facts });
      expect(writeSnapshot(ledger.state)).toBe(before);
      const outcome = ledger.call({ do: "order", version, order }, at);
      if (!quoted.ok) {
        refused += 1;
        expect(outcome).toEqual({ refused: quoted.refusal.code });
        return;
      }
      kept += 1;
      const paid = ledger.orders.get("quoted")!;
      expect(outcome).toHaveProperty("event");
      expect([paid.gross, paid.net, paid.payable]).toEqual([
        quoted.quote.gross,
        quoted.quote.net,
        quoted.quote.payable,
      ]);
      expect(paid.earned.map(({ rule, currency, points, why }) => ({ rule, currency, points, why }))).toEqual(
        quoted.quote.earn,
      );
      expect(paid.redeemed).toEqual(quoted.quote.redeem);
    }),
    { numRuns: 300 },
  );
  expect(Math.min(kept, refused)).toBeGreaterThan(10);
});

test("the most that a quote says can be redeemed is redeemed by the order, and one step more is refused", () => {
  fc.assert(
    fc.property(histories, roundTrips, (history, { version, basket }) => {
      const { ledger, now } = playHistory(history);
      const program = ledger.program(version);
      const facts = memberFacts(ledger.state, undefined, now, TIME_ZONE);
      const moment = { now, timeZone: TIME_ZONE, facts };
      const quoted = decideQuote(ledger.state, program, makeOrder(now, { lines: basket }), moment);
      if (!quoted.ok) throw new Error("a quote without a wish is never refused");
      for (const { currency, maxPoints } of quoted.quote.redeemable) {
        const { stepPoints } = program.tenders.get(currency)!;
        const wanted = (points: number) => makeOrder(now, { lines: basket, redeem: [{ currency, points }] });
        if (maxPoints > 0) expect(decideQuote(ledger.state, program, wanted(maxPoints), moment).ok).toBe(true);
        expect(decideQuote(ledger.state, program, wanted(maxPoints + stepPoints), moment).ok).toBe(false);
      }
    }),
    { numRuns: 200 },
  );
});
