// Two tenants with the same people, names and codes: nothing of one can be seen, moved, spent or verified at the other.
import { allowanceKeys } from "@regulars/contracts/tills";
import { verifyAllowance } from "@regulars/sdk";
import { beforeAll, describe, expect, test } from "vitest";
import { everything, makeTenant, Place, publish, until, type Tenant } from "./loyalty-places.ts";
import { makeOrder, uniqueId, useSystem, type Answer } from "./system.ts";

const system = useSystem();
const network = uniqueId("mall");
const PHONE = "0911222333";
const STORE = "taipei-xinyi";
const ORDER = "order-1";

/** `away` has not joined the network of the other two. */
const tenants = {} as Record<"here" | "there" | "away", Tenant>;
const places = {} as Record<"here" | "there" | "away", Place>;
/** The same person at each. */
const person = {} as Record<"here" | "there" | "away", string>;

const currencies = [...everything.currencies, { id: "coins", network }];
const coins = {
  ...everything,
  currencies,
  earning: [...everything.earning, { id: "coin", currency: "coins", per: 10_000, points: 1 }],
  tender: [everything.tender, { currency: "coins", valuePerPoint: 100 }],
};

beforeAll(async () => {
  const { operatorKey } = system.stack;
  const about = { sandbox: true, timeZone: "Asia/Taipei", phoneRegion: "TW", currency: "TWD", locale: "zh-TW" };
  const made = await system.call(
    "POST",
    "/manage/v1/networks",
    { networkId: network, name: "Mall", ...about },
    { key: operatorKey },
  );
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  await publish(system, made.body, { currencies: [{ id: "coins" }] });
  for (const name of ["here", "there", "away"] as const) {
    const tenant = await makeTenant(system, name);
    tenants[name] = tenant;
    places[name] = new Place(system, tenant.key);
    if (name !== "away") {
      const join = `/manage/v1/networks/${network}/tenants/${tenant.id}`;
      expect((await system.call("PUT", join, undefined, { key: operatorKey })).status).toBe(200);
    }
    await publish(system, tenant, name === "away" ? everything : coins);
    // The same idempotency keys everywhere, too.
    const identities = [{ type: "phone", value: PHONE }];
    const enrolled = await places[name].call("POST", "/v1/members", { identities }, { idempotencyKey: "person" });
    person[name] = enrolled.body.id;
  }
});

const manage = (name: keyof typeof tenants, method: string, path: string, body?: unknown, idempotencyKey?: string) =>
  system.call(method, `/manage/v1${path}`, body, {
    key: tenants[name].manageKey,
    ...(idempotencyKey !== undefined && { idempotencyKey }),
  });

const told = ({ status, body }: Answer) => [status, body.code, body.field];
const available = async (name: keyof typeof places, currency = "points") =>
  (await places[name].call("GET", `/v1/members/${person[name]}/balances`)).body.balances.find(
    (one: { currency: string }) => one.currency === currency,
  )?.available;
const post = (name: keyof typeof places, path: string, body: unknown = {}, idempotencyKey = uniqueId("iso")) =>
  places[name].call("POST", path, body, { idempotencyKey });

test("one phone is a member of each tenant, and each lookup finds its own", async () => {
  expect(new Set(Object.values(person)).size).toBe(3);
  for (const name of ["here", "there", "away"] as const) {
    const found = await places[name].call("GET", `/v1/members/lookup?phone=${PHONE}`);
    expect(found.body.id).toBe(person[name]);
  }
});

test("an order id is each tenant's own: one is refunded, the other stays", async () => {
  for (const name of ["here", "there"] as const) {
    expect((await places[name].pay(person[name], ORDER)).body.order?.memberId).toBe(person[name]);
  }
  const refund = { refundId: "1", all: true, memberId: person.there };
  expect((await places.there.call("POST", `/v1/orders/${ORDER}/refunds`, refund)).status).toBe(200);
  expect([await available("here"), await available("there")]).toEqual([37, 0]);
  const foreign = await places.there.call("GET", `/v1/orders/${ORDER}?memberId=${person.here}`);
  expect(told(foreign)).toEqual([404, "order_not_found", "memberId"]);
  expect(told(await places.away.call("GET", `/v1/orders/${ORDER}`))).toEqual([404, "order_not_found", "orderId"]);
  const explained = await places.there.call("GET", `/v1/orders/${ORDER}/explanation?memberId=${person.here}`);
  expect(told(explained)).toEqual([404, "order_not_found", "memberId"]);
});

