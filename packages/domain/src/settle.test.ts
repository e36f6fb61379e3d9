// What time alone does: pending points become available, holds lapse, lots expire, however late anybody looks.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HISTORY_START, histories, playHistory } from "./ledger-history.ts";
import { debtsOf, lotsOf } from "./ledger-promises.ts";
import { makeOrder, MemoryLedger } from "./memory-ledger.ts";
import { NO_TIME_SCENE } from "./moment.ts";
import { nextDueAt, settleNext } from "./settle.ts";
import { balancesAt } from "./view.ts";

const DAY_MS = 86_400_000;
const points = { currency: "points", reason: "test", storeId: null };

test("points end at the very instant of their expiry, not before", () => {
  const ledger = makeLedger({ expiry: { type: "rolling", days: 10 } });
  ledger.call({ do: "adjust", version: 1, wish: { ...points, points: 30 } }, HISTORY_START);
  const end = HISTORY_START + 10 * DAY_MS;
  expect(nextDueAt(ledger.state)).toBe(end);
  expect(settleNext(ledger.state, end - 1, NO_TIME_SCENE)).toBeNull();
  expect(
    ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 31, ttlSeconds: 1 } }, end - 1),
  ).toEqual({
    refused: "insufficient_points",
  });
  expect(ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 1, ttlSeconds: 1 } }, end)).toEqual({
    refused: "insufficient_points",
  });
  expect(ledger.state.currencies.get("points")).toMatchObject({ available: 0, pending: 0, held: 0 });
});

test("pending points become available at their instant, and a hold lapses at its own", () => {
  const ledger = makeLedger({ pendingDays: 3 });
  ledger.call({ do: "order", version: 1, order: makeOrder(HISTORY_START) }, HISTORY_START);
  const due = HISTORY_START + 3 * DAY_MS;
  expect(figures(ledger, due - 1)).toMatchObject({ available: 0, pending: 37 });
  expect(figures(ledger, due)).toMatchObject({ available: 37, pending: 0 });
  ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 30, ttlSeconds: 60 } }, due);
  expect(figures(ledger, due + 59_999)).toMatchObject({ available: 7, held: 30 });
  expect(figures(ledger, due + 60_000)).toMatchObject({ available: 37, held: 0 });
});

test("points of a hold that lapses after they ended expire", () => {
  const ledger = makeLedger({ expiry: { type: "rolling", days: 1 } });
  ledger.call({ do: "adjust", version: 1, wish: { ...points, points: 30 } }, HISTORY_START);
  ledger.call({ do: "hold", version: 1, wish: { currency: "points", points: 20, ttlSeconds: 172_800 } }, HISTORY_START);
  expect(figures(ledger, HISTORY_START + DAY_MS)).toMatchObject({ available: 0, held: 20 });
  expect(figures(ledger, HISTORY_START + 2 * DAY_MS)).toMatchObject({ available: 0, held: 0 });
});

test("many lots are settled in events of bounded size", () => {
  const ledger = makeLedger({ expiry: { type: "rolling", days: 1 } });
  for (let lot = 0; lot < 450; lot += 1)
    ledger.call({ do: "adjust", version: 1, wish: { ...points, points: 1 } }, HISTORY_START);
  const before = ledger.events.length;
  ledger.passTime(HISTORY_START + DAY_MS);
  const sizes = ledger.events
    .slice(before)
    .map(({ body }) => ("transactions" in body ? body.transactions[0]!.entries.length : 0));
  expect(ledger.state.lots.size).toBe(0);
  expect(
    ledger.events.slice(before).map(({ body }) => ("transactions" in body ? body.transactions.length : 0)),
  ).toEqual([200, 200, 50]);
  expect(Math.max(...sizes)).toBe(2);
});

test("how often the clock looks does not change what a member has", () => {
  const looks = fc.array(fc.integer({ min: 1, max: 40 * DAY_MS }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(histories, looks, (history, steps) => {
      const often = playHistory(history);
      const once = playHistory(history);
      let at = often.now;
      for (const step of steps) often.ledger.passTime((at += step));
      once.ledger.passTime(at);
      expect(lotsOf(often.ledger.state)).toBe(lotsOf(once.ledger.state));
      expect(debtsOf(often.ledger.state)).toBe(debtsOf(once.ledger.state));
    }),
    { numRuns: 300 },
  );
});

test("a look at a later time shows what settling then gives, and moves nothing", () => {
  fc.assert(
    fc.property(histories, fc.integer({ min: 0, max: 60 * DAY_MS }), (history, later) => {
      const { ledger, now } = playHistory(history);
      const sequence = ledger.state.sequence;
      const looked = balancesAt(ledger.state, now + later, ["points"]);
      expect(ledger.state.sequence).toBe(sequence);
      ledger.passTime(now + later);
      expect(looked).toEqual(balancesAt(ledger.state, now + later, ["points"]));
      for (const { currency, available, pending, held } of looked) {
        const {
          available: a,
          pending: p,
          held: h,
        } = ledger.state.currencies.get(currency) ?? { available: 0, pending: 0, held: 0 };
        expect([available, pending, held]).toEqual([a, p, h]);
      }
    }),
    { numRuns: 300 },
  );
});

function makeLedger(currency: { expiry?: { type: "rolling"; days: number }; pendingDays?: number }) {
  const earning = [{ id: "base", currency: "points", per: 1000, points: 1 }];
  return new MemoryLedger([{ currencies: [{ id: "points", ...currency }], earning }], HISTORY_START);
}

/** Balances of points as a look at `at` shows them; settles too, so that both are used. */
function figures(ledger: MemoryLedger, at: number) {
  const [looked] = balancesAt(ledger.state, at, ["points"]);
  ledger.passTime(at);
  expect(ledger.state.currencies.get("points")).toMatchObject({ available: looked!.available, held: looked!.held });
  return looked;
}
