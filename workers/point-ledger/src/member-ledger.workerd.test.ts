// The member's object in workerd: the rules of the ledger hold over its real storage.
import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { beforeAll, expect, test } from "vitest";
import {
  makeContext,
  makeMember,
  makeOrder,
  plainProgram,
  publishPrograms,
  storedEvents,
  tenantId,
  valueOf,
  writing,
} from "./make-member.ts";
import { ledgerOf } from "./objects.ts";

const YEAR_MS = 366 * 86_400_000;

beforeAll(() => publishPrograms(tenantId, [plainProgram]));

test("an order that is paid earns, and the same order again changes nothing", async () => {
  const { ledger, at } = await makeMember();
  const first = valueOf(await ledger().putOrder(writing(at, "o/A/paid"), makeOrder({ orderId: "A" })));
  const again = valueOf(await ledger().putOrder(writing(at, "o/A/paid"), makeOrder({ orderId: "A" })));
  expect(first.balances).toEqual([expect.objectContaining({ currency: "points", available: 37 })]);
  expect(again).toEqual(first);
});

test("what was held is captured when the order is paid", async () => {
  const { ledger, at } = await makeMember(100);
  const redeem = [{ currency: "points", points: 60 }];
  const order = makeOrder({ orderId: "B", redeem });
  const authorized = valueOf(await ledger().putOrder(writing(at, "o/B/authorized"), { ...order, state: "authorized" }));
  expect(authorized.balances[0]).toMatchObject({ available: 40, held: 60 });
  const paid = valueOf(await ledger().putOrder(writing(at, "o/B/paid"), order));
  expect(paid.balances[0]).toMatchObject({ available: 40 + 31, held: 0 });
});

test("a full refund in two steps leaves the balance as before the order", async () => {
  const { ledger, at } = await makeMember(100);
  const order = makeOrder({ orderId: "C", redeem: [{ currency: "points", points: 50 }] });
  valueOf(await ledger().putOrder(writing(at, "o/C/paid"), order));
  const one = { orderId: "C", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
  valueOf(await ledger().refundOrder(writing(at, "o/C/r/1"), one));
  const all = await ledger().refundOrder(writing(at, "o/C/r/2"), { orderId: "C", refundId: "2", lines: null });
  expect(valueOf(all).balances[0]).toMatchObject({ available: 100, held: 0, pending: 0 });
});

test("the state survives eviction", async () => {
  const { ledger, at } = await makeMember(100);
  await evictDurableObject(ledger());
  expect(valueOf(await ledger().balances(at)).balances[0]).toMatchObject({ available: 100 });
  const later = { ...at, now: at.now + YEAR_MS };
  expect(valueOf(await ledger().balances(later)).balances[0]).toMatchObject({ available: 0 });
});

test("an alarm expires what is over, though nobody asks", async () => {
  const { ledger } = await makeMember(100, Date.now() - YEAR_MS);
  // It may have rung by itself.
  await runDurableObjectAlarm(ledger());
  expect((await storedEvents(ledger())).at(-1)?.body).toMatchObject({ kind: "points.expired" });
});

test("an unknown member gets no tables", async () => {
  const ledger = ledgerOf(env, tenantId, "mbr_unknown");
  const reply = await ledger.balances(makeContext("mbr_unknown"));
  expect(reply).toMatchObject({ ok: false, refusal: { code: "member_not_found" } });
  await runInDurableObject(ledger, (_, state) => {
    expect(state.storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'event'").toArray()).toEqual([]);
  });
});
