// Replays of random histories: under the very program that decided them, a simulation ends exactly where life did.
import fc from "fast-check";
import { expect, test } from "vitest";
import { HISTORY_START, histories, playHistory } from "./ledger-history.ts";
import { makeProgram, TIME_ZONE } from "./memory-ledger.ts";
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
  const scene = { candidate, programOf: () => present, from, to: now + 1, timeZone: TIME_ZONE, budgets: {} };
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
      orders += replay.orders;
      expect([...replay.refused]).toEqual([]);
      expect(replay.differing).toBe(0);
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
      expect(replay.differing).toBe(0);
      expect(nonZero(replay.candidate)).toEqual(nonZero(replay.now));
    }),
    { numRuns: RUNS },
  );
});
