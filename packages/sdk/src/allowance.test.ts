// A till's count of an allowance: whatever is asked of it, it never spends more than was set aside.
import { expect, test } from "vitest";
import { OfflineAllowance, type VerifiedAllowance } from "./allowance.ts";

const NOW = Date.parse("2026-03-01T04:00:00Z");
const allowance: VerifiedAllowance = {
  id: "hld_2_0",
  tenantId: "ten_a",
  memberId: "mbr_a",
  storeId: "s1",
  currency: "points",
  points: 300,
  issuedAt: NOW,
  spendUntil: NOW + 3_600_000,
};

test("an allowance is spent by several orders until nothing is left", () => {
  const till = new OfflineAllowance(allowance);
  expect(till.spend({ orderId: "A", points: 120, now: NOW })).toEqual({ ok: true, left: 180, allowanceId: "hld_2_0" });
  expect(till.spend({ orderId: "B", points: 181, now: NOW })).toEqual({ ok: false, reason: "exceeded", left: 180 });
  expect(till.spend({ orderId: "B", points: 180, now: NOW })).toEqual({ ok: true, left: 0, allowanceId: "hld_2_0" });
  expect(till.spend({ orderId: "C", points: 1, now: NOW })).toEqual({ ok: false, reason: "exceeded", left: 0 });
});

test("the same order spends once, and cannot become another", () => {
  const till = new OfflineAllowance(allowance);
  till.spend({ orderId: "A", points: 120, now: NOW });
  expect(till.spend({ orderId: "A", points: 120, now: NOW })).toMatchObject({ ok: true, left: 180 });
  expect(till.spend({ orderId: "A", points: 100, now: NOW })).toMatchObject({ ok: false, reason: "order_changed" });
});

test("nothing is spent once the time is over, nor parts of points", () => {
  const till = new OfflineAllowance(allowance);
  const late = till.spend({ orderId: "A", points: 1, now: new Date(allowance.spendUntil + 1) });
  expect(late).toMatchObject({ ok: false, reason: "over" });
  for (const points of [0, -5, 0.5, Number.NaN]) {
    expect(till.spend({ orderId: "A", points, now: NOW })).toMatchObject({ ok: false, reason: "not_points" });
  }
});

test("a till that restarts goes on where it was, and never exceeds the allowance", () => {
  let random = 7;
  const next = (below: number) => (random = (random * 48_271) % 2_147_483_647) % below;
  for (let history = 0; history < 300; history += 1) {
    let till = new OfflineAllowance(allowance);
    for (let wish = 0; wish < 25; wish += 1) {
      till.spend({ orderId: `order-${next(12)}`, points: next(120) - 5, now: NOW });
      if (next(3) === 0) till = new OfflineAllowance(allowance, JSON.parse(JSON.stringify(till.spends)));
      const spent = Object.values(till.spends).reduce((sum, one) => sum + one, 0);
      expect(spent + till.left).toBe(allowance.points);
    }
  }
});
