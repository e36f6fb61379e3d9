// PostgreSQL is away for a minute under load: no checkout fails, and it catches up by itself.
import { expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const OUTAGE_SECONDS = 60;
const CLIENTS = 6;
const system = useSystem();

test("no checkout fails while PostgreSQL is away, and PostgreSQL catches up by itself", async () => {
  const members = await Promise.all(Array.from({ length: 20 }, () => system.makeMember()));
  let running = true;
  let orders = 0;
  const failures: unknown[] = [];
  const client = async (seed: number) => {
    for (let turn = seed; running; turn += CLIENTS) {
      const memberId = members[turn % members.length] ?? "";
      const quote = await system.call("POST", "/v1/checkout/quote", quoteOf(memberId));
      const order = await system.call("PUT", `/v1/orders/${uniqueId("outage")}`, makeOrder(memberId));
      for (const answer of [quote, order]) if (answer.status !== 200) failures.push(answer.body);
      orders += 1;
      await pause(100);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, seed) => client(seed));
  await pause(2000);
  await system.stack.stopPostgres();
  const before = orders;
  await pause(OUTAGE_SECONDS * 1000);
  const during = orders - before;
  await system.stack.startPostgres();
  running = false;
  await Promise.all(clients);
  console.log(`${during} checkouts while PostgreSQL was away for ${OUTAGE_SECONDS} s, ${failures.length} failed`);
  expect(failures).toEqual([]);
  expect(during).toBeGreaterThan(100);
  expect(await reconcileUntilEqual(system, 120)).toEqual([]);
});

function quoteOf(memberId: string) {
  const { state: _, ...basket } = makeOrder(memberId);
  return basket;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
