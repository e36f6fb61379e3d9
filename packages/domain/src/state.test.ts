// The state changes by events alone, and refuses those that cannot be: a bug is a throw, never a silent figure.
import { expect, test } from "vitest";
import type { Entry } from "@regulars/contracts/points";
import { Draft } from "./draft.ts";
import { MemoryLedger } from "./memory-ledger.ts";
import { applyEvent, bySpending, emptyState, openLotOf } from "./state.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");

test("an event that does not follow is refused", () => {
  const enrolled = { kind: "member.enrolled", homeStoreId: null, source: null } as const;
  expect(() => applyEvent(emptyState(), { sequence: 2, at: 0, testTime: false, body: enrolled })).toThrow(
    "does not follow",
  );
});

test("an event that would make a lot negative is refused", () => {
  const ledger = makeLedger();
  const entries = [
    { account: "available", currency: "points", points: -11, lot: "lot_2_0" },
    { account: "redeemed", currency: "points", points: 11, lot: "lot_2_0" },
  ] as const;
  expect(() => apply(ledger, entries)).toThrow("negative");
});

test("an event about a lot that is not open is refused", () => {
  const entries = [
    { account: "available", currency: "points", points: 1, lot: "lot_9_0" },
    { account: "redeemed", currency: "points", points: -1, lot: "lot_9_0" },
  ] as const;
  expect(() => apply(makeLedger(), entries)).toThrow("not open");
});

test("a draft posts only what balances, and leaves the state as it was", () => {
  const { state } = makeLedger();
  const draft = new Draft(state, NOW);
  expect(() => draft.post("adjust", [{ account: "available", currency: "points", points: 5 }])).toThrow("not zero");
  draft.move("redeem", draft.allocate("points", 4), "available", "redeemed");
  expect([draft.figures("points").available, state.currencies.get("points")?.available]).toEqual([6, 10]);
  expect(draft.allocate("points", 99).map(({ points }) => points)).toEqual([6]);
});

test("points cannot be allocated from the very instant they end, even when nobody has settled", () => {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points", expiry: { type: "rolling", days: 1 } }] }], NOW);
  ledger.call(
    { do: "adjust", version: 1, wish: { currency: "points", points: 10, reason: "gift", storeId: null } },
    NOW,
  );
  const allocated = (at: number) => new Draft(ledger.state, at).allocate("points", 4);
  expect(allocated(NOW + 86_400_000 - 1)).toHaveLength(1);
  expect(allocated(NOW + 86_400_000)).toEqual([]);
});

test("lots are spent by expiry, then by age, and those without end last", () => {
  const lot = (id: string, expiresAt: number | null) =>
    openLotOf({ id, currency: "points", points: 1, storeId: null, rule: null, availableAt: 0, expiresAt });
  const lots = [
    lot("lot_1_0", null),
    lot("lot_10_0", 5),
    lot("lot_9_1", 5),
    lot("lot_9_0", 5),
    lot("lot_2_0", 9),
    lot("lot_3_0", null),
  ];
  expect(lots.sort(bySpending).map((open) => open.lot.id)).toEqual([
    "lot_9_0",
    "lot_9_1",
    "lot_10_0",
    "lot_2_0",
    "lot_1_0",
    "lot_3_0",
  ]);
});

function makeLedger() {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], NOW);
  ledger.call(
    { do: "adjust", version: 1, wish: { currency: "points", points: 10, reason: "gift", storeId: null } },
    NOW,
  );
  return ledger;
}

function apply({ state }: MemoryLedger, entries: readonly Entry[]) {
  const body = {
    kind: "points.expired",
    transactions: [{ kind: "expire", entries, after: [] }],
    lots: [],
    balances: [],
  } as const;
  applyEvent(state, { sequence: state.sequence + 1, at: NOW, testTime: false, body });
}
