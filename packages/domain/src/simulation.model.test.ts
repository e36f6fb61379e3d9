// Replays of random histories: under the very program that decided them, a simulation ends exactly where life did.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HISTORY_START, histories, playHistory } from "./ledger-history.ts";
import { baskets, programs } from "./loyalty-histories.ts";
import { makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { modelPrograms } from "./naive-programs.ts";
import { CANDIDATE_VERSION, ReplayLedger } from "./replay-ledger.ts";

const RUNS = 400;

const [first = { currencies: [] }] = modelPrograms;
const present = makeProgram(first);
const candidate = makeProgram(first, CANDIDATE_VERSION);

const ofOneVersion = histories.map((history) => history.map(({ wish }) => ({ version: 1 as const, wish })));

function replayed(history: Parameters<typeof playHistory>[0], share: number) {
  const { ledger, now } = playHistory(history);
  const from = HISTORY_START + Math.floor((now - HISTORY_START) * share);
  const scene = { candidate, present, programOf: () => present, from, to: now + 1, timeZone: TIME_ZONE, budgets: {} };
  const replay = new ReplayLedger(scene);
  for (const event of ledger.events) replay.add(event);
  return { ledger, replay: replay.close() };
}

const nonZero = (tally: ReturnType<typeof replayed>["replay"]["now"]) =>
  [...tally.currencies].filter(([, figures]) => Object.values(figures).some((points) => points !== 0)).sort();

test("the program in force as its own candidate changes nothing, whatever has happened", () => {
  let orders = 0;
  fc.assert(
    fc.property(ofOneVersion, (history) => {
      const { replay } = replayed(history, 0);
      orders += replay.noticed.orders;
      expect([...replay.noticed.refused]).toEqual([]);
      expect(replay.noticed.differing).toBe(0);
      expect(nonZero(replay.candidate)).toEqual(nonZero(replay.now));
    }),
    { numRuns: RUNS },
  );
  expect(orders).toBeGreaterThan(RUNS);
});

test("from any moment on", () => {
  fc.assert(
    fc.property(ofOneVersion, fc.double({ min: 0, max: 1, noNaN: true }), (history, share) => {
      const { replay } = replayed(history, share);
      expect(replay.noticed.differing).toBe(0);
      expect(nonZero(replay.candidate)).toEqual(nonZero(replay.now));
    }),
    { numRuns: RUNS },
  );
});

const DAY_HOURS = 24;
const HOUR = 3_600_000;

const doings = fc.oneof(
  fc.record({ do: fc.constant("order" as const), lines: baskets, points: fc.constantFrom(0, 0, 10, 40) }),
  fc.record({ do: fc.constant("refund" as const), order: fc.nat(9), all: fc.boolean() }),
  fc.record({ do: fc.constant("pass" as const), hours: fc.integer({ min: 1, max: 40 * DAY_HOURS }) }),
);

test("with random rules, caps, tiers and stamp cards, and refunds in any split", () => {
  let orders = 0;
  fc.assert(
    fc.property(
      programs,
      fc.array(doings, { minLength: 5, maxLength: 40, size: "max" }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (document, history, share) => {
        const ledger = new MemoryLedger([document], HISTORY_START);
        const placed: string[] = [];
        let now = HISTORY_START;
        for (const doing of history) {
          if (doing.do === "pass") now += doing.hours * HOUR;
          else if (doing.do === "order") {
            const orderId = `o${placed.length}`;
            const redeem = doing.points > 0 ? [{ currency: "points", points: doing.points }] : [];
            const order = makeOrder(now, { orderId, lines: doing.lines, redeem });
            if ("event" in ledger.call({ do: "order", version: 1, order }, now)) placed.push(orderId);
          } else {
            const known = ledger.orders.get(placed[doing.order % Math.max(1, placed.length)] ?? "");
            const [line] = known?.lines ?? [];
            if (known === undefined || line === undefined) continue;
            const lines = doing.all ? null : [{ lineId: line.lineId, quantity: 1 }];
            const refund = { orderId: known.orderId, refundId: `r${ledger.events.length}`, lines };
            ledger.call({ do: "refund", version: 1, refund }, now);
          }
        }
        const from = HISTORY_START + Math.floor((now - HISTORY_START) * share);
        const program = makeProgram(document);
        const scene = {
          candidate: makeProgram(document, CANDIDATE_VERSION),
          present: program,
          programOf: () => program,
          from,
          to: now + 1,
          timeZone: TIME_ZONE,
          budgets: {},
        };
        const replay = new ReplayLedger(scene);
        for (const event of ledger.events) replay.add(event);
        const { candidate: then, now: real, tierCandidate, tierNow, noticed } = replay.close();
        orders += noticed.orders;
        expect([...noticed.refused]).toEqual([]);
        expect(noticed.differing).toBe(0);
        expect(nonZero(then)).toEqual(nonZero(real));
        expect(tierCandidate).toBe(tierNow);
      },
    ),
    { numRuns: RUNS },
  );
  expect(orders).toBeGreaterThan(RUNS);
});
