// A call by an operation's name is the request that the OpenAPI document describes.
import { expect, test } from "vitest";
import { createClient } from "./client.ts";

function recording() {
  const sent: { url: string; method: string; headers: Record<string, string>; body?: string }[] = [];
  const client = createClient({
    url: "https://api.example.com",
    key: "k",
    fetch: async (url, { method, headers, body }) => {
      sent.push({ url, method, headers, ...(body !== undefined && { body }) });
      return { status: 200, headers: { get: () => "application/json" }, text: async () => "{}" };
    },
  });
  return { client, sent };
}

test("a parameter of the path is encoded, and a write carries a key", async () => {
  const { client, sent } = recording();
  const path = { id: "mbr_1", rewardId: "a/b" };
  await client.call("buyReward", { path, body: { storeId: "taipei" } });
  expect(sent).toMatchObject([
    {
      method: "POST",
      url: "https://api.example.com/v1/members/mbr_1/rewards/a%2Fb/purchases",
      body: '{"storeId":"taipei"}',
    },
  ]);
  expect(sent[0]?.headers["Idempotency-Key"] ?? sent[0]?.headers["idempotency-key"]).toMatch(/.{8}/);
});

test("a query leaves out what is not said", async () => {
  const { client, sent } = recording();
  await client.call("listRewards", { query: {} });
  await client.call("explainOrder", { path: { orderId: "A-1" }, query: { memberId: "mbr_1" } });
  expect(sent.map(({ url }) => url)).toEqual([
    "https://api.example.com/v1/rewards",
    "https://api.example.com/v1/orders/A-1/explanation?memberId=mbr_1",
  ]);
});
