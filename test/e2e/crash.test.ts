// workerd is killed again and again under load: what was acknowledged stays, nothing happens twice, PostgreSQL catches up.
import { closeSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem, type Answer } from "./system.ts";

const KILLS = 20;
const MEMBERS = 24;
const CLIENTS = 12;
const system = useSystem();

interface Operation {
  readonly id: number;
  readonly memberId: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly key: string;
  /** What the operation does to the available points. */
  readonly points: number;
  answer: string | null;
}

test("an acknowledged write survives kill -9, an unknown one happens once when it is sent again", async () => {
  const members = await Promise.all(Array.from({ length: MEMBERS }, () => system.makeMember()));
  const journal = openSync(join(tmpdir(), uniqueId("journal")), "w");
  const operations: Operation[] = [];
  let running = true;

  const client = async (seed: number) => {
    for (let turn = seed; running; turn += CLIENTS) {
      const operation = makeOperation(operations.length, members[turn % MEMBERS] ?? "", turn);
      operations.push(operation);
      writeSync(journal, `${JSON.stringify(operation)}\n`);
      await attempt(operation);
      writeSync(journal, `${JSON.stringify({ id: operation.id, answer: operation.answer })}\n`);
    }
  };
  const clients = Array.from({ length: CLIENTS }, (_, seed) => client(seed));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await pause(150 + ((kill * 397) % 700));
    await system.stack.crash();
  }
  await pause(300);
  running = false;
  await Promise.all(clients);
  closeSync(journal);

  const acknowledged = operations.filter(({ answer }) => answer !== null);
  const unknown = operations.filter(({ answer }) => answer === null);
  for (const operation of unknown) await untilAnswered(operation);
  console.log(`${KILLS} kills, ${acknowledged.length} acknowledged, ${unknown.length} unknown and sent again`);
  expect(acknowledged.length).toBeGreaterThan(KILLS);

  // The same key gets the same answer, so a lost or doubled write would show as another answer or another balance.
  for (const operation of acknowledged) {
    const before = operation.answer;
    operation.answer = null;
    await untilAnswered(operation);
    expect(operation.answer).toBe(before);
  }
  for (const memberId of members) {
    const expected = operations.filter((one) => one.memberId === memberId).reduce((sum, one) => sum + one.points, 0);
    const { body } = await system.call("GET", `/v1/members/${memberId}/balances`);
    const points = body.balances.find((balance: { currency: string }) => balance.currency === "points");
    expect(points).toMatchObject({ available: expected, held: 0, pending: 0 });
  }
  expect(await reconcileUntilEqual(system, 90)).toEqual([]);
});

function makeOperation(id: number, memberId: string, turn: number): Operation {
  const common = { id, memberId, key: uniqueId("op"), answer: null };
  if (turn % 3 === 0) {
    const body = { currency: "points", points: 5, reason: "crash test" };
    return { ...common, method: "POST", path: `/v1/members/${memberId}/adjustments`, body, points: 5 };
  }
  // A weekday, so that only the base rule applies: NT$370 gives 37 points.
  const body = makeOrder(memberId, { placedAt: "2026-11-18T04:00:00Z" });
  return { ...common, method: "PUT", path: `/v1/orders/${common.key}`, body, points: 37 };
}

async function attempt(operation: Operation): Promise<Answer | null> {
  const { method, path, body, key } = operation;
  try {
    const answer = await system.call(method, path, body, { idempotencyKey: key });
    if (answer.status >= 500) return null;
    if (answer.status >= 400) throw new Error(`refused: ${JSON.stringify(answer.body)}`);
    operation.answer = JSON.stringify(answer.body);
    return answer;
  } catch (error) {
    if (error instanceof Error && error.message.startsWith("refused")) throw error;
    await pause(50);
    return null;
  }
}

async function untilAnswered(operation: Operation): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) if ((await attempt(operation)) !== null) return;
  throw new Error(`no answer to ${operation.key}`);
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
