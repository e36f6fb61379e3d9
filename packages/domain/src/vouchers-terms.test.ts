// Which vouchers may be used on which basket, and which together: terms, stacking, and the best choice.
import type { OrderCommand } from "@regulars/contracts/rpc";
import { describe, expect, test } from "vitest";
import { makeLine } from "./memory-ledger.ts";
import { DAY_MS, makeReward, meal, NOW, VoucherHolder, type RewardInput } from "./voucher-holder.ts";

describe("terms", () => {
  const cases: [string, RewardInput["terms"], unknown, Partial<OrderCommand>?][] = [
    ["none: it is used", {}, 5000],
    ["a minimum that the basket reaches", { minNet: 20_000 }, 5000],
    ["a minimum that it does not", { minNet: 20_001 }, ["min_net", 20_001, 20_000]],
    ["a minimum of lines that count", { minNet: 9000, lines: { categories: ["drink"] } }, ["min_net", 9000, 8000]],
    ["lines of a category", { lines: { categories: ["drink"] } }, 5000],
    ["no line that counts", { lines: { skus: ["cake"] } }, ["no_lines"]],
    ["all lines excluded", { lines: { excludeCategories: ["food"], excludeSkus: ["tea"] } }, ["no_lines"]],
    ["a store", { stores: ["s1"] }, 5000],
    ["another store", { stores: ["s2"] }, ["store"]],
    ["another region", { regions: ["r2"] }, ["region"]],
    ["a channel that the order does not say", { channels: ["app"] }, ["channel"]],
    ["the channel", { channels: ["app"] }, 5000, { channel: "app" }],
    ["the member's tier", { tiers: ["gold"] }, 5000],
    ["another tier", { tiers: ["black"] }, ["tier"]],
    ["first order only", { firstOrderOnly: true }, 5000],
    ["a condition that holds", { when: "order.net >= 20000 && now.weekday == 7" }, 5000],
    ["a condition that does not", { when: "lines.exists(l, l.sku == 'cake')" }, ["condition"]],
  ];
  test.each(cases)("%s", (_, terms, expected, more = {}) => {
    const holder = new VoucherHolder([makeReward("r", { terms: terms ?? {} })]);
    const off = holder.off(["r"], { lines: meal, ...more });
    if (!Array.isArray(expected)) return expect(off).toBe(expected);
    const [reason, minNet, net] = expected as [string, number?, number?];
    expect(off).toEqual(["voucher_not_applicable", "vouchers[0]", { reason, ...(minNet && { minNet, net }) }]);
  });

  test("gift cards never count unless said, and shipping has its own benefit", () => {
    const lines = [
      ...meal,
      makeLine({ lineId: "g", sku: "card", kind: "giftCard", quantity: 1, unitPrice: 50_000 }),
      makeLine({ lineId: "s", sku: "post", kind: "shipping", quantity: 1, unitPrice: 6000 }),
    ];
    const half = { type: "percentOff", percent: 50 } as const;
    const holder = new VoucherHolder([
      makeReward("half", { benefit: half }),
      makeReward("half-all", { benefit: half, terms: { lines: { giftCards: true, shipping: true } } }),
      makeReward("post", { benefit: { type: "freeShipping" }, terms: { minNet: 20_000 } }),
    ]);
    expect(holder.off(["half"], { lines })).toBe(10_000);
    expect(holder.off(["half-all"], { lines })).toBe(38_000);
    expect(holder.off(["post"], { lines })).toBe(6000);
    expect(holder.off(["post"], { lines: meal })).toEqual([
      "voucher_not_applicable",
      "vouchers[0]",
      { reason: "no_lines" },
    ]);
  });

  test("the gift's own price does not count towards the minimum for it", () => {
    const tote = makeLine({ lineId: "t", sku: "tote", quantity: 1, unitPrice: 9000 });
    const gift = (minNet: number) => makeReward("g", { benefit: { type: "gift", sku: "tote" }, terms: { minNet } });
    expect(new VoucherHolder([gift(20_000)]).off(["g"], { lines: [...meal, tote] })).toBe(9000);
    expect(new VoucherHolder([gift(20_001)]).off(["g"], { lines: [...meal, tote] })).toContain(
      "voucher_not_applicable",
    );
  });

  test("a gift that is not in the basket is handed over: the voucher is used and takes nothing off", () => {
    const holder = new VoucherHolder([makeReward("g", { benefit: { type: "gift", sku: "tote" } })]);
    expect(holder.put(["g"], { lines: meal })).toHaveProperty("event");
    expect(holder.ledger.orders.get("A")).toMatchObject({ payable: 20_000, vouchers: [{ value: 0, state: "used" }] });
    expect(holder.open).toEqual({});
    expect(holder.refund({ a: 1 })).toEqual({ amount: 12_000, back: 0 });
    expect(holder.refund({ b: 2 })).toEqual({ amount: 8000, back: 1 });
  });

  test("a voucher ends with its days, or with its date if that is sooner", () => {
    const ends = { validDays: 10, validUntil: "2026-03-05T00:00:00Z" };
    const holder = new VoucherHolder([
      makeReward("r", { terms: ends }),
      makeReward("days", { terms: { validDays: 10 } }),
    ]);
    const endOf = (id: string) => holder.ledger.state.vouchers.get(holder.id(id))?.expiresAt;
    expect([endOf("r"), endOf("days")]).toEqual([Date.parse("2026-03-05T00:00:00Z"), NOW + 10 * DAY_MS]);
    expect(holder.off(["r"], { lines: meal }, NOW + 5 * DAY_MS)).toContain("voucher_not_found");
    expect(holder.off(["days"], { lines: meal }, NOW + 5 * DAY_MS)).toBe(5000);
  });
});

