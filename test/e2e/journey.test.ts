// A shopper's year through the public API: enrol, quote, pay with points, refund, change of rules, expiry, erasure.
import { describe, expect, test } from "vitest";
import { makeOrder, reconcileUntilEqual, uniqueId, useSystem } from "./system.ts";

const system = useSystem();
const WEDNESDAY = "2026-03-04T04:00:00Z";
const at = (testTime: string) => ({ testTime });

describe("a member", () => {
  test("is found by a phone in any way of writing it, and by nobody else's", async () => {
    const identities = [{ type: "phone", value: "0912-345-678" }];
    const profile = { name: "王小明", birthday: "1990-03-15" };
    const body = { identities, profile, homeStoreId: "taipei-xinyi" };
    const made = await system.call("POST", "/v1/members", body, { idempotencyKey: uniqueId("enrol") });
    expect(made.status).toBe(201);
    expect(made.body.id).toMatch(/^mbr_/);
    expect(made.body.identities).toEqual([{ type: "phone", value: "+886912345678" }]);
    for (const phone of ["0912345678", "%2B886912345678", "0912%20345%20678"]) {
      const found = await system.call("GET", `/v1/members/lookup?phone=${phone}`);
      expect(found.body).toMatchObject({ id: made.body.id, profile });
    }
    const nobody = await system.call("GET", "/v1/members/lookup?phone=0912345679");
    expect([nobody.status, nobody.body.code]).toEqual([404, "member_not_found"]);
  });

  test("keeps the ledger but neither profile nor identities when erased, and the phone is free again", async () => {
    const body = { identities: [{ type: "phone", value: "0922333444" }], profile: { name: "林太太" } };
    const { id } = (await system.call("POST", "/v1/members", body, { idempotencyKey: uniqueId("enrol") })).body;
    const changed = await system.call(
      "PATCH",
      `/v1/members/${id}`,
      { profile: { name: null, gender: "female" } },
      { idempotencyKey: uniqueId("change") },
    );
    expect(changed.body.profile).toEqual({ gender: "female" });
    const erased = await system.call("DELETE", `/v1/members/${id}`);
    expect(erased.status).toBe(200);
    expect((await system.call("DELETE", `/v1/members/${id}`)).body).toEqual(erased.body);
    expect((await system.call("GET", `/v1/members/${id}`)).body.code).toBe("member_erased");
    await expect
      .poll(
        () => system.call("POST", "/v1/members", body, { idempotencyKey: uniqueId("again") }).then((r) => r.status),
        {
          timeout: 20_000,
        },
      )
      .toBe(201);
  });

  test("enrols at the till with the first order", async () => {
    const order = makeOrder("", { member: { phone: "0933222111" }, enrol: true, placedAt: WEDNESDAY });
    const paid = await system.call("PUT", `/v1/orders/${uniqueId("first")}`, order, at(WEDNESDAY));
    expect(paid.status).toBe(200);
    expect(paid.body.earned).toEqual([
      expect.objectContaining({ currency: "points", points: 37, rule: "base" }),
      expect.objectContaining({ currency: "stamps", points: 1, rule: "stamp" }),
    ]);
    const found = await system.call("GET", "/v1/members/lookup?phone=0933222111");
    expect(found.body.id).toBe(paid.body.order.memberId);
  });
});

