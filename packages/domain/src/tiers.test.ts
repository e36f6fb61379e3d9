// Tiers worked out by hand: one row for each time that a member's tier changed, as a member would be told.
import { describe, expect, test } from "vitest";
import type { ProgramInput } from "@regulars/contracts/program";
import { Draft } from "./draft.ts";
import { makeOrder, makeProgram, MemoryLedger, TIME_ZONE } from "./memory-ledger.ts";
import { noonOf, TierDiary } from "./tier-diary.ts";
import { progressOf } from "./tiers.ts";
import { tierOf } from "./tiers-keep.ts";
import { decideQuote } from "./quotes.ts";

type TiersInput = NonNullable<ProgramInput["tiers"]>;

const levels: TiersInput["levels"] = [
  { id: "member" },
  { id: "silver", any: [{ spend: 10_000 }] },
  { id: "gold", any: [{ spend: 30_000 }] },
];
const plain: TiersInput = { levels, warnDays: 0 };

describe("windows", () => {
  test("a rolling window counts the last so many local days, today included", () => {
    const diary = new TierDiary({ ...plain, window: { type: "rolling", days: 30 }, keep: { type: "days", days: 10 } });
    diary.buy("2026-01-10", 9_999);
    diary.buy("2026-02-09", 1); // The 30 days are 11 January to 9 February: one day too late.
    diary.buy("2026-02-10", 9_999); // 1 + 9,999 = 10,000
    expect(diary.rows()).toEqual(["2026-02-10 order.paid: silver until 2026-02-20"]);
  });

  test("a calendar year ends with 31 December of the tenant's zone", () => {
    const year: TiersInput = { ...plain, window: { type: "calendarYear" }, keep: { type: "endOfNextYear" } };
    const diary = new TierDiary(year);
    diary.buy("2026-12-31", 9_999);
    diary.buy("2027-01-01", 9_999); // A new year: nothing of the old one counts.
    expect(diary.rows()).toEqual([]);
    diary.buy("2027-06-01", 1);
    expect(diary.rows()).toEqual(["2027-06-01 order.paid: silver until 2029-01-01"]);
  });

  test("a year of membership begins on the day of enrolment; of 29 February on the 28th in other years", () => {
    const year: TiersInput = { ...plain, window: { type: "anniversary" }, keep: { type: "endOfNextYear" } };
    const diary = new TierDiary(year, { enrolled: "2028-02-29" });
    diary.buy("2029-02-27", 9_999);
    diary.buy("2029-02-28", 9_999); // The second year begins.
    expect(diary.rows()).toEqual([]);
    diary.buy("2030-02-27", 1); // Its last day; kept to the end of the third.
    expect(diary.rows()).toEqual(["2030-02-27 order.paid: silver until 2031-02-28"]);
  });

  test("a lifetime counts everything, also when more days were active than are kept one by one", () => {
    const lifetime: TiersInput = {
      levels: [{ id: "member" }, { id: "friend", all: [{ visits: 1300 }, { spend: 1_300 }] }],
      window: { type: "lifetime" },
      keep: { type: "forever" },
    };
    const diary = new TierDiary(lifetime);
    const dayOf = (place: number) => new Date(Date.UTC(2026, 0, 2 + place)).toISOString().slice(0, 10);
    for (let place = 0; place < 1299; place += 1) diary.buy(dayOf(place), 1);
    expect(diary.ledger.state.activity.size).toBeLessThan(1_250);
    expect(diary.tier).toBeNull();
    diary.buy(dayOf(1299), 1);
    expect(diary.rows()).toEqual([`${dayOf(1299)} order.paid: friend`]);
  });

  test("an order that comes late raises the tier as of its own day", () => {
    const year: TiersInput = { ...plain, window: { type: "calendarYear" }, keep: { type: "endOfNextYear" } };
    const diary = new TierDiary(year);
    diary.buy("2026-12-30", 9_000);
    diary.buy("2026-12-31", 1_000, noonOf("2027-01-02"));
    expect(diary.rows()).toEqual(["2027-01-02 order.paid: silver until 2028-01-01"]);
  });
});

