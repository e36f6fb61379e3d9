// workerd is killed again and again while points, vouchers, coins, budgets, codes and prizes are between objects: all end once.
import { closeSync, openSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test, vi } from "vitest";
import { coinLedger, openDuties, readLedgers, sumEntries } from "./ledger-files.ts";
import { checkOrders, resumedAfter } from "./saga-checks.ts";
import { Client, isWhole, settling } from "./saga-load.ts";
import { coinsAccount, movesOf, pointsOf, poolOf, type Given, type Operation } from "./saga-moves.ts";
import { coinsOf, COINS_EACH, CUP_COST, KILLS, enrol, give, LUCKY_STORE, makeWorld, phone } from "./saga-world.ts";
import { okay, PLACED_AT, TOTALS, type World } from "./saga-world.ts";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const PEOPLE = 9;
/** Between two calls of a till, so that a fast machine does not make so many that asking all of them again takes minutes. */
const THINKING_MS = 30;
/** Some lives are as short as a saga is, others let many of them end. */
const LIFE_MS = [500, 2_000, 900, 1_500, 700];
/** Every second kill comes with the answer to one of these, when what it demands of others has just begun. */
const BEGUN: readonly string[] = ["transfer", "spend", "gift", "refund", "first", "poolSpend", "contribute", "return"];
/** Refusals that are answers here; any other is a fault. */
const REFUSALS = new Set(["insufficient_points", "reward_out_of_stock", "code_not_usable"]);

const system = useSystem();
let world: World;
let before: ReadonlyMap<string, number>;
const operations: Operation[] = [];

beforeAll(async () => {
  world = await makeWorld(system, PEOPLE);
  for (const person of world.people) {
    const arrived = async () => expect(await coinsOf(world, person)).toBe(COINS_EACH);
    await vi.waitFor(arrived, { timeout: 20_000, interval: 200 });
  }
  before = await balancesNow();
});

test("every acknowledged call gives the same answer after kills, an unknown one happens once when it is sent again", async () => {
  const journal = openSync(join(tmpdir(), uniqueId("journal")), "w");
  let running = true;
  let recovery: Promise<unknown> = Promise.resolve();
  let awaited: { readonly kind: string; readonly answered: () => void } | null = null;
  const work = async (index: number) => {
    const client = new Client(world, index);
    for (let turn = 0; running; turn += 1) {
      // What is under way dies with the process; nobody knocks at the door until it is up again.
      await recovery;
      const operation = client.next(operations.length, turn);
      operations.push(operation);
      const { of: _of, ...said } = operation;
      writeSync(journal, `${JSON.stringify(said)}\n`);
      await attempt(operation);
      if (operation.answer !== null && operation.kind === awaited?.kind) awaited.answered();
      // Most tills send again at once what got no answer, the others come back to it at the end of the day.
      if (index % 3 !== 2) while (operation.answer === null) await attempt(operation);
      writeSync(journal, `${JSON.stringify({ id: operation.id, answer: operation.answer?.text })}\n`);
      client.learn(operation);
      await pause(THINKING_MS);
    }
  };
  const since = performance.now();
  const clients = world.people.map((_, index) => work(index));
  for (let kill = 0; kill < KILLS; kill += 1) {
    await pause(LIFE_MS[kill % LIFE_MS.length] ?? 500);
    const kind = kill % 2 === 0 ? BEGUN[(kill / 2) % BEGUN.length] : undefined;
    // The first answer of its kind kills; one that comes with it must not kill what is starting.
    const answered = (dead: () => void) => {
      awaited = null;
      recovery = kill9().finally(dead);
    };
    if (kind === undefined) await (recovery = kill9());
    else await new Promise<void>((dead) => (awaited = { kind, answered: () => answered(dead) }));
  }
  await pause(300);
  running = false;
  await Promise.all(clients);
  closeSync(journal);
  const seconds = Math.round((performance.now() - since) / 1000);

  const acknowledged = operations.filter(({ answer }) => answer !== null);
  const unknown = operations.filter(({ answer }) => answer === null);
  expect(Math.min(acknowledged.length, unknown.length)).toBeGreaterThan(0);
  for (const operation of unknown) await untilAnswered(operation);
  // Nobody holds anything at the end of the day: what is still authorized is let go.
  const settled = new Set(operations.flatMap(({ of }) => of ?? []));
  for (const of of operations.filter(({ kind, answer }) => kind === "authorize" && answer?.status === 200)) {
    if (settled.has(of)) continue;
    const rest = { id: operations.length, kind: "cancelled" as const, key: uniqueId("op"), answer: null };
    operations.push({ ...rest, ...settling(of, "cancelled") });
    await untilAnswered(operations.at(-1) as Operation);
  }
  console.log(`${KILLS} kills in ${seconds} s, ${acknowledged.length} acknowledged, ${unknown.length} unknown`);
  console.log(JSON.stringify(countsBy(operations, ({ kind, answer }) => `${kind} ${answer?.status}`)));
  for (const operation of acknowledged) {
    const first = operation.answer;
    operation.answer = null;
    await untilAnswered(operation);
    expect((operation.answer as Given | null)?.text, operation.path).toBe(first?.text);
  }
});

