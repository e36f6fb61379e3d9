// What time does to tiers, worked out by hand: renewal, warning, grace, loss, tiers set by hand, welcome gifts, entitlements.
import { describe, expect, test } from "vitest";
import type { LifeActs } from "@regulars/contracts/acts-life";
import type { ProgramInput } from "@regulars/contracts/program";
import { nextDueAt } from "./settle.ts";
import { decideEntitlementUse, decideTierSet } from "./tiers-acts.ts";
import { TIME_ZONE } from "./memory-ledger.ts";
import { noonOf, TierDiary } from "./tier-diary.ts";

type TiersInput = NonNullable<ProgramInput["tiers"]>;

const levels: TiersInput["levels"] = [
  { id: "member" },
  { id: "silver", any: [{ spend: 10_000 }] },
  { id: "gold", any: [{ spend: 30_000 }] },
];
const yearly: TiersInput = { levels, window: { type: "calendarYear" }, keep: { type: "endOfNextYear" }, warnDays: 0 };
const monthly: TiersInput = {
  levels,
  window: { type: "rolling", days: 60 },
  keep: { type: "days", days: 60 },
  warnDays: 0,
};

describe("keeping and losing", () => {
  test("a tier of a calendar year is looked at when the next year is over, by what was spent in it", () => {
    const diary = new TierDiary(yearly);
    diary.buy("2026-05-01", 30_000);
    diary.buy("2027-05-01", 12_000);
    diary.pass("2028-01-05");
    diary.pass("2029-01-05");
    expect(diary.rows()).toEqual([
      "2026-05-01 order.paid: gold until 2028-01-01",
      "2028-01-05 tier.changed (review): silver until 2029-01-01",
      "2029-01-05 tier.changed (review): none",
    ]);
  });

  test("who spends enough again keeps the tier for another time", () => {
    const diary = new TierDiary(yearly);
    diary.buy("2026-05-01", 30_000);
    diary.buy("2027-12-31", 30_000);
    diary.pass("2028-02-01");
    expect(diary.rows()).toEqual([
      "2026-05-01 order.paid: gold until 2028-01-01",
      "2028-02-01 tier.kept (renewed): gold until 2029-01-01",
    ]);
    expect(diary.ledger.state.tier?.since).toBe(noonOf("2026-05-01"));
  });

  test("one level at a time, where the program says so", () => {
    const diary = new TierDiary({ ...monthly, downgrade: "oneLevel" });
    diary.buy("2026-02-01", 30_000);
    diary.pass("2026-12-01");
    expect(diary.rows()).toEqual([
      "2026-02-01 order.paid: gold until 2026-04-02",
      "2026-12-01 tier.changed (review): silver until 2026-06-01",
      "2026-12-01 tier.changed (review): none",
    ]);
  });

  test.each([
    ["nobody is lowered", { downgrade: "none" }],
    ["a tier is for ever", { keep: { type: "forever" } }],
  ] as const)("%s, where the program says so", (_name, more) => {
    const diary = new TierDiary({ ...monthly, ...more });
    diary.buy("2026-02-01", 30_000);
    diary.pass("2036-02-01");
    expect(diary.rows()).toEqual(["2026-02-01 order.paid: gold"]);
    expect(nextDueAt(diary.ledger.state)).toBe(Infinity);
  });

  test("however late we look, it is decided as of its own time", () => {
    const often = new TierDiary(monthly);
    const once = new TierDiary(monthly);
    for (const diary of [often, once]) {
      diary.buy("2026-02-01", 30_000);
      diary.buy("2026-03-20", 10_000);
    }
    for (const day of ["2026-04-01", "2026-04-02", "2026-04-03", "2026-06-01", "2026-06-02"]) often.pass(day);
    once.pass("2026-06-02");
    expect(once.ledger.state.tier).toEqual(often.ledger.state.tier);
  });

  test("a program that has no tiers any more lets go of them when their time is over", () => {
    const diary = new TierDiary(monthly);
    diary.buy("2026-02-01", 30_000);
    const later = new TierDiary(undefined);
    Object.assign(later.ledger.state, { tier: diary.ledger.state.tier });
    later.pass("2026-05-01");
    expect(later.rows()).toEqual(["2026-05-01 tier.changed (program): none"]);
  });
});