describe("conditions", () => {
  const program = {
    currencies: [{ id: "points" }],
    earning: [{ id: "base", currency: "points", per: 1_000, points: 1 }],
  };

  test.each([
    ["orders", { orders: 2 }, ["2026-02-01"], "2026-02-01", 100],
    ["visits are local days", { visits: 2 }, ["2026-02-01", "2026-02-01"], "2026-02-02", 100],
    ["points earned", { points: { currency: "points", points: 3 } }, ["2026-02-01"], "2026-02-02", 2_000],
  ] as const)("%s", (_name, condition, before, reached, net) => {
    const tiers: TiersInput = { levels: [{ id: "member" }, { id: "up", any: [condition] }], warnDays: 0 };
    const diary = new TierDiary(tiers, program);
    for (const day of before) diary.buy(day, 1_000);
    expect(diary.tier).toBeNull();
    diary.buy(reached, net);
    expect(diary.tier).toBe("up");
  });

  test("measures of one condition must all hold; of several in `any` one is enough, of `all` every one is needed", () => {
    const either: TiersInput = {
      levels: [
        { id: "member" },
        { id: "up", any: [{ spend: 5_000, visits: 2 }, { orders: 4 }], all: [{ spend: 1_000 }] },
      ],
    };
    const big = new TierDiary(either);
    big.buy("2026-02-01", 5_000);
    expect(big.tier).toBeNull();
    big.buy("2026-02-02", 0);
    expect(big.tier).toBe("up");
    const often = new TierDiary(either);
    for (let order = 0; order < 4; order += 1) often.buy("2026-02-01", 249);
    expect(often.tier).toBeNull();
    often.buy("2026-02-01", 4);
    expect(often.tier).toBe("up");
  });

  test("several levels are skipped at once", () => {
    const diary = new TierDiary(plain);
    diary.buy("2026-02-01", 30_000);
    expect(diary.rows()).toEqual(["2026-02-01 order.paid: gold until 2027-02-01"]);
  });
});

describe("refunds", () => {
  test("a full refund leaves the tier exactly as it was, since, until and warned", () => {
    const diary = new TierDiary(plain);
    diary.buy("2026-02-01", 10_000);
    const before = diary.ledger.state.tier;
    const orderId = diary.buy("2026-03-01", 20_000);
    expect(diary.tier).toBe("gold");
    diary.refund("2026-03-02", orderId);
    expect(diary.ledger.state.tier).toEqual(before);
  });

  test("a tier that other orders hold up stays, and goes with the last of them, in whatever order they come back", () => {
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      const diary = new TierDiary(plain);
      const orders = [
        diary.buy("2026-02-01", 10_000),
        diary.buy("2026-02-02", 20_000),
        diary.buy("2026-02-03", 10_000),
      ];
      for (const place of order) diary.refund("2026-02-04", orders[place]!);
      expect(diary.ledger.state.tier).toBeNull();
    }
  });

  test("part of a refund lowers only as far as what stays", () => {
    const diary = new TierDiary(plain);
    diary.buy("2026-02-01", 12_000);
    const second = diary.buy("2026-02-02", 18_000);
    expect(diary.tier).toBe("gold");
    diary.refund("2026-02-03", second);
    expect(diary.tier).toBe("silver");
  });

  test("a tier that is kept although nothing holds it up today is not lost by a refund of something else", () => {
    const diary = new TierDiary({ ...plain, window: { type: "rolling", days: 30 } });
    diary.buy("2026-02-01", 10_000);
    const other = diary.buy("2026-06-01", 500);
    diary.refund("2026-06-02", other);
    expect(diary.tier).toBe("silver");
  });

  test("once time has renewed a tier, no refund of what had raised it takes it away", () => {
    const diary = new TierDiary({ ...plain, keep: { type: "days", days: 30 } });
    const orderId = diary.buy("2026-02-01", 10_000);
    diary.pass("2026-03-10");
    diary.refund("2026-03-11", orderId);
    expect(diary.rows()).toEqual([
      "2026-02-01 order.paid: silver until 2026-03-03",
      "2026-03-10 tier.kept (renewed): silver until 2026-04-02",
    ]);
  });
});

