// Vouchers on orders, worked out by hand: the order's states, partial refunds, what returns when, and codes.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { makeLine } from "./memory-ledger.ts";
import { NOTHING_PREPARED, type FoundCode } from "./moment.ts";
import { DAY_MS, makeReward, meal, NOW, VoucherHolder, type RewardInput } from "./voucher-holder.ts";

describe("an order", () => {
  test("reserves its vouchers when authorized, uses them when paid, and lets go of those it does not pay with", () => {
    const holder = new VoucherHolder([makeReward("x"), makeReward("y")]);
    holder.put(["x", "y"], { lines: meal, state: "authorized" });
    expect(holder.open).toEqual({ x: "reserved", y: "reserved" });
    const other = holder.put(["x"], { lines: meal, orderId: "B" });
    expect(other).toEqual({ refused: "voucher_already_used" });
    holder.put(["x"], { lines: meal });
    expect(holder.open).toEqual({ y: "issued" });
    expect(holder.ledger.orders.get("A")).toMatchObject({
      payable: 15_000,
      vouchers: [{ value: 5000, state: "used" }],
    });
  });

  test("uses what it had reserved when it does not say, also after the voucher's own end", () => {
    const holder = new VoucherHolder([makeReward("x", { terms: { validDays: 1 } })], {
      holdTimeoutSeconds: 5 * 86_400,
    });
    holder.put(["x"], { lines: meal, state: "authorized" });
    holder.put(null, { lines: meal }, NOW + 2 * DAY_MS);
    expect(holder.ledger.orders.get("A")?.payable).toBe(15_000);
  });

  test("that is cancelled gives them back, expired if their time is over", () => {
    const holder = new VoucherHolder([makeReward("x"), makeReward("y", { terms: { validDays: 1 } })], {
      holdTimeoutSeconds: 5 * 86_400,
    });
    holder.put(["x", "y"], { lines: meal, state: "authorized" });
    holder.put(null, { lines: meal, state: "cancelled" }, NOW + 2 * DAY_MS);
    expect(holder.open).toEqual({ x: "issued" });
    const last = holder.ledger.events.at(-1)?.body;
    expect(last).toMatchObject({
      vouchers: [
        { rewardId: "y", state: "expired" },
        { rewardId: "x", state: "issued" },
      ],
    });
  });

  test("earns on what is paid after vouchers", () => {
    const holder = new VoucherHolder([makeReward("x")]);
    holder.put(["x"], { lines: meal });
    expect(holder.ledger.orders.get("A")?.earned[0]?.points).toBe(15);
  });
});

describe("a refund", () => {
  test("gives money back less the voucher's part, and a voucher once nothing is left of its lines", () => {
    const holder = new VoucherHolder([
      makeReward("food", { benefit: { type: "amountOff", amount: 3000 }, terms: { lines: { categories: ["food"] } } }),
      makeReward("all", { benefit: { type: "percentOff", percent: 10 } }),
    ]);
    holder.put(["food", "all"], { lines: meal });
    expect(holder.ledger.orders.get("A")?.vouchers).toMatchObject([
      {
        rewardId: "all",
        value: 2000,
        lines: [
          { lineId: "a", value: 1200 },
          { lineId: "b", value: 800 },
        ],
      },
      { rewardId: "food", value: 3000, lines: [{ lineId: "a", value: 3000 }] },
    ]);
    expect(holder.refund({ b: 1 })).toEqual({ amount: 3600, back: 0 });
    expect(holder.refund({ a: 1 })).toEqual({ amount: 7800, back: 1 });
    expect(holder.open).toEqual({ food: "issued" });
    expect(holder.refund({ b: 1 })).toEqual({ amount: 3600, back: 1 });
    expect(holder.open).toEqual({ food: "issued", all: "issued" });
  });

  test("brings a voucher back with its own end, with some days at least, expired, or not at all", () => {
    const terms = (onRefund: NonNullable<RewardInput["terms"]>["onRefund"], validDays = 5) => ({
      terms: { validDays, onRefund },
    });
    const holder = new VoucherHolder([
      makeReward("own", terms({ type: "return" })),
      makeReward("more", terms({ type: "extend", days: 7 })),
      makeReward("longer", terms({ type: "extend", days: 7 }, 60)),
      makeReward("over", terms({ type: "return" }, 2)),
      makeReward("kept", terms({ type: "keepUsed" })),
    ]);
    holder.put(["own", "more", "longer", "over", "kept"], {
      lines: [makeLine({ lineId: "a", quantity: 1, unitPrice: 90_000 })],
    });
    expect(holder.refund(null, NOW + 3 * DAY_MS).back).toBe(4);
    const ends = [...holder.ledger.state.vouchers.values()].map((one) => [
      one.rewardId,
      (one.expiresAt! - NOW) / DAY_MS,
    ]);
    expect(Object.fromEntries(ends)).toEqual({ own: 5, more: 10, longer: 60 });
    expect(
      holder.ledger.orders
        .get("A")
        ?.vouchers?.map(({ rewardId, state }) => `${rewardId} ${state}`)
        .sort(),
    ).toEqual(["kept used", "longer returned", "more returned", "over returned", "own returned"]);
  });

  test("that gave a voucher back lets it be used again", () => {
    const holder = new VoucherHolder([makeReward("x")]);
    holder.put(["x"], { lines: meal });
    holder.refund(null);
    expect(holder.put(["x"], { lines: meal, orderId: "B" })).toHaveProperty("event");
  });
});

