// Benefits, worked out by hand: the basket, what is taken off each line, and what is left to pay. Amounts in cents.
import type { ProgramInput } from "@regulars/contracts/program";
import { benefit as benefitSchema } from "@regulars/contracts/program-rewards";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { sharesByWeight } from "./shares-by-weight.ts";
import { standingOf, takeOff } from "./benefits.ts";
import { makeLine } from "./memory-ledger.ts";

type BenefitInput = NonNullable<ProgramInput["rewards"]>[number]["benefit"];
type Row = readonly [sku: string, quantity: number, unitPrice: number, discount?: number];

/** Applies benefits one after the other; a line of the answer is "sku: net - off, off = left". */
function table(rows: readonly Row[], ...benefits: readonly BenefitInput[]): string[] {
  const lines = rows.map(([sku, quantity, unitPrice, discount = 0], place) =>
    makeLine({ lineId: String(place), sku, quantity, unitPrice, discount }),
  );
  const standing = standingOf(lines);
  const nets = [...standing.left];
  const all = lines.map((_, place) => place);
  const offs = benefits.map((input) => {
    const one = benefitSchema.parse(input);
    const places = one.type === "gift" ? all.filter((place) => lines[place]?.sku === one.sku) : all;
    return takeOff(one, places, lines, standing);
  });
  return lines.map(({ sku }, place) => {
    const off = offs.map((cuts) => cuts.find((cut) => cut.place === place)?.value ?? 0);
    return `${sku}: ${nets[place]} - ${off.join(" - ")} = ${standing.left[place]}`;
  });
}

describe("an amount off", () => {
  test("is shared by the lines in proportion to what they cost, to the cent", () => {
    expect(
      table(
        [
          ["tea", 1, 10_000],
          ["cake", 1, 5000],
          ["milk", 2, 2500],
        ],
        { type: "amountOff", amount: 1000 },
      ),
    ).toEqual(["tea: 10000 - 500 = 9500", "cake: 5000 - 250 = 4750", "milk: 5000 - 250 = 4750"]);
  });

  test("that does not divide gives the odd cent to the largest remainder, the first line among equals", () => {
    expect(
      table(
        [
          ["a", 1, 100],
          ["b", 1, 100],
          ["c", 1, 100],
        ],
        { type: "amountOff", amount: 100 },
      ),
    ).toEqual(["a: 100 - 34 = 66", "b: 100 - 33 = 67", "c: 100 - 33 = 67"]);
  });

  test("never takes off more than there is", () => {
    expect(table([["tea", 1, 300, 100]], { type: "amountOff", amount: 1000 })).toEqual(["tea: 200 - 200 = 0"]);
  });
});

describe("a percentage off", () => {
  test("is rounded down once for all lines", () => {
    expect(
      table(
        [
          ["a", 1, 333],
          ["b", 1, 333],
        ],
        { type: "percentOff", percent: 10 },
      ),
    ).toEqual(["a: 333 - 33 = 300", "b: 333 - 33 = 300"]);
  });

  test("ends at its cap", () => {
    expect(table([["coat", 1, 500_000]], { type: "percentOff", percent: 20, maxAmount: 30_000 })).toEqual([
      "coat: 500000 - 30000 = 470000",
    ]);
  });

  test("is taken of what the line's discount and the vouchers before it have left", () => {
    const tenPercent = { type: "percentOff", percent: 10 } as const;
    expect(table([["tea", 2, 10_000, 2000]], tenPercent, tenPercent)).toEqual(["tea: 18000 - 1800 - 1620 = 14580"]);
  });

  test("of a hundredth of a percent is exact", () => {
    expect(table([["tea", 1, 10_000]], { type: "percentOff", percent: 12.34 })).toEqual(["tea: 10000 - 1234 = 8766"]);
  });
});

