// Birthdays worked out by hand: once a year in the tenant's zone, 29 February, and birthdays that were edited.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { birthdayDueAt } from "./birthdays.ts";
import { localDay, localTime } from "./calendar.ts";
import { makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { nextDueAt, watchOf } from "./settle.ts";
import { noonOf } from "./tier-diary.ts";

const DAY_MS = 86_400_000;
const reward = (id: string) => ({ id, name: { "zh-TW": "禮" }, benefit: { type: "amountOff" as const, amount: 100 } });
const program: ProgramInput = {
  currencies: [],
  rewards: [reward("cake"), reward("feast")],
  birthdayReward: "cake",
  tiers: {
    levels: [{ id: "member" }, { id: "gold", any: [{ spend: 100 }], benefits: { birthdayReward: "feast" } }],
    keep: { type: "days", days: 30 },
    warnDays: 0,
  },
};

test("the gift comes at midnight of the tenant's zone, once a year", () => {
  const ledger = makeLedger("2026-01-01", "1990-03-01");
  const midnight = Date.parse("2026-02-28T16:00:00Z");
  expect(nextDueAt(ledger.state, watchOf(sceneOf(ledger), ledger.state.at))).toBe(midnight);
  ledger.passTime(midnight - 1);
  expect(gifts(ledger)).toEqual([]);
  ledger.passTime(midnight);
  ledger.passTime(midnight + 300 * DAY_MS);
  for (let day = 300; day < 800; day += 1) ledger.passTime(midnight + day * DAY_MS);
  expect(gifts(ledger)).toEqual(["2026-03-01 cake", "2027-03-01 cake", "2028-03-01 cake"]);
});

test("who was born on 29 February has the birthday on the 28th of common years", () => {
  const ledger = makeLedger("2026-01-01", "1996-02-29");
  for (let day = 0; day < 365 * 5; day += 1) ledger.passTime(noonOf("2026-01-01") + day * DAY_MS);
  expect(gifts(ledger).map((gift) => gift.slice(0, 10))).toEqual([
    "2026-02-28",
    "2027-02-28",
    "2028-02-29",
    "2029-02-28",
    "2030-02-28",
  ]);
});

test("the gift is that of the tier which the member has on the day, after the review that was due before it", () => {
  const ledger = makeLedger("2026-01-01", "1990-03-01");
  const tier = { tier: "gold", since: 0, until: noonOf("2026-02-27"), warned: false, fixed: false };
  ledger.state.tier = { ...tier, until: noonOf("2026-03-02") };
  ledger.passTime(noonOf("2026-03-01"));
  expect(gifts(ledger)).toEqual(["2026-03-01 feast"]);
  const lost = makeLedger("2026-01-01", "1990-03-01");
  lost.state.tier = tier;
  lost.passTime(noonOf("2026-03-01"));
  expect(gifts(lost)).toEqual(["2026-03-01 cake"]);
});

describe("who gets none", () => {
  test("members that were enrolled after the day; on the day itself they do", () => {
    const onTheDay = makeLedger("2026-03-01", "1990-03-01");
    onTheDay.passTime(noonOf("2026-03-01"));
    expect(gifts(onTheDay)).toEqual(["2026-03-01 cake"]);
    const after = makeLedger("2026-03-02", "1990-03-01");
    after.passTime(noonOf("2026-03-10"));
    expect(gifts(after)).toEqual([]);
  });

  test("a birthday that was first given after its day waits for the next; one given before it does not", () => {
    const ledger = makeLedger("2026-01-01", "1990-03-01");
    ledger.birthdayNote = { setAt: noonOf("2026-03-05"), edited: false };
    ledger.passTime(noonOf("2026-03-05"));
    expect(gifts(ledger)).toEqual([]);
    ledger.passTime(noonOf("2027-03-01"));
    expect(gifts(ledger)).toEqual(["2027-03-01 cake"]);
  });

  test("an edited birthday waits a year, though it was never celebrated", () => {
    const ledger = makeLedger("2026-01-01", "1990-06-01");
    ledger.birthdayNote = { setAt: noonOf("2026-05-30"), edited: true };
    for (let day = 0; day < 800; day += 1) ledger.passTime(noonOf("2026-05-30") + day * DAY_MS);
    // A year after the edit is 30 May 2027 at noon: the birthday two days later counts.
    expect(gifts(ledger)).toEqual(["2027-06-01 cake", "2028-06-01 cake"]);
  });

  test("whoever edits after a gift to have another soon gets none within 365 days of either", () => {
    const ledger = makeLedger("2026-01-01", "1990-03-01");
    ledger.passTime(noonOf("2026-03-01"));
    ledger.birthday = "1990-03-20";
    ledger.birthdayNote = { setAt: noonOf("2026-03-10"), edited: true };
    for (let day = 0; day < 700; day += 1) ledger.passTime(noonOf("2026-03-10") + day * DAY_MS);
    expect(gifts(ledger)).toEqual(["2026-03-01 cake", "2027-03-20 cake"]);
  });

  test("an edit to a day that comes earlier in the next year skips that one too", () => {
    const ledger = makeLedger("2026-01-01", "1990-06-01");
    ledger.passTime(noonOf("2026-06-01"));
    ledger.birthday = "1990-02-01";
    ledger.birthdayNote = { setAt: noonOf("2026-06-02"), edited: true };
    for (let day = 0; day < 700; day += 1) ledger.passTime(noonOf("2026-06-02") + day * DAY_MS);
    expect(gifts(ledger)).toEqual(["2026-06-01 cake", "2028-02-01 cake"]);
  });

  test("members whose birthday nobody looked at for a month; a look some days late still gives it", () => {
    const late = makeLedger("2026-01-01", "1990-03-01");
    late.passTime(noonOf("2026-03-20"));
    expect(gifts(late)).toEqual(["2026-03-20 cake"]);
    late.passTime(noonOf("2027-03-01"));
    expect(gifts(late)).toHaveLength(2);
    const missed = makeLedger("2026-01-01", "1990-03-01");
    missed.passTime(noonOf("2026-04-20"));
    expect(gifts(missed)).toEqual([]);
    expect(nextDueAt(missed.state, watchOf(sceneOf(missed), noonOf("2026-04-20")))).toBe(
      Date.parse("2027-02-28T16:00:00Z"),
    );
  });

  test("members of a program that gives nothing, and members without a birthday", () => {
    const plain = new MemoryLedger([{ currencies: [] }], noonOf("2026-01-01"));
    plain.birthday = "1990-03-01";
    plain.passTime(noonOf("2026-03-01"));
    expect(plain.events).toHaveLength(1);
    const unknown = new MemoryLedger([program], noonOf("2026-01-01"));
    unknown.passTime(noonOf("2028-03-01"));
    expect(unknown.events).toHaveLength(1);
  });
});

test("midnight is that of the zone, also on a day on which clocks change", () => {
  const ledger = makeLedger("2026-01-01", "1990-11-01");
  const zone = "America/New_York";
  const watch = watchOf({ program: makeProgram(program), timeZone: zone, birthday: "1990-11-01" }, ledger.state.at);
  const due = birthdayDueAt(ledger.state, watch);
  expect(localTime(due, zone)).toMatchObject({ month: 11, day: 1, hour: 0, minute: 0 });
  expect(localTime(due - 1, zone)).toMatchObject({ month: 10, day: 31 });
});

function makeLedger(enrolled: string, birthday: string): MemoryLedger {
  const ledger = new MemoryLedger([program], noonOf(enrolled));
  ledger.birthday = birthday;
  return ledger;
}

const sceneOf = (ledger: MemoryLedger) => ({
  program: ledger.program(1),
  timeZone: TIME_ZONE,
  birthday: ledger.birthday,
});

/** The day on which each gift came, and which. */
const gifts = ({ events }: MemoryLedger) =>
  events.flatMap(({ at, body }) =>
    body.kind === "birthday.reached"
      ? [`${localDay(at, TIME_ZONE)} ${body.vouchers?.map(({ rewardId }) => rewardId).join()}`]
      : [],
  );