describe("an order", () => {
  test("is quoted, authorized and paid with the same figures", async () => {
    const memberId = await system.makeMember(at(WEDNESDAY));
    await give(memberId, 500);
    const redeem = [{ currency: "points", points: 100 }];
    const { state: _, ...basket } = makeOrder(memberId, { redeem, placedAt: WEDNESDAY });
    const quote = await system.call("POST", "/v1/checkout/quote", basket, at(WEDNESDAY));
    expect(quote.body).toMatchObject({ payable: 27_000, redeemable: [{ currency: "points", maxPoints: 180 }] });
    expect(quote.body.earn[0]).toMatchObject({ currency: "points", points: 27, rule: "base" });
    expect(typeof quote.body.earn[0].why).toBe("string");
    const path = `/v1/orders/${uniqueId("order")}`;
    const held = await system.call("PUT", path, { ...basket, state: "authorized" }, at(WEDNESDAY));
    expect(pointsIn(held.body)).toMatchObject({ available: 400, held: 100 });
    const paid = await system.call("PUT", path, { ...basket, state: "paid" }, at(WEDNESDAY));
    expect(pointsIn(paid.body)).toMatchObject({ available: 427, held: 0 });
    expect(paid.body.order.payable).toBe(quote.body.payable);
    const back = await system.call("PUT", path, { ...basket, state: "authorized" }, at(WEDNESDAY));
    expect(back.body).toEqual(held.body);
    const cancelled = await system.call("PUT", path, { ...basket, state: "cancelled" }, at(WEDNESDAY));
    expect(pointsIn(cancelled.body)).toMatchObject({ available: 500, held: 0 });
    const again = await system.call("PUT", path, { ...basket, storeId: "taipei-shilin", state: "paid" }, at(WEDNESDAY));
    expect([again.status, again.body.code]).toEqual([422, "idempotency_key_reused"]);
  });

  test("refused for want of points is accepted with a smaller wish", async () => {
    const memberId = await system.makeMember();
    await give(memberId, 50);
    const path = `/v1/orders/${uniqueId("order")}`;
    const order = (points: number) => makeOrder(memberId, { redeem: [{ currency: "points", points }] });
    const refused = await system.call("PUT", path, order(100));
    expect([refused.status, refused.body.code]).toEqual([409, "insufficient_points"]);
    expect((await system.call("PUT", path, order(50))).status).toBe(200);
  });

  test("of a second member with the same id is undone, with an alert", async () => {
    const [first, second] = [await system.makeMember(), await system.makeMember()];
    const orderId = uniqueId("shared");
    const path = `/v1/orders/${orderId}`;
    expect((await system.call("PUT", path, makeOrder(first))).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect((await system.call("PUT", path, makeOrder(second))).status).toBe(200);
    const undone = () => system.call("GET", `${path}?memberId=${second}`).then(({ body }) => body.order.undone);
    await expect.poll(undone, { timeout: 10_000 }).toBe("order_id_conflict");
    const { body } = await system.call("GET", `/v1/members/${second}/balances`);
    expect(pointsIn(body)).toMatchObject({ available: 0, pending: 0 });
    expect((await system.call("GET", path)).body.order.memberId).toBe(first);
    const alerts = () => system.call("GET", "/manage/v1/alerts").then((answer) => JSON.stringify(answer.body));
    await expect.poll(alerts, { timeout: 20_000 }).toContain(second);
  });
});

describe("a refund", () => {
  test("takes back what the lines earned under the rule of then, changed or deleted since", async () => {
    const memberId = await system.makeMember(at(WEDNESDAY));
    await give(memberId, 1000);
    const lines = [
      { lineId: "a", sku: "tea", quantity: 2, unitPrice: 10_000 },
      { lineId: "b", sku: "cake", quantity: 1, unitPrice: 5500, discount: 500 },
    ];
    const redeem = [{ currency: "points", points: 50 }];
    const path = `/v1/orders/${uniqueId("order")}`;
    const order = makeOrder(memberId, { lines, redeem, placedAt: WEDNESDAY });
    const paid = await system.call("PUT", path, order, at(WEDNESDAY));
    // NT$250 less NT$50 in points: 20 points.
    expect(pointsIn(paid.body).available).toBe(1000 - 50 + 20);

    await publish((program) => (program.earning[0].points = 7));
    const one = { refundId: "one", lines: [{ lineId: "a", quantity: 1 }] };
    const first = await system.call("POST", `${path}/refunds`, one, at(WEDNESDAY));
    // NT$150 stay, 30 of the 50 points stay with them: 12 points stay, 8 go, 20 return.
    expect(first.body).toMatchObject({
      refund: { amount: 8000 },
      reversed: [{ currency: "points", points: 8, rule: "base" }],
      restored: [{ currency: "points", points: 20 }],
    });
    await publish(
      (program) => (program.earning = program.earning.filter((rule: { id: string }) => rule.id !== "base")),
    );
    const rest = await system.call("POST", `${path}/refunds`, { refundId: "rest", all: true }, at(WEDNESDAY));
    expect(rest.body).toMatchObject({
      refund: { amount: 12_000 },
      reversed: [{ currency: "points", points: 12, rule: "base" }],
      restored: [{ currency: "points", points: 30 }],
    });
    expect(pointsIn(rest.body)).toMatchObject({ available: 1000 });
    expect((await system.call("POST", `${path}/refunds`, one, at(WEDNESDAY))).body).toEqual(first.body);
    const more = await system.call("POST", `${path}/refunds`, { refundId: "more", all: true }, at(WEDNESDAY));
    expect([more.status, more.body.code]).toEqual([422, "nothing_to_refund"]);
    await publish(() => {});
  });

  test("returns spent points to their lots with their own expiry", async () => {
    const memberId = await system.makeMember(at(WEDNESDAY));
    await give(memberId, 100, WEDNESDAY);
    await give(memberId, 100, "2026-05-04T04:00:00Z");
    const redeem = [{ currency: "points", points: 150 }];
    const path = `/v1/orders/${uniqueId("order")}`;
    const time = "2026-06-01T04:00:00Z";
    const order = makeOrder(memberId, { redeem, placedAt: time });
    await system.call("PUT", path, order, at(time));
    await system.call("POST", `${path}/refunds`, { refundId: "all", all: true }, at(time));
    const balances = async (testTime: string) =>
      pointsIn((await system.call("GET", `/v1/members/${memberId}/balances`, undefined, at(testTime))).body);
    expect(await balances(time)).toMatchObject({
      available: 200,
      expiringNext: { points: 100, at: "2027-03-04T04:00:00.000Z" },
    });
    // A read at a later time shows what would hold then, and moves nothing.
    expect(await balances("2027-03-04T04:00:00Z")).toMatchObject({ available: 100 });
    expect(await balances("2027-05-04T04:00:00Z")).toMatchObject({ available: 0, expiringNext: null });
    expect(await balances(time)).toMatchObject({ available: 200 });
  });
});

test("a statement lists every transaction once, newest first, page by page", async () => {
  const memberId = await system.makeMember();
  for (let turn = 0; turn < 7; turn += 1) await give(memberId, 10 + turn);
  const seen: { id: string; balanceAfter: { available: number }[] }[] = [];
  let cursor: string | null = null;
  do {
    const query: string = `limit=3${cursor === null ? "" : `&cursor=${cursor}`}`;
    const page = (await system.call("GET", `/v1/members/${memberId}/statement?${query}`)).body;
    seen.push(...page.transactions);
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(7);
  expect(seen.map(({ balanceAfter }) => balanceAfter[0]?.available)).toEqual([91, 75, 60, 46, 33, 21, 10]);
});

test("PostgreSQL equals the objects when the year is over", async () => {
  expect(await reconcileUntilEqual(system, 60)).toEqual([]);
});

async function give(memberId: string, points: number, testTime = WEDNESDAY) {
  const gift = { currency: "points", points, reason: "gift" };
  const request = { idempotencyKey: uniqueId("gift"), testTime };
  const given = await system.call("POST", `/v1/members/${memberId}/adjustments`, gift, request);
  expect(given.status).toBe(201);
}

// oxlint-disable-next-line typescript/no-explicit-any -- the program is changed as a person would edit it
async function publish(change: (program: any) => unknown) {
  original ??= (await system.call("GET", "/manage/v1/program")).body.program;
  const program = structuredClone(original);
  change(program);
  const published = await system.call("PUT", "/manage/v1/program", program);
  expect(published.status).toBe(200);
}

let original: unknown;

function pointsIn(body: { balances: { currency: string; available: number }[] }) {
  const found = body.balances.find(({ currency }) => currency === "points");
  if (found === undefined) throw new Error(`no points in ${JSON.stringify(body)}`);
  return found;
}
