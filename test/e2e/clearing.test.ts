// Clearing through the public API: two owners, three months, a lock, a late order and the file for the bookkeeper.
import { beforeAll, expect, test } from "vitest";
import { makeOrder, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
/** 12:00 in Taipei. */
const noon = (day: string) => `${day}T04:00:00Z`;

const program = {
  currencies: [{ id: "points", unitCostMilli: 80_000 }],
  earning: [{ id: "base", currency: "points", per: 1000, points: 1 }],
  tender: { currency: "points", valuePerPoint: 100 },
  clearing: {
    headOfficeOwnerId: "head-office",
    currencies: [{ currency: "points", policy: { type: "issuerPays" }, valuePerPointMilli: 90_005 }],
  },
};
const HEAD_OFFICE = "taipei-xinyi";
const FRANCHISE = "kaohsiung-yancheng";

beforeAll(async () => {
  const published = await system.call("PUT", "/manage/v1/program", program);
  expect(published.body).toMatchObject({ version: expect.any(Number) });
});

async function pay(memberId: string, orderId: string, storeId: string, day: string, points = 0): Promise<void> {
  const redeem = points === 0 ? {} : { redeem: [{ currency: "points", points }] };
  const lines = [{ lineId: "1", sku: "tea", quantity: 4, unitPrice: 25_000 }];
  const order = makeOrder(memberId, { storeId, lines, placedAt: noon(day), ...redeem });
  const answer = await system.call("PUT", `/v1/orders/${orderId}`, order, { testTime: noon(day) });
  expect([answer.status, answer.body.code]).toEqual([200, undefined]);
}

async function refund(memberId: string, orderId: string, day: string, quantity: number): Promise<void> {
  const body = { refundId: uniqueId("refund"), memberId, lines: [{ lineId: "1", quantity }] };
  const answer = await system.call("POST", `/v1/orders/${orderId}/refunds`, body, { testTime: noon(day) });
  expect([answer.status, answer.body.code]).toEqual([200, undefined]);
}

const statement = (ownerId: string, period: string) =>
  system.call("GET", `/manage/v1/clearing/statements?ownerId=${ownerId}&period=${period}`);
const lock = (period: string) => system.call("POST", `/manage/v1/clearing/periods/${period}/lock`);

/** Waits until a statement has so many lines; returns it. */
async function statementOf(ownerId: string, period: string, lines: number) {
  await expect
    .poll(async () => (await statement(ownerId, period)).body.lines?.length, { timeout: 30_000, interval: 500 })
    .toBe(lines);
  return (await statement(ownerId, period)).body;
}

test("an owner's statement has every line, is locked once, and what comes later is in the next one", async () => {
  const memberId = await system.makeMember({ testTime: noon("2026-01-02") });
  const [earned, spent] = [uniqueId("earned"), uniqueId("spent")];
  await pay(memberId, earned, HEAD_OFFICE, "2026-01-05");
  await pay(memberId, spent, FRANCHISE, "2026-01-20", 41);
  await refund(memberId, spent, "2026-02-03", 1);

  const january = await statementOf("south-wind", "2026-01", 1);
  expect(january).toMatchObject({
    state: "open",
    from: "2025-12-31T16:00:00.000Z",
    until: "2026-01-31T16:00:00.000Z",
    totals: [{ money: "TWD", openingMilli: 0, changeMilli: 3_690_205, settled: 3690, closingMilli: 205, lines: 1 }],
    counterparties: [{ ownerId: "head-office", changeMilli: 3_690_205, settled: 3690, closingMilli: 205 }],
    lines: [
      {
        orderId: spent,
        storeId: FRANCHISE,
        issuerStoreId: HEAD_OFFICE,
        counterpartyId: "head-office",
        reason: "redeemed",
        currency: "points",
        points: 41,
        amountMilli: 3_690_205,
        late: false,
      },
    ],
    nextCursor: null,
  });
  // The carried 0.205 and 10 points that came back at 90.005 each.
  expect((await statementOf("south-wind", "2026-02", 1)).counterparties).toMatchObject([
    { openingMilli: 205, changeMilli: -900_050, settled: -899, closingMilli: -845 },
  ]);
  expect((await statement("head-office", "2026-01")).body.totals).toMatchObject([{ settled: -3690 }]);

  expect((await lock("2026-02")).body).toMatchObject({ code: "period_not_next" });
  const locked = (await lock("2026-01")).body;
  expect(locked).toMatchObject({ period: "2026-01", state: "locked" });
  expect((await lock("2026-01")).body).toEqual(locked);
  const final = (await statement("south-wind", "2026-01")).body;
  expect(final).toMatchObject({ state: "locked", lines: january.lines, counterparties: january.counterparties });

  // Of one member December arrives only now: the month before the first that was locked.
  const late = await system.makeMember({ testTime: noon("2025-12-02") });
  await pay(late, uniqueId("late-earned"), FRANCHISE, "2025-12-10");
  await pay(late, uniqueId("late"), HEAD_OFFICE, "2025-12-11", 10);
  const february = await statementOf("south-wind", "2026-02", 2);
  expect(february.lines.map((line: { late: boolean; amountMilli: number }) => [line.late, line.amountMilli])).toEqual([
    [true, -900_050],
    [false, -900_050],
  ]);
  expect((await statement("south-wind", "2026-01")).body).toEqual(final);
  expect((await statement("south-wind", "2025-12")).body).toMatchObject({ state: "before", totals: [], lines: [] });

  const balances = (await system.call("GET", "/manage/v1/clearing/balances?from=2026-01&to=2026-03")).body;
  expect(balances.sums).toEqual([{ money: "TWD", openingMilli: 0, changeMilli: 0, settled: 0, closingMilli: 0 }]);
  expect(balances.periods.map((one: { period: string; state: string }) => [one.period, one.state])).toEqual([
    ["2026-01", "locked"],
    ["2026-02", "open"],
    ["2026-03", "open"],
  ]);
  const computed = balances.periods[1].pairs;
  expect(await lock("2026-02")).toMatchObject({ status: 200 });
  const kept = (await system.call("GET", "/manage/v1/clearing/balances?from=2026-02&to=2026-02")).body;
  // What the database settles when it locks is what was computed while it was open.
  expect(kept.periods[0].pairs).toEqual(computed);
});

test("the file has all lines in whole money, and no cell that a spreadsheet would run", async () => {
  const memberId = await system.makeMember({ testTime: noon("2026-03-01") });
  const orderId = `=${uniqueId("cmd")}`;
  await pay(memberId, uniqueId("earned"), HEAD_OFFICE, "2026-03-02");
  await pay(memberId, orderId, FRANCHISE, "2026-03-03", 20);
  await statementOf("south-wind", "2026-03", 1);
  const file = await system.call("GET", "/manage/v1/clearing/statements.csv?ownerId=south-wind&period=2026-03");
  expect(file.headers.get("content-type")).toBe("text/csv; charset=utf-8");
  expect(file.headers.get("content-disposition")).toBe('attachment; filename="statement-south-wind-2026-03.csv"');
  const [header, line, ...rest] = (file.body as string).split("\r\n");
  expect(header).toMatch(/^date,at,counterparty,reason,order,/);
  expect(line).toMatch(/^2026-03-03,2026-03-03T04:00:00.000Z,head-office,redeemed,'=cmd-/);
  expect(line).toContain(",points,20,18.00100,TWD,mbr_");
  expect(rest).toEqual([""]);
});

test("a period cannot be locked before it is over, and nobody's statement is not found", async () => {
  const { periods } = (await system.call("GET", "/manage/v1/clearing/periods")).body;
  const next = periods.findLast(({ state }: { state: string }) => state === "open").period;
  expect(next).toBe("2026-03");
  const during = { testTime: "2026-03-31T15:59:59Z" };
  expect((await system.call("POST", "/manage/v1/clearing/periods/2026-03/lock", undefined, during)).body).toMatchObject(
    { code: "period_not_over" },
  );
  expect((await statement("nobody", "2026-03")).body).toMatchObject({ code: "owner_not_found", field: "ownerId" });
  expect((await statement("south-wind", "2026-13")).body).toMatchObject({ code: "invalid_value", field: "period" });
});

test("the liability is what members hold, today included, and its journal is what was deferred for it", async () => {
  const memberId = await system.makeMember({ testTime: noon("2026-05-01") });
  const [first, second] = [uniqueId("first"), uniqueId("second")];
  await pay(memberId, first, FRANCHISE, "2026-05-02"); // 1,000.00 for 100 points
  await pay(memberId, second, FRANCHISE, "2026-06-02", 40); // 960.00 for 96 points
  await refund(memberId, second, "2026-06-20", 4); // everything of June comes back
  const liabilityAt = async (at: string) => (await system.call("GET", `/manage/v1/liability?at=${at}`)).body;
  const pointsAt = async (at: string) => (await liabilityAt(at)).currencies[0];
  const before = await pointsAt("2026-04-30T16:00:00Z");
  const cohortAt = async (at: string, cohort: string) =>
    (await pointsAt(at)).cohorts.find((one: { cohort: string }) => one.cohort === cohort);
  await expect
    .poll(async () => (await cohortAt("2026-06-20T04:00:01Z", "2026-06"))?.removed, { timeout: 30_000, interval: 500 })
    .toBe(96);

  expect(await cohortAt("2026-06-02T04:00:00Z", "2026-05")).toMatchObject({
    issued: 100,
    redeemed: 0,
    outstanding: 100,
  });
  expect(await cohortAt("2026-06-02T04:00:01Z", "2026-05")).toMatchObject({
    redeemed: 40,
    outstanding: 60,
    value: 6000,
  });
  expect(await cohortAt("2026-06-20T04:00:01Z", "2026-05")).toMatchObject({ redeemed: 0, outstanding: 100 });
  const now = await pointsAt("2026-06-20T04:00:01Z");
  expect(now.outstanding).toBe(before.outstanding + 100);
  for (const parts of [now.cohorts, now.stores, now.owners, now.tiers]) {
    const sum = parts.reduce((total: number, { outstanding }: { outstanding: number }) => total + outstanding, 0);
    expect(sum).toBe(now.outstanding);
  }
  expect(now.owners.map(({ ownerId }: { ownerId: string }) => ownerId)).toEqual(["head-office", "south-wind"]);
  expect(now.expectedRedeemed + now.expectedBreakage).toBe(now.outstanding);

  const range = "from=2026-05&to=2026-06";
  const { entries } = (await system.call("GET", `/manage/v1/liability/journal?${range}`)).body;
  // No points were ever lost: all are expected to be spent. 1,000.00 are shared with 100 points worth 1.00 each.
  expect(entries[0]).toMatchObject({ period: "2026-05", currency: "points", deferral: 9091, release: 0, breakage: 0 });
  expect(entries.at(-1).closing).toBe(now.deferred);
  const file = await system.call("GET", `/manage/v1/liability/journal.csv?${range}`);
  expect((file.body as string).split("\r\n").slice(0, 2)).toEqual([
    "period,currency,entry,debit,credit,amount,money",
    "2026-05,points,deferral,Revenue,Contract liability - points,90.91,TWD",
  ]);
});
