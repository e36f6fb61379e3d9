// A tenant whose program has everything, one that is just like it, and members in every state that a call can meet.
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { makeOrder, uniqueId, type Answer, type Request, type System } from "./system.ts";

const demo = JSON.parse(readFileSync(new URL("../../infra/local/demo-tenant.json", import.meta.url), "utf8"));

/** Points, a coin, tiers, rewards, codes, games, transfers, households, referral, partners and causes. */
export const everything = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 365 } }, { id: "stamps" }],
  earning: [
    { id: "base", currency: "points", per: 1000, points: 1 },
    { id: "review", currency: "points", on: "review", type: "fixed", points: 20 },
  ],
  tender: { currency: "points", valuePerPoint: 100 },
  tiers: {
    levels: [
      { id: "green", benefits: { entitlements: [{ id: "ride", perYear: 2 }] } },
      { id: "gold", any: [{ spend: 100_000_000 }], benefits: { entitlements: [{ id: "spa", perYear: 1 }] } },
    ],
  },
  rewards: [
    {
      id: "cup",
      name: { "zh-TW": "杯子" },
      benefit: { type: "amountOff", amount: 1000 },
      cost: { currency: "points", points: 10 },
    },
    {
      id: "plate",
      name: { "zh-TW": "盤子" },
      benefit: { type: "amountOff", amount: 1000 },
      cost: { currency: "points", points: 10 },
      stock: 3,
    },
    { id: "gift", name: { "zh-TW": "禮物" }, benefit: { type: "amountOff", amount: 1000 } },
  ],
  codes: [
    { id: "flyer", reward: "gift", type: "unique" },
    { id: "hello", reward: "gift", type: "public", code: "HELLO", limit: 2 },
  ],
  play: { games: [{ id: "catch", minSeconds: 1, maxSeconds: 60, maxScore: 500, maxScorePerSecond: 20 }] },
  sharing: {
    transfers: [{ currency: "points", minPoints: 5, maxPoints: 100 }],
    household: { currencies: ["points"] },
    referral: { referrer: { currency: "points", points: 50 }, referee: { currency: "points", points: 20 } },
    partners: [{ id: "an", code: "AN5", commissionBasisPoints: 500 }],
    causes: [{ id: "trees" }],
  },
};

const SCOPES = ["members:read", "members:write", "checkout", "points:write"];

export interface Tenant {
  readonly id: string;
  readonly manageKey: string;
  /** A key of all stores with every scope but `manage`. */
  readonly key: string;
}

/** A key of a tenant. */
export async function makeKey(system: System, manageKey: string, more: Record<string, unknown> = {}): Promise<string> {
  const body = { name: "key", scopes: SCOPES, storeIds: null, ...more };
  const made = await system.call("POST", "/manage/v1/keys", body, {
    key: manageKey,
    idempotencyKey: uniqueId("made-key"),
  });
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  return made.body.key;
}

/** A tenant with the stores of the demo and a program; a live one waits for nobody and has none. */
export async function makeTenant(system: System, name: string, { sandbox = true } = {}): Promise<Tenant> {
  const request = { key: system.stack.operatorKey, idempotencyKey: uniqueId("tenant") };
  const made = await system.call("POST", "/manage/v1/tenants", { ...demo, name, sandbox }, request);
  expect([made.status, made.body.code]).toEqual([201, undefined]);
  const { tenantId: id, manageKey } = made.body;
  return { id, manageKey, key: await makeKey(system, manageKey) };
}

/** Publishes a program for a tenant. */
export async function publish(
  system: System,
  { manageKey }: Pick<Tenant, "manageKey">,
  program: object,
): Promise<void> {
  const published = await system.call("PUT", "/manage/v1/program", program, { key: manageKey });
  expect([published.status, published.body]).toEqual([200, expect.objectContaining({ version: expect.any(Number) })]);
}

/** Members and what they have, of one tenant. */
export class Place {
  readonly #system: System;
  readonly #key: string;

  constructor(system: System, key: string) {
    this.#system = system;
    this.#key = key;
  }

  call(method: string, path: string, body?: unknown, request: Request = {}): Promise<Answer> {
    return this.#system.call(method, path, body, { key: this.#key, ...request });
  }

  /** A write with a key of its own that must succeed. Returns the body. */
  async write(method: string, path: string, body: unknown = {}, request: Request = {}): Promise<Answer["body"]> {
    const answer = await this.call(method, path, body, { idempotencyKey: uniqueId("write"), ...request });
    expect([answer.status, answer.body.code], `${method} ${path}`).toEqual([expect.toBeOneOf([200, 201]), undefined]);
    return answer.body;
  }

  async enrol(phone: string, more: Record<string, unknown> = {}): Promise<string> {
    const body = { identities: [{ type: "phone", value: phone }], ...more };
    return (await this.write("POST", "/v1/members", body)).id;
  }

  give(member: string, points: number): Promise<Answer["body"]> {
    const wish = { currency: "points", points, reason: "start" };
    return this.write("POST", `/v1/members/${member}/adjustments`, wish);
  }

  pay(member: string, orderId: string, more: Record<string, unknown> = {}): Promise<Answer> {
    return this.call("PUT", `/v1/orders/${orderId}`, makeOrder(member, more));
  }

  /** Everything that can be read of a member. */
  async everythingOf(member: string): Promise<unknown> {
    const paths = ["", "/statement?limit=100", "/balances", "/vouchers?all=true", "/tier", "/progress"];
    const answers = await Promise.all(paths.map((path) => this.call("GET", `/v1/members/${member}${path}`)));
    return answers.map(({ body }) => body);
  }
}

const LOOK_MS = 200;
const LOOK_UNTIL_MS = 30_000;

/** Looks until something is as wanted: what other objects do comes a moment later. */
export async function until(look: () => Promise<unknown>, wanted: unknown): Promise<void> {
  const end = Date.now() + LOOK_UNTIL_MS;
  let found = await look();
  while (JSON.stringify(found) !== JSON.stringify(wanted) && Date.now() < end) {
    await new Promise((resume) => setTimeout(resume, LOOK_MS));
    found = await look();
  }
  expect(found).toEqual(wanted);
}
