// The member's object in workerd: the rules of the ledger hold over its real storage.
import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { programPath } from "@regulars/contracts/directory";
import type { OrderCommand, Reply } from "@regulars/contracts/rpc";
import { beforeAll, expect, test } from "vitest";
import { ledgerOf } from "./objects.ts";

const tenantId = "ten_test";
const NOW = Date.parse("2026-03-01T04:00:00Z");
const YEAR_MS = 366 * 86_400_000;
let members = 0;

beforeAll(async () => {
  const program = {
    currencies: [{ id: "points", expiry: { type: "rolling", days: 365 }, pendingDays: 0 }],
    earning: [{ id: "base", currency: "points", base: "net", per: 1000, points: 1, rounding: "floor" }],
    tender: [{ currency: "points", valuePerPoint: 100, minPoints: 1, stepPoints: 1, maxShareOfOrder: 1 }],
    refund: { debt: "allow" },
    holdTimeoutSeconds: 900,
  };
  await env.DIRECTORY.put(programPath(tenantId, 1), JSON.stringify(program));
});

test("an order that is paid earns, and the same order again changes nothing", async () => {
  const { ledger, at } = await makeMember();
  const first = value(await ledger.putOrder(write(at, "o/A/paid"), makeOrder({ orderId: "A" })));
  const again = value(await ledger.putOrder(write(at, "o/A/paid"), makeOrder({ orderId: "A" })));
  expect(first.balances).toEqual([expect.objectContaining({ currency: "points", available: 37 })]);
  expect(again).toEqual(first);
});

test("what was held is captured when the order is paid", async () => {
  const { ledger, at } = await makeMember(100);
  const redeem = [{ currency: "points", points: 60 }];
  const order = makeOrder({ orderId: "B", redeem });
  const authorized = value(await ledger.putOrder(write(at, "o/B/authorized"), { ...order, state: "authorized" }));
  expect(authorized.balances[0]).toMatchObject({ available: 40, held: 60 });
  const paid = value(await ledger.putOrder(write(at, "o/B/paid"), order));
  expect(paid.balances[0]).toMatchObject({ available: 40 + 31, held: 0 });
});

test("a full refund in two steps leaves the balance as before the order", async () => {
  const { ledger, at } = await makeMember(100);
  const order = makeOrder({ orderId: "C", redeem: [{ currency: "points", points: 50 }] });
  value(await ledger.putOrder(write(at, "o/C/paid"), order));
  const one = { orderId: "C", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
  value(await ledger.refundOrder(write(at, "o/C/r/1"), one));
  const all = await ledger.refundOrder(write(at, "o/C/r/2"), { orderId: "C", refundId: "2", lines: null });
  expect(value(all).balances[0]).toMatchObject({ available: 100, held: 0, pending: 0 });
});

test("the state survives eviction, and an alarm expires what is over", async () => {
  const { ledger, at } = await makeMember(100);
  await evictDurableObject(ledger);
  expect(value(await ledger.balances(at)).balances[0]).toMatchObject({ available: 100 });
  const later = { ...at, now: NOW + YEAR_MS };
  expect(value(await ledger.balances(later)).balances[0]).toMatchObject({ available: 0 });
  expect(await runDurableObjectAlarm(ledger)).toBe(true);
});

test("an unknown member gets no tables", async () => {
  const ledger = ledgerOf(env, tenantId, "mbr_unknown");
  const reply = await ledger.balances({ ...context("mbr_unknown") });
  expect(reply).toMatchObject({ ok: false, refusal: { code: "member_not_found" } });
  await runInDurableObject(ledger, (_, state) => {
    expect(state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'event'").toArray()).toEqual([]);
  });
});

async function makeMember(points = 0) {
  const memberId = `mbr_${(members += 1)}`;
  const ledger = ledgerOf(env, tenantId, memberId);
  const at = context(memberId);
  const person = { identities: [], profile: {}, homeStoreId: "s1", source: null, consent: {} };
  value(await ledger.enrol(write(at, "k/enrol"), person));
  if (points > 0) {
    const gift = { currency: "points", points, reason: "test", storeId: null };
    value(await ledger.adjust(write(at, "k/gift"), gift));
  }
  return { ledger, at };
}

function context(memberId: string) {
  return { tenantId, memberId, now: NOW, testTime: false, timeZone: "Asia/Taipei", programVersion: 1 };
}

const write = (at: ReturnType<typeof context>, key: string) => ({ ...at, key, requestHash: key });

function makeOrder(more: Partial<OrderCommand>): OrderCommand {
  const line = { sku: "tea", category: null, unitPrice: 18_750, discount: 0 };
  return {
    orderId: "A",
    state: "paid",
    storeId: "s1",
    regionId: "r1",
    ownerId: "o1",
    currency: "TWD",
    channel: null,
    placedAt: NOW,
    redeem: null,
    lines: [{ ...line, lineId: "1", quantity: 2 }],
    ...more,
  };
}

function value<Value>(reply: Reply<Value>): Value {
  if (!reply.ok) throw new Error(`refused: ${JSON.stringify(reply.refusal)}`);
  return reply.value;
}
