// What people and tenants share, through the public and the management API alone: transfers, referral, partners, pools, coins.
import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem, type Answer, type Request } from "./system.ts";

const system = useSystem();
const at = (path: string) => new URL(`../../infra/local/${path}`, import.meta.url);
const demo = JSON.parse(readFileSync(at("demo-program.json"), "utf8"));
const demoTenant = JSON.parse(readFileSync(at("demo-tenant.json"), "utf8"));
const network = uniqueId("food");
const phoneOf = new Map<string, string>();
let partnerMember = "";
let networkKey = "";

beforeAll(async () => {
  const { operatorKey, tenantId } = system.stack;
  const { name, sandbox, timeZone, phoneRegion, currency, locale } = demoTenant;
  const made = await system.call(
    "POST",
    "/manage/v1/networks",
    { networkId: network, name, sandbox, timeZone, phoneRegion, currency, locale },
    { key: operatorKey },
  );
  expect([made.status, made.body.tenantId]).toEqual([201, `net_${network}`]);
  networkKey = made.body.manageKey;
  const refused = await system.call("PUT", "/manage/v1/program", programWith());
  expect([refused.status, refused.body.code]).toEqual([422, "network_unknown"]);
  const join = `/manage/v1/networks/${network}/tenants/${tenantId}`;
  expect((await system.call("PUT", join, undefined, { key: operatorKey })).status).toBe(200);
  const coin = { currencies: [{ id: "coins" }] };
  expect((await system.call("PUT", "/manage/v1/program", coin, { key: made.body.manageKey })).status).toBe(200);
  partnerMember = await enrol();
  const published = await system.call("PUT", "/manage/v1/program", programWith());
  expect([published.status, published.body.code]).toEqual([200, undefined]);
});

test("a member refers another by a code, in whatever letters; both are paid, and pay back when the order is refunded", async () => {
  const referrer = await enrol();
  const { body } = await system.call("GET", `/v1/members/${referrer}/referral-code`);
  expect(body.code).toMatch(/^[2-9A-Z]{8}$/);
  const referee = await enrol({ referralCode: body.code.toLowerCase() });
  const orderId = await pay(referee);
  await until(async () => [await points(referrer), await points(referee)], [50, 37 + 20]);
  await call("POST", `/v1/orders/${orderId}/refunds`, { refundId: "1", all: true });
  await until(async () => [await points(referrer), await points(referee)], [0, 0]);
  const unknown = await system.call("POST", "/v1/members", { ...person(), referralCode: "NOBODY22" }, keyed());
  expect([unknown.status, unknown.body.code]).toEqual([422, "referral_code_unknown"]);
});

test("points go to another member by phone, and to a cause", async () => {
  const [giver, receiver] = [await enrol(), await enrol()];
  await adjust(giver, 100);
  const ask = {
    to: { phone: phoneOf.get(receiver) },
    currency: "points",
    points: 30,
    purpose: "gift",
    note: "生日快樂",
  };
  const sent = await call("POST", `/v1/members/${giver}/transfers`, ask, 201);
  expect(sent.body.transfer).toMatchObject({
    state: "sent",
    to: receiver,
    points: [{ currency: "points", points: 30 }],
  });
  const { id } = sent.body.transfer;
  const stateOf = async () => (await system.call("GET", `/v1/members/${giver}/transfers/${id}`)).body.transfer.state;
  await until(async () => [await stateOf(), await points(receiver)], ["settled", 30]);
  await call("POST", `/v1/members/${giver}/transfers`, { cause: "trees", currency: "points", points: 10 }, 201);
  expect(await points(giver)).toBe(60);
});

test("a household pays from its pool", async () => {
  const [owner, child] = [await enrol(), await enrol()];
  await adjust(owner, 200);
  const household = uniqueId("home");
  await call("POST", `/v1/households/${household}/members/${owner}`, { role: "owner" });
  await call("POST", `/v1/households/${household}/members/${child}`, { role: "spender" });
  const give = { household: true, currency: "points", points: 150 };
  await until(
    async () => (await system.call("POST", `/v1/members/${owner}/transfers`, give, keyed("pool"))).status,
    201,
  );
  const pool = async () => (await system.call("GET", `/v1/households/${household}`)).body.balances[0]?.available;
  await until(pool, 150);
  await until(
    async () => (await order(child, { redeem: [{ currency: "points", points: 100, wallet: "household" }] })).status,
    200,
  );
  expect(await until(pool, 50)).toBe(50);
});

test("coins of a network are earned and spent, and come back with a refund", async () => {
  const member = await enrol();
  await pay(member);
  const quote = async () => {
    const { body } = await system.call("POST", "/v1/checkout/quote", quoted(member));
    return body.redeemable.find((one: { currency: string }) => one.currency === "coins").maxPoints;
  };
  expect(await until(quote, 7)).toBe(7);
  const orderId = await pay(member, { redeem: [{ currency: "coins", points: 5 }] });
  await until(quote, 7 - 5 + 7);
  await call("POST", `/v1/orders/${orderId}/refunds`, { refundId: "1", all: true });
  expect(await until(quote, 7)).toBe(7);
});

