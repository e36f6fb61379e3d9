// Points that buy a reward, between owners: paid to head office when they buy, and undone by the rules that sold it.
import type { Due } from "@regulars/contracts/events-effects";
import type { EventBody } from "@regulars/contracts/events";
import type { ProgramInput } from "@regulars/contracts/program";
import { expect, test } from "vitest";
import { makeLine, makeOrder, makeProgram, MemoryLedger } from "./memory-ledger.ts";
import { NOTHING_PREPARED } from "./moment.ts";
import { decidePurchase, decideReturn } from "./rewards.ts";
import type { Decision } from "./refuse.ts";
import { applyEvent } from "./state.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");

const worth = (valuePerPointMilli: number): ProgramInput => ({
  currencies: [{ id: "points" }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  rewards: [
    {
      id: "tea",
      name: { "zh-TW": "一杯茶" },
      benefit: { type: "amountOff", amount: 3000 },
      cost: { currency: "points", points: 30 },
      borneBy: "headOffice",
    },
  ],
  clearing: {
    headOfficeOwnerId: "hq",
    currencies: [{ currency: "points", policy: { type: "issuerPays" }, valuePerPointMilli }],
  },
});

const lines = [makeLine({ lineId: "a", quantity: 1, unitPrice: 100_000 })];

function owed(body: EventBody): string[] {
  const dues: readonly Due[] = ("dues" in body && body.dues) || [];
  return dues.map(
    ({ debtor, creditor, amountMilli, reason }) => `${debtor} owes ${creditor} ${amountMilli / 100_000} ${reason}`,
  );
}

function append(ledger: MemoryLedger, decision: Decision): EventBody {
  if (!decision.ok) throw new Error(decision.refusal.code);
  const identity = { tenantId: "ten_t", memberId: "mbr_t", epoch: 1, testTime: false, key: null };
  applyEvent(ledger.state, { ...identity, sequence: ledger.state.sequence + 1, at: NOW, body: decision.body });
  return decision.body;
}

function buyTea(ledger: MemoryLedger): EventBody {
  const order = makeOrder(NOW, { orderId: "A", ownerId: "anna", storeId: "s-anna", lines });
  expect(ledger.call({ do: "order", version: 1, order }, NOW)).toHaveProperty("event");
  const wish = { rewardId: "tea", ownerId: "ben", money: "TWD" };
  const moment = { now: NOW, timeZone: "Asia/Taipei", prepared: NOTHING_PREPARED };
  return append(ledger, decidePurchase(ledger.state, makeProgram(worth(90_000)), wish, moment));
}

test("the issuer pays head office for points that buy a reward, and the shop that takes it is paid by who bears it", () => {
  const ledger = new MemoryLedger([worth(90_000)], NOW);
  expect(owed(buyTea(ledger))).toEqual(["anna owes hq 27 redeemed"]);
  const [voucher] = [...ledger.state.vouchers.keys()];
  const order = makeOrder(NOW, { orderId: "B", ownerId: "ben", storeId: "s-ben", lines, vouchers: [voucher ?? ""] });
  const used = ledger.call({ do: "order", version: 1, order }, NOW);
  expect("event" in used ? owed(used.event.body) : used).toEqual(["hq owes ben 30 voucher"]);
});

test("a reward that is given back undoes what was owed for it, also when the rules have changed since", () => {
  const ledger = new MemoryLedger([worth(90_000)], NOW);
  buyTea(ledger);
  const [voucher = ""] = [...ledger.state.vouchers.keys()];
  const returned = append(ledger, decideReturn(ledger.state, makeProgram(worth(50_000), 2), voucher, NOW));
  expect(owed(returned)).toEqual(["anna owes hq -27 restored"]);
});