describe("progress", () => {
  const tiers: TiersInput = {
    levels: [
      { id: "member" },
      { id: "silver", any: [{ spend: 10_000 }, { visits: 3 }], benefits: { freeShipping: true } },
      { id: "gold", all: [{ spend: 30_000 }, { orders: 5 }] },
      { id: "black", paid: true },
    ],
  };

  test("a quote says what is missing with the basket added, by the nearest way", () => {
    const diary = new TierDiary(tiers);
    const quote = (net: number) => quotedTier(diary, net);
    expect(quote(2_000)).toEqual({
      tier: "member",
      until: null,
      next: "silver",
      missing: [{ measure: "visits", have: 1, need: 3 }],
      freeShipping: false,
    });
    expect(quote(9_000)?.missing).toEqual([{ measure: "spend", have: 9_000, need: 10_000 }]);
    expect(quote(10_000)?.missing).toEqual([]);
    diary.buy("2026-01-01", 10_000);
    expect(quotedTier(diary, 5_000)).toMatchObject({
      tier: "silver",
      next: "gold",
      missing: [
        { measure: "spend", have: 15_000, need: 30_000 },
        { measure: "orders", have: 2, need: 5 },
      ],
      freeShipping: true,
    });
  });

  test("nothing is missing exactly when the basket would raise the member", () => {
    for (const net of [1, 5_000, 9_999, 10_000, 12_000]) {
      const diary = new TierDiary(tiers);
      const missing = quotedTier(diary, net)?.missing;
      diary.buy("2026-01-01", net);
      expect(missing?.length === 0).toBe(diary.tier === "silver");
    }
  });

  test("points that the basket earns count", () => {
    const byPoints: TiersInput = {
      levels: [{ id: "member" }, { id: "up", any: [{ points: { currency: "points", points: 10 } }] }],
    };
    const earning = [{ id: "base", currency: "points", per: 1_000, points: 1 }];
    const diary = new TierDiary(byPoints, { currencies: [{ id: "points" }], earning });
    expect(quotedTier(diary, 9_000)?.missing).toEqual([{ measure: "points:points", have: 9, need: 10 }]);
    expect(quotedTier(diary, 10_000)?.missing).toEqual([]);
  });

  test("a program without tiers has none", () => {
    const ledger = new MemoryLedger([{ currencies: [] }], noonOf("2026-01-01"));
    const when = { now: noonOf("2026-01-01"), timeZone: TIME_ZONE, adding: null };
    expect(progressOf(new Draft(ledger.state, when.now), ledger.program(1), when)).toBeNull();
  });
});

test("a VIP tier needs no points at all", () => {
  const diary = new TierDiary({ levels: [{ id: "guest" }, { id: "vip", any: [{ visits: 2 }] }] });
  diary.buy("2026-02-01", 100);
  diary.buy("2026-02-02", 100);
  expect(diary.tier).toBe("vip");
  expect(diary.ledger.state.currencies.size).toBe(0);
});

test("rules see the tier before the order, also the one that everybody has", () => {
  const earning = [{ id: "base", currency: "points", per: 100, points: 1, tiers: ["member"] }];
  const diary = new TierDiary(plain, { currencies: [{ id: "points" }], earning });
  diary.buy("2026-02-01", 10_000);
  diary.buy("2026-02-02", 10_000);
  expect(diary.ledger.state.currencies.get("points")?.available).toBe(100);
  expect(tierOf(diary.ledger.program(1), null)).toBe("member");
});

test("a tier that the program has no more counts as none", () => {
  const program = makeProgram({ currencies: [], tiers: { levels: [{ id: "silver", any: [{ spend: 1 }] }] } });
  const gone = { tier: "bronze", since: 0, until: null, warned: false, fixed: false };
  expect(tierOf(program, gone)).toBeNull();
});

function quotedTier({ ledger }: TierDiary, net: number) {
  const now = noonOf("2026-01-01");
  const basket = makeOrder(now, {
    lines: [{ lineId: "1", sku: "x", category: null, quantity: 1, unitPrice: net, discount: 0 }],
  });
  const facts = {
    homeStoreId: null,
    source: null,
    firstOrder: true,
    ordersBefore: 0,
    birthdayMonth: false,
    enrolledDays: 0,
  };
  const decided = decideQuote(ledger.state, ledger.program(1), basket, { now, timeZone: TIME_ZONE, facts });
  if (!decided.ok) throw new Error(decided.refusal.code);
  return decided.quote.tier;
}
