// Which tenants cron hands to the queue of runs, and what is read of its messages.
import { env } from "cloudflare:workers";
import { tenantPath } from "@regulars/contracts/directory";
import { beforeEach, expect, test, vi } from "vitest";
import { askRuns, readRunMessage } from "./run-messages.ts";

const FIRED = Date.parse("2026-03-01T04:15:00Z");

beforeEach(async () => {
  const { keys } = await env.DIRECTORY.list({ prefix: tenantPath("") });
  await Promise.all(keys.map(({ name }) => env.DIRECTORY.delete(name)));
});

test("every tenant gets one message, however many pages of them there are", async () => {
  const ids = Array.from({ length: 230 }, (_, place) => `ten_${String(place).padStart(3, "0")}`);
  await Promise.all(ids.map((id) => publish(id, { timeZone: "Asia/Taipei" })));
  const batches = await sent();
  expect(batches.flat().map(({ tenantId }) => tenantId)).toEqual(ids);
  expect(batches.map(({ length }) => length)).toEqual([100, 100, 30]);
  expect(batches[0]?.[0]).toEqual({ version: 1, tenantId: "ten_000", timeZone: "Asia/Taipei", firedAt: FIRED });
});

test("without a tenant nothing is sent", async () => {
  expect(await sent()).toEqual([]);
});

test("a record that cannot be read is passed with a line in the log, and the others run", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  await env.DIRECTORY.put(tenantPath("ten_a"), "no json");
  await publish("ten_b", { timeZone: "Mars/Olympus" });
  await publish("ten_c", { timeZone: "Europe/Vienna" });
  expect((await sent()).flat().map(({ tenantId }) => tenantId)).toEqual(["ten_c"]);
  expect(log.mock.calls.map(([line]) => JSON.parse(String(line)).tenantId)).toEqual(["ten_a", "ten_b"]);
  log.mockRestore();
});

test("a message works as of when it is read, however long it lay", () => {
  const before = Date.now();
  const context = readRunMessage({ version: 1, tenantId: "ten_a", timeZone: "Asia/Taipei", firedAt: FIRED });
  expect(context).toMatchObject({ tenantId: "ten_a", timeZone: "Asia/Taipei" });
  expect(context?.now).toBeGreaterThanOrEqual(before);
});

test.each([
  null,
  "text",
  {},
  { version: 2, tenantId: "ten_a", timeZone: "Asia/Taipei" },
  { version: 1, tenantId: "", timeZone: "Asia/Taipei" },
  { version: 1, tenantId: "ten_a", timeZone: "nowhere" },
  { version: 1, tenantId: 7, timeZone: "Asia/Taipei" },
])("%j is no message of a run", (body) => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  expect(readRunMessage(body)).toBeNull();
  expect(log).toHaveBeenCalledOnce();
  log.mockRestore();
});

const publish = (tenantId: string, record: object) => env.DIRECTORY.put(tenantPath(tenantId), JSON.stringify(record));

async function sent() {
  const batches: { tenantId: string }[][] = [];
  const queue = {
    sendBatch: (messages: { body: { tenantId: string } }[]) => {
      batches.push(messages.map(({ body }) => body));
      return Promise.resolve();
    },
  };
  // The queue is replaced by one that keeps what it is given.
  await askRuns({ ...env, SEGMENTATION_RUNS: queue } as unknown as Env, FIRED);
  return batches;
}