describe("codes and stock", () => {
  test("a code of one tenant is no code of the other, and is still good at its own", async () => {
    const wish = { campaign: "flyer", count: 3 };
    const batch = (await manage("here", "POST", "/code-batches", wish, "batch")).body.id;
    const codesPath = `/code-batches/${batch}/codes`;
    const [first, second] = (await manage("here", "GET", codesPath)).body.codes as { code: string }[];
    if (first === undefined || second === undefined) throw new Error("no codes");
    const bring = (name: keyof typeof places, code: string) =>
      places[name].pay(person[name], uniqueId("code"), { codes: [code] });
    expect(told(await bring("there", first.code)).slice(0, 2)).toEqual([422, "code_not_usable"]);
    expect(told(await manage("there", "GET", codesPath))).toEqual([404, "code_batch_not_found", "id"]);
    // The other tenant's batch of the same number makes other codes, and voids none of these.
    expect((await manage("there", "POST", "/code-batches", wish, "batch")).body.id).toBe(batch);
    const others = (await manage("there", "GET", codesPath)).body.codes as { code: string }[];
    expect(others.map(({ code }) => code)).not.toContain(first.code);
    const voided = await manage("there", "POST", `/code-batches/${batch}/voids`, { codes: [first.code] });
    expect(voided.body.codes).toEqual([{ code: first.code, state: "unknown" }]);
    expect(told(await bring("there", first.code)).slice(0, 2)).toEqual([422, "code_not_usable"]);
    expect((await bring("here", first.code)).body.order?.payable).toBe(36_000);
  });

  test("a public code that is used up here is there as if new", async () => {
    for (const phone of ["0911222334", "0911222335"]) {
      const member = await places.here.enrol(phone);
      expect((await places.here.pay(member, uniqueId("hello"), { codes: ["hello"] })).status).toBe(200);
    }
    const last = await places.here.pay(person.here, uniqueId("hello"), { codes: ["HELLO"] });
    expect(told(last).slice(0, 2)).toEqual([422, "code_not_usable"]);
    const given = async (name: keyof typeof tenants) => (await manage(name, "GET", "/budgets/code/hello")).body.given;
    expect([await given("here"), await given("there")]).toEqual([2, 0]);
    expect((await places.there.pay(person.there, uniqueId("hello"), { codes: ["HELLO"] })).status).toBe(200);
  });

  test("a stock that is sold out here is there as if new", async () => {
    await Promise.all([places.here.give(person.here, 100), places.there.give(person.there, 100)]);
    const buy = (name: keyof typeof places) => post(name, `/v1/members/${person[name]}/rewards/plate/purchases`);
    for (let piece = 0; piece < 3; piece += 1) expect((await buy("here")).status).toBe(201);
    expect(told(await buy("here")).slice(0, 2)).toEqual([409, "reward_out_of_stock"]);
    expect((await buy("there")).status).toBe(201);
  });
});

test("an allowance verifies with the keys of its own tenant alone, and no other's order draws on it", async () => {
  const wish = { currency: "points", points: 10, storeId: STORE, ttlSeconds: 600 };
  const issued = await post("here", `/v1/members/${person.here}/allowances`, wish, "allowance");
  const keysOf = async (name: keyof typeof places) =>
    allowanceKeys.parse((await places[name].call("GET", "/v1/allowance-keys")).body);
  const verify = async (name: keyof typeof places) =>
    verifyAllowance(issued.body.token, await keysOf(name), Date.now(), { storeId: STORE });
  expect((await verify("here")).ok).toBe(true);
  expect(await verify("there")).toMatchObject({ ok: false });
  // The same key and wish at the other tenant is another allowance; only its own member may name it.
  const { id } = issued.body.allowance;
  const draw = { redeem: [{ currency: "points", points: 5 }], allowanceId: id };
  const drawn = await places.there.pay(person.there, uniqueId("draw"), draw);
  expect(told(drawn).slice(0, 2)).toEqual([404, "allowance_not_found"]);
  const read = await places.there.call("GET", `/v1/members/${person.here}/allowances/${id}`);
  expect(told(read)).toEqual([404, "member_not_found", "id"]);
});

test("a round of a game and a referral are of the tenant that knows them", async () => {
  const rounds = (name: keyof typeof places) => `/v1/members/${person[name]}/games/catch/rounds`;
  const { token } = (await post("here", rounds("here"), {}, "round")).body;
  const finished = await places.there.call("POST", `${rounds("there")}/finish`, { token, score: 1 });
  expect(told(finished)).toEqual([422, "game_token_invalid", "token"]);
  const { code } = (await places.here.call("GET", `/v1/members/${person.here}/referral-code`)).body;
  const identities = [{ type: "phone", value: "0911222336" }];
  const referred = await post("there", "/v1/members", { identities, referralCode: code });
  expect(told(referred)).toEqual([422, "referral_code_unknown", "referralCode"]);
});