test("when it is quiet no duty and no intent is open, and nothing is on its way", async () => {
  await expect.poll(() => countsBy(openDuties(system.folder), (kind) => kind), { timeout: 40_000 }).toEqual({});
  const ledgers = readLedgers(system.folder);
  for (const currency of ["points", "coins"]) {
    const { transit = 0, held = 0, pending = 0, ...sums } = sumEntries(ledgers, currency);
    console.log(`${ledgers.length} objects, ${currency}: ${JSON.stringify({ ...sums, transit, held, pending })}`);
    expect({ transit, held, pending }).toEqual({ transit: 0, held: 0, pending: 0 });
    expect(Object.values(sums).reduce((sum, points) => sum + points, 0)).toBe(0);
  }
});

test("every member, pool and account of coins has exactly what the answers say", async () => {
  const stateOf = new Map<Operation, string>();
  for (const operation of operations) {
    const { body } = operation.answer ?? {};
    if (body?.transfer === undefined) continue;
    const path = `/v1/members/${operation.memberId}/transfers/${body.transfer.id}`;
    stateOf.set(operation, okay(await system.call("GET", path), 200).body.transfer.state);
  }
  console.log(`transfers: ${JSON.stringify(countsBy([...stateOf], ([{ kind }, state]) => `${kind} ${state}`))}`);
  for (const [{ kind }, state] of stateOf) expect(state).toBe(kind === "toGone" ? "returned" : "settled");
  const backAsWhole = operations.filter((one) => one.kind === "refund" && isWhole(one) && one.answer?.status === 200);
  const undone = new Set(backAsWhole.map(({ of }) => of));
  const expected = new Map(before);
  const end = (one: Operation) => stateOf.get(one) ?? "";
  for (const operation of operations) {
    for (const { account, points } of movesOf(operation, end, (one) => undone.has(one))) {
      expected.set(account, (expected.get(account) ?? 0) + points);
    }
  }
  const now = await balancesNow([...expected.keys()]);
  expect(Object.fromEntries(now)).toEqual(Object.fromEntries(expected));
});

test("no order is paid half: what it spends and earns elsewhere stands there exactly so, and nothing else does", () => {
  const ledgers = readLedgers(system.folder);
  const found = checkOrders(ledgers);
  console.log(JSON.stringify(found));
  expect(found.faults).toEqual([]);
  expect(found.captured).toBeGreaterThan(10);
  console.log(`${resumedAfter(ledgers, 1_000)} transfers and payments were cut off by a kill and ended after it`);
});

