// Codes: claimed by orders once, given back by what becomes of them, guessed in vain.
import { env } from "cloudflare:workers";
import { codeOf } from "@regulars/domain/code-format";
import { tenantKeyOf } from "@regulars/domain/naming";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { codeBookOf, codeRegisterOf } from "./code-objects.ts";
import { makeContext, makeOrder, plainProgram, publishPrograms, refusalOf, valueOf, writing } from "./make-member.ts";
import { ledgerOf } from "./objects.ts";

const tenantId = "ten_codes";
const tenantKey = () => tenantKeyOf(env.MASTER_KEY, tenantId);
const reward = { id: "off", name: { "zh-TW": "折 50" }, benefit: { type: "amountOff" as const, amount: 5000 } };
let batch = 0;

beforeAll(async () => {
  const codes = [
    { id: "flyer", reward: "off", type: "unique" as const },
    { id: "ended", reward: "off", type: "unique" as const, until: "2020-01-01T00:00:00Z" },
    { id: "summer", reward: "off", type: "public" as const, code: "Summer-24", limit: 3 },
    { id: "often", reward: "off", type: "public" as const, code: "OFTEN", perMember: 2 },
  ];
  await publishPrograms(tenantId, [{ ...plainProgram, rewards: [reward], codes }]);
  const made = await codeBookOf(env, tenantId).make({ key: "one", campaign: "flyer", count: 100 });
  batch = made?.id ?? 0;
});
afterEach(() => vi.restoreAllMocks());

let members = 0;

async function makeShopper() {
  const memberId = `mbr_c${(members += 1)}`;
  const at = { ...makeContext(memberId), tenantId };
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const person = { identities: [], profile: {}, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), person));
  const put = (state: "authorized" | "paid" | "cancelled", orderId: string, codes?: string[], more = {}) =>
    ledger().putOrder(
      writing(at, `o/${orderId}/${state}`, JSON.stringify({ codes, ...more })),
      makeOrder({ orderId, state, ...(codes && { codes }), ...more }),
    );
  const quote = (codes: string[], origin?: string) => {
    const { orderId: _, state: __, ...basket } = makeOrder({ codes });
    return ledger().quote({ ...at, ...(origin && { origin }) }, basket);
  };
  return { memberId, at, ledger, put, quote };
}

const code = (number: number, of = batch) => codeOf(tenantKey(), { batch: of, number });
const stateOf = (number: number) => codeRegisterOf(env, tenantId, number).look(tenantId, { batch, number });
const payable = (reply: Awaited<ReturnType<Awaited<ReturnType<typeof makeShopper>>["put"]>>) =>
  valueOf(reply).order.payable;

test("a bulk code is used once, by whoever brings it first, however it is typed", async () => {
  const [first, second] = [await makeShopper(), await makeShopper()];
  expect(payable(await first.put("paid", "A", [code(1).toLowerCase().replaceAll("-", " ")]))).toBe(32_500);
  expect(refusalOf(await second.put("paid", "B", [code(1)]))).toBe("code_not_usable");
  expect(refusalOf(await first.put("paid", "C", [code(1)]))).toBe("code_not_usable");
});

test("of many who bring one code at once, one gets it", async () => {
  const shoppers = await Promise.all(Array.from({ length: 10 }, makeShopper));
  const replies = await Promise.all(shoppers.map(({ put }) => put("paid", "A", [code(2)])));
  expect(replies.filter(({ ok }) => ok)).toHaveLength(1);
  expect(new Set(replies.flatMap((reply) => refusalOf(reply) ?? []))).toEqual(new Set(["code_not_usable"]));
});

test("an authorized order keeps its code aside, a paid one uses it, a cancelled one lets it go", async () => {
  const [first, second] = [await makeShopper(), await makeShopper()];
  expect(payable(await first.put("authorized", "A", [code(3)]))).toBe(32_500);
  expect(refusalOf(await second.put("paid", "B", [code(3)]))).toBe("code_not_usable");
  expect(payable(await first.put("paid", "A"))).toBe(32_500);
  valueOf(await first.put("cancelled", "A"));
  await vi.waitFor(async () => expect(await stateOf(3)).toBe("flyer"));
  expect(payable(await second.put("paid", "D", [code(3)]))).toBe(32_500);
});

test("a code of an order that was refused for something else is free again", async () => {
  const shopper = await makeShopper();
  const redeem = [{ currency: "points", points: 50 }];
  expect(refusalOf(await shopper.put("paid", "A", [code(4)], { redeem }))).toBe("insufficient_points");
  await vi.waitFor(async () => expect(await stateOf(4)).toBe("flyer"));
  expect(payable(await shopper.put("paid", "A", [code(4)]))).toBe(32_500);
});

test("what an unpaid order reserved may be taken when its time is over; then that order cannot have it any more", async () => {
  const [first, second] = [await makeShopper(), await makeShopper()];
  valueOf(await first.put("authorized", "A", [code(5)]));
  const later = Date.now() + 16 * 60_000;
  vi.spyOn(Date, "now").mockImplementation(() => later);
  expect(payable(await second.put("paid", "B", [code(5)]))).toBe(32_500);
  expect(refusalOf(await first.put("paid", "A"))).toBe("code_not_usable");
});

