// A year of one member under a whole loyalty program, through the public API: tiers, gifts, rewards, vouchers, labels, transfers.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { readGuide } from "../program-guide/tables.ts";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
const at = (testTime: string) => ({ testTime });

const guide = new URL("../../docs/programs/fashion-tiers.json", import.meta.url);
const fashion = JSON.parse(readFileSync(guide, "utf8")) as { rewards: unknown[]; earning: unknown[] };

const program = {
  ...fashion,
  earning: [
    ...fashion.earning,
    { id: "review", currency: "points", on: "review", type: "fixed", points: 5, caps: [{ period: "month", times: 1 }] },
    { id: "friends", currency: "points", type: "fixed", points: 9, when: '"friend" in member.tags', pendingDays: 0 },
  ],
  rewards: [
    ...fashion.rewards,
    {
      id: "scarf",
      name: { "zh-TW": "絲巾", en: "Scarf" },
      benefit: { type: "gift", sku: "SCARF" },
      cost: { currency: "points", points: 40 },
      stock: 1,
      transferable: true,
    },
  ],
  sharing: { transfers: [{ currency: "points", perMember: { period: "month", points: 50 } }] },
};

const JANUARY = "2026-01-10T06:00:00Z";
const FEBRUARY = "2026-02-01T06:00:00Z";
const MAY = "2026-05-20T06:00:00Z";

let member = "";
let friend = "";

beforeAll(async () => {
  const published = await system.call("PUT", "/manage/v1/program", program);
  expect(published.body).toMatchObject({ version: expect.any(Number) });
  const make = async (phone: string, profile: object) => {
    const body = { identities: [{ type: "phone", value: phone }], profile };
    const made = await system.call("POST", "/v1/members", body, { idempotencyKey: uniqueId("enrol"), ...at(JANUARY) });
    expect(made.status).toBe(201);
    system.made += 1;
    return made.body.id as string;
  };
  member = await make("0955000111", { name: "陳小姐", birthday: "1990-05-20" });
  friend = await make("0955000222", { name: "林小姐" });
});

const lines = (unitPrice: number) => [{ lineId: "1", sku: "coat", category: "coat", quantity: 1, unitPrice }];

const pay = (unitPrice: number, placedAt: string, more: object = {}) =>
  system.call(
    "PUT",
    `/v1/orders/${uniqueId("fashion")}`,
    makeOrder(member, { lines: lines(unitPrice), placedAt, ...more }),
    at(placedAt),
  );

const post = (path: string, body: object, testTime: string) =>
  system.call("POST", path, body, { idempotencyKey: uniqueId("post"), testTime });

test.each(readGuide())("$title of the program guide can be published", async ({ document }) => {
  const checked = await system.call("POST", "/manage/v1/program/check", { program: document });
  expect(checked.body).toEqual({ problems: [] });
});

describe("tiers", () => {
  test("a quote shows what is missing for the next tier", async () => {
    const { state: _, ...basket } = makeOrder(member, { lines: lines(590_000), placedAt: JANUARY });
    const quote = await system.call("POST", "/v1/checkout/quote", { ...basket, explain: true }, at(JANUARY));
    expect(quote.body.tier).toMatchObject({ tier: "silver", next: "gold" });
    expect(quote.body.explanation.rules).toEqual(
      expect.arrayContaining([expect.objectContaining({ rule: "base", outcome: "earned", points: 59 })]),
    );
  });

  test("an order that reaches the threshold raises the tier at once, and its refund lowers it again", async () => {
    const first = await pay(590_000, JANUARY);
    expect(first.body).toMatchObject({ tier: "silver" });
    const raised = await pay(610_000, FEBRUARY);
    expect(raised.body.tier).toBe("gold");
    const refund = { refundId: "back", all: true, memberId: member };
    const back = await system.call("POST", `/v1/orders/${raised.body.order.id}/refunds`, refund, at(FEBRUARY));
    expect(back.status).toBe(200);
    expect((await system.call("GET", `/v1/members/${member}/tier`, undefined, at(FEBRUARY))).body.tier).toBe("silver");
    expect((await pay(610_000, FEBRUARY)).body.tier).toBe("gold");
  });

  test("an order is explained by the version that decided it", async () => {
    const paid = await pay(100_000, FEBRUARY);
    const path = `/v1/orders/${paid.body.order.id}/explanation?memberId=${member}`;
    const why = await system.call("GET", path, undefined, at(FEBRUARY));
    const rules = why.body.rules as { rule: string; points: number; reason: string | null }[];
    expect(rules.find(({ rule }) => rule === "base")?.points).toBe(10);
    expect(rules.find(({ rule }) => rule === "tier-bonus")?.points).toBe(5);
    expect(rules.find(({ rule }) => rule === "birthday-month")).toMatchObject({ points: 0, reason: "condition" });
  });
});