test("a household of the same name is another, and its pool is nobody's receiver elsewhere", async () => {
  const accounts: string[] = [];
  for (const name of ["here", "there"] as const) {
    const let_ = await post(name, `/v1/households/home/members/${person[name]}`, { role: "owner" }, "let");
    accounts.push(let_.body.accountId);
  }
  expect(new Set(accounts).size).toBe(2);
  const give = { household: true, currency: "points", points: 20 };
  const sent = async () => (await post("here", `/v1/members/${person.here}/transfers`, give)).status;
  await until(sent, 201);
  const pool = async (name: keyof typeof places) =>
    (await places[name].call("GET", "/v1/households/home")).body.balances?.[0]?.available ?? 0;
  await until(() => pool("here"), 20);
  expect(await pool("there")).toBe(0);
  const foreign = await post("there", `/v1/households/home/members/${person.here}`, { role: "spender" });
  expect(told(foreign)).toEqual([404, "member_not_found", "id"]);
  for (const id of [person.here, accounts[0]]) {
    const gift = await post("there", `/v1/members/${person.there}/transfers`, {
      ...give,
      household: undefined,
      to: { id },
    });
    expect(told(gift)).toEqual([404, "member_not_found", "to.id"]);
  }
  const redeem = [{ currency: "points", points: 20, wallet: "household" }];
  const spent = await places.there.pay(person.there, uniqueId("pool"), { redeem });
  expect(told(spent).slice(0, 2)).toEqual([409, "insufficient_points"]);
  expect(told(await places.away.call("GET", "/v1/households/home"))).toEqual([
    404,
    "household_not_found",
    "householdId",
  ]);
});

test("a transfer is read by its own two members alone, and a merge ends at the tenant's border", async () => {
  const friend = await places.here.enrol("0911222337");
  const gift = { to: { id: friend }, currency: "points", points: 5 };
  const { transfer } = (await post("here", `/v1/members/${person.here}/transfers`, gift)).body;
  const read = await places.there.call("GET", `/v1/members/${person.there}/transfers/${transfer.id}`);
  expect(told(read)).toEqual([404, "transfer_not_found", "transferId"]);
  const merged = await post("there", `/v1/members/${person.there}/merge`, { into: person.here });
  expect(told(merged)).toEqual([404, "member_not_found", "into"]);
});

describe("a network's coin", () => {
  const quoted = async (name: keyof typeof places) => {
    const { state: _, ...basket } = makeOrder(person[name]) as Record<string, unknown>;
    const { body } = await places[name].call("POST", "/v1/checkout/quote", basket);
    return body.redeemable?.find((one: { currency: string }) => one.currency === "coins")?.maxPoints;
  };

  test("is seen and spent by the tenants that joined, and by nobody else", async () => {
    const before = Number(await quoted("there"));
    const order = uniqueId("coin");
    expect((await places.here.pay(person.here, order, { lines: [line(100_000)] })).status).toBe(200);
    await until(() => quoted("there"), before + 10);
    expect(await quoted("away")).toBe(undefined);
    expect(told(await manage("away", "PUT", "/program", coins)).slice(0, 2)).toEqual([422, "network_unknown"]);
    const redeem = [{ currency: "coins", points: 1 }];
    const spent = await places.away.pay(person.away, uniqueId("coin"), { redeem });
    expect(told(spent)).toEqual([422, "redeem_not_allowed", "redeem[0].currency"]);
    // A coin of one's own is no network's coin, whatever it is called.
    const own = { ...everything, currencies: [...everything.currencies, { id: "coins" }], tender: coins.tender };
    await publish(system, tenants.away, own);
    await until(
      async () => told(await places.away.pay(person.away, uniqueId("coin"), { redeem })).slice(0, 2),
      [409, "insufficient_points"],
    );
  });

  test("shows a tenant what can be spent, and no order of another", async () => {
    const text = JSON.stringify(await places.there.everythingOf(person.there));
    expect(text).not.toContain(person.here);
    expect(text).not.toContain(tenants.here.id);
    expect(text).not.toContain("coin-");
  });
});

test("a manager reads the books of one tenant alone", async () => {
  const range = `from=2020-01-01T00:00:00Z&to=2099-01-01T00:00:00Z`;
  const partnered = await places.here.pay(person.here, uniqueId("partner"), { partnerCode: "AN5" });
  expect(partnered.status).toBe(200);
  const orders = async (name: keyof typeof tenants) =>
    (await manage(name, "GET", `/partners/an/statement?${range}`)).body.lines.length;
  await until(() => orders("here"), 1);
  expect(await orders("there")).toBe(0);
  const outstanding = async (name: keyof typeof tenants) =>
    (await manage(name, "GET", "/liability")).body.currencies.find(
      ({ currency }: { currency: string }) => currency === "points",
    )?.outstanding ?? 0;
  const owned = await available("away");
  await until(() => outstanding("away"), owned);
  const simulation = { program: everything, from: "2020-01-01T00:00:00Z", to: "2099-01-01T00:00:00Z" };
  const { id } = (await manage("here", "POST", "/simulations", simulation, "simulation")).body;
  expect(told(await manage("there", "GET", `/simulations/${id}`))).toEqual([404, "simulation_not_found", "id"]);
  expect(told(await manage("there", "DELETE", `/simulations/${id}`))).toEqual([404, "simulation_not_found", "id"]);
  await manage("here", "PUT", "/program/shadow", { program: coins });
  expect(told(await manage("there", "GET", "/program/shadow/report")).slice(0, 2)).toEqual([404, "shadow_not_found"]);
  expect(told(await manage("there", "DELETE", "/program/shadow")).slice(0, 2)).toEqual([404, "shadow_not_found"]);
});

function line(unitPrice: number) {
  return { lineId: "1", sku: "tea", quantity: 1, unitPrice };
}
