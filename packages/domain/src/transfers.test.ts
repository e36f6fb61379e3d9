// Transfers, coins, referral and merges as statements of both sides, worked out by hand.
import type { TransferRecord } from "@regulars/contracts/events-more";
import type { ProgramInput } from "@regulars/contracts/program";
import { describe, expect, test } from "vitest";
import { makeLine, makeOrder, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { decideMerge, decideMergeReceived, decideUnmerge, mergesOf, undoMerge } from "./merging.ts";
import { decideReward, decideRewardReversed } from "./referrals.ts";
import type { Decision } from "./refuse.ts";
import { statementText } from "./statement-text.ts";
import { decideReceive, decideReturned, decideSend } from "./transfers.ts";
import { decideDeposit, decideWalletCapture, decideWalletHold, decideWalletRestore } from "./wallet-accounts.ts";

const NOW = Date.parse("2026-07-01T04:00:00Z");
const DAY_MS = 86_400_000;
const program: ProgramInput = {
  currencies: [{ id: "points", expiry: { type: "rolling", days: 30 } }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: { currency: "points", valuePerPoint: 100 },
  sharing: { transfers: [{ currency: "points", minPoints: 10, maxPoints: 200 }] },
};

describe("a gift", () => {
  test("takes what ends first, and ends with the receiver when it would have ended with the giver", () => {
    const [giver, receiver] = [make(), make()];
    give(giver, 50, NOW);
    give(giver, 50, NOW + 10 * DAY_MS);
    const gift = send(giver, 70, NOW + 20 * DAY_MS);
    run(receiver, (now) => decideReceive(receiver.state, gift, now), NOW + 20 * DAY_MS);
    expect(statementText(giver)).toEqual([
      "adjust: available +50 = 50/0/0",
      "adjust: available +50 = 100/0/0",
      "transfer: available -70 = 30/0/0",
    ]);
    receiver.passTime(NOW + 30 * DAY_MS);
    receiver.passTime(NOW + 40 * DAY_MS);
    expect(statementText(receiver)).toEqual([
      "transfer: available +70 = 70/0/0",
      "expire: available -50 = 20/0/0",
      "expire: available -20 = 0/0/0",
    ]);
  });

  test("that comes back after its end has come back, and ends", () => {
    const giver = make();
    give(giver, 50, NOW);
    const gift = send(giver, 50, NOW + 29 * DAY_MS);
    run(giver, (now) => decideReturned(giver.state, gift, now, undoMerge), NOW + 31 * DAY_MS);
    expect(statementText(giver).slice(2)).toEqual([
      "transfer: available +50 = 50/0/0",
      "expire: available -50 = 0/0/0",
    ]);
  });

  test("pays the receiver's debt first", () => {
    const [giver, receiver] = [make(), make()];
    give(giver, 50, NOW);
    inDebt(receiver, 12);
    run(receiver, (now) => decideReceive(receiver.state, send(giver, 20, NOW), now), NOW);
    expect(statementText(receiver).at(-1)).toBe("transfer: available +20 = 8/0/0");
  });

  test("keeps to what the program allows", () => {
    const giver = make();
    give(giver, 500, NOW);
    const code = (points: number, more = {}) =>
      refusalOf(decideSend(giver.state, giver.program(1), { ...wish(points), ...more }, at(NOW)));
    expect([code(9), code(201), code(10, { to: "mbr_a" })]).toEqual([
      "transfer_not_allowed",
      "transfer_not_allowed",
      "transfer_to_self",
    ]);
    expect([code(10, { currency: "stamps" }), code(10, { purpose: "donation", cause: "trees" })]).toEqual([
      "transfer_not_allowed",
      "transfer_not_allowed",
    ]);
  });
});

test("coins are held, captured, put back and earned in their own account", () => {
  const coins = make();
  give(coins, 50, NOW);
  const moment = { now: NOW, timeZone: TIME_ZONE, expiredOf: () => 0 };
  const elsewhere = { tenantId: "t", memberId: "m", orderId: "A", storeId: "s1", ownerId: "t", money: "TWD" };
  const hold = { holdId: "w/1", currency: "points", points: 30, orderId: "A" };
  run(coins, () => decideWalletHold(coins.state, coins.program(1), hold, moment), NOW);
  const held = coins.state.holds.get("w/1");
  if (held === undefined) throw new Error("nothing is held");
  run(coins, () => decideWalletCapture(coins.state, null, held, { points: 20, elsewhere }, moment), NOW);
  const body = coins.events.at(-1)?.body;
  const spends = body?.kind === "hold.captured" ? (body.spends ?? []) : [];
  run(coins, () => decideWalletRestore(coins.state, null, { id: "w/1", spends, elsewhere }, 15, moment), NOW);
  const deposit = { id: "A/base", currency: "points", points: 7, rule: "base", earnedAt: NOW, elsewhere };
  run(coins, () => decideDeposit(coins.state, coins.program(1), deposit, moment), NOW);
  expect(statementText(coins)).toEqual([
    "adjust: available +50 = 50/0/0",
    "hold: available -30, held +30 = 20/0/30",
    "redeem: held -20 = 20/0/10",
    "release: available +10, held -10 = 30/0/0",
    "restore: available +15 = 45/0/0",
    "earn: available +7 = 52/0/0",
  ]);
});

test("a referrer is paid, spends it, and owes it when the order comes back", () => {
  const referrer = make();
  const prize = { currency: "points", points: 50, storeId: "s1", rule: "referral", availableAt: NOW, expiresAt: null };
  const perReferrer = { period: "month", times: 1 } as const;
  const ask = { refereeId: "mbr_b", orderId: "A", prize, perReferrer, household: null, hashes: [] };
  const own = { memberId: "mbr_a", hashes: [], household: null };
  run(referrer, (now) => decideReward(referrer.state, ask, own, at(now)), NOW);
  expect(refusalOf(decideReward(referrer.state, { ...ask, orderId: "B" }, own, at(NOW)))).toBe("transfer_not_allowed");
  referrer.call({ do: "adjust", version: 1, wish: { ...adjustment, points: -45 } }, NOW);
  const body = referrer.events.find((event) => event.body.kind === "referral.rewarded")?.body;
  if (body?.kind !== "referral.rewarded" || body.referral.earned === null) throw new Error("nobody was paid");
  const rewarded = { ...body.referral, earned: body.referral.earned };
  const moment = { now: NOW, expiredOf: () => 0 };
  run(referrer, () => decideRewardReversed(referrer.state, referrer.program(1), rewarded, moment), NOW);
  expect(statementText(referrer)).toEqual([
    "earn: available +50 = 50/0/0",
    "adjust: available -45 = 5/0/0",
    "reverse: available -5 = 0/0/0",
    "reverse: available -45 = -45/0/0",
  ]);
  expect(refusalOf(decideReward(referrer.state, { ...ask, orderId: "B" }, own, at(NOW)))).toBeNull();
});

test("a merge carries a debt with it, and parts only what is left", () => {
  const [old, stays] = [make(), make()];
  inDebt(old, 12);
  give(stays, 30, NOW);
  const hashes = ["h1"];
  run(old, (now) => decideMerge(old.state, { from: "mbr_a", into: "mbr_b", hashes }, now), NOW);
  const merge = lastTransfer(old);
  run(stays, (now) => decideMergeReceived(stays.state, merge, now), NOW);
  expect(statementText(old).at(-1)).toBe("transfer: available +12 = 0/0/0");
  expect(statementText(stays)).toEqual(["adjust: available +30 = 30/0/0", "transfer: available -12 = 18/0/0"]);
  run(stays, (now) => decideUnmerge(stays.state, { from: "mbr_b", received: [merge] }, now), NOW);
  expect(lastTransfer(stays)).toMatchObject({ purpose: "unmerge", to: "mbr_a", parts: [], merge: { hashes } });
  expect([mergesOf(old.state, "mbr_b"), mergesOf(stays.state, "mbr_a")]).toEqual([[], []]);
});

const adjustment = { currency: "points", points: 0, reason: "test", storeId: null };
const make = () => new MemoryLedger([program], NOW);
const at = (now: number) => ({ now, timeZone: TIME_ZONE });

function give(ledger: MemoryLedger, points: number, now: number) {
  ledger.call({ do: "adjust", version: 1, wish: { ...adjustment, points } }, now);
}

/** Earns, spends all of it, and gives the order back. */
function inDebt(ledger: MemoryLedger, points: number) {
  const lines = [makeLine({ quantity: 1, unitPrice: points * 1000, discount: 0 })];
  ledger.call({ do: "order", version: 1, order: makeOrder(NOW, { orderId: "debt", lines }) }, NOW);
  give(ledger, -points, NOW);
  ledger.call({ do: "refund", version: 1, refund: { orderId: "debt", refundId: "1", lines: null } }, NOW);
}

const wish = (points: number) => ({
  purpose: "gift" as const,
  from: "mbr_a",
  to: "mbr_b",
  currency: "points",
  points,
  vouchers: [],
  note: null,
});

function send(giver: MemoryLedger, points: number, now: number): TransferRecord {
  run(giver, (when) => decideSend(giver.state, giver.program(1), wish(points), at(when)), now);
  return lastTransfer(giver);
}

function lastTransfer({ events }: MemoryLedger): TransferRecord {
  const body = events.at(-1)?.body;
  if (body === undefined || !("transfer" in body)) throw new Error("nothing was sent");
  return body.transfer;
}

function run(ledger: MemoryLedger, decide: (now: number) => Decision, now: number) {
  const outcome = ledger.decide((_state, _program, when) => decide(when), now);
  if ("refused" in outcome) throw new Error(outcome.refused);
}

const refusalOf = (decision: Decision) => (decision.ok ? null : decision.refusal.code);