test("a partner is paid by statement, or in points when a member, for what stays paid", async () => {
  const buyer = await enrol();
  const stays = await pay(buyer, { partnerCode: "an5" });
  const goes = await pay(buyer, { partnerCode: "AN5" });
  await call("POST", `/v1/orders/${goes}/refunds`, { refundId: "1", all: true });
  await pay(buyer, { partnerCode: "MEI10" });
  await until(() => points(partnerMember), 9);
  const day = 86_400_000;
  const range = `from=${new Date(Date.now() - day).toISOString()}&to=${new Date(Date.now() + day).toISOString()}`;
  const statement = async (more = "") =>
    (await system.call("GET", `/manage/v1/partners/an/statement?${range}${more}`)).body;
  await until(async () => (await statement()).totals, [{ currency: "TWD", orders: 2, net: 37_000, commission: 1_850 }]);
  const { lines, nextCursor } = await statement("&limit=1");
  expect(lines).toMatchObject([{ orderId: stays, net: 37_000, commissionBasisPoints: 500, commission: 1_850 }]);
  const rest = await statement(`&limit=1&cursor=${encodeURIComponent(nextCursor)}`);
  expect(rest).toMatchObject({ lines: [{ orderId: goes, net: 0, commission: 0 }], nextCursor: null });
});

test("a merged profile is found by its identities where it went, and parted again", async () => {
  const [old, stays] = [await enrol(), await enrol()];
  await adjust(old, 40);
  await call("POST", `/v1/members/${old}/merge`, { into: stays });
  const found = async () => (await system.call("GET", `/v1/members/lookup?phone=${phoneOf.get(old)}`)).body.id;
  await until(async () => [await found(), await points(stays)], [stays, 40]);
  const refused = await system.call("GET", `/v1/members/${old}/balances`);
  expect([refused.status, refused.body.code]).toEqual([410, "member_merged"]);
  await until(
    async () => (await system.call("POST", `/v1/members/${stays}/unmerge`, { from: old }, keyed("part"))).status,
    200,
  );
  await until(async () => [await found(), await points(stays)], [old, 0]);
  await until(() => points(old), 40);
});

test("PostgreSQL agrees with every member, pool and cause", async () => {
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
  const look = { limit: 100, heal: false };
  const coins = async () => (await system.call("POST", "/manage/v1/reconciliation", look, { key: networkKey })).body;
  await until(async () => (await coins()).differences, []);
  expect((await coins()).checked).toBeGreaterThan(0);
});

function programWith() {
  const prize = (count: number) => ({ currency: "points", points: count });
  const koc = { memberId: partnerMember || "mbr_none", currency: "points", per: 10_000, points: 3 };
  return {
    ...demo,
    currencies: [{ id: "points" }, { id: "coins", network }],
    earning: [
      { id: "base", currency: "points", per: 1000, points: 1 },
      { id: "coins", currency: "coins", per: 5000, points: 1 },
    ],
    tender: [
      { currency: "points", valuePerPoint: 100 },
      { currency: "coins", valuePerPoint: 100 },
    ],
    sharing: {
      transfers: [{ currency: "points" }],
      household: { currencies: ["points"] },
      referral: { referrer: prize(50), referee: prize(20) },
      partners: [
        { id: "an", code: "AN5", commissionBasisPoints: 500 },
        { id: "mei", code: "MEI10", member: koc },
      ],
      causes: [{ id: "trees" }],
    },
  };
}

let phones = 0;

function person() {
  phones += 1;
  return {
    identities: [{ type: "phone", value: `+88698${String(process.pid % 100).padStart(2, "0")}${10_000 + phones}` }],
  };
}

async function enrol(more: Record<string, unknown> = {}): Promise<string> {
  const body = { ...person(), ...more };
  const made = await system.call("POST", "/v1/members", body, keyed());
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  phoneOf.set(made.body.id, body.identities[0]?.value ?? "");
  return made.body.id;
}

const keyed = (prefix = "key"): Request => ({ idempotencyKey: uniqueId(prefix) });

async function call(method: string, path: string, body: unknown, status = 200): Promise<Answer> {
  const answer = await system.call(method, path, body, keyed());
  expect([answer.status, answer.body.code]).toEqual([status, undefined]);
  return answer;
}

const adjust = (member: string, count: number) =>
  call("POST", `/v1/members/${member}/adjustments`, { currency: "points", points: count, reason: "start" }, 201);

async function order(member: string, more: Record<string, unknown> = {}) {
  return system.call("PUT", `/v1/orders/${uniqueId("order")}`, makeOrder(member, more));
}

async function pay(member: string, more: Record<string, unknown> = {}): Promise<string> {
  const paid = await order(member, more);
  expect([paid.status, paid.body.code]).toEqual([200, undefined]);
  return paid.body.order.id;
}

function quoted(member: string) {
  const { state: _, ...basket } = makeOrder(member) as Record<string, unknown>;
  return basket;
}

async function points(member: string): Promise<number> {
  const { body } = await system.call("GET", `/v1/members/${member}/balances`);
  return body.balances?.find((one: { currency: string }) => one.currency === "points")?.available ?? 0;
}

/** What other objects do comes a moment later. */
async function until(look: () => Promise<unknown>, wanted: unknown): Promise<unknown> {
  const end = Date.now() + 30_000;
  for (;;) {
    const seen = await look();
    if (JSON.stringify(seen) === JSON.stringify(wanted) || Date.now() > end) {
      expect(seen).toEqual(wanted);
      return seen;
    }
    await new Promise((resume) => setTimeout(resume, 300));
  }
}
