// Clearing, worked out by hand as statements between owners: who owes whom after each order and refund.
import type { Due } from "@regulars/contracts/events-effects";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { ProgramInput } from "@regulars/contracts/program";
import fc from "fast-check";
import { expect, test } from "vitest";
import { duesChange, duesOf, duesOfPurchase } from "./clearing.ts";
import { makeLine, makeOrder, makeProgram, MemoryLedger } from "./memory-ledger.ts";

type Policy = NonNullable<ProgramInput["clearing"]>["currencies"][number]["policy"];

const NOW = Date.parse("2026-03-01T04:00:00Z");
const DAY_MS = 86_400_000;

/** A point for every 10.00; a point pays 1.00, and is worth 0.90 between owners. */
function programWith(policy: Policy, more: Partial<ProgramInput> = {}): ProgramInput {
  return {
    currencies: [{ id: "points" }],
    earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
    tender: { currency: "points", valuePerPoint: 100 },
    clearing: {
      headOfficeOwnerId: "hq",
      currencies: [{ currency: "points", policy, valuePerPointMilli: 90_000 }],
    },
    ...more,
  };
}

const stores = { anna: "s-anna", ben: "s-ben", hq: "s-hq" } as const;
type OwnerId = keyof typeof stores;

let clock = NOW;
const lines = [makeLine({ lineId: "a", quantity: 4, unitPrice: 25_000 })];

function buy(ledger: MemoryLedger, orderId: string, ownerId: OwnerId, redeem = 0): void {
  clock += DAY_MS;
  const order = { orderId, ownerId, storeId: stores[ownerId], regionId: "r1", lines };
  const points = redeem === 0 ? null : [{ currency: "points", points: redeem }];
  const outcome = ledger.call(
    { do: "order", version: 1, order: makeOrder(clock, { ...order, redeem: points }) },
    clock,
  );
  expect(outcome).toHaveProperty("event");
}

function giveBack(ledger: MemoryLedger, orderId: string, quantity: number): void {
  clock += DAY_MS;
  const refund = { refundId: `${orderId}-${clock}`, orderId, lines: [{ lineId: "a", quantity }] };
  expect(ledger.call({ do: "refund", version: 1, refund }, clock)).toHaveProperty("event");
}

const duesIn = ({ events }: MemoryLedger): Due[] => events.flatMap(({ body }) => ("dues" in body && body.dues) || []);

/** "anna owes ben 9.00 redeemed 10": amounts in units of the money; a negative one is given back. */
const statement = (ledger: MemoryLedger) =>
  duesIn(ledger).map(
    ({ debtor, creditor, amountMilli, reason, points }) =>
      `${debtor} owes ${creditor} ${(amountMilli / 100_000).toFixed(2)} ${reason} ${points}`,
  );

/** What each owner is to receive, in thousandths of a minor unit; zeros are left out. */
function books(dues: readonly Due[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { debtor, creditor, amountMilli } of dues) {
    sums[creditor] = (sums[creditor] ?? 0) + amountMilli;
    sums[debtor] = (sums[debtor] ?? 0) - amountMilli;
  }
  return Object.fromEntries(Object.entries(sums).filter(([, sum]) => sum !== 0));
}

test("issuer pays: who issued the points pays who accepted them, and gets it back line by line", () => {
  const ledger = new MemoryLedger([programWith({ type: "issuerPays" })], clock);
  buy(ledger, "A", "anna"); // earns 100 at Anna's
  buy(ledger, "B", "ben", 40); // spends 40 of them at Ben's, of 1,000.00
  giveBack(ledger, "B", 1);
  giveBack(ledger, "B", 2);
  giveBack(ledger, "B", 1);
  expect(statement(ledger)).toEqual([
    "anna owes ben 36.00 redeemed 40",
    "anna owes ben -9.00 restored -10",
    "anna owes ben -18.00 restored -20",
    "anna owes ben -9.00 restored -10",
  ]);
  expect(books(duesIn(ledger))).toEqual({});
});