test("a full refund in any split gives every voucher back as it was, and all the money", () => {
  const splits = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.integer({ min: 1, max: 3 })), { maxLength: 8 });
  const prices = fc.tuple(fc.nat({ max: 9999 }), fc.nat({ max: 9999 }), fc.nat({ max: 9999 }));
  fc.assert(
    fc.property(splits, prices, (split, [a, b, c]) => {
      const holder = new VoucherHolder([
        makeReward("second", { benefit: { type: "nextItem", price: 100 } }),
        makeReward("third", {
          benefit: { type: "percentOff", percent: 33.33 },
          terms: { lines: { skus: ["a", "b"] } },
        }),
        makeReward("gift", { benefit: { type: "gift", sku: "c" } }),
        makeReward("some", { benefit: { type: "amountOff", amount: 777 } }),
      ]);
      const before = JSON.stringify([...holder.ledger.state.vouchers.values()].sort(byId));
      const lines = [a, b, c].map((unitPrice, place) => {
        const id = "abc".charAt(place);
        return makeLine({ lineId: id, sku: id, quantity: 3, unitPrice });
      });
      const usable = ["second", "third", "gift", "some"].filter(
        (id) => typeof holder.off([id], { lines }) === "number",
      );
      const paid = holder.put(usable, { lines });
      fc.pre("event" in paid);
      const payable = holder.ledger.orders.get("A")!.payable;
      let money = 0;
      for (const [id, quantity] of split) {
        const left = 3 - (holder.ledger.orders.get("A")!.returned[id] ?? 0);
        if (quantity <= left) money += holder.refund({ [id]: quantity }).amount;
      }
      const returned = Object.values(holder.ledger.orders.get("A")!.returned).reduce((sum, count) => sum + count, 0);
      if (returned < 9) money += holder.refund(null).amount;
      expect(money).toBe(payable);
      expect(JSON.stringify([...holder.ledger.state.vouchers.values()].sort(byId))).toBe(before);
    }),
    { numRuns: 300 },
  );
});

const byId = (one: { id: string }, other: { id: string }) => (one.id < other.id ? -1 : 1);

describe("codes", () => {
  const found: Omit<FoundCode, "terms"> = {
    text: "SPRING",
    campaign: "spring",
    claim: "clm_1",
    rewardId: "x",
    benefit: { type: "amountOff", amount: 1000 },
    borneBy: "headOffice",
  };

  function shopper(): VoucherHolder {
    const holder = new VoucherHolder([makeReward("x", { benefit: { type: "amountOff", amount: 1000 } })]);
    const terms = holder.ledger.program(1).document.rewards[0]!.terms;
    holder.ledger.prepared = { ...NOTHING_PREPARED, codes: [{ ...found, terms }], refusedCodes: ["WRONG"] };
    return holder;
  }

  const toldOf = ({ ledger }: VoucherHolder) =>
    ledger.events.flatMap(({ body }) =>
      "duties" in body ? (body.duties ?? []).filter(({ kind }) => kind === "code.settle").map(({ id }) => id) : [],
    );

  test("are told reserved, used and released, each once, and need not be said again", () => {
    const holder = shopper();
    holder.put([], { lines: meal, codes: ["SPRING"], state: "authorized" });
    holder.put(null, { lines: meal });
    expect(holder.ledger.orders.get("A")).toMatchObject({
      payable: 19_000,
      vouchers: [{ voucherId: "clm_1", code: { campaign: "spring", claim: "clm_1" }, value: 1000 }],
    });
    holder.refund({ a: 1 });
    holder.refund({ b: 2 });
    expect(toldOf(holder)).toEqual(["code/A/clm_1/reserved", "code/A/clm_1/used", "code/A/clm_1/released"]);
  });

  test("that are wrong, used or over get one answer, with their place", () => {
    const holder = shopper();
    expect(holder.put([], { lines: meal, codes: ["SPRING", "WRONG"] })).toEqual({ refused: "code_not_usable" });
    expect(holder.off([], { lines: meal, codes: ["NEVER"] })).toEqual(["code_not_usable", "codes[0]"]);
  });
});
