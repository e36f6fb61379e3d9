// Tests the consumers and the board inside workerd, where PostgreSQL cannot be reached.
import { createExecutionContext, createMessageBatch, getQueueResult, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { proxyDurable } from "itty-durable/proxy-durable";
import { expect, test } from "vitest";
import projector from "./index.ts";
import { emptyFigures, type BoardFigures } from "./store-board.ts";

const event = {
  tenantId: "good-days",
  memberId: "mbr_1",
  epoch: 1,
  sequence: 1,
  at: 1_700_000_000_000,
  testTime: false,
  key: null,
  body: { kind: "member.erased", released: [] },
};

async function consume(queue: string, messages: readonly { body: unknown; attempts: number }[]) {
  const batch = createMessageBatch(
    queue,
    messages.map((message, index) => ({ id: String(index), timestamp: new Date(), ...message })),
  );
  const context = createExecutionContext();
  await projector.queue(batch, env);
  const result = await getQueueResult(batch, context);
  await waitOnExecutionContext(context);
  return result;
}

test("while PostgreSQL is down every message is tried again later, and none is acknowledged", async () => {
  const content = { version: 1, events: [event] };
  const result = await consume("member-events", [
    { body: content, attempts: 1 },
    { body: { ...content, events: [{ ...event, sequence: 2 }] }, attempts: 30 },
  ]);
  expect(result.explicitAcks).toEqual([]);
  expect(result.retryMessages).toEqual([{ msgId: "0" }, { msgId: "1" }]);
});

test("a message that cannot be read is set aside after a few tries, and holds up no other", async () => {
  const result = await consume("member-events", [
    { body: "junk", attempts: 1 },
    { body: { version: 9 }, attempts: 3 },
    { body: { version: 1, events: [] }, attempts: 1 },
  ]);
  expect(result.retryMessages).toEqual([{ msgId: "0" }]);
  expect(result.explicitAcks).toEqual(["1", "2"]);
});

test("a dead letter is tried again until PostgreSQL keeps it", async () => {
  const result = await consume("member-events-dead", [{ body: "junk", attempts: 2 }]);
  expect(result.retryMessages).toEqual([{ msgId: "0" }]);
});

interface Board {
  add(change: BoardFigures): Promise<BoardFigures>;
  replace(figures: BoardFigures): Promise<BoardFigures>;
  read(day: string): Promise<BoardFigures>;
}

// The proxy makes a method of every name; StoreBoard has these.
const boardOf = (name: string) => proxyDurable(env.STORE_BOARD, { parse: true }).get(name) as Board;

test("a board adds up what happens on its day, and shows zeros of another day", async () => {
  const board = boardOf("good-days:taipei");
  const change = { day: "2026-03-01", orders: 1, sales: 900, given: { points: 9 }, spent: {} };
  await board.add(change);
  await board.add({ ...change, spent: { points: 5 } });
  expect(await board.read("2026-03-01")).toEqual({
    day: "2026-03-01",
    orders: 2,
    sales: 1800,
    given: { points: 18 },
    spent: { points: 5 },
  });
  expect(await board.read("2026-03-02")).toEqual(emptyFigures("2026-03-02"));
  expect(await boardOf("good-days:tainan").read("2026-03-01")).toEqual(emptyFigures("2026-03-01"));
});

test("a rebuilt board shows what it was given", async () => {
  const board = boardOf("good-days:taichung");
  const figures = { day: "2026-03-01", orders: 3, sales: 10, given: {}, spent: { coins: 2 } };
  await board.add({ ...figures, orders: 99 });
  await board.replace(figures);
  expect(await board.read("2026-03-01")).toEqual(figures);
});