test("points spent where they were issued are nobody else's matter", () => {
  const ledger = new MemoryLedger([programWith({ type: "issuerPays" })], clock);
  buy(ledger, "A", "anna");
  buy(ledger, "B", "anna", 40);
  expect(statement(ledger)).toEqual([]);
});

test("points of two issuers are paid by each for its own, in the order in which they are spent", () => {
  const ledger = new MemoryLedger([programWith({ type: "issuerPays" })], clock);
  buy(ledger, "A", "anna"); // 100 of Anna's
  buy(ledger, "B", "ben"); // 100 of Ben's
  buy(ledger, "C", "hq", 150);
  giveBack(ledger, "C", 1); // 37 stay away: the last spent return first
  expect(statement(ledger)).toEqual([
    "anna owes hq 90.00 redeemed 100",
    "ben owes hq 45.00 redeemed 50",
    "ben owes hq -33.30 restored -37",
  ]);
});

test("points that nobody issued are head office's", () => {
  const ledger = new MemoryLedger([programWith({ type: "issuerPays" })], clock);
  const wish = { currency: "points", points: 50, reason: "sorry", storeId: null, expiresAt: null };
  expect(ledger.call({ do: "adjust", version: 1, wish }, clock)).toHaveProperty("event");
  buy(ledger, "A", "ben", 50);
  expect(statement(ledger)).toEqual(["hq owes ben 45.00 redeemed 50"]);
});

test("shares: issuer and head office pay their parts, the acceptor bears its own, to the last thousandth", () => {
  const policy = { type: "shares", issuer: 0.5, acceptor: 0.2, headOffice: 0.3 } as const;
  const ledger = new MemoryLedger([programWith(policy)], clock);
  buy(ledger, "A", "anna");
  buy(ledger, "B", "ben", 40);
  giveBack(ledger, "B", 1);
  giveBack(ledger, "B", 3);
  expect(statement(ledger)).toEqual([
    "anna owes ben 18.00 redeemed 40",
    "hq owes ben 10.80 redeemed 40",
    "anna owes ben -4.50 restored -10",
    "hq owes ben -2.70 restored -10",
    "anna owes ben -13.50 restored -30",
    "hq owes ben -8.10 restored -30",
  ]);
  expect(books(duesIn(ledger))).toEqual({});
  const thirds = { type: "shares", issuer: 0.3334, acceptor: 0.3333, headOffice: 0.3333 } as const;
  const odd = programWith(thirds);
  const value = { currency: "points", policy: thirds, valuePerPointMilli: 1 };
  const tiny = new MemoryLedger([{ ...odd, clearing: { headOfficeOwnerId: "hq", currencies: [value] } }], clock);
  buy(tiny, "A", "anna");
  buy(tiny, "B", "ben", 40);
  expect(duesIn(tiny).map(({ debtor, amountMilli }) => [debtor, amountMilli])).toEqual([
    ["anna", 14],
    ["hq", 13],
  ]);
});

test("fund: who issues pays in, the fund pays who accepts, and both are undone by their own refunds", () => {
  const ledger = new MemoryLedger([programWith({ type: "fund", contributionPerPointMilli: 80_000 })], clock);
  buy(ledger, "A", "anna"); // issues 100
  buy(ledger, "B", "ben", 40); // accepts 40; issues 96 on the 960.00 that were paid
  giveBack(ledger, "B", 2);
  giveBack(ledger, "A", 4);
  expect(statement(ledger)).toEqual([
    "anna owes hq 80.00 issued 100",
    "hq owes ben 36.00 redeemed 40",
    "ben owes hq 76.80 issued 96",
    "hq owes ben -18.00 restored -20",
    "ben owes hq -38.40 reversed -48",
    "anna owes hq -80.00 reversed -100",
  ]);
  giveBack(ledger, "B", 2);
  expect(books(duesIn(ledger))).toEqual({});
});

