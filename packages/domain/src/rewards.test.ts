// The catalogue: who may buy what, what a purchase moves and its return restores, and vouchers passed on.
import type { ProgramInput } from "@regulars/contracts/program";
import { describe, expect, test } from "vitest";
import { Draft } from "./draft.ts";
import { MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { NOTHING_PREPARED, type Prepared } from "./moment.ts";
import type { Decision } from "./refuse.ts";
import { decideIssue, decidePurchase, decideReturn, decideVoid, offersOf } from "./rewards.ts";
import { statementText } from "./statement-text.ts";
import { giveVoucher, issueVoucher, keepVoucher, takeVoucher } from "./vouchers-issue.ts";

const NOW = Date.parse("2026-03-31T04:00:00Z");
const DAY_MS = 86_400_000;
const name = { "zh-TW": "獎勵" };
const benefit = { type: "amountOff", amount: 5000 } as const;
const cost = { currency: "points", points: 40 };

const program = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 30 } }],
  rewards: [
    { id: "off", name, benefit, cost, transferable: true },
    { id: "gift", name, benefit: { type: "gift", sku: "tote" }, cost, stock: 3 },
    { id: "monthly", name, benefit, cost, perMember: { period: "month", times: 1 } },
    { id: "gold", name, benefit, cost, tiers: ["gold"] },
    { id: "soon", name, benefit, cost, from: "2026-04-10T00:00:00Z" },
    { id: "gone", name, benefit, cost, until: "2026-03-01T00:00:00Z" },
    { id: "dear", name, benefit, cost: { currency: "points", points: 4000 } },
    { id: "given", name, benefit },
  ],
} satisfies ProgramInput;

const PIECE: Prepared = {
  ...NOTHING_PREPARED,
  grants: { "stock/gift": 1 },
  pending: [{ intent: "prep_1_1", takes: [{ name: "stock/gift", granted: 1, rule: null }], claims: [] }],
};

class Shopper {
  readonly ledger = new MemoryLedger([program], NOW);

  constructor(points = 100) {
    this.give(points, NOW);
  }

  give(points: number, now: number): void {
    const wish = { currency: "points", points, reason: "gift", storeId: null };
    this.ledger.call({ do: "adjust", version: 1, wish }, now);
  }

  run(decide: (now: number) => Decision, now = NOW): string {
    const outcome = this.ledger.decide((_state, _program, at) => decide(at), now);
    return "refused" in outcome ? outcome.refused : outcome.event.body.kind;
  }

  buy(rewardId: string, now = NOW, prepared: Prepared = NOTHING_PREPARED): string {
    const ask = { rewardId, ownerId: "o1", money: "TWD" };
    return this.run(
      (at) => decidePurchase(this.ledger.state, this.program, ask, { now: at, timeZone: TIME_ZONE, prepared }),
      now,
    );
  }

  giveBack(voucherId: string, now = NOW): string {
    return this.run((at) => decideReturn(this.ledger.state, this.program, voucherId, at), now);
  }

  get program() {
    return this.ledger.program(1);
  }

  get voucherIds(): string[] {
    return [...this.ledger.state.vouchers.keys()];
  }
}

test("a purchase spends points, oldest first, and its return restores the very lots with their own end", () => {
  const shopper = new Shopper(30);
  shopper.give(50, NOW + DAY_MS);
  const before = lotsOf(shopper);
  expect(shopper.buy("off", NOW + DAY_MS)).toBe("reward.bought");
  expect(shopper.giveBack(shopper.voucherIds[0]!, NOW + 2 * DAY_MS)).toBe("reward.returned");
  expect(statementText(shopper.ledger)).toEqual([
    "adjust: available +30 = 30/0/0",
    "adjust: available +50 = 80/0/0",
    "redeem: available -40 = 40/0/0",
    "restore: available +40 = 80/0/0",
  ]);
  expect([lotsOf(shopper), shopper.voucherIds]).toEqual([before, []]);
});

test("points that ended while the voucher was held end at once when it is returned", () => {
  const shopper = new Shopper(30);
  shopper.give(50, NOW + 5 * DAY_MS);
  shopper.buy("off", NOW + 5 * DAY_MS);
  shopper.giveBack(shopper.voucherIds[0]!, NOW + 31 * DAY_MS);
  expect(statementText(shopper.ledger).slice(2)).toEqual([
    "redeem: available -40 = 40/0/0",
    "restore: available +40 = 80/0/0",
    "expire: available -30 = 50/0/0",
  ]);
});

test("the catalogue says of each reward why it cannot be bought, as the purchase does", () => {
  const shopper = new Shopper();
  shopper.buy("monthly");
  const offers = offersOf(shopper.ledger.state, shopper.program, { now: NOW, timeZone: TIME_ZONE });
  expect(Object.fromEntries(offers.map(({ reward, unavailable }) => [reward.id, unavailable]))).toEqual({
    off: null,
    gift: null,
    monthly: "limit",
    gold: "tier",
    soon: "not_yet",
    gone: "over",
    dear: "points",
    given: "not_for_sale",
  });
  const refusals = ["monthly", "gold", "soon", "gone", "dear", "given", "nothing"].map((id) => shopper.buy(id));
  expect(refusals).toEqual([
    "reward_limit_reached",
    "reward_not_available",
    "reward_not_available",
    "reward_not_available",
    "insufficient_points",
    "reward_not_available",
    "reward_not_found",
  ]);
});

