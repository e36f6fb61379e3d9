// Sums of baskets, and what stays of them when lines come back.
import fc from "fast-check";
import { expect, test } from "vitest";
import { ceilShare, floorShare, stayingLines, totalsOf } from "./basket.ts";
import { makeLine } from "./memory-ledger.ts";

test("gross is quantity times price, and net is that less the discounts", () => {
  const lines = [
    makeLine({ quantity: 3, unitPrice: 999, discount: 100 }),
    makeLine({ quantity: 1, unitPrice: 1, discount: 1 }),
  ];
  expect(totalsOf(lines)).toEqual({ gross: 2998, net: 2897, quantity: 4 });
  expect(totalsOf([])).toEqual({ gross: 0, net: 0, quantity: 0 });
});

test("the discount of a line shrinks with its units, rounded down", () => {
  const line = makeLine({ quantity: 3, unitPrice: 1000, discount: 100 });
  const staying = (units: number) =>
    stayingLines([line], { 1: units }).map(({ quantity, discount }) => [quantity, discount]);
  expect([staying(0), staying(1), staying(2), staying(3)]).toEqual([[[3, 100]], [[2, 66]], [[1, 33]], []]);
});

test("the net that stays never grows when more comes back", () => {
  const line = fc
    .record({ quantity: fc.integer({ min: 1, max: 1_000_000 }), unitPrice: fc.nat(1_000_000_000), share: fc.nat(1000) })
    .map(({ quantity, unitPrice, share }) =>
      makeLine({ quantity, unitPrice, discount: Math.floor((quantity * unitPrice) / 1000) * share }),
    );
  fc.assert(
    fc.property(line, fc.nat(1000), fc.nat(1000), (one, first, more) => {
      const net = (units: number) => totalsOf(stayingLines([one], { 1: Math.min(units, one.quantity) })).net;
      expect(net(first + more)).toBeLessThanOrEqual(net(first));
      expect(net(first)).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("shares are exact for every safe integer", () => {
  const amount = fc.nat(Number.MAX_SAFE_INTEGER);
  fc.assert(
    fc.property(
      amount,
      fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      fc.nat(1_000_000),
      (one, whole, millionth) => {
        const part = Number((BigInt(whole) * BigInt(millionth)) / 1_000_000n);
        const product = BigInt(one) * BigInt(part);
        const floor = product / BigInt(whole);
        expect(floorShare(one, part, whole)).toBe(Number(floor));
        expect(ceilShare(one, part, whole)).toBe(Number(floor * BigInt(whole) === product ? floor : floor + 1n));
      },
    ),
  );
});