test("points that expire under a fund stay paid for: the fund keeps what came in", () => {
  const currencies = [{ id: "points", expiry: { type: "rolling" as const, days: 5 } }];
  const ledger = new MemoryLedger([programWith({ type: "fund" }, { currencies })], clock);
  buy(ledger, "A", "anna");
  clock += 30 * DAY_MS;
  ledger.passTime(clock);
  expect(ledger.events.at(-1)?.body.kind).toBe("points.expired");
  expect(books(duesIn(ledger))).toEqual({ hq: 9_000_000, anna: -9_000_000 });
});

test("priced by unit cost, a lot is worth what it cost when it was issued", () => {
  const policy = { type: "issuerPays" } as const;
  const clearing = {
    headOfficeOwnerId: "hq",
    currencies: [{ currency: "points", policy, valuePerPointMilli: 90_000, price: "unitCost" as const }],
  };
  const ledger = new MemoryLedger(
    [programWith(policy, { clearing, currencies: [{ id: "points", unitCostMilli: 70_000 }] })],
    clock,
  );
  buy(ledger, "A", "anna");
  buy(ledger, "B", "ben", 10);
  expect(statement(ledger)).toEqual(["anna owes ben 7.00 redeemed 10"]);
});

test("an order that is cancelled, or found to be another member's, leaves nothing owed", () => {
  for (const state of ["cancelled", "undone"] as const) {
    const ledger = new MemoryLedger([programWith({ type: "issuerPays" })], clock);
    buy(ledger, "A", "anna");
    buy(ledger, "B", "ben", 40);
    clock += DAY_MS;
    const order = { orderId: "B", ownerId: "ben", storeId: "s-ben", lines, state: "cancelled" as const };
    const call =
      state === "undone"
        ? ({ do: "undo", version: 1, orderId: "B" } as const)
        : ({ do: "order", version: 1, order: makeOrder(clock, order) } as const);
    expect(ledger.call(call, clock)).toHaveProperty("event");
    expect(books(duesIn(ledger))).toEqual({});
  }
});

const program = makeProgram(programWith({ type: "issuerPays" }));

const someVoucher = { rewardId: "r", benefit: "amountOff", state: "used" as const };
const someFacts = {
  homeStoreId: null,
  source: null,
  firstOrder: false,
  ordersBefore: 0,
  birthdayMonth: false,
  enrolledDays: 0,
};
const nothingYet = { redeemed: [], holds: [], spends: [], earned: [], refunded: 0, undone: null, returned: {} };

/** An order of Ben's with two vouchers on its only line of three pieces: 10.01 in all. */
function orderWithVouchers(more: Partial<OrderRecord> = {}): OrderRecord {
  const first = { ...someVoucher, voucherId: "v1", value: 600, lines: [{ lineId: "1", value: 600 }] };
  const second = { ...someVoucher, voucherId: "v2", value: 401, lines: [{ lineId: "1", value: 401 }] };
  return {
    ...makeOrder(NOW, { ownerId: "ben", storeId: "s-ben" }),
    ...nothingYet,
    programVersion: 1,
    gross: 30_000,
    net: 30_000,
    payable: 28_999,
    facts: someFacts,
    lines: [{ ...makeLine({ lineId: "1", quantity: 3, unitPrice: 10_000 }), vouchered: 1001 }],
    vouchers: [
      { ...first, borneBy: "headOffice" },
      { ...second, borneBy: "issuer", issuerOwnerId: "anna" },
    ],
    ...more,
  };
}

const owed = (dues: readonly Due[]) =>
  dues.map(({ debtor, creditor, amountMilli, voucherId }) => [debtor, creditor, amountMilli / 1000, voucherId]);

test("what vouchers take off is paid to the shop by who bears it, and shrinks with the pieces that stay", () => {
  expect(owed(duesOf(program, orderWithVouchers()))).toEqual([
    ["hq", "ben", 600, "v1"],
    ["anna", "ben", 401, "v2"],
  ]);
  // Of 10.01 a third is 3.33, rounded down, and shared as 600 to 401.
  expect(owed(duesOf(program, orderWithVouchers({ returned: { "1": 2 } })))).toEqual([
    ["hq", "ben", 200, "v1"],
    ["anna", "ben", 133, "v2"],
  ]);
  expect(duesOf(program, orderWithVouchers({ returned: { "1": 3 } }))).toEqual([]);
});