describe("what others know of a member", () => {
  test("a label that was set is seen by the rules of the next order", async () => {
    const labelled = await post(`/v1/members/${member}/labels`, { tags: ["friend"] }, FEBRUARY);
    expect(labelled.body.tags).toEqual(["friend"]);
    const paid = await pay(10_000, FEBRUARY);
    expect(paid.body.earned).toContainEqual(expect.objectContaining({ rule: "friends", points: 9 }));
  });

  test("an event beside orders earns once a month, and the same event once", async () => {
    const review = { type: "review", key: "r-1", data: { stars: 5 } };
    const first = await system.call("POST", `/v1/members/${member}/events`, review, at(FEBRUARY));
    expect(first.body.earned).toEqual([expect.objectContaining({ rule: "review", points: 5 })]);
    const again = await system.call("POST", `/v1/members/${member}/events`, review, at(FEBRUARY));
    expect(again.body).toEqual(first.body);
    const second = await system.call("POST", `/v1/members/${member}/events`, { ...review, key: "r-2" }, at(FEBRUARY));
    expect(second.body.earned).toEqual([]);
  });
});

describe("rewards and vouchers", () => {
  test("the birthday brings the gift of the tier, and a basket can use it", async () => {
    const held = await system.call("GET", `/v1/members/${member}/vouchers`, undefined, at(MAY));
    // Time does its work with the next write.
    await post(`/v1/members/${member}/labels`, { tags: [] }, MAY);
    const after = await system.call("GET", `/v1/members/${member}/vouchers`, undefined, at(MAY));
    const gift = after.body.vouchers.find((one: { rewardId: string }) => one.rewardId === "birthday-300");
    expect([held.status, gift]).toEqual([200, expect.objectContaining({ state: "issued" })]);
    const { state: _, ...basket } = makeOrder(member, { lines: lines(200_000), placedAt: MAY, bestVouchers: true });
    const quote = await system.call("POST", "/v1/checkout/quote", basket, at(MAY));
    expect(quote.body).toMatchObject({ payable: 170_000, vouchers: { value: 30_000 } });
    const paid = await pay(200_000, MAY, { vouchers: [gift.id] });
    expect(paid.body).toMatchObject({ order: { payable: 170_000 }, vouchers: [{ id: gift.id, state: "used" }] });
    const twice = await pay(200_000, MAY, { vouchers: [gift.id] });
    expect([twice.status, twice.body.field]).toEqual([404, "vouchers[0]"]);
    const refund = { refundId: "gift", all: true, memberId: member };
    const back = await system.call("POST", `/v1/orders/${paid.body.order.id}/refunds`, refund, at(MAY));
    expect(back.body.vouchers).toEqual([gift.id]);
  });

  test("the last piece of a reward goes to one of two who ask at once, for its points", async () => {
    const give = (id: string) =>
      post(`/v1/members/${id}/adjustments`, { currency: "points", points: 100, reason: "test" }, MAY);
    await Promise.all([give(member), give(friend)]);
    const buy = (id: string) => post(`/v1/members/${id}/rewards/scarf/purchases`, {}, MAY);
    const answers = await Promise.all([buy(member), buy(friend)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
    const refused = answers.find(({ status }) => status === 409);
    expect(refused?.body.code).toBe("reward_out_of_stock");
  });

  test("the catalogue speaks the caller's language and says what the member can buy", async () => {
    const english = { ...at(MAY), headers: { "accept-language": "en" } };
    const shown = await system.call("GET", `/v1/rewards?memberId=${member}`, undefined, english);
    const scarf = shown.body.rewards.find((one: { id: string }) => one.id === "scarf");
    expect(scarf).toMatchObject({ name: "Scarf", cost: { currency: "points", points: 40 } });
  });
});

describe("sharing", () => {
  test("points given to a friend arrive with their own end, and no more than the limit of the month", async () => {
    const before = await points(friend);
    const sent = await post(
      `/v1/members/${member}/transfers`,
      { to: { id: friend }, currency: "points", points: 30 },
      MAY,
    );
    expect(sent.status).toBe(201);
    await expect.poll(() => points(friend), { timeout: 20_000 }).toBe(before + 30);
    const more = await post(
      `/v1/members/${member}/transfers`,
      { to: { id: friend }, currency: "points", points: 30 },
      MAY,
    );
    expect(more.body.code).toBe("transfer_limit_reached");
  });

  test("PostgreSQL agrees with every member in the end", async () => {
    expect(await reconcileUntilEqual(system, 30)).toEqual([]);
  });
});

async function points(id: string): Promise<number> {
  const { body } = await system.call("GET", `/v1/members/${id}/balances`, undefined, at(MAY));
  return body.balances.find(({ currency }: { currency: string }) => currency === "points").available;
}
