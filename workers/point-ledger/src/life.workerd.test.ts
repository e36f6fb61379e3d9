// Tiers, ends of points, deliveries and birthdays through the member's object: acts, remembered answers, and the alarm.
import { env } from "cloudflare:workers";
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { tenantPath } from "@regulars/contracts/directory";
import type { ProgramInput } from "@regulars/contracts/program";
import type { MemberLedgerRpc } from "@regulars/contracts/rpc";
import { beforeAll, expect, test } from "vitest";
import { Book } from "./book.ts";
import {
  makeMember,
  makeOrder,
  NOW,
  publishPrograms,
  refusalOf,
  storedEvents,
  tenantId,
  valueOf,
  writing,
} from "./make-member.ts";

const DAY_MS = 86_400_000;
const gift = { id: "gift", name: { "zh-TW": "禮" }, benefit: { type: "amountOff" as const, amount: 100 } };
const program = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 30 }, noticeDays: [7] }],
  earning: [
    { id: "base", currency: "points", per: 1000, points: 1 },
    { id: "later", currency: "points", per: 1000, points: 1, pendingUntil: "delivered" },
  ],
  rewards: [gift],
  birthdayReward: "gift",
  tiers: {
    levels: [
      { id: "member" },
      {
        id: "gold",
        any: [{ spend: 30_000 }],
        benefits: { entitlements: [{ id: "ride", perYear: 1 }], freeShipping: true },
      },
    ],
  },
} satisfies ProgramInput;

beforeAll(() => publishPrograms(tenantId, [program]));

test("a tier that an order raised is read, set and given back, and the same key gets the same answer", async () => {
  const { ledger, at } = await makeMember();
  expect(valueOf(await ledger().putOrder(writing(at, "o/A/paid"), makeOrder())).tier).toBe("gold");
  const tier = valueOf(await named(ledger).look(at, "tier.progress", null));
  expect(tier).toMatchObject({
    tier: "gold",
    next: null,
    freeShipping: true,
    fixed: false,
    since: "2026-03-01T04:00:00.000Z",
  });
  expect(tier.entitlements).toEqual([{ id: "ride", name: null, perYear: 1, left: 1 }]);
  const ask = { tier: "member", until: NOW + DAY_MS, reason: "test" };
  const set = valueOf(await named(ledger).act(writing(at, "k/set"), "tier.set", ask));
  expect(set).toMatchObject({ tier: "member", fixed: true, until: "2026-03-02T04:00:00.000Z" });
  const later = { ...at, now: NOW + 2 * DAY_MS };
  expect(
    valueOf(await named(ledger).act(writing(later, "k/ride"), "entitlement.use", { entitlement: "ride" })).left,
  ).toBe(0);
  expect(valueOf(await named(ledger).act(writing(later, "k/set"), "tier.set", ask))).toEqual(set);
  expect(refusalOf(await named(ledger).act(writing(later, "k/more"), "entitlement.use", { entitlement: "ride" }))).toBe(
    "entitlement_used_up",
  );
  expect(refusalOf(await named(ledger).act(writing(later, "k/x"), "tier.set", { ...ask, tier: "x" }))).toBe(
    "tier_unknown",
  );
});

test("points that wait for a delivery become available with it", async () => {
  const { ledger, at } = await makeMember();
  expect(refusalOf(await named(ledger).act(writing(at, "k/early"), "order.delivered", { orderId: "A" }))).toBe(
    "order_not_found",
  );
  await ledger().putOrder(writing(at, "o/A/paid"), makeOrder());
  const delivered = valueOf(await named(ledger).act(writing(at, "k/delivered"), "order.delivered", { orderId: "A" }));
  expect(delivered.balances).toMatchObject([{ available: 74, pending: 0 }]);
  const again = valueOf(await named(ledger).act(writing(at, "k/twice"), "order.delivered", { orderId: "A" }));
  expect(again.balances).toEqual(delivered.balances);
});

test("expired points are given back once, and not those that a refund has taken", async () => {
  const { ledger, at } = await makeMember(20);
  await ledger().putOrder(writing(at, "o/A/paid"), makeOrder());
  const later = { ...at, now: NOW + 31 * DAY_MS };
  const lines = [{ lineId: "1", quantity: 1 }];
  valueOf(await ledger().refundOrder(writing(later, "o/A/r/1"), { orderId: "A", refundId: "1", lines }));
  const ask = { currency: "points", endedAfter: NOW, days: 10, reason: "goodwill" };
  // 20 by hand and 37 by the order expired; its half that came back had given 19 of them.
  const given = valueOf(await named(ledger).act(writing(later, "k/back"), "points.reinstate", ask));
  expect(given).toMatchObject({ points: 38, balances: [{ available: 38 }] });
  expect(refusalOf(await named(ledger).act(writing(later, "k/again"), "points.reinstate", ask))).toBe(
    "nothing_to_reinstate",
  );
  const put = { currency: "points", endsBefore: later.now + 11 * DAY_MS, days: 5, reason: "storm" };
  // With the 18 that still wait for the delivery.
  expect(valueOf(await named(ledger).act(writing(later, "k/extend"), "points.extend", put)).points).toBe(56);
  const audited = await ledger().audit(later);
  expect(audited.foldEqual).toBe(true);
  const end = { ...at, now: later.now + 15 * DAY_MS };
  expect(valueOf(await ledger().balances({ ...end, now: end.now - 1 })).balances).toMatchObject([{ available: 38 }]);
  expect(valueOf(await ledger().balances(end)).balances).toMatchObject([{ available: 0 }]);
});

