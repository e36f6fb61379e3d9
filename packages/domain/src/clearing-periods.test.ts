// Periods of clearing, as the statements of two owners over three months.
import { expect, test } from "vitest";
import { boundsOf, booksOf, netsOf, periodOf, periodsBetween, type PairNet } from "./clearing-periods.ts";

const pair = (changeMilli: number, lines = 1) => ({ ownerA: "anna", ownerB: "ben", money: "TWD", changeMilli, lines });

test("a period is a month of the tenant's own calendar", () => {
  expect(periodOf(Date.parse("2026-10-31T15:59:59.999Z"), "Asia/Taipei")).toBe("2026-10");
  expect(periodOf(Date.parse("2026-10-31T16:00:00Z"), "Asia/Taipei")).toBe("2026-11");
  const { from, until } = boundsOf("2026-02", "Asia/Taipei");
  expect([new Date(from).toISOString(), new Date(until).toISOString()]).toEqual([
    "2026-01-31T16:00:00.000Z",
    "2026-02-28T16:00:00.000Z",
  ]);
  // November in New York is an hour longer: clocks go back on its first day.
  const november = boundsOf("2026-11", "America/New_York");
  expect((november.until - november.from) / 3_600_000).toBe(30 * 24 + 1);
  expect(periodsBetween("2025-11", "2026-02")).toEqual(["2025-11", "2025-12", "2026-01", "2026-02"]);
  expect(periodsBetween("2026-02", "2026-01")).toEqual([]);
});

test("each pair is rounded once a period, towards zero, and what is left of a unit is carried", () => {
  const january = netsOf([], [pair(1_234_600)]);
  const february = netsOf(january, [pair(-2_000_000)]);
  const march = netsOf(february, []);
  const statement = (nets: readonly PairNet[]) => nets.map((net) => [net.openingMilli, net.settled, net.closingMilli]);
  expect([january, february, march].map(statement)).toEqual([
    [[0, 1234, 600]],
    [[600, -1999, -400]], // 0.6 carried, 2,000 back: 1,999.4 the other way
    [[-400, 0, -400]],
  ]);
});

test("what one owner pays another receives: the books of all sum to zero, in every column", () => {
  const nets = netsOf(
    [],
    [
      pair(1_234_567),
      { ownerA: "anna", ownerB: "hq", money: "TWD", changeMilli: -999, lines: 3 },
      { ownerA: "ben", ownerB: "hq", money: "TWD", changeMilli: 5_000_001, lines: 2 },
    ],
  );
  const books = booksOf(nets);
  expect(books.map(({ ownerId, settled, closingMilli }) => [ownerId, settled, closingMilli])).toEqual([
    ["anna", -1234, 432],
    ["ben", -3766, 566],
    ["hq", 5000, -998],
  ]);
  for (const column of ["openingMilli", "changeMilli", "settled", "closingMilli"] as const) {
    expect(books.reduce((sum, book) => sum + book[column], 0)).toBe(0);
  }
});
