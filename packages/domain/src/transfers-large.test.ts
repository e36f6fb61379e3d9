// A transfer or merge of more lots than its event could carry is refused, and one of as many as it can is not.
import { expect, test } from "vitest";
import { MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { decideMerge } from "./merging.ts";
import type { Decision } from "./refuse.ts";
import { decideSend, LOTS_SENT_MAX } from "./transfers.ts";

const NOW = Date.parse("2026-07-01T04:00:00Z");
/** A row of an object's SQLite. */
const ROW_BYTES_MAX = 2_000_000;

const from = `mbr_${"a".repeat(26)}`;
const to = `mbr_${"b".repeat(26)}`;
const currencies = [{ id: "points", expiry: { type: "rolling" as const, days: 365 } }];
const ledger = new MemoryLedger([{ currencies, earning: [], sharing: { transfers: [{ currency: "points" }] } }], NOW);
for (let lot = 0; lot <= LOTS_SENT_MAX; lot += 1) {
  const wish = { currency: "points", points: 1, reason: "one", storeId: null };
  ledger.call({ do: "adjust", version: 1, wish }, NOW);
}

const send = (points: number) => {
  const wish = { purpose: "gift", from, to, currency: "points", points, vouchers: [], note: null } as const;
  return decideSend(ledger.state, ledger.program(1), wish, { now: NOW, timeZone: TIME_ZONE });
};

const told = (decision: Decision) => (decision.ok ? "sent" : { ...decision.refusal });

test("a gift of so many single points is sent, and of one more is not", () => {
  const most = send(LOTS_SENT_MAX);
  expect(told(most)).toBe("sent");
  expect(JSON.stringify(most).length).toBeLessThan(ROW_BYTES_MAX);
  const refusal = { code: "too_many_items", field: "points", facts: { limit: LOTS_SENT_MAX } };
  expect(told(send(LOTS_SENT_MAX + 1))).toEqual(refusal);
});

test("a profile of more lots is not merged", () => {
  const merge = decideMerge(ledger.state, { from, into: to, hashes: [] }, NOW);
  expect(told(merge)).toMatchObject({ code: "merge_not_allowed", facts: { reason: "lots" } });
});
