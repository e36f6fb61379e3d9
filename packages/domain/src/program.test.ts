// When points of a currency become available and when they end.
import { expect, test } from "vitest";
import { AWAITING } from "@regulars/contracts/events";
import type { ProgramInput } from "@regulars/contracts/program";
import { makeProgram } from "./memory-ledger.ts";
import { lifeOf, lifetimeOf } from "./program.ts";

type CurrencyInput = ProgramInput["currencies"][number];

test.each([
  ["never", { type: "never" }, 0, "2026-03-01T04:00:00Z", "2026-03-01T04:00:00.000Z", null],
  [
    "a year later at the same time",
    { type: "rolling", days: 365 },
    0,
    "2026-03-01T04:00:00Z",
    "2026-03-01T04:00:00.000Z",
    "2027-03-01T04:00:00.000Z",
  ],
  [
    "365 days over a leap day",
    { type: "rolling", days: 365 },
    0,
    "2027-03-01T04:00:00Z",
    "2027-03-01T04:00:00.000Z",
    "2028-02-29T04:00:00.000Z",
  ],
  [
    "at the end of next year",
    { type: "fixed", monthDay: "12-31" },
    0,
    "2026-03-01T04:00:00Z",
    "2026-03-01T04:00:00.000Z",
    "2027-12-31T16:00:00.000Z",
  ],
  [
    "at the end of next year, earned in its last second",
    { type: "fixed", monthDay: "12-31" },
    0,
    "2026-12-31T15:59:59Z",
    "2026-12-31T15:59:59.000Z",
    "2027-12-31T16:00:00.000Z",
  ],
  [
    "a year later, earned a second after",
    { type: "fixed", monthDay: "12-31" },
    0,
    "2026-12-31T16:00:00Z",
    "2026-12-31T16:00:00.000Z",
    "2028-12-31T16:00:00.000Z",
  ],
  [
    "this year, when the day is still to come",
    { type: "fixed", monthDay: "06-30", yearsAhead: 0 },
    0,
    "2026-06-30T15:00:00Z",
    "2026-06-30T15:00:00.000Z",
    "2026-06-30T16:00:00.000Z",
  ],
  [
    "next year, when the day is over",
    { type: "fixed", monthDay: "06-30", yearsAhead: 0 },
    0,
    "2026-06-30T16:00:00Z",
    "2026-06-30T16:00:00.000Z",
    "2027-06-30T16:00:00.000Z",
  ],
  [
    "on the last of February",
    { type: "fixed", monthDay: "02-29", yearsAhead: 1 },
    0,
    "2026-03-01T04:00:00Z",
    "2026-03-01T04:00:00.000Z",
    "2027-02-28T16:00:00.000Z",
  ],
  [
    "after waiting two weeks",
    { type: "rolling", days: 30 },
    14,
    "2026-03-01T04:00:00Z",
    "2026-03-15T04:00:00.000Z",
    "2026-03-31T04:00:00.000Z",
  ],
] as [string, CurrencyInput["expiry"], number, string, string, string | null][])(
  "points end %s",
  (_, expiry, pendingDays, earnedAt, availableAt, expiresAt) => {
    const program = makeProgram({ currencies: [{ id: "points", expiry, pendingDays }] });
    const life = lifetimeOf(program.currencies.get("points")!, Date.parse(earnedAt), "Asia/Taipei");
    const iso = (at: number | null) => at && new Date(at).toISOString();
    expect([iso(life.availableAt), iso(life.expiresAt)]).toEqual([availableAt, expiresAt]);
  },
);

test("a rolling day over a change of clocks is a local day", () => {
  const program = makeProgram({ currencies: [{ id: "points", expiry: { type: "rolling", days: 1 } }] });
  const { expiresAt } = lifetimeOf(
    program.currencies.get("points")!,
    Date.parse("2026-10-31T12:00:00Z"),
    "America/New_York",
  );
  expect(new Date(expiresAt!).toISOString()).toBe("2026-11-01T13:00:00.000Z");
});

test("points of a campaign wait and end as its rule says, those of the others as their currency says", () => {
  const program = makeProgram({
    currencies: [{ id: "points", expiry: { type: "rolling", days: 365 }, pendingDays: 7 }],
    earning: [
      { id: "base", currency: "points" },
      { id: "summer", currency: "points", expiry: { type: "fixed", monthDay: "08-31", yearsAhead: 0 }, pendingDays: 0 },
      { id: "sent", currency: "points", pendingUntil: "delivered", expiry: { type: "inactivity", days: 30 } },
      { id: "month", currency: "points", expiry: { type: "rolling", days: 30, endOf: "month" } },
    ],
  });
  const earnedAt = Date.parse("2026-06-10T04:00:00Z");
  const lives = program.rules.map((rule) => {
    const { availableAt, expiresAt, inactivityDays } = lifeOf(program, rule, earnedAt, "Asia/Taipei");
    const available = availableAt === AWAITING ? "delivered" : new Date(availableAt).toISOString();
    return [rule.id, available, new Date(expiresAt ?? 0).toISOString(), inactivityDays];
  });
  expect(lives).toEqual([
    ["base", "2026-06-17T04:00:00.000Z", "2027-06-10T04:00:00.000Z", undefined],
    ["summer", "2026-06-10T04:00:00.000Z", "2026-08-31T16:00:00.000Z", undefined],
    ["sent", "delivered", "2026-07-10T16:00:00.000Z", 30],
    ["month", "2026-06-17T04:00:00.000Z", "2026-07-31T16:00:00.000Z", undefined],
  ]);
});