test("a public code is used as often as its limit says, by any number of members at once", async () => {
  const shoppers = await Promise.all(Array.from({ length: 8 }, makeShopper));
  const replies = await Promise.all(shoppers.map(({ put }) => put("paid", "A", ["summer-24"])));
  expect(replies.filter(({ ok }) => ok)).toHaveLength(3);
  const user = shoppers[replies.findIndex(({ ok }) => ok)];
  valueOf(await (user as Awaited<ReturnType<typeof makeShopper>>).put("cancelled", "A"));
  const next = await makeShopper();
  // What is given back is found within a second.
  await vi.waitFor(
    async () => expect(payable(await next.put("paid", crypto.randomUUID(), ["SUMMER-24"]))).toBe(32_500),
    {
      timeout: 5_000,
      interval: 500,
    },
  );
});

test("a member uses a public code as often as the campaign says, also with orders at once; a refund gives it back", async () => {
  const shopper = await makeShopper();
  const orders = ["A", "B", "C", "D"];
  const replies = await Promise.all(orders.map((orderId) => shopper.put("paid", orderId, ["often"])));
  expect(replies.filter(({ ok }) => ok)).toHaveLength(2);
  expect(refusalOf(await shopper.put("paid", "E", ["often"]))).toBe("code_not_usable");
  valueOf(await shopper.put("cancelled", orders[replies.findIndex(({ ok }) => ok)] ?? ""));
  expect(payable(await shopper.put("paid", "F", ["often"]))).toBe(32_500);
});

test("a wrong code, a used one, a voided one, one beyond its batch and one that is over have the same answer", async () => {
  const shopper = await makeShopper();
  valueOf(await (await makeShopper()).put("paid", "A", [code(6)]));
  await codeRegisterOf(env, tenantId, 7).void(batch, [7]);
  const over = await codeBookOf(env, tenantId).make({ key: "two", campaign: "ended", count: 10 });
  const codes = [
    "NO-SUCH-CODE",
    code(6),
    code(7),
    code(100),
    code(1, over?.id),
    code(8, 999),
    `${code(9).slice(0, -1)}2`,
  ];
  const answers = [];
  for (const [index, one] of codes.entries()) answers.push(await shopper.put("paid", `wrong ${index}`, [one]));
  for (const answer of answers) expect(answer).toEqual({ ...answers[0] });
});

test("a wrong check letter is refused without touching the register, and counts all the same", async () => {
  const shopper = await makeShopper();
  const registers = vi.spyOn(env.CODE_REGISTER, "get");
  const wrong = Array.from({ length: 20 }, (_, number) =>
    code(number).replace(/.$/, (last) => (last === "2" ? "3" : "2")),
  );
  for (const one of wrong) expect((await shopper.quote([one])).ok).toBe(false);
  expect(registers).not.toHaveBeenCalled();
  expect(await shopper.quote(["yet another"])).toMatchObject({
    ok: false,
    refusal: { code: "rate_limited", field: "codes", facts: { retryAfterSeconds: expect.any(Number) } },
  });
  // Also for a right one, and for an order: a guesser learns nothing more.
  expect(refusalOf(await shopper.quote([code(50)]))).toBe("rate_limited");
  expect(refusalOf(await shopper.put("paid", "A", [code(50)]))).toBe("rate_limited");
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 601_000);
  expect(payable(await shopper.put("paid", "A", [code(50)]))).toBe(32_500);
});

test("guesses at once cannot outrun the count, the same wrong code counts once, right ones never", async () => {
  const shopper = await makeShopper();
  for (let time = 0; time < 30; time += 1) await shopper.quote(["MISTYPED"]);
  for (let number = 60; number < 90; number += 1) expect((await shopper.quote([code(number)])).ok).toBe(true);
  const replies = await Promise.all(Array.from({ length: 100 }, (_, index) => shopper.quote([`GUESS-${index}`])));
  const codes = replies.map(refusalOf);
  expect(codes.filter((one) => one === "rate_limited")).toHaveLength(81);
  expect(codes.filter((one) => one === "code_not_usable")).toHaveLength(19);
});

test("an origin that tries codes as many members is stopped too, and no other tenant or origin with it", async () => {
  const shoppers = await Promise.all(Array.from({ length: 51 }, makeShopper));
  const guesses = (from: number) => Array.from({ length: 20 }, (_, index) => `TRY-${from}-${index}`);
  for (const [from, { quote }] of shoppers.slice(0, 50).entries()) await quote(guesses(from), "bad");
  const last = shoppers[50] as Awaited<ReturnType<typeof makeShopper>>;
  expect(refusalOf(await last.quote(["SUMMER-24"], "bad"))).toBe("rate_limited");
  expect(refusalOf(await last.quote(["NOTHING"], "good"))).toBe("code_not_usable");
});

test("a quote shows what a code takes off and keeps nothing of it", async () => {
  const shopper = await makeShopper();
  expect(valueOf(await shopper.quote([code(10)])).payable).toBe(32_500);
  expect(await stateOf(10)).toBe("flyer");
});
