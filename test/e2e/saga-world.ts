// Two shops that share a network's coin, and their members: what the crash test of sagas does its work in.
import { readFileSync } from "node:fs";
import { expect, vi } from "vitest";
import { makeOrder, uniqueId, type Answer, type System } from "./system.ts";

export const KILLS = Number(process.env["SAGA_KILLS"] ?? 10);

/** More than ten lives take, so that something is left to be taken afterwards; of the codes each is wanted by several. */
const TEN_KILLS = { lucky: 8_000, cups: 120, summer: 150, flyers: 40 } as const;
const share = (total: number) => Math.ceil((total * Math.max(KILLS, 10)) / 10);
export const TOTALS = {
  lucky: share(TEN_KILLS.lucky),
  cups: share(TEN_KILLS.cups),
  summer: share(TEN_KILLS.summer),
  flyers: share(TEN_KILLS.flyers),
};
export const CUP_COST = 10;
export const PRIZES = { referrer: 50, referee: 20 } as const;
/** A store at which alone the rule with a budget gives. */
export const LUCKY_STORE = "taipei-shilin";

export interface Shop {
  readonly name: "a" | "b";
  readonly tenantId: string;
  readonly key: string;
  readonly manageKey: string;
}

/** One who is a member of both shops, and has one account of coins. */
export interface Person {
  readonly phone: string;
  readonly memberId: Readonly<Record<Shop["name"], string>>;
  readonly household: string;
  readonly referralCode: string;
}

