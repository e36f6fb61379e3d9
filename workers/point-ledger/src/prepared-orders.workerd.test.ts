// Orders under a budget shared by all members: never more than there is, nothing lost, and no other object asked without need.
import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { BUDGET_SHARDS } from "@regulars/domain/budgets";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { Book } from "./book.ts";
import { budgetShard } from "./budget-objects.ts";
import { makeContext, makeOrder, plainProgram, publishPrograms, valueOf, writing } from "./make-member.ts";
import { ledgerOf } from "./objects.ts";

const tenantId = "ten_budget";
const budgeted = (id: string, points: number) => ({
  ...plainProgram,
  earning: [
    ...plainProgram.earning,
    { id, currency: "points", type: "fixed" as const, points: 100, budget: { points } },
  ],
});

beforeAll(async () => {
  const programs = [
    plainProgram,
    budgeted("fought", 250),
    budgeted("crash", 1000),
    budgeted("late", 1000),
    budgeted("asked", 9),
  ];
  await publishPrograms(tenantId, programs);
});
afterEach(() => vi.restoreAllMocks());

let members = 0;

/** An enrolled member of the tenant with budgets, under a version of its program. */
async function makeShopper(programVersion: number) {
  const memberId = `mbr_b${(members += 1)}`;
  const at = { ...makeContext(memberId), tenantId, programVersion };
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const person = { identities: [], profile: {}, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), person));
  const pay = async (orderId = "A", more = {}) =>
    ledger().putOrder(writing(at, `o/${orderId}/paid`), makeOrder({ orderId, ...more }));
  return { memberId, at, ledger, pay };
}

const givenOf = async (rule: string) => {
  const name = `budget/${rule}/all`;
  const shards = Array.from({ length: BUDGET_SHARDS }, (_, index) =>
    budgetShard(env, { tenantId, name }, index).given(),
  );
  return (await Promise.all(shards)).reduce((sum, one) => sum + one, 0);
};

type Reply = Awaited<ReturnType<Awaited<ReturnType<typeof makeShopper>>["pay"]>>;
const pointsOf = (reply: Reply, rule: string) => valueOf(reply).earned.find((one) => one.rule === rule)?.points ?? 0;

test("only an order under a rule that has a budget asks other objects", async () => {
  const asked = vi.spyOn(env.BUDGET_SHARD, "get");
  const plain = await makeShopper(1);
  valueOf(await plain.pay());
  expect(asked).not.toHaveBeenCalled();
  expect(await openDuties(plain)).toEqual({ open: 0, ever: 0 });
  const other = await makeShopper(5);
  expect(pointsOf(await other.pay(), "asked")).toBe(9);
  expect(asked).toHaveBeenCalled();
});

test("members fight over a budget: each gets what is left, all of them exactly what there is", async () => {
  const shoppers = await Promise.all(Array.from({ length: 12 }, () => makeShopper(2)));
  const replies = await Promise.all(shoppers.map(({ pay }) => pay()));
  const points = replies.map((reply) => pointsOf(reply, "fought")).toSorted((one, other) => other - one);
  expect(points).toEqual([100, 100, 50, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(await givenOf("fought")).toBe(250);
  const again = await Promise.all(shoppers.map(({ pay }) => pay()));
  expect(again).toEqual(replies.map((reply) => ({ ...reply, events: [] })));
  expect(await givenOf("fought")).toBe(250);
});

test("an order that dies after it took goes on with what it took; one that never comes back gives all of it back", async () => {
  const shopper = await makeShopper(3);
  const dying = () =>
    vi.spyOn(Book.prototype, "append").mockImplementationOnce(() => {
      throw new Error("killed");
    });
  dying();
  await expect(shopper.pay()).rejects.toThrow("killed");
  expect(await givenOf("crash")).toBe(100);
  expect(pointsOf(await shopper.pay(), "crash")).toBe(100);
  expect(await givenOf("crash")).toBe(100);
  dying();
  await expect(shopper.pay("B")).rejects.toThrow("killed");
  expect(await givenOf("crash")).toBe(200);
  await letIntentsLapse(shopper);
  expect(await givenOf("crash")).toBe(100);
  expect(await openDuties(shopper)).toMatchObject({ open: 0 });
  expect(pointsOf(await shopper.pay("B"), "crash")).toBe(100);
});

test("an order decided after its intent was given up takes anew", async () => {
  const shopper = await makeShopper(4);
  const intend = Book.prototype.intend;
  // As if five minutes passed between what was granted and the decision.
  vi.spyOn(Book.prototype, "intend").mockImplementationOnce(function (this: Book, ...all: Parameters<Book["intend"]>) {
    intend.apply(this, all);
    for (const open of this.duties.intents()) this.duties.giveUp(open);
  });
  expect(pointsOf(await shopper.pay(), "late")).toBe(100);
  await vi.waitFor(async () => expect(await openDuties(shopper)).toMatchObject({ open: 0 }));
  expect(await givenOf("late")).toBe(100);
});

type Shopper = Awaited<ReturnType<typeof makeShopper>>;

async function letIntentsLapse({ ledger }: Shopper) {
  await runInDurableObject(ledger(), (_, { storage }) => {
    storage.sql.exec("UPDATE duty SET next_at = 1");
  });
  await evictDurableObject(ledger());
  await runDurableObjectAlarm(ledger());
  await vi.waitFor(async () => expect(await openCount(ledger())).toBe(0));
}

const openCount = (ledger: ReturnType<Shopper["ledger"]>) =>
  runInDurableObject(ledger, (_, { storage }) =>
    Number(storage.sql.exec("SELECT count(*) AS count FROM duty").one()["count"]),
  );

const openDuties = ({ ledger }: Shopper) =>
  runInDurableObject(ledger(), (_, { storage }) => {
    const [last] = storage.sql.exec("SELECT seq FROM sqlite_sequence WHERE name = 'duty'").toArray();
    const open = storage.sql.exec("SELECT count(*) AS count FROM duty").one()["count"];
    return { open, ever: last?.["seq"] ?? 0 };
  });
