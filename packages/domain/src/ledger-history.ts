// Random histories for tests: a ledger in memory that has been through what fast-check wished.
import fc from "fast-check";
import { NaiveLedger } from "./ledger-model.ts";
import { wishes } from "./ledger-wishes.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import { modelPrograms } from "./naive-programs.ts";

export const HISTORY_START = Date.parse("2026-03-01T04:00:00Z");

/** What happens in a history; play it on a ledger. */
export const histories = fc.array(wishes, { minLength: 1, maxLength: 60, size: "max" });
export type History = typeof histories extends fc.Arbitrary<infer Value> ? Value : never;

/** A ledger and the model that went with it, after a history. `wake` is called after each call. */
export function playHistory(history: History, wake: (ledger: MemoryLedger) => void = () => {}) {
  const model = new NaiveLedger(HISTORY_START);
  const ledger = new MemoryLedger(modelPrograms, HISTORY_START);
  const holdIds: string[] = [];
  let watched = 0;
  for (const [serial, { version, wish }] of history.entries()) {
    if (typeof wish === "function") {
      const { call, hold } = wish(model, version, serial);
      const named = "holdId" in call ? { ...call, holdId: holdIds[hold] ?? "hld_0_0" } : call;
      ledger.call(named, model.now);
      model.call(call, model.now, hold);
    } else {
      ledger.passTime(model.now + wish.ms);
      model.passTime(model.now + wish.ms);
    }
    for (; watched < ledger.events.length; watched += 1) holdIds.push(...placedBy(ledger, watched));
    wake(ledger);
  }
  return { ledger, now: model.now };
}

function placedBy({ events }: MemoryLedger, index: number): string[] {
  const body = events[index]?.body;
  if (body?.kind === "hold.placed") return [body.hold.id];
  return body !== undefined && "placedHolds" in body ? body.placedHolds.map(({ id }) => id) : [];
}