describe("stacking", () => {
  const rewards = [
    makeReward("five"),
    makeReward("ten-pct", { benefit: { type: "percentOff", percent: 10 } }),
    makeReward("alone", { benefit: { type: "amountOff", amount: 6000 }, terms: { stacking: { alone: true } } }),
    makeReward("g1", { benefit: { type: "amountOff", amount: 1000 }, terms: { stacking: { group: "g" } } }),
    makeReward("g2", { benefit: { type: "amountOff", amount: 1500 }, terms: { stacking: { group: "g" } } }),
  ];

  test("percent comes before amounts, whatever order they are named in", () => {
    const holder = new VoucherHolder(rewards);
    expect(holder.off(["five", "ten-pct"], { lines: meal })).toBe(2000 + 5000);
    expect(holder.off(["ten-pct", "five"], { lines: meal })).toBe(2000 + 5000);
  });

  test("one that stands alone, and two of a group, refuse the order with the place of the later", () => {
    const holder = new VoucherHolder(rewards);
    expect(holder.off(["five", "alone"], { lines: meal })).toEqual([
      "voucher_not_applicable",
      "vouchers[1]",
      { reason: "alone", other: holder.id("five") },
    ]);
    expect(holder.off(["g2", "g1"], { lines: meal })).toMatchObject({ 1: "vouchers[1]", 2: { reason: "group" } });
  });

  test("what others have left nothing for is refused", () => {
    const holder = new VoucherHolder([
      makeReward("all", { benefit: { type: "percentOff", percent: 100 } }),
      makeReward("five"),
    ]);
    expect(holder.off(["all", "five"], { lines: meal })).toEqual([
      "voucher_not_applicable",
      "vouchers[1]",
      { reason: "no_value" },
    ]);
  });

  test("the best are chosen, and the others know why they lost", () => {
    const holder = new VoucherHolder([
      ...rewards,
      makeReward("dear", { terms: { minNet: 90_000 } }),
      makeReward("cake", { terms: { lines: { skus: ["cake"] } } }),
    ]);
    const decided = holder.quote({ lines: meal, bestVouchers: true });
    if (!decided.ok) throw new Error(decided.refusal.code);
    const { applied, rejected, value } = decided.quote.vouchers;
    expect(value).toBe(2000 + 5000 + 1500);
    expect(Object.fromEntries(applied.map((one) => [one.rewardId, one.value]))).toEqual({
      "ten-pct": 2000,
      five: 5000,
      g2: 1500,
    });
    expect(Object.fromEntries(rejected.map((one) => [one.rewardId, one.reason]))).toEqual({
      alone: "alone",
      g1: "group",
      dear: "min_net",
      cake: "no_lines",
    });
  });

  test("a voucher that would take nothing off beside the others is kept", () => {
    const holder = new VoucherHolder([
      makeReward("all", { benefit: { type: "percentOff", percent: 100 } }),
      makeReward("five"),
    ]);
    const decided = holder.quote({ lines: meal, bestVouchers: true });
    expect(decided).toMatchObject({
      quote: { vouchers: { value: 20_000, rejected: [{ rewardId: "five", reason: "beaten" }] } },
    });
  });

  test("thirty go together on one order, one more does not", () => {
    const ids = Array.from({ length: 31 }, (_, place) => `r${place}`);
    const holder = new VoucherHolder(ids.map((id) => makeReward(id, { benefit: { type: "amountOff", amount: 100 } })));
    expect(holder.off(ids.slice(0, 30), { lines: meal })).toBe(3000);
    expect(holder.off(ids, { lines: meal })).toEqual(["too_many_items", "vouchers", { limit: 30 }]);
    const decided = holder.quote({ lines: meal, bestVouchers: true });
    expect(decided).toMatchObject({ quote: { vouchers: { value: 3000, rejected: [{ reason: "limit" }] } } });
  });
});