describe("warning and grace", () => {
  const warning: TiersInput = { ...monthly, warnDays: 20 };

  test("the member is warned so many days before the tier would be lost", () => {
    const diary = new TierDiary(warning);
    diary.buy("2026-02-01", 10_000);
    diary.pass("2026-03-12");
    expect(diary.rows()).toHaveLength(1);
    diary.pass("2026-03-13");
    expect(diary.ledger.events.at(-1)?.body).toMatchObject({ kind: "tier.warned", losesAt: noonOf("2026-04-02") });
    diary.pass("2026-04-02");
    expect(diary.rows()).toEqual([
      "2026-02-01 order.paid: silver until 2026-04-02",
      "2026-03-13 tier.warned: silver until 2026-04-02",
      "2026-04-02 tier.changed (review): none",
    ]);
  });

  test("whoever has secured the tier by then is not warned", () => {
    const diary = new TierDiary(warning);
    diary.buy("2026-02-01", 10_000);
    diary.buy("2026-03-01", 10_000);
    diary.pass("2026-04-03");
    expect(diary.rows()).toEqual([
      "2026-02-01 order.paid: silver until 2026-04-02",
      "2026-04-03 tier.kept (secured): silver until 2026-04-02",
      "2026-04-03 tier.kept (renewed): silver until 2026-06-01",
    ]);
  });

  test("an order after the warning saves the tier", () => {
    const diary = new TierDiary(warning);
    diary.buy("2026-02-01", 10_000);
    diary.buy("2026-03-20", 10_000);
    diary.pass("2026-04-03");
    expect(diary.rows()).toEqual([
      "2026-02-01 order.paid: silver until 2026-04-02",
      "2026-03-20 tier.warned: silver until 2026-04-02",
      "2026-04-03 tier.kept (renewed): silver until 2026-06-01",
    ]);
  });

  test("days of grace come on top of the window that is over, and what is bought in them counts", () => {
    const grace: TiersInput = { ...yearly, graceDays: 30 };
    const lost = new TierDiary(grace);
    const saved = new TierDiary(grace);
    for (const diary of [lost, saved]) {
      diary.buy("2026-05-01", 10_000);
      diary.buy("2027-05-01", 9_000);
    }
    saved.buy("2028-01-20", 1_000);
    for (const diary of [lost, saved]) diary.pass("2028-01-31");
    expect(lost.rows()).toEqual([
      "2026-05-01 order.paid: silver until 2028-01-01",
      "2028-01-31 tier.warned: silver until 2028-01-31, in grace",
      "2028-01-31 tier.changed (review): none",
    ]);
    expect(saved.rows()).toEqual([
      "2026-05-01 order.paid: silver until 2028-01-01",
      "2028-01-20 tier.warned: silver until 2028-01-31, in grace",
      "2028-01-31 tier.kept (renewed): silver until 2029-01-01",
    ]);
  });
});

describe("by hand", () => {
  const ask = (tier: string | null, until: string | null) => ({
    tier,
    until: until === null ? null : noonOf(until),
    reason: "test",
  });

  test("a tier that is set stays until its end whatever is spent; then what was earned goes on", () => {
    const diary = new TierDiary(yearly);
    diary.buy("2026-05-01", 10_000);
    set(diary, "2026-06-01", ask("gold", "2026-09-01"));
    diary.buy("2026-07-01", 500);
    diary.pass("2026-09-02");
    expect(diary.rows()).toEqual([
      "2026-05-01 order.paid: silver until 2028-01-01",
      "2026-06-01 tier.changed (set): gold until 2026-09-01",
      "2026-09-02 tier.changed (ended): silver until 2028-01-01",
    ]);
    expect(diary.ledger.state.tier?.since).toBe(noonOf("2026-05-01"));
  });

  test("at its end it becomes what the member qualifies for, if that is higher than what was earned before", () => {
    const diary = new TierDiary(yearly);
    set(diary, "2026-06-01", ask("silver", "2026-09-01"));
    diary.buy("2026-07-01", 30_000);
    expect(diary.tier).toBe("silver");
    diary.pass("2026-09-01");
    expect(diary.rows().at(-1)).toBe("2026-09-01 tier.changed (ended): gold until 2028-01-01");
  });

  test("an order that is refunded takes what it had raised from beneath a tier that was set", () => {
    const diary = new TierDiary(yearly);
    const orderId = diary.buy("2026-05-01", 10_000);
    set(diary, "2026-06-01", ask("gold", "2026-09-01"));
    diary.refund("2026-06-02", orderId);
    expect(diary.tier).toBe("gold");
    diary.pass("2026-09-01");
    expect(diary.tier).toBeNull();
  });

  test("a paid tier is never earned, only set; without an end it is for ever", () => {
    const paid: TiersInput = { levels: [...levels, { id: "black", paid: true }] };
    const diary = new TierDiary(paid);
    diary.buy("2026-05-01", 1_000_000);
    expect(diary.tier).toBe("gold");
    set(diary, "2026-06-01", ask("black", null));
    diary.pass("2040-01-01");
    expect(diary.tier).toBe("black");
    set(diary, "2040-01-02", ask(null, null));
    expect(diary.tier).toBeNull();
  });

  test("given back to what the member qualifies for", () => {
    const diary = new TierDiary(yearly);
    diary.buy("2026-05-01", 10_000);
    set(diary, "2026-06-01", ask("gold", null));
    set(diary, "2026-06-02", ask(null, null));
    expect(diary.rows().at(-1)).toBe("2026-06-02 tier.changed (set): silver until 2028-01-01");
  });

  test("an unknown tier and an end that is over are refused", () => {
    const diary = new TierDiary(yearly);
    expect(set(diary, "2026-06-01", ask("platinum", null))).toBe("tier_unknown");
    expect(set(diary, "2026-06-01", ask("gold", "2026-06-01"))).toBe("invalid_date");
    expect(set(new TierDiary(undefined), "2026-06-01", ask(null, null))).toBe("tier_unknown");
  });
});