test("a voucher that the shop bears itself, or that was given back, is owed by nobody", () => {
  const { vouchers = [] } = orderWithVouchers();
  const own = orderWithVouchers({ vouchers: vouchers.map((one) => ({ ...one, borneBy: "store" as const })) });
  const back = orderWithVouchers({ vouchers: vouchers.map((one) => ({ ...one, state: "returned" as const })) });
  expect([duesOf(program, own), duesOf(program, back)]).toEqual([[], []]);
});

test("points that buy a reward are paid to head office by who issued them; returning it undoes that", () => {
  const lot = { id: "l1", currency: "points", points: 50, storeId: "s-anna", ownerId: "anna" };
  const part = { lot: { ...lot, rule: "base", availableAt: NOW, expiresAt: null }, points: 30 };
  const bought = duesOfPurchase(program, [part], "TWD");
  expect(owed(bought)).toEqual([["anna", "hq", 2700, undefined]]);
  expect(books([...bought, ...duesChange(bought, [])])).toEqual({});
});

test("points paid from a household's pool or a network are head office's to pay", () => {
  const wallet = { tenantId: "net", memberId: "m", currency: "points", points: 10, value: 1000, holdId: "h" };
  const order = orderWithVouchers({ vouchers: [], wallets: [{ ...wallet, restored: 4 }] });
  expect(owed(duesOf(program, order))).toEqual([["hq", "ben", 540, undefined]]);
});

const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constant({ type: "issuerPays" as const }),
  fc.constant({ type: "none" as const }),
  fc.record({ type: fc.constant("fund" as const), contributionPerPointMilli: fc.nat({ max: 99_999 }) }),
  fc.tuple(fc.nat({ max: 100 }), fc.nat({ max: 100 })).map(([one, two]) => {
    const [issuer, upTo] = [Math.min(one, two), Math.max(one, two)];
    const headOffice = upTo - issuer;
    return {
      type: "shares" as const,
      issuer: issuer / 100,
      headOffice: headOffice / 100,
      acceptor: (100 - upTo) / 100,
    };
  }),
);

test("whatever is bought and brought back, the books sum to zero, and what wholly came back leaves nothing", () => {
  const owners = fc.constantFrom<OwnerId>("anna", "ben", "hq");
  const orders = fc.array(
    fc.record({ owner: owners, redeem: fc.nat({ max: 90 }), back: fc.array(fc.nat({ max: 4 })) }),
    {
      minLength: 1,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(policies, fc.nat({ max: 99_999 }), orders, (policy, value, all) => {
      const currencies = [{ currency: "points", policy, valuePerPointMilli: value }];
      const ledger = new MemoryLedger(
        [programWith(policy, { clearing: { headOfficeOwnerId: "hq", currencies }, refund: { debt: "allow" } })],
        clock,
      );
      for (const [place, { owner, redeem, back }] of all.entries()) {
        const available = ledger.state.currencies.get("points")?.available ?? 0;
        buy(ledger, String(place), owner, Math.min(redeem, Math.max(0, available)));
        let left = 4;
        for (const quantity of back) {
          if (quantity === 0 || quantity > left) continue;
          giveBack(ledger, String(place), quantity);
          left -= quantity;
        }
      }
      const sum = (sums: Record<string, number>) => Object.values(sums).reduce((total, one) => total + one, 0);
      expect(sum(books(duesIn(ledger)))).toBe(0);
      for (const due of duesIn(ledger)) expect(due.debtor).not.toBe(due.creditor);
      const standing = [...ledger.orders.values()].flatMap(({ dues = [] }) => dues);
      expect(books(duesIn(ledger))).toEqual(books(standing));
      for (const [
        orderId,
        {
          lines: [line],
          returned,
        },
      ] of ledger.orders) {
        const left = (line?.quantity ?? 0) - (returned["a"] ?? 0);
        if (left > 0) giveBack(ledger, orderId, left);
      }
      expect(books(duesIn(ledger))).toEqual({});
    }),
    { numRuns: 200 },
  );
});
