// Tests that one bad event costs few statements and holds up no other.
import type { MemberEvent } from "@regulars/contracts/events";
import fc from "fast-check";
import { expect, test } from "vitest";
import { storeIsolating } from "./isolate.ts";

class DatabaseError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

function makeEvents(count: number): MemberEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    tenantId: "good-days",
    memberId: `mbr_${index}`,
    epoch: 1,
    sequence: 1,
    at: 0,
    testTime: false,
    key: null,
    body: { kind: "member.enrolled", homeStoreId: null, source: null },
  }));
}

/** PostgreSQL as a set: it refuses a part that holds a bad event, as a whole. */
function makeStore(isBad: (event: MemberEvent) => boolean) {
  const kept = new Set<MemberEvent>();
  let statements = 0;
  const store = async (part: readonly MemberEvent[]) => {
    statements += 1;
    if (part.some(isBad)) throw new DatabaseError("22P05");
    const before = new Set(part.filter((event) => kept.has(event)));
    for (const event of part) kept.add(event);
    return (event: MemberEvent) => before.has(event);
  };
  return { store, kept, statements: () => statements };
}

test("an event that PostgreSQL refuses is found, and every other is stored", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 300 }),
      fc.uniqueArray(fc.nat(299), { maxLength: 4 }),
      async (count, bad) => {
        const events = makeEvents(count);
        const isBad = (event: MemberEvent) => bad.includes(events.indexOf(event));
        const { store, kept } = makeStore(isBad);
        const { fresh, refused, postponed } = await storeIsolating(events, store);
        expect(refused.map(({ event }) => event)).toEqual(events.filter(isBad));
        expect(refused.every(({ reason }) => reason === "22P05")).toBe(true);
        expect(new Set(fresh)).toEqual(kept);
        expect(fresh.length + refused.length).toBe(count);
        expect(postponed).toEqual([]);
      },
    ),
    { numRuns: 50 },
  );
});

test("one bad event among 2,000 takes 23 statements at most", async () => {
  const events = makeEvents(2000);
  const { store, statements } = makeStore((event) => event === events[1337]);
  await storeIsolating(events, store);
  expect(statements()).toBeLessThanOrEqual(23);
});

test("a batch of nothing but bad events is given up after a bounded number of statements", async () => {
  const { store, statements } = makeStore(() => true);
  const { postponed, refused } = await storeIsolating(makeEvents(2000), store);
  expect(statements()).toBe(64);
  expect(postponed.length + refused.length).toBe(2000);
});

test("a database that is down is asked once, and everything is postponed", async () => {
  for (const error of [new Error("fetch failed"), new DatabaseError("57P01"), new DatabaseError("40001")]) {
    let statements = 0;
    const outcome = await storeIsolating(makeEvents(10), () => {
      statements += 1;
      return Promise.reject(error);
    });
    expect(statements).toBe(1);
    expect(outcome.postponed).toHaveLength(10);
    expect(outcome.failure).toBe(error);
  }
});

test("a wrapped error of the data is still one of the data", async () => {
  const wrapped = new Error("Failed query", { cause: new DatabaseError("23505") });
  const outcome = await storeIsolating(makeEvents(1), () => Promise.reject(wrapped));
  expect(outcome.refused.map(({ reason }) => reason)).toEqual(["23505"]);
});

test("events that were there already are told apart", async () => {
  const events = makeEvents(3);
  const { store } = makeStore(() => false);
  await storeIsolating(events.slice(0, 1), store);
  const { fresh, repeated } = await storeIsolating(events, store);
  expect(fresh).toEqual(events.slice(1));
  expect(repeated).toEqual(events.slice(0, 1));
});