test("a limit counts in local months, and a return makes room again", () => {
  const shopper = new Shopper();
  shopper.buy("monthly");
  expect(shopper.buy("monthly", Date.parse("2026-03-31T15:59:59Z"))).toBe("reward_limit_reached");
  shopper.giveBack(shopper.voucherIds[0]!);
  expect(shopper.buy("monthly", Date.parse("2026-03-31T15:59:59Z"))).toBe("reward.bought");
  expect(shopper.buy("monthly", Date.parse("2026-03-31T16:00:00Z"))).toBe("reward.bought");
  expect(shopper.ledger.state.currencies.get("points")?.available).toBe(20);
});

test("a reward with stock needs a piece that was granted, and gives it back with the voucher", () => {
  const shopper = new Shopper();
  expect(shopper.buy("gift")).toBe("reward_out_of_stock");
  expect(shopper.buy("gift", NOW, PIECE)).toBe("reward.bought");
  shopper.giveBack(shopper.voucherIds[0]!);
  expect(shopper.ledger.events.at(-1)?.body).toMatchObject({
    duties: [{ kind: "prepared.settle", ask: { takes: [{ name: "stock/gift", key: "prep_1_1", unused: 1 }] } }],
  });
});

test("only an unused voucher that was bought can be returned", () => {
  const shopper = new Shopper();
  const issue = { rewardId: "given", reason: "sorry", ownerId: null };
  const moment = { now: NOW, timeZone: TIME_ZONE, prepared: NOTHING_PREPARED };
  expect(shopper.run(() => decideIssue(shopper.ledger.state, shopper.program, issue, moment))).toBe("voucher.issued");
  const [voucherId = ""] = shopper.voucherIds;
  expect(shopper.giveBack(voucherId)).toBe("voucher_not_returnable");
  expect(shopper.giveBack("vch_0_0")).toBe("voucher_not_found");
  const taken = { voucherId, reason: "mistake" };
  expect(shopper.run(() => decideVoid(shopper.ledger.state, taken, NOW))).toBe("voucher.changed");
  expect(shopper.voucherIds).toEqual([]);
});

test("a member holds 500 vouchers at most", () => {
  const shopper = new Shopper();
  shopper.ledger.decide((state, compiled, now) => {
    const draft = new Draft(state, now);
    const when = { now, timeZone: TIME_ZONE, ownerId: null };
    const origin = { kind: "hand", ref: "test" };
    for (let count = 0; count < 500; count += 1) issueVoucher(draft, compiled, "off", origin, when);
    const [voucher] = draft.effects.openVouchers();
    return { ok: true, body: { kind: "voucher.issued", voucher: voucher!, reason: null, ...draft.body([]) } };
  }, NOW);
  expect(new Set(shopper.voucherIds).size).toBe(500);
  expect(shopper.buy("off")).toBe("vouchers_held_limit");
});

describe("a voucher that is passed on", () => {
  function given(): { draft: Draft; shopper: Shopper; taken: ReturnType<typeof giveVoucher> } {
    const shopper = new Shopper();
    shopper.buy("off");
    const draft = new Draft(shopper.ledger.state, NOW);
    return { draft, shopper, taken: giveVoucher(draft, shopper.voucherIds[0]!) };
  }

  test("leaves the giver and comes to the receiver with its end, but not with the points that bought it", () => {
    const { draft, taken, shopper } = given();
    if (!taken.ok) throw new Error(taken.refusal.code);
    expect(draft.effects.openVouchers()).toEqual([]);
    const other = new Draft(new Shopper().ledger.state, NOW);
    const received = takeVoucher(other, taken.voucher, "mbr_giver");
    expect(received).toMatchObject({ ok: true, voucher: { origin: { kind: "received", ref: "mbr_giver" }, benefit } });
    expect(received.ok && received.voucher).not.toHaveProperty("paid");
    expect(giveVoucher(draft, shopper.voucherIds[0]!)).toMatchObject({ refusal: { code: "voucher_already_used" } });
  });

  test("and not taken is the giver's again, as it was", () => {
    const { draft, taken, shopper } = given();
    if (!taken.ok) throw new Error(taken.refusal.code);
    expect(keepVoucher(draft, taken.voucher)).toEqual(shopper.ledger.state.vouchers.get(taken.voucher.id));
  });

  test("must be of a kind that may be", () => {
    const shopper = new Shopper();
    shopper.buy("monthly");
    const refused = giveVoucher(new Draft(shopper.ledger.state, NOW), shopper.voucherIds[0]!);
    expect(refused).toMatchObject({ refusal: { code: "voucher_not_transferable" } });
  });
});

const lotsOf = ({ ledger }: Shopper) =>
  [...ledger.state.lots.values()].map(({ lot, available }) => `${lot.id} ${available} ${lot.expiresAt}`).sort();
