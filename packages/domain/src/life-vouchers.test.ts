// What time does to vouchers: they end at their instant, and a checkout that never ended gives back what it had reserved.
import { expect, test } from "vitest";
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import { MemoryLedger } from "./memory-ledger.ts";
import { nextDueAt } from "./settle.ts";
import { noonOf } from "./tier-diary.ts";

const END = noonOf("2026-03-01");

test("a voucher ends at the instant of its end, not before", () => {
  const ledger = holding({ expiresAt: END });
  expect(nextDueAt(ledger.state)).toBe(END);
  ledger.passTime(END - 1);
  expect(ledger.state.vouchers.size).toBe(1);
  ledger.passTime(END);
  expect(ledger.events.at(-1)?.body).toMatchObject({ kind: "voucher.changed", voucher: { state: "expired" } });
  expect(ledger.state.vouchers.size).toBe(0);
});

test("a voucher that a checkout had reserved comes back when the checkout never ended", () => {
  const ledger = holding({ expiresAt: END + 1, state: "reserved", orderId: "A", reservedUntil: END });
  ledger.passTime(END);
  const [voucher] = ledger.state.vouchers.values();
  expect(voucher).toMatchObject({ state: "issued", orderId: null });
  expect(voucher).not.toHaveProperty("reservedUntil");
});

test("a reservation protects its voucher; what it lets go of after its end ends at once", () => {
  const ledger = holding({ expiresAt: END - 1, state: "reserved", orderId: "A", reservedUntil: END });
  ledger.passTime(END - 1);
  expect(ledger.state.vouchers.size).toBe(1);
  ledger.passTime(END);
  expect(ledger.state.vouchers.size).toBe(0);
});

test("a voucher without an end lives for ever", () => {
  expect(nextDueAt(holding({ expiresAt: null }).state)).toBe(Infinity);
});

function holding(more: Partial<VoucherRecord>): MemoryLedger {
  const reward = { id: "gift", name: { "zh-TW": "禮" }, benefit: { type: "amountOff" as const, amount: 100 } };
  const ledger = new MemoryLedger([{ currencies: [], rewards: [reward] }], noonOf("2026-01-01"));
  const { terms, benefit } = ledger.program(1).document.rewards[0]!;
  const voucher: VoucherRecord = {
    id: "vch_1_0",
    rewardId: "gift",
    programVersion: 1,
    benefit,
    terms,
    borneBy: "store",
    transferable: false,
    state: "issued",
    issuedAt: noonOf("2026-01-01"),
    expiresAt: null,
    origin: { kind: "hand", ref: "test" },
    issuerOwnerId: null,
    orderId: null,
    ...more,
  };
  ledger.state.vouchers.set(voucher.id, voucher);
  return ledger;
}