test("a voucher that was bought is somebody's, or its points and its piece of stock are back", async () => {
  const bought = countOf("buy", 201);
  const returned = countOf("return", 200);
  let held = 0;
  for (const { memberId } of world.people) {
    const { body } = await system.call("GET", `/v1/members/${memberId.a}/vouchers`);
    held += body.vouchers.filter(({ rewardId, state }: never) => rewardId === "cup" && state === "issued").length;
  }
  expect(held).toBe(bought - returned);
  expect(await givenOf("stock", "cup")).toBe(bought - returned);
  const buyer = await enrol(system, world.shops.a, phone());
  await give(system, world.shops.a, buyer, CUP_COST * (TOTALS.cups + 5));
  const path = `/v1/members/${buyer}/rewards/cup/purchases`;
  const buy = () => system.call("POST", path, {}, { idempotencyKey: uniqueId("cup") });
  expect(await takeAll(buy, 201, "reward_out_of_stock")).toBe(TOTALS.cups - held);
});

test("a budget has given what orders got of it, and the rest to the last point can be taken", async () => {
  const paid = operations.flatMap(({ answer }) => (answer?.status === 200 ? (answer.body.earned ?? []) : []));
  const used = paid.filter(({ rule }) => rule === "lucky").reduce((sum, { points }) => sum + points, 0);
  expect(await givenOf("rule", "lucky")).toBe(used);
  const buyer = await enrol(system, world.shops.a, phone());
  const lines = [{ lineId: "1", sku: "gold", quantity: 1, unitPrice: TOTALS.lucky * 1000 }];
  const order = makeOrder(buyer, { placedAt: PLACED_AT, storeId: LUCKY_STORE, lines });
  const pointsFor = async () => {
    const { body } = okay(await system.call("PUT", `/v1/orders/${uniqueId("rest")}`, order), 200);
    return body.earned.find(({ rule }: { rule: string }) => rule === "lucky")?.points ?? 0;
  };
  expect([await pointsFor(), await pointsFor()]).toEqual([TOTALS.lucky - used, 0]);
});

test("a code is used once, and one that nobody uses can be used", async () => {
  const summer = operations.filter((one) => one.code === "summer" || one.of?.kind === "authorize");
  const used = summer.reduce((sum, { answer }) => sum + usesIn(answer), 0) - usesBack();
  expect(await givenOf("code", "summer")).toBe(used);
  const flyers = operations.filter(({ kind, answer }) => kind === "flyer" && answer?.status === 200);
  const taken = new Set(flyers.map(({ code }) => code));
  expect(taken.size).toBe(flyers.length);
  const usage = () => system.call("GET", `/manage/v1/code-batches/${world.batchId}`);
  expect((await usage()).body).toMatchObject({ used: flyers.length, reserved: 0 });
  const buyer = await enrol(system, world.shops.a, phone());
  const pay = (code: string) =>
    system.call("PUT", `/v1/orders/${uniqueId("code")}`, makeOrder(buyer, { placedAt: PLACED_AT, codes: [code] }));
  for (const code of world.flyers.filter((one) => !taken.has(one))) okay(await pay(code), 200);
  expect((await usage()).body).toMatchObject({ used: TOTALS.flyers, reserved: 0 });
  expect(await takeAll(() => pay("summer"), 200, "code_not_usable")).toBe(TOTALS.summer - used);
});

test("PostgreSQL agrees with every object of both shops and of the network", async () => {
  const { a, b } = world.shops;
  for (const key of [a.manageKey, b.manageKey, world.networkKey]) {
    expect(await reconcileUntilEqual(system, 60, { key, made: PEOPLE })).toEqual([]);
  }
});

async function attempt(operation: Operation): Promise<void> {
  const { method, path, body, key, shop, kind } = operation;
  const answer = await system
    .call(method, path, body, { idempotencyKey: key, key: world.shops[shop].key })
    .catch(() => null);
  if (answer === null || answer.status >= 500) return pause(50);
  const { status } = answer;
  const { code, id } = answer.body;
  if (status >= 400 && !REFUSALS.has(code)) throw new Error(`${kind} was refused: ${JSON.stringify(answer.body)}`);
  const text = status >= 400 ? code : kind === "refer" ? id : JSON.stringify(answer.body);
  operation.answer = { status, text: `${status} ${text}`, body: answer.body };
}

