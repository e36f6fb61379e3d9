// Keys and concurrency: one request has one effect, however often and however fast it comes.
import { evictDurableObject } from "cloudflare:test";
import type { Statement } from "@regulars/contracts/points";
import { beforeAll, expect, test } from "vitest";
import {
  makeMember,
  makeOrder,
  plainProgram,
  publishPrograms,
  refusalOf,
  storedEvents,
  storedText,
  tenantId,
  valueOf,
  writing,
} from "./make-member.ts";

const points = { currency: "points", reason: "test", storeId: null };

beforeAll(async () => {
  await publishPrograms(tenantId, [plainProgram, { ...plainProgram, earning: [] }]);
  await publishPrograms("ten_other", [plainProgram]);
});

test("50 requests at once with one key have one effect and 50 equal answers", async () => {
  const { ledger, at } = await makeMember(100);
  const order = makeOrder({ redeem: [{ currency: "points", points: 60 }] });
  const replies = await Promise.all(
    Array.from({ length: 50 }, () => ledger().putOrder(writing(at, "o/A/paid"), order)),
  );
  expect(new Set(replies.map((reply) => JSON.stringify(valueOf(reply)))).size).toBe(1);
  expect(replies.flatMap(({ events }) => events).length).toBe(1);
  expect((await storedEvents(ledger())).map(({ body }) => body.kind)).toEqual([
    "member.enrolled",
    "points.adjusted",
    "order.paid",
  ]);
});

test("50 bodies at once with one key: the first has its effect, the others are told that the key was used", async () => {
  const { ledger, at } = await makeMember(100);
  const replies = await Promise.all(
    Array.from({ length: 50 }, (_, n) =>
      ledger().adjust(writing(at, "k/1", `body-${n}`), { ...points, points: n + 1 }),
    ),
  );
  const codes = replies.map(refusalOf);
  expect(codes.filter((code) => code === null).length).toBe(1);
  expect(codes.filter((code) => code === "idempotency_key_reused").length).toBe(49);
  expect(replies.find(({ ok }) => !ok)).toMatchObject({ refusal: { field: "Idempotency-Key" } });
  expect((await storedEvents(ledger())).length).toBe(3);
});

test("200 redemptions at once of one balance never bring it below zero", async () => {
  const { ledger, at } = await makeMember(1000);
  const redeem = [{ currency: "points", points: 7 }];
  const cheap = [{ lineId: "1", sku: "gum", category: null, quantity: 1, unitPrice: 700, discount: 0 }];
  const replies = await Promise.all(
    Array.from({ length: 200 }, (_, n) => {
      const orderId = `P${n}`;
      if (n % 3 === 0)
        return ledger().placeHold(writing(at, `k/h${n}`), { currency: "points", points: 7, ttlSeconds: 900 });
      if (n % 3 === 1) return ledger().adjust(writing(at, `k/a${n}`), { ...points, points: -7 });
      return ledger().putOrder(writing(at, `o/${orderId}/paid`), makeOrder({ orderId, lines: cheap, redeem }));
    }),
  );
  expect(replies.map(refusalOf).filter((code) => code === null).length).toBe(Math.floor(1000 / 7));
  expect(new Set(replies.map(refusalOf))).toEqual(new Set([null, "insufficient_points"]));
  for (const { body } of await storedEvents(ledger())) {
    for (const { available, held } of "balances" in body ? body.balances : [])
      expect(Math.min(available, held)).toBeGreaterThanOrEqual(0);
  }
  const [balance] = valueOf(await ledger().balances(at)).balances;
  expect(balance?.available).toBe(1000 % 7);
});

test("a refusal is remembered: the same request stays refused when there are points enough, a new one passes", async () => {
  const { ledger, at } = await makeMember(10);
  const hold = { currency: "points", points: 50, ttlSeconds: 60 };
  const first = await ledger().placeHold(writing(at, "k/1"), hold);
  valueOf(await ledger().adjust(writing(at, "k/2"), { ...points, points: 100 }));
  await evictDurableObject(ledger());
  expect(await ledger().placeHold(writing(at, "k/1"), hold)).toEqual(first);
  expect(refusalOf(first)).toBe("insufficient_points");
  expect(refusalOf(await ledger().placeHold(writing(at, "k/1", "other"), hold))).toBe("idempotency_key_reused");
  expect(refusalOf(await ledger().placeHold(writing(at, "k/3"), hold))).toBeNull();
});

test("a refused order may come again with another basket; the refused one stays refused", async () => {
  const { ledger, at } = await makeMember(10);
  const order = (count: number) => makeOrder({ redeem: [{ currency: "points", points: count }] });
  expect(refusalOf(await ledger().putOrder(writing(at, "o/A/paid", "50"), order(50)))).toBe("insufficient_points");
  valueOf(await ledger().adjust(writing(at, "k/2"), { ...points, points: 100 }));
  expect(refusalOf(await ledger().putOrder(writing(at, "o/A/paid", "50"), order(50)))).toBe("insufficient_points");
  expect(refusalOf(await ledger().putOrder(writing(at, "o/A/paid", "20"), order(20)))).toBeNull();
  expect(refusalOf(await ledger().putOrder(writing(at, "o/A/paid", "50"), order(50)))).toBe("idempotency_key_reused");
});