export interface World {
  readonly system: System;
  readonly shops: Readonly<Record<Shop["name"], Shop>>;
  readonly network: string;
  readonly networkKey: string;
  readonly people: readonly Person[];
  /** Who has left before a gift arrives. */
  readonly gone: readonly string[];
  readonly batchId: string;
  readonly flyers: readonly string[];
}

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../infra/local/${path}`, import.meta.url), "utf8"));

/** A weekday, so that the day itself gives nothing. */
export const PLACED_AT = "2026-11-18T04:00:00Z";
export const COINS_EACH = 1_000;
export const POINTS_EACH = 1_000;

/** Makes both shops, their network, and so many people in households of three. */
export async function makeWorld(system: System, count: number): Promise<World> {
  const network = uniqueId("food");
  const { operatorKey, tenantId, secretKey, manageKey } = system.stack;
  const { regions: _regions, owners: _owners, stores: _stores, ...about } = read("demo-tenant.json");
  const as = (key: string) => ({ key, idempotencyKey: uniqueId("world") });
  const made = await system.call("POST", "/manage/v1/networks", { networkId: network, ...about }, as(operatorKey));
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  const other = await system.call("POST", "/manage/v1/tenants", read("demo-tenant.json"), as(operatorKey));
  expect([other.status, other.body.code]).toEqual([201, undefined]);
  const scopes = ["members:read", "members:write", "checkout", "points:write"];
  const secret = { name: "till", scopes, storeIds: null, requestsPerMinute: 1_000_000 };
  const till = await system.call("POST", "/manage/v1/keys", secret, as(other.body.manageKey));
  const shops = {
    a: { name: "a", tenantId, key: secretKey, manageKey },
    b: { name: "b", tenantId: other.body.tenantId, key: till.body.key, manageKey: other.body.manageKey },
  } as const;
  const networkKey: string = made.body.manageKey;
  for (const shop of Object.values(shops)) {
    const joined = await system.call(
      "PUT",
      `/manage/v1/networks/${network}/tenants/${shop.tenantId}`,
      undefined,
      as(operatorKey),
    );
    expect(joined.status).toBe(200);
  }
  await publish(system, networkKey, { currencies: [{ id: "coins" }] });
  for (const shop of Object.values(shops)) {
    const version = await publish(system, shop.manageKey, programOf(network));
    const inForce = async () => (await system.call("GET", "/v1/rewards", undefined, shop)).body.programVersion;
    await vi.waitFor(async () => expect(await inForce()).toBe(version), { timeout: 20_000, interval: 200 });
  }
  const wish = { campaign: "flyer", count: TOTALS.flyers };
  const batch = await system.call("POST", "/manage/v1/code-batches", wish, as(manageKey));
  const page = await system.call("GET", `/manage/v1/code-batches/${batch.body.id}/codes`);
  const flyers = page.body.codes.map(({ code }: { code: string }) => code);
  expect(flyers).toHaveLength(TOTALS.flyers);
  const people = await makePeople(system, shops, count);
  const gone = await Promise.all(
    Array.from({ length: 2 }, async () => {
      const memberId = await enrol(system, shops.a, phone());
      expect((await system.call("DELETE", `/v1/members/${memberId}`)).status).toBe(200);
      return memberId;
    }),
  );
  return { system, shops, network, networkKey, people, gone, batchId: batch.body.id, flyers };
}

/** The coins that a person can spend now. */
export async function coinsOf({ system, shops }: World, { memberId }: Person): Promise<number> {
  const lines = [{ lineId: "1", sku: "tea", quantity: 1, unitPrice: 90_000_000 }];
  const { state: _, ...basket } = makeOrder(memberId.b, { lines, placedAt: PLACED_AT }) as Record<string, unknown>;
  const { body } = await system.call("POST", "/v1/checkout/quote", basket, shops.b);
  return body.redeemable.find(({ currency }: { currency: string }) => currency === "coins")?.maxPoints ?? 0;
}

/** A phone that nobody has. */
export function phone(): string {
  phones += 1;
  return `+88697${String(process.pid % 100).padStart(2, "0")}${10_000 + phones}`;
}

let phones = 0;

/** Enrols a member with a phone. */
export async function enrol(system: System, { key }: Shop, value: string): Promise<string> {
  const body = { identities: [{ type: "phone", value }] };
  const made = await system.call("POST", "/v1/members", body, { key, idempotencyKey: uniqueId("enrol") });
  return okay(made, 201).body.id;
}

/** Gives points that nothing else gives. */
export async function give(system: System, { key }: Shop, memberId: string, points: number): Promise<void> {
  const body = { currency: "points", points, reason: "start" };
  const request = { key, idempotencyKey: uniqueId("start") };
  okay(await system.call("POST", `/v1/members/${memberId}/adjustments`, body, request), 201);
}

/** The answer, which must be one of this status. */
export function okay(answer: Answer, status: number): Answer {
  expect([answer.status, answer.body.code]).toEqual([status, undefined]);
  return answer;
}

async function publish(system: System, key: string, document: unknown): Promise<number> {
  return okay(await system.call("PUT", "/manage/v1/program", document, { key }), 200).body.version;
}

async function makePeople(system: System, shops: World["shops"], count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let index = 0; index < count; index += 1) {
    const value = phone();
    const memberId = { a: await enrol(system, shops.a, value), b: await enrol(system, shops.b, value) };
    for (const shop of Object.values(shops)) await give(system, shop, memberId[shop.name], POINTS_EACH);
    // 50 units of money are one coin; these orders are part of the sums that the test makes.
    const lines = [{ lineId: "1", sku: "gold", quantity: 1, unitPrice: COINS_EACH * 5_000 }];
    const order = makeOrder(memberId.b, { lines, placedAt: PLACED_AT });
    okay(await system.call("PUT", `/v1/orders/${uniqueId("coins")}`, order, shops.b), 200);
    const household = `home-${process.pid}-${Math.floor(index / 3)}`;
    const role = index % 3 === 0 ? "owner" : "spender";
    const path = `/v1/households/${household}/members/${memberId.a}`;
    const letIn = () => system.call("POST", path, { role }, { idempotencyKey: uniqueId("home") });
    await vi.waitFor(async () => okay(await letIn(), 200), { timeout: 10_000, interval: 200 });
    const { body } = await system.call("GET", `/v1/members/${memberId.a}/referral-code`);
    people.push({ phone: value, memberId, household, referralCode: body.code });
  }
  return people;
}

function programOf(network: string) {
  const points = { currency: "points", valuePerPoint: 100 };
  const off = { type: "amountOff", amount: 1000 };
  return {
    currencies: [{ id: "points" }, { id: "coins", network }],
    earning: [
      { id: "base", currency: "points", per: 1000, points: 1 },
      { id: "coins", currency: "coins", per: 5000, points: 1 },
      {
        id: "lucky",
        currency: "points",
        per: 1000,
        points: 2,
        stores: [LUCKY_STORE],
        budget: { points: TOTALS.lucky },
      },
    ],
    tender: [points, { ...points, currency: "coins" }],
    rewards: [
      {
        id: "cup",
        name: { "zh-TW": "杯" },
        benefit: { type: "gift", sku: "CUP" },
        cost: { currency: "points", points: CUP_COST },
        stock: TOTALS.cups,
        transferable: true,
      },
      { id: "off", name: { "zh-TW": "折抵" }, benefit: off },
    ],
    codes: [
      { id: "summer", reward: "off", type: "public", code: "SUMMER", limit: TOTALS.summer, perMember: 1000 },
      { id: "flyer", reward: "off", type: "unique" },
    ],
    sharing: {
      transfers: [{ currency: "points" }],
      household: { currencies: ["points"] },
      referral: {
        referrer: { currency: "points", points: PRIZES.referrer },
        referee: { currency: "points", points: PRIZES.referee },
        perReferrer: { period: "day", times: 10_000 },
      },
    },
  };
}
