// A member that wakes up from a snapshot goes on exactly as if it had never slept.
import fc from "fast-check";
import { expect, test } from "vitest";
import { histories, playHistory } from "./ledger-history.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { emptyState } from "./state.ts";

test("a member nobody knows survives as such", () => {
  expect(readSnapshot(writeSnapshot(emptyState(3)))).toEqual(emptyState(3));
});

test("the state comes back whole: figures, lots in spending order, holds", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const { ledger } = playHistory(history);
      const woken = readSnapshot(writeSnapshot(ledger.state));
      expect(woken).toEqual(ledger.state);
      expect([...woken.currencies.keys()]).toEqual([...ledger.state.currencies.keys()]);
      expect([...woken.holds.keys()]).toEqual([...ledger.state.holds.keys()]);
    }),
    { numRuns: 300 },
  );
});

test("the same requests give the same events with and without sleep in between", () => {
  fc.assert(
    fc.property(histories, (history) => {
      const awake = playHistory(history).ledger;
      const slept = playHistory(history, (ledger) => ledger.sleep()).ledger;
      expect(slept.events).toEqual(awake.events);
    }),
    { numRuns: 200 },
  );
});