test("a clock that runs back brings nothing back: the member's own time goes on", async () => {
  const { ledger, at } = await makeMember(100);
  const later = { ...at, now: at.now + 366 * 86_400_000 };
  valueOf(await ledger().adjust(writing(later, "k/1"), { ...points, points: 10 }));
  expect(valueOf(await ledger().balances(at)).balances[0]).toMatchObject({ available: 10 });
  expect(
    refusalOf(await ledger().placeHold(writing(at, "k/2"), { currency: "points", points: 11, ttlSeconds: 60 })),
  ).toBe("insufficient_points");
  const held = valueOf(
    await ledger().placeHold(writing(at, "k/3"), { currency: "points", points: 10, ttlSeconds: 60 }),
  );
  expect(Date.parse(held.hold.lapsesAt)).toBe(later.now + 60_000);
  const times = (await storedEvents(ledger())).map((event) => event.at);
  expect(times).toEqual(times.toSorted((one, other) => one - other));
});

test("an order uploaded so late that its points had ended on arrival takes nothing back when it is refunded", async () => {
  const { ledger, at } = await makeMember(50);
  const late = makeOrder({ placedAt: at.now - 400 * 86_400_000 });
  expect(valueOf(await ledger().putOrder(writing(at, "o/A/paid"), late)).balances[0]).toMatchObject({ available: 50 });
  const refund = { orderId: "A", refundId: "1", lines: null };
  expect(valueOf(await ledger().refundOrder(writing(at, "o/A/r/1"), refund))).toMatchObject({
    refund: { amount: 37_500 },
    reversed: [],
    balances: [{ available: 50 }],
  });
});

test("a key is the member's own", async () => {
  const [one, other] = [await makeMember(), await makeMember()];
  valueOf(await one.ledger().adjust(writing(one.at, "k/1"), { ...points, points: 1 }));
  expect(
    valueOf(await other.ledger().adjust(writing(other.at, "k/1", "other"), { ...points, points: 2 })).adjustment.points,
  ).toBe(2);
});

test("a read and a call that can never be made write nothing, and burn no key", async () => {
  const { ledger, at } = await makeMember(100);
  const before = await storedText(ledger());
  valueOf(await ledger().quote(at, makeOrder()));
  valueOf(await ledger().balances({ ...at, now: at.now + 400 * 86_400_000 }));
  valueOf(await ledger().statement(at, { limit: 10, before: null }));
  expect(refusalOf(await ledger().adjust({ ...writing(at, "k/1"), programVersion: 9 }, { ...points, points: 1 }))).toBe(
    "program_missing",
  );
  const wrong = { ...writing(at, "k/1"), tenantId: "ten_other" };
  await expect(Promise.resolve(ledger().adjust(wrong, { ...points, points: 1 }))).rejects.toThrow("was called as");
  expect(await storedText(ledger())).toBe(before);
  expect(refusalOf(await ledger().adjust(writing(at, "k/1"), { ...points, points: 1 }))).toBeNull();
});

test("calls that arrive together do not fall with one of them that fails", async () => {
  const { ledger, at } = await makeMember(100);
  const wrong = { ...at, tenantId: "ten_other", programVersion: 1 };
  const [first, failed, second] = await Promise.allSettled([
    ledger().adjust(writing(at, "k/1"), { ...points, points: 5 }),
    ledger().adjust(writing(wrong, "k/2"), { ...points, points: 5 }),
    ledger().adjust(writing(at, "k/3"), { ...points, points: 5 }),
  ]);
  expect([first.status, failed.status, second.status]).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(valueOf(await ledger().balances(at)).balances[0]).toMatchObject({ available: 110 });
  expect((await storedEvents(ledger())).length).toBe(4);
});

test("a refund that arrives together with its order is decided by the order's version, whatever is in force now", async () => {
  const { ledger, at } = await makeMember();
  const wanted = { orderId: "A", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
  const [paid, refunded] = await Promise.all([
    ledger().putOrder(writing(at, "o/A/paid"), makeOrder()),
    ledger().refundOrder({ ...writing(at, "o/A/r/1"), programVersion: 2 }, wanted),
  ]);
  expect(valueOf(paid).balances[0]).toMatchObject({ available: 37 });
  expect(valueOf(refunded)).toMatchObject({ reversed: [{ points: 19 }], balances: [{ available: 18 }] });
});

test("a statement pages through every transaction once, newest first", async () => {
  const { ledger, at } = await makeMember(1000);
  for (let n = 0; n < 12; n += 1) {
    valueOf(
      await ledger().putOrder(
        writing(at, `o/S${n}/paid`),
        makeOrder({ orderId: `S${n}`, redeem: [{ currency: "points", points: 5 }] }),
      ),
    );
  }
  const seen: string[] = [];
  let before: { sequence: number; place: number } | null = null;
  do {
    const page: Statement = valueOf(await ledger().statement(at, { limit: 5, before }));
    seen.push(...page.transactions.map(({ id }) => id));
    const [sequence = 0, place = 0] = page.nextCursor?.split("_").map(Number) ?? [];
    before = page.nextCursor === null ? null : { sequence, place };
  } while (before !== null);
  const expected = Array.from({ length: 12 }, (_, n) => [`txn_${14 - n}_1`, `txn_${14 - n}_0`]).flat();
  expect(seen).toEqual([...expected, "txn_2_0"]);
});
