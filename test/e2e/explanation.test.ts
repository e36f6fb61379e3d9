// "Why 63 points?" asked through the public API, in the caller's language, under the version that decided the order.
import { expect, test } from "vitest";
import { makeOrder, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
const MEMBER_DAY = "2027-03-08T04:00:00Z";
const zh = { "accept-language": "zh-TW" };

const program = {
  currencies: [{ id: "points" }],
  earning: [
    { id: "base", currency: "points", per: 1000, caps: [{ period: "day", points: 50 }] },
    { id: "day8", currency: "points", type: "multiplier", factor: 2, when: "now.day == 8" },
    { id: "vip", currency: "points", type: "fixed", points: 100, when: "'vip' in member.tags" },
    { id: "app", currency: "points", type: "fixed", points: 5, channels: ["app"] },
  ],
};

test("an order, and a quote that asks for it, say of each rule why it gives what it gives", async () => {
  expect((await system.call("PUT", "/manage/v1/program", program)).status).toBe(200);
  const id = await system.makeMember({ testTime: MEMBER_DAY });
  const orderId = uniqueId("why");
  const body = makeOrder(id, {
    placedAt: MEMBER_DAY,
    lines: [{ lineId: "1", sku: "tea", quantity: 2, unitPrice: 37_000 }],
  });
  const { state: _paid, ...basket } = body;
  const quote = await system.call(
    "POST",
    "/v1/checkout/quote",
    { ...basket, explain: true },
    { testTime: MEMBER_DAY, headers: zh },
  );
  expect(quote.status).toBe(200);
  expect((await system.call("PUT", `/v1/orders/${orderId}`, body, { testTime: MEMBER_DAY })).status).toBe(200);
  const refund = { refundId: "1", all: true };
  expect((await system.call("POST", `/v1/orders/${orderId}/refunds`, refund, { testTime: MEMBER_DAY })).status).toBe(
    200,
  );

  const explained = await system.call("GET", `/v1/orders/${orderId}/explanation`, undefined, { headers: zh });
  expect(explained.status).toBe(200);
  expect(explained.body).toEqual(quote.body.explanation);
  expect(
    explained.body.rules.map((rule: Record<string, unknown>) => [
      rule["rule"],
      rule["points"],
      rule["reason"],
      rule["why"],
    ]),
  ).toEqual([
    ["base", 50, null, "每 $10（實付）得 1 點，共 74 次；會員累積上限，74 點減為 50 點"],
    ["day8", 50, null, "50 點的 2 倍，加送 50 點"],
    ["vip", 0, "condition", "不符合條件"],
    ["app", 0, "channel", "此通路不適用"],
  ]);
  expect(explained.body.rules[2]).toMatchObject({ condition: "'vip' in member.tags", saw: { "member.tags": "" } });
  const unknown = await system.call("GET", "/v1/orders/nobodys/explanation");
  expect([unknown.status, unknown.body.code]).toEqual([404, "order_not_found"]);
});