async function untilAnswered(operation: Operation): Promise<void> {
  for (let tries = 0; tries < 100 && operation.answer === null; tries += 1) await attempt(operation);
  if (operation.answer === null) throw new Error(`no answer to ${operation.key}`);
}

/** How often it can be taken until it is used up. */
async function takeAll(take: () => ReturnType<typeof system.call>, status: number, usedUp: string): Promise<number> {
  for (let times = 0; times <= 1000; times += 1) {
    const answer = await take();
    if (answer.body.code === usedUp) return times;
    okay(answer, status);
  }
  throw new Error("it never ends");
}

async function givenOf(kind: string, id: string): Promise<number> {
  return okay(await system.call("GET", `/manage/v1/budgets/${kind}/${id}`), 200).body.given;
}

const countOf = (wanted: string, status: number) =>
  operations.filter(({ kind, answer }) => kind === wanted && answer?.status === status).length;

const usesIn = (answer: Given | null) =>
  answer?.status === 200 && answer.body.order.state === "paid" ? answer.body.vouchers.length : 0;

const usesBack = () =>
  operations
    .filter(({ kind, answer }) => kind === "refund" && answer?.status === 200)
    .reduce((sum, { answer }) => sum + answer?.body.vouchers.length, 0);

/** Points and coins that can be spent, by account; of those of the world, and of more that are named. */
async function balancesNow(more: readonly string[] = []): Promise<ReadonlyMap<string, number>> {
  const { people, shops } = world;
  const first = people.flatMap(({ phone: of, memberId, household }) => [
    pointsOf("a", memberId.a),
    pointsOf("b", memberId.b),
    coinsAccount(of),
    poolOf(household),
  ]);
  const found = new Map<string, number>();
  const coins = coinsByPhone();
  for (const account of new Set([...first, ...more])) {
    const [currency = "", place = "", id = ""] = account.split("/");
    if (currency === "coins") {
      found.set(account, coins(place));
      continue;
    }
    const path = place === "pool" ? `/v1/households/${id}` : `/v1/members/${id}/balances`;
    const { body } = await system.call("GET", path, undefined, { key: shops[place === "b" ? "b" : "a"].key });
    found.set(account, body.balances.find((one: { currency: string }) => one.currency === "points")?.available ?? 0);
  }
  return found;
}

/** What the accounts of coins have, by the phone of a member that is known to have one. */
function coinsByPhone(): (phone: string) => number {
  const ledgers = readLedgers(system.folder);
  const phones = new Map<string, string>();
  for (const { memberId, phone: of } of world.people) phones.set(of, memberId.b);
  for (const { kind, answer, phone: of } of operations) if (kind === "refer") phones.set(of, answer?.body.id);
  return (of) => {
    const account = coinLedger(ledgers, phones.get(of) ?? "", world.network);
    return account === undefined ? 0 : (sumEntries([account], "coins")["available"] ?? 0);
  };
}

function countsBy<Item>(items: readonly Item[], name: (item: Item) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[name(item)] = (counts[name(item)] ?? 0) + 1;
  return counts;
}

/** Kills workerd at once, without asking anybody to do it, and waits until the next one answers. */
async function kill9(): Promise<void> {
  const pid = system.stack.pids.workerd;
  if (pid === null) throw new Error("workerd does not run");
  process.kill(pid, "SIGKILL");
  const isBack = async () => {
    const next = system.stack.pids.workerd;
    expect(next === null || next === pid).toBe(false);
    okay(await system.call("GET", "/v1/rewards"), 200);
  };
  await vi.waitFor(isBack, { timeout: 30_000, interval: 20 });
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