test("labels are whole lists, and what is not sent stays", async () => {
  const { ledger, at } = await makeMember();
  await named(ledger).act(writing(at, "k/1"), "facts.set", { tags: ["b", "a", "a"], segments: ["s"] });
  const after = valueOf(await named(ledger).act(writing(at, "k/2"), "facts.set", { tags: ["c"] }));
  expect(after).toMatchObject({ tags: ["c"], segments: ["s"] });
});

test("segmentation's labels come and go beside those of people, each change in one event, whatever is repeated", async () => {
  const { ledger, at } = await makeMember();
  await named(ledger).act(writing(at, "k/1"), "facts.set", { tags: ["vip"] });
  const insights = { stage: "active", band: "high", churnRisk: false };
  const ask = { version: 1, tags: ["auto"], segments: ["s"], insights };
  const reply = await named(ledger).act(writing(at, "segmentation/1"), "labels.sync", ask);
  const first = valueOf(reply);
  expect(first).toMatchObject({ tags: ["auto", "vip"], segments: ["s"], leftOut: { tags: [], segments: [] } });
  expect(reply.events).toHaveLength(1);
  const again = await named(ledger).act(writing(at, "segmentation/1"), "labels.sync", ask);
  expect([valueOf(again), again.events]).toEqual([first, []]);
  const late = { ...at, now: NOW + DAY_MS };
  const same = await named(ledger).act(writing(late, "segmentation/2"), "labels.sync", { ...ask, version: 2 });
  expect([valueOf(same), same.events]).toEqual([first, []]);
  const none = { version: 3, tags: [], segments: [], insights: null };
  const gone = valueOf(await named(ledger).act(writing(late, "segmentation/3"), "labels.sync", none));
  expect(gone).toMatchObject({ tags: ["vip"], segments: [], sequence: first.sequence + 1 });
  const stale = { ...ask, version: 2, tags: ["old"] };
  expect(valueOf(await named(ledger).act(writing(late, "segmentation/2b"), "labels.sync", stale))).toMatchObject({
    tags: ["vip"],
    leftOut: { tags: ["old"] },
  });
  expect((await ledger().audit(late)).foldEqual).toBe(true);
});

test("labels of segmentation do not move the clock of a member who lives by a caller's time", async () => {
  const { ledger, at } = await makeMember();
  const testing = { ...writing(at, "k/1"), testTime: true };
  await named(ledger).act(testing, "facts.set", { tags: ["vip"] });
  const ask = { version: 1, tags: ["auto"], segments: [], insights: null };
  await named(ledger).act(writing({ ...at, now: NOW + 400 * DAY_MS }, "segmentation/1"), "labels.sync", ask);
  expect((await storedEvents(ledger())).at(-1)).toMatchObject({ at: NOW, body: { tags: ["auto", "vip"] } });
  expect(await runInDurableObject(ledger(), (_, { storage }) => new Book(storage.sql).state.testTime)).toBe(true);
});

test("an object knows of a birthday that no event tells, and its alarm brings the gift without anybody asking", async () => {
  const record = { tenantId, timeZone: "Asia/Taipei", programs: [{ version: 1, effectiveFrom: 0 }] };
  await env.DIRECTORY.put(tenantPath(tenantId), JSON.stringify(record));
  const now = Date.now();
  const today = new Date(now + 8 * 3_600_000).toISOString().slice(0, 10);
  const { memberId, ledger } = await makeMember(0, now - 2 * DAY_MS);
  const at = { tenantId, memberId, now, testTime: false, timeZone: "Asia/Taipei", programVersion: 1 };
  const change = { identities: null, homeStoreId: null, consent: null };
  await ledger().change(writing(at, "k/born"), { ...change, profile: { birthday: `1990-${today.slice(5)}` } });
  const midnight = Date.parse(`${today}T00:00:00+08:00`);
  // As the object finds it when it wakes up, without the program.
  expect(await runInDurableObject(ledger(), (_, { storage }) => new Book(storage.sql).dueAt(now))).toBe(midnight);
  expect(JSON.stringify(await storedEvents(ledger()))).not.toContain(today.slice(5));
  await runDurableObjectAlarm(ledger());
  const events = await storedEvents(ledger());
  expect(events.at(-1)?.body).toMatchObject({ kind: "birthday.reached", vouchers: [{ rewardId: "gift" }] });
  const next = await runInDurableObject(ledger(), (_, { storage }) => new Book(storage.sql).dueAt(now));
  expect(next).toBeGreaterThan(now + 300 * DAY_MS);
});

test("an edited birthday waits, one that was removed and given again too", async () => {
  const { ledger, at } = await makeMember();
  const change = (key: string, birthday: string | null, now: number) =>
    ledger().change(writing({ ...at, now }, key), {
      identities: null,
      homeStoreId: null,
      consent: null,
      profile: { birthday },
    });
  await change("k/1", "1990-04-01", NOW);
  await change("k/2", null, NOW + 1);
  await change("k/3", "1990-03-10", NOW + 2);
  await change("k/4", "1990-03-10", NOW + 20 * DAY_MS);
  const kinds = (await storedEvents(ledger())).map(({ body }) => body.kind);
  expect(kinds).not.toContain("birthday.reached");
});

// The types of stubs forget that the answer depends on the name; the object implements this very interface.
function named(ledger: () => unknown) {
  return ledger() as Pick<MemberLedgerRpc, "act" | "look">;
}
