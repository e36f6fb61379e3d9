// Budgets in their objects: many members at once, never more than there is, and all of it when more is wanted.
import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { BUDGET_SHARDS, budgetShardOf } from "@regulars/domain/budgets";
import { expect, test, vi } from "vitest";
import { BudgetShard } from "./budget-shard.ts";
import { budgetRootOf, budgetShard, giveBackOf, peekOf, takeOf, type BudgetPlace } from "./budget-objects.ts";

const limitOf = (total: number, version = 1) => ({ version, total });
const placeOf = (name: string): BudgetPlace => ({ tenantId: "ten_test", name: `budget/${name}/all` });

const take = (place: BudgetPlace, member: string, wanted: number, total: number, version = 1) =>
  takeOf(env, place, member, { key: `${member}/order`, wanted, limit: limitOf(total, version) });

const sumOf = (amounts: readonly number[]) => amounts.reduce((sum, amount) => sum + amount, 0);

test("a budget of 1,000,000 points is given to 10,000 members at once to the last point, and not one more", async () => {
  const place = placeOf("million");
  const members = Array.from({ length: 10_000 }, (_, index) => `mbr_${index}`);
  const since = performance.now();
  const granted = await Promise.all(
    members.map((member, index) => take(place, member, 101 + (index % 100), 1_000_000)),
  );
  console.log(`10,000 takes in ${Math.round(performance.now() - since)} ms`);
  expect(sumOf(granted)).toBe(1_000_000);
  const shards = Array.from({ length: BUDGET_SHARDS }, (_, shard) => budgetShard(env, place, shard).given());
  expect(sumOf(await Promise.all(shards))).toBe(1_000_000);
  // A retry is granted what it was granted.
  expect(await take(place, "mbr_3", 104, 1_000_000)).toBe(granted[3]);
});

test("less wanted than there is: everybody gets all", async () => {
  const members = Array.from({ length: 300 }, (_, index) => `mbr_${index}`);
  const granted = await Promise.all(members.map((member) => take(placeOf("plenty"), member, 7, 100_000)));
  expect(granted.every((one) => one === 7)).toBe(true);
});

test("three pieces of stock go to three of many members", async () => {
  const members = Array.from({ length: 200 }, (_, index) => `mbr_${index}`);
  const granted = await Promise.all(members.map((member) => take(placeOf("stock"), member, 1, 3)));
  expect(sumOf(granted)).toBe(3);
});

test("what was not used is given to others, once, however often it is given back", async () => {
  const place = placeOf("back");
  expect(await take(place, "first", 80, 100)).toBe(80);
  await giveBackOf(env, place, "first", { key: "first/order", unused: 50 });
  await giveBackOf(env, place, "first", { key: "first/order", unused: 50 });
  expect(await peekOf(env, place, "second", { wanted: 90, limit: limitOf(100) })).toBeLessThanOrEqual(70);
  expect(await take(place, "second", 90, 100)).toBe(70);
  expect(await take(place, "first", 80, 100)).toBe(30);
});

test("a new version may raise or lower the total, but takes nothing back from members", async () => {
  const place = placeOf("changed");
  expect(await take(place, "a", 60, 100)).toBe(60);
  expect(await take(place, "b", 60, 70, 2)).toBe(10);
  expect(await take(place, "c", 10, 40, 3)).toBe(0);
  expect(await take(place, "late", 10, 100)).toBe(0);
  expect(await take(place, "d", 50, 100, 4)).toBe(30);
});

test("a lease that was lost on the way is asked for again, not leased twice", async () => {
  const place = placeOf("crash");
  const index = budgetShardOf("a");
  // As after a crash of the shard: the root has leased, the shard has written the question down and nothing more.
  await runInDurableObject(budgetShard(env, place, index), async (_, { storage }) => {
    const asked = { number: 1, returned: 0 };
    const shard = { limit: limitOf(100), left: 0, given: 0, leaseNumber: 0, asked, recall: { number: 0, amount: 0 } };
    storage.sql.exec("CREATE TABLE state (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT");
    storage.sql.exec(
      "CREATE TABLE take (key TEXT PRIMARY KEY, granted INTEGER NOT NULL, settled INTEGER NOT NULL, at INTEGER NOT NULL) STRICT",
    );
    storage.sql.exec("INSERT INTO state VALUES (1, ?)", JSON.stringify({ shard, pruneAt: null }));
  });
  await evictDurableObject(budgetShard(env, place, index));
  const ask = { shard: index, number: 1, returned: 0, want: 60, limit: limitOf(100) };
  expect((await budgetRootOf(env, place).lease(place, ask)).lease).toEqual({ number: 1, amount: 60 });
  expect(await take(place, "a", 100, 100)).toBe(100);
});

test("what a shard handed back is found again when its answer was lost", async () => {
  const place = placeOf("lost");
  const [first = "", second = ""] = membersOfTwoShards();
  expect(await take(place, first, 1, 100)).toBe(1);
  // oxlint-disable-next-line typescript/unbound-method -- called with the object it belongs to
  const { recall } = BudgetShard.prototype;
  vi.spyOn(BudgetShard.prototype, "recall").mockImplementationOnce(async function (this: BudgetShard, ask) {
    await recall.call(this, ask);
    throw new Error("the answer is lost");
  });
  expect(await take(place, second, 99, 100)).toBeLessThan(99);
  vi.restoreAllMocks();
  await vi.waitFor(async () => expect(await take(place, second, 99, 100)).toBe(99), { timeout: 5_000, interval: 300 });
});

test("keys are forgotten after 400 days; what they took stays given", async () => {
  const place = placeOf("old");
  const shard = () => budgetShard(env, place, budgetShardOf("a"));
  await take(place, "a", 60, 100);
  await runInDurableObject(shard(), (_, { storage }) => {
    storage.sql.exec("UPDATE take SET at = at - ?", 401 * 86_400_000);
  });
  expect(await runDurableObjectAlarm(shard())).toBe(true);
  const kept = await runInDurableObject(shard(), (_, { storage }) =>
    storage.sql.exec("SELECT key FROM take").toArray(),
  );
  expect(kept).toEqual([]);
  await giveBackOf(env, place, "a", { key: "a/order", unused: 60 });
  expect(await take(place, "b", 60, 100)).toBe(40);
});

function membersOfTwoShards(): string[] {
  const found = new Map<number, string>();
  for (let index = 0; found.size < 2; index += 1) found.set(budgetShardOf(`m${index}`), `m${index}`);
  return [...found.values()];
}