describe("the second item for 1 dollar", () => {
  const second = { type: "nextItem", price: 100 } as const;

  test("is the cheapest of the basket, once", () => {
    expect(
      table(
        [
          ["latte", 1, 9000],
          ["tea", 1, 6000],
          ["cake", 1, 7000],
        ],
        second,
      ),
    ).toEqual(["latte: 9000 - 0 = 9000", "tea: 6000 - 5900 = 100", "cake: 7000 - 0 = 7000"]);
  });

  test("is one of two alike", () => {
    expect(table([["tea", 2, 6000]], second)).toEqual(["tea: 12000 - 5900 = 6100"]);
  });

  test("needs a second item", () => {
    expect(table([["tea", 1, 6000]], second)).toEqual(["tea: 6000 - 0 = 6000"]);
  });

  test("passes over what costs no more than that anyway", () => {
    expect(
      table(
        [
          ["latte", 1, 9000],
          ["tea", 1, 6000],
          ["bag", 1, 100],
        ],
        second,
      ),
    ).toEqual(["latte: 9000 - 0 = 9000", "tea: 6000 - 5900 = 100", "bag: 100 - 0 = 100"]);
  });

  test("twice in one voucher, and in two vouchers, is the same", () => {
    const basket: Row[] = [
      ["a", 1, 9000],
      ["b", 1, 8000],
      ["c", 1, 500],
      ["d", 1, 400],
    ];
    expect(table(basket, { ...second, maxTimes: 2 })).toEqual([
      "a: 9000 - 0 = 9000",
      "b: 8000 - 0 = 8000",
      "c: 500 - 400 = 100",
      "d: 400 - 300 = 100",
    ]);
    expect(table(basket, second, second)).toEqual([
      "a: 9000 - 0 - 0 = 9000",
      "b: 8000 - 0 - 0 = 8000",
      "c: 500 - 0 - 400 = 100",
      "d: 400 - 300 - 0 = 100",
    ]);
  });

  test("buy three, get the fourth free", () => {
    expect(table([["cup", 9, 5000]], { type: "nextItem", buy: 3, price: 0, maxTimes: 5 })).toEqual([
      "cup: 45000 - 10000 = 35000",
    ]);
  });
});

describe("a bundle for one price", () => {
  const bundle = {
    type: "bundle" as const,
    items: [{ sku: "bun" }, { sku: "fries" }, { sku: "cola" }],
    price: 9900,
    maxTimes: 2,
  } satisfies BenefitInput;

  test("takes off the difference, shared by what the items cost", () => {
    expect(
      table(
        [
          ["bun", 1, 8000],
          ["fries", 1, 4000],
          ["cola", 1, 3000],
          ["cake", 1, 5000],
        ],
        bundle,
      ),
    ).toEqual([
      "bun: 8000 - 2720 = 5280",
      "fries: 4000 - 1360 = 2640",
      "cola: 3000 - 1020 = 1980",
      "cake: 5000 - 0 = 5000",
    ]);
  });

  test("is made as often as the basket holds it and the voucher allows", () => {
    expect(
      table(
        [
          ["bun", 3, 8000],
          ["fries", 3, 4000],
          ["cola", 2, 3000],
        ],
        bundle,
      ),
    ).toEqual(["bun: 24000 - 5440 = 18560", "fries: 12000 - 2720 = 9280", "cola: 6000 - 2040 = 3960"]);
  });

  test("that lacks an item, or would cost more, is none", () => {
    expect(
      table(
        [
          ["bun", 1, 8000],
          ["fries", 1, 4000],
        ],
        bundle,
      ).map((row) => row.split(" ")[3]),
    ).toEqual(["0", "0"]);
    expect(
      table(
        [
          ["bun", 1, 3000],
          ["fries", 1, 3000],
          ["cola", 1, 3000],
        ],
        bundle,
      )[0],
    ).toBe("bun: 3000 - 0 = 3000");
  });

  test("counts the dearest units of an item, and no unit twice", () => {
    const pair: BenefitInput = { type: "bundle", items: [{ sku: "bun", quantity: 2 }], price: 10_000 };
    expect(
      table(
        [
          ["bun", 1, 6000],
          ["bun", 2, 8000],
        ],
        pair,
        pair,
      ),
    ).toEqual(["bun: 6000 - 0 - 0 = 6000", "bun: 16000 - 6000 - 0 = 10000"]);
  });
});

describe("a gift", () => {
  test("in the basket is free, so many units of it", () => {
    expect(
      table(
        [
          ["tote", 3, 2000, 300],
          ["tea", 1, 6000],
        ],
        { type: "gift", sku: "tote", quantity: 2 },
      ),
    ).toEqual(["tote: 5700 - 3800 = 1900", "tea: 6000 - 0 = 6000"]);
  });

  test("twice frees two units", () => {
    const gift = { type: "gift", sku: "tote" } as const;
    expect(table([["tote", 2, 2000]], gift, gift)).toEqual(["tote: 4000 - 2000 - 2000 = 0"]);
  });
});

test("shares sum to the whole, and none exceeds its weight, also where products leave the safe integers", () => {
  const weights = fc.array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(weights, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
      const whole = all.reduce((sum, weight) => sum + weight, 0);
      const amount = Math.floor(whole * part);
      const shares = sharesByWeight(amount, all);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(amount);
      shares.forEach((share, place) => {
        expect(share).toBeGreaterThanOrEqual(0);
        expect(share).toBeLessThanOrEqual(all[place]!);
      });
    }),
  );
});