describe("welcome and entitlements", () => {
  const rewards = [{ id: "gift", name: { "zh-TW": "禮" }, benefit: { type: "amountOff", amount: 100 } }] as const;
  const rich: TiersInput = {
    levels: [
      { id: "member" },
      {
        id: "gold",
        any: [{ spend: 10_000 }],
        benefits: { welcomeReward: "gift", entitlements: [{ id: "ride", perYear: 4 }] },
      },
    ],
    keep: { type: "forever" },
  };

  test("the reward of a tier is given on entering it, and goes with a full refund while it is unused", () => {
    const diary = new TierDiary(rich, { rewards: [...rewards] });
    const orderId = diary.buy("2026-02-01", 10_000);
    const [voucher] = diary.ledger.state.vouchers.values();
    expect(voucher).toMatchObject({ rewardId: "gift", state: "issued", origin: { kind: "tier", ref: "gold" } });
    expect(diary.ledger.orders.get(orderId)?.grants).toMatchObject([{ voucherId: voucher?.id, undone: false }]);
    const counters = diary.ledger.state.counters.size;
    diary.refund("2026-02-02", orderId);
    expect(diary.ledger.state.vouchers.size).toBe(0);
    expect(diary.ledger.state.counters.size).toBeLessThan(counters);
    expect(diary.ledger.orders.get(orderId)?.grants).toMatchObject([{ voucherId: voucher?.id, undone: true }]);
    diary.buy("2026-02-03", 10_000);
    expect(diary.ledger.state.vouchers.size).toBe(1);
  });

  test("a welcome voucher that was used is not given a second time", () => {
    const diary = new TierDiary(rich, { rewards: [...rewards] });
    const orderId = diary.buy("2026-02-01", 10_000);
    diary.ledger.state.vouchers.clear(); // As if it had been used.
    diary.refund("2026-02-02", orderId);
    expect(diary.tier).toBeNull();
    diary.buy("2026-02-03", 10_000);
    expect(diary.tier).toBe("gold");
    expect(diary.ledger.state.vouchers.size).toBe(0);
  });

  test("4 airport rides a calendar year of the tenant's zone", () => {
    const diary = new TierDiary(rich, { rewards: [...rewards] });
    expect(ride(diary, Date.parse("2026-01-15T00:00:00Z"))).toBe("entitlement_not_found");
    diary.buy("2026-02-01", 10_000);
    // 23:59 of 31 December in Taipei, and the first minute of the year after.
    const lastMinute = Date.parse("2026-12-31T15:59:00Z");
    expect([1, 2, 3, 4].map(() => ride(diary, lastMinute))).toEqual([3, 2, 1, 0]);
    expect(ride(diary, lastMinute)).toBe("entitlement_used_up");
    expect(ride(diary, lastMinute + 60_000)).toBe(3);
  });

  function ride({ ledger }: TierDiary, at: number) {
    const outcome = ledger.decide(
      (state, program, now) =>
        decideEntitlementUse(state, program, { entitlement: "ride" }, { now, timeZone: TIME_ZONE }),
      at,
    );
    if (!("event" in outcome)) return outcome.refused;
    return outcome.event.body.kind === "entitlement.used" ? outcome.event.body.left : null;
  }
});

function set({ ledger }: TierDiary, day: string, ask: LifeActs["tier.set"]["ask"]): string | null {
  const outcome = ledger.decide(
    (state, program, now) => decideTierSet(state, program, ask, { now, timeZone: TIME_ZONE }),
    noonOf(day),
  );
  return "refused" in outcome ? outcome.refused : null;
}
