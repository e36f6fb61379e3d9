// Tests what events change on the board of a store.
import type { MemberEvent } from "@regulars/contracts/events";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { expect, test } from "vitest";
import { boardChanges } from "./board-feed.ts";
import { addFigures, emptyFigures } from "./store-board.ts";

type OrderKind = "order.authorized" | "order.paid" | "order.cancelled" | "order.undone";

function makeEvent(kind: OrderKind, returned: Record<string, number>, issued: number): MemberEvent {
  // Only what the board reads of an order.
  const order = { storeId: "taipei", placedAt: 5, net: 900, returned } as unknown as OrderRecord;
  const entries = [
    { account: "issued" as const, currency: "points", points: issued },
    { account: "available" as const, currency: "points", points: -issued },
  ];
  const movements = { lots: [], balances: [], transactions: [{ kind: "earn" as const, entries, after: [] }] };
  return {
    tenantId: "good-days",
    memberId: "mbr_1",
    epoch: 1,
    sequence: 1,
    at: 5,
    testTime: false,
    key: null,
    body: { kind, order, placedHolds: [], closedHolds: [], ...movements },
  };
}

test("a paid order counts with its net and the points it gave", () => {
  const [change] = boardChanges([makeEvent("order.paid", {}, -9)]);
  expect(change).toMatchObject({ storeId: "taipei", orders: 1, sales: 900, given: { points: 9 }, spent: {} });
});

test("an order that is cancelled after it was paid is taken off, one that was never paid is not", () => {
  expect(boardChanges([makeEvent("order.cancelled", { "1": 1 }, 9)])[0]).toMatchObject({ orders: -1, sales: -900 });
  expect(boardChanges([makeEvent("order.undone", { "1": 1 }, 9)])[0]).toMatchObject({ given: { points: -9 } });
  expect(boardChanges([makeEvent("order.cancelled", {}, 0)])[0]).toMatchObject({ orders: 0, sales: 0 });
  expect(boardChanges([makeEvent("order.authorized", {}, 0)])).toEqual([]);
});

test("a later day begins a new board, and an earlier day changes nothing", () => {
  const monday = { ...emptyFigures("2026-03-02"), orders: 5 };
  const tuesday = { ...emptyFigures("2026-03-03"), orders: 1 };
  expect(addFigures(monday, tuesday)).toEqual(tuesday);
  expect(addFigures(tuesday, monday)).toEqual(tuesday);
  expect(addFigures(monday, monday).orders).toBe(10);
});
