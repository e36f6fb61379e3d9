// What leaves the objects: order ids belong to one member, and messages stay within the queue's limits.
import { randomBytes } from "node:crypto";
import { brotliDecompressSync, gzipSync } from "node:zlib";
import { env } from "cloudflare:workers";
import { EVENTS_PER_MESSAGE_MAX, MESSAGE_BYTES_MAX } from "@regulars/contracts/events";
import { beforeAll, expect, test, vi } from "vitest";
import {
  makeMember,
  makeOrder,
  plainProgram,
  publishPrograms,
  storedEvents,
  tenantId,
  valueOf,
  writing,
} from "./make-member.ts";
import { messagesOf, packed, relay } from "./relay.ts";

beforeAll(() => publishPrograms(tenantId, [plainProgram]));

test("an order id that another member has is undone within one relay, and the ledger is as before", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const [first, second] = [await makeMember(100), await makeMember(100)];
  const order = makeOrder({ orderId: "shared-1", redeem: [{ currency: "points", points: 60 }] });
  const key = "o/shared-1/paid";
  const one = await first.ledger().putOrder(writing(first.at, key), order);
  const other = await second.ledger().putOrder(writing(second.at, key), order);
  valueOf(other);
  await relay(env, one.events);
  await relay(env, other.events);
  const kinds = (await storedEvents(second.ledger())).map(({ body }) => body.kind);
  expect(kinds).toEqual(["member.enrolled", "points.adjusted", "order.paid", "order.undone"]);
  expect(valueOf(await second.ledger().balances(second.at)).balances[0]).toMatchObject({
    available: 100,
    pending: 0,
    held: 0,
  });
  expect(valueOf(await first.ledger().balances(first.at)).balances[0]).toMatchObject({ available: 71 });
  expect(valueOf(await second.ledger().getOrder(second.at, "shared-1")).order).toMatchObject({
    state: "cancelled",
    undone: "order_id_conflict",
  });
  expect(warned.mock.calls.map(([line]) => JSON.parse(String(line)))).toEqual([
    expect.objectContaining({
      alert: "order_id_conflict",
      memberId: second.memberId,
      orderId: "shared-1",
      undone: true,
    }),
  ]);
  await relay(env, other.events);
  expect((await storedEvents(second.ledger())).length).toBe(4);
  warned.mockRestore();
});

test("an authorized order of two members in one relay: the first keeps it, the other gets its held points back", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const [first, second] = [await makeMember(100), await makeMember(100)];
  const order = makeOrder({ orderId: "shared-2", state: "authorized", redeem: [{ currency: "points", points: 60 }] });
  const replies = await Promise.all(
    [first, second].map(({ ledger, at }) => ledger().putOrder(writing(at, "o/shared-2/authorized"), order)),
  );
  await relay(
    env,
    replies.flatMap(({ events }) => [...events]),
  );
  const balances = await Promise.all(
    [first, second].map(async ({ ledger, at }) => valueOf(await ledger().balances(at)).balances[0]),
  );
  expect(balances).toMatchObject([
    { available: 40, held: 60 },
    { available: 100, held: 0 },
  ]);
  warned.mockRestore();
});

test("an object whose events nobody relayed finds the conflict itself when it publishes again", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {});
  const [first, second] = [await makeMember(), await makeMember()];
  const order = makeOrder({ orderId: "shared-3" });
  await relay(env, (await first.ledger().putOrder(writing(first.at, "o/shared-3/paid"), order)).events);
  valueOf(await second.ledger().putOrder(writing(second.at, "o/shared-3/paid"), order));
  expect(await second.ledger().publishFrom(second.at, 1)).toBe(3);
  expect((await storedEvents(second.ledger())).at(-1)?.body).toMatchObject({
    kind: "order.undone",
    order: { undone: "order_id_conflict" },
  });
  warned.mockRestore();
});

test("messages hold at most so many events and bytes, in order, and lose none", async () => {
  const { ledger, at } = await makeMember();
  const lines = Array.from({ length: 150 }, (_, n) => ({
    lineId: `${n}`,
    sku: "x".repeat(60),
    category: null,
    quantity: 1,
    unitPrice: 100,
    discount: 0,
  }));
  const { events } = await ledger().putOrder(writing(at, "o/big/paid"), makeOrder({ orderId: "big", lines }));
  const small = { ...events[0]!, text: '{"small":true}' };
  const many = [...Array.from({ length: 250 }, () => small), ...Array.from({ length: 20 }, () => events[0]!)];
  const messages = messagesOf(many);
  const unpacked = messages.map((text) => JSON.parse(text) as { version: number; events: unknown[] });
  expect(unpacked.flatMap((message) => message.events)).toEqual(many.map(({ text }) => JSON.parse(text)));
  for (const [place, text] of messages.entries()) {
    expect(unpacked[place]!.events.length).toBeLessThanOrEqual(EVENTS_PER_MESSAGE_MAX);
    expect(text.length).toBeLessThanOrEqual(MESSAGE_BYTES_MAX + 1000);
  }
});

test("an event of a megabyte that repeats itself far apart still fits into a message", () => {
  const names = Array.from({ length: 400 }, () => randomBytes(75).toString("base64"));
  const vouchers = Array.from({ length: 25 }, () => names.map((lineId) => ({ lineId })));
  const text = JSON.stringify({ version: 1, events: [vouchers] });
  expect(text.length).toBeGreaterThan(1_000_000);
  expect(gzipSync(text, { level: 1 }).byteLength).toBeGreaterThan(128_000);
  const message = packed(text);
  expect(message.byteLength).toBeLessThan(100_000);
  expect(brotliDecompressSync(message).toString()).toBe(text);
});
