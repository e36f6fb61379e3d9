// What rules may know of a member.
import { expect, test } from "vitest";
import { memberFacts } from "./facts.ts";
import { makeOrder, MemoryLedger } from "./memory-ledger.ts";

const ENROLLED = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;

test("the first order is the first that was paid, whatever was authorized or cancelled before", () => {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], ENROLLED);
  const put = (orderId: string, state: "authorized" | "paid" | "cancelled") =>
    ledger.call({ do: "order", version: 1, order: makeOrder(ENROLLED, { orderId, state }) }, ENROLLED);
  put("A", "authorized");
  put("B", "cancelled");
  expect(factsOf(ledger)).toMatchObject({ firstOrder: true, ordersBefore: 0 });
  put("A", "paid");
  expect(factsOf(ledger)).toMatchObject({ firstOrder: false, ordersBefore: 1 });
});

test.each([
  ["2000-03-15", "2026-03-31T15:59:59Z", true],
  ["2000-03-15", "2026-03-31T16:00:00Z", false],
  ["2000-04-01", "2026-03-31T16:00:00Z", true],
  [undefined, "2026-03-15T00:00:00Z", false],
])("a birthday on %s makes %s a birthday month: %s", (birthday, placedAt, expected) => {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], ENROLLED);
  expect(memberFacts(ledger.state, birthday, Date.parse(placedAt), "Asia/Taipei").birthdayMonth).toBe(expected);
});

test.each([
  ["2000-03-15", "2026-03-14T16:00:00Z", true],
  ["2000-03-15", "2026-03-15T16:00:00Z", false],
  ["2000-02-29", "2026-02-28T04:00:00Z", true],
  ["2000-02-29", "2028-02-28T04:00:00Z", undefined],
  ["2000-02-29", "2028-02-29T04:00:00Z", true],
])("born on %s, the birthday at %s: %s", (birthday, placedAt, expected) => {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], ENROLLED);
  const facts = memberFacts(ledger.state, birthday, Date.parse(placedAt), "Asia/Taipei");
  expect(facts.birthday ?? false).toBe(expected ?? false);
});

test("visits and spend are those of orders that stand, by local day; labels and tier are what they are now", () => {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], ENROLLED);
  expect(factsOf(ledger)).not.toHaveProperty("spend");
  const pay = (orderId: string, at: number) =>
    ledger.call({ do: "order", version: 1, order: makeOrder(at, { orderId }) }, at);
  pay("A", ENROLLED);
  pay("B", ENROLLED + 1000);
  pay("C", ENROLLED + DAY_MS);
  expect(factsOf(ledger)).toMatchObject({ visits: 2, spend: 3 * 37_500, ordersBefore: 3 });
  const refund = (orderId: string) =>
    ledger.call({ do: "refund", version: 1, refund: { orderId, refundId: "1", lines: null } }, ENROLLED + DAY_MS);
  refund("C");
  refund("A");
  expect(factsOf(ledger)).toMatchObject({ visits: 1, spend: 37_500, ordersBefore: 1 });
  ledger.state.tags = ["vip"];
  ledger.state.tier = { tier: "gold", since: 0, until: null, warned: false, fixed: true };
  expect(factsOf(ledger)).toMatchObject({ tier: "gold", tags: ["vip"] });
});

test("days since enrolment are whole days, and none for an order that was placed before it", () => {
  const ledger = new MemoryLedger([{ currencies: [{ id: "points" }] }], ENROLLED);
  const days = (after: number) => memberFacts(ledger.state, undefined, ENROLLED + after, "Asia/Taipei").enrolledDays;
  expect([days(-DAY_MS), days(DAY_MS - 1), days(DAY_MS)]).toEqual([0, 0, 1]);
});

const factsOf = ({ state }: MemoryLedger) => memberFacts(state, undefined, ENROLLED, "Asia/Taipei");
