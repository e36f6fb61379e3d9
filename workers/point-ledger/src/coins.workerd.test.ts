// An order that spends and earns coins of a network, killed between any two steps: it succeeds or fails as one.
import { env } from "cloudflare:workers";
import { programPath, tenantPath, type TenantRecord } from "@regulars/contracts/directory";
import { program as programSchema, type ProgramInput } from "@regulars/contracts/program";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { eventsOf, kindsOf, later, live, openDuties, pairsOfFates, stopClock, wake } from "./kill.ts";
import { makeContext, makeOrder, plainProgram, refusalOf, tenantId, valueOf, writing } from "./make-member.ts";
import { ledgerOf } from "./objects.ts";
import { coinAccount } from "./wallet-prepare.ts";

const LATER = Date.now() + 400 * 86_400_000;
const NETWORK = "net_food";

const program = {
  ...plainProgram,
  currencies: [...plainProgram.currencies, { id: "coins", network: "food" }],
  earning: [
    ...plainProgram.earning,
    { id: "visit", on: "check_in", currency: "coins", type: "fixed", points: 2 },
    { id: "coins", currency: "coins", per: 5000, points: 1 },
  ],
  tender: [plainProgram.tender, { currency: "coins", valuePerPoint: 50 }],
} satisfies ProgramInput;

const networkProgram = {
  currencies: [{ id: "coins", unitCostMilli: 40_000 }],
  clearing: {
    headOfficeOwnerId: "network",
    currencies: [{ currency: "coins", policy: { type: "issuerPays" }, valuePerPointMilli: 50_000 }],
  },
} satisfies ProgramInput;

beforeAll(async () => {
  await publish(tenantId, program, { food: { tenantId: NETWORK } });
  await publish(NETWORK, networkProgram);
});
beforeEach(() => {
  stopClock(LATER);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const LIVES = pairsOfFates({ followUps: false });
const redeem = [
  { currency: "points", points: 60 },
  { currency: "coins", points: 20 },
];
const order = makeOrder({ placedAt: LATER, redeem });

test.each(LIVES)(
  "an order of points and coins is paid as one, when its object dies %s and then %s",
  async (...fates) => {
    const person = await makePerson(100, 50);
    const { ledger, at, coins } = person;
    const pay = () => ledger().putOrder(writing(at, "o/A/paid"), order);
    await live(ledger, fates[0], (object) => object.putOrder(writing(at, "o/A/paid"), order));
    later();
    await live(ledger, fates[1], (object) => object.putOrder(writing(at, "o/A/paid"), order));
    later();
    const paid = valueOf(await pay());
    expect(valueOf(await pay())).toEqual(paid);
    await settle(person);
    // 375.00 less 70.00 paid by points and coins: 30 points of the rule, and 6 coins.
    expect(await availableOf(person)).toEqual({ points: 70, coins: 36 });
    expect(await heldIn(person)).toBe(0);
    expect((await kindsOf(coins)).filter((kind) => kind === "hold.captured").length).toBe(1);
  },
);

test.each(LIVES)(
  "an order that nobody sends again is paid as one or not at all, when its object dies %s, %s",
  async (...fates) => {
    const person = await makePerson(100, 50);
    const { ledger, at } = person;
    await live(ledger, fates[0], (object) => object.putOrder(writing(at, "o/A/paid"), order));
    later();
    await live(ledger, fates[1]);
    await settle(person);
    const isPaid = (await kindsOf(ledger)).includes("order.paid");
    expect(await availableOf(person)).toEqual(isPaid ? { points: 70, coins: 36 } : { points: 100, coins: 50 });
    expect(await heldIn(person)).toBe(0);
  },
);

test.each(LIVES)(
  "a refund puts coins back and takes coins away once, when its object dies %s and then %s",
  async (...fates) => {
    const person = await makePerson(100, 50);
    const { ledger, at } = person;
    valueOf(await ledger().putOrder(writing(at, "o/A/paid"), order));
    const half = { orderId: "A", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
    await live(ledger, fates[0], (object) => object.refundOrder(writing(at, "o/A/r/1"), half));
    later();
    await live(ledger, fates[1], (object) => object.refundOrder(writing(at, "o/A/r/1"), half));
    later();
    valueOf(await ledger().refundOrder(writing(at, "o/A/r/1"), half));
    await settle(person);
    // One tea stays: 187.50 less 35.00, which 15 points and 3 coins are given for.
    expect(await availableOf(person)).toEqual({ points: 85, coins: 43 });
    valueOf(await ledger().refundOrder(writing(at, "o/A/r/2"), { orderId: "A", refundId: "2", lines: null }));
    await settle(person);
    expect(await availableOf(person)).toEqual({ points: 100, coins: 50 });
  },
);

test("an authorized order keeps its coins aside until it is paid, cancelled, or has waited too long", async () => {
  const person = await makePerson(100, 50);
  const { ledger, at } = person;
  const put = (orderId: string, state: "authorized" | "paid" | "cancelled", now = LATER) =>
    ledger().putOrder(
      writing({ ...at, now }, `o/${orderId}/${state}`),
      makeOrder({ orderId, state, placedAt: LATER, redeem: state === "authorized" ? redeem : null }),
    );
  valueOf(await put("A", "authorized"));
  expect(await availableOf(person)).toEqual({ points: 40, coins: 30 });
  valueOf(await put("A", "paid"));
  await settle(person);
  expect(await availableOf(person)).toEqual({ points: 70, coins: 36 });
  valueOf(await put("B", "authorized"));
  valueOf(await put("B", "cancelled"));
  await settle(person);
  expect(await availableOf(person)).toEqual({ points: 70, coins: 36 });
  valueOf(await put("C", "authorized", Date.now()));
  await settle(person);
  expect(await availableOf(person)).toEqual({ points: 70, coins: 36 });
  valueOf(await put("C", "paid", Date.now()));
  await settle(person);
  expect(await availableOf(person)).toEqual({ points: 40, coins: 22 });
  expect(await heldIn(person)).toBe(0);
});

test("an order that asks for more coins than there are is refused whole, and lets go at once of what it held", async () => {
  const person = await makePerson(100, 10);
  const { ledger, at } = person;
  const reply = await ledger().putOrder(writing(at, "o/A/paid"), order);
  expect(reply).toMatchObject({
    refusal: { code: "insufficient_points", field: "redeem[1].points", facts: { available: 10, requested: 20 } },
  });
  const greedy = makeOrder({
    orderId: "B",
    placedAt: LATER,
    redeem: [
      { currency: "coins", points: 5 },
      { currency: "points", points: 101 },
    ],
  });
  expect(refusalOf(await ledger().putOrder(writing(at, "o/B/paid"), greedy))).toBe("insufficient_points");
  await live(ledger, "lives");
  expect(await availableOf(person)).toEqual({ points: 100, coins: 10 });
  expect(await openDuties(ledger)).toBe(0);
});

test("a quote sees the coins; another tenant's member with the same phone finds the same account", async () => {
  const person = await makePerson(0, 50);
  const quote = valueOf(await person.ledger().quote(person.at, { ...order, redeem: null }));
  expect(quote.redeemable).toContainEqual({ currency: "coins", maxPoints: 50, value: 2500 });
  expect(coinAccount(env, NETWORK, person.phone)).toEqual({ tenantId: NETWORK, memberId: person.account.memberId });
});

test("a check-in may give coins, and takes them back when it is reversed", async () => {
  const person = await makePerson(0, 0);
  const { ledger, at } = person;
  const event = { type: "check_in", key: "1", data: {}, storeId: "s1", regionId: "r1", ownerId: "o1" };
  valueOf(await ledger().act(writing(at, "a/check_in/1/recorded"), "activity.record", event));
  await settle(person);
  expect(await availableOf(person)).toMatchObject({ coins: 2 });
  valueOf(await ledger().act(writing(at, "a/check_in/1/reversed"), "activity.reverse", { type: "check_in", key: "1" }));
  await settle(person);
  expect(await availableOf(person)).toMatchObject({ coins: 0 });
});

test("coins that one tenant gave and another accepted are due between them, until a refund puts them back", async () => {
  const person = await makePerson(0, 0);
  const { ledger, at, coins } = person;
  valueOf(await ledger().putOrder(writing(at, "o/A/paid"), makeOrder({ placedAt: LATER })));
  await settle(person);
  const abroad = await makePerson(0, 0, { tenant: "ten_abroad", phone: person.phone });
  const spend = makeOrder({ orderId: "B", placedAt: LATER, redeem: [{ currency: "coins", points: 5 }] });
  valueOf(await abroad.ledger().putOrder(writing(abroad.at, "o/B/paid"), spend));
  await settle(abroad);
  const dues = async () => (await eventsOf(coins)).flatMap(({ body }) => ("dues" in body ? (body.dues ?? []) : []));
  const due = { debtor: tenantId, creditor: "ten_abroad", currency: "coins", money: "TWD" };
  expect(await dues()).toMatchObject([{ ...due, points: 5, amountMilli: 250_000 }]);
  valueOf(
    await abroad.ledger().refundOrder(writing(abroad.at, "o/B/r/1"), { orderId: "B", refundId: "1", lines: null }),
  );
  await settle(abroad);
  expect((await dues()).reduce((sum, { amountMilli }) => sum + amountMilli, 0)).toBe(0);
});

let people = 0;

/** A person with a phone, so many points of a tenant and so many coins of the network. */
async function makePerson(points: number, coinPoints: number, more: { tenant?: string; phone?: string } = {}) {
  people += 1;
  const { tenant = tenantId, phone = `+8869${String(people).padStart(8, "0")}` } = more;
  if (tenant !== tenantId) await publish(tenant, program, { food: { tenantId: NETWORK } });
  const memberId = `mbr_person_${people}`;
  const ledger = () => ledgerOf(env, tenant, memberId);
  const at = { ...makeContext(memberId, LATER), tenantId: tenant };
  const identities = [{ type: "phone" as const, value: phone, hash: `hash-${people}` }];
  const person = { identities, profile: {}, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), person));
  const account = coinAccount(env, NETWORK, phone);
  const coins = () => ledgerOf(env, NETWORK, account.memberId);
  const atCoins = { ...makeContext(account.memberId, LATER), tenantId: NETWORK };
  const gift = { reason: "test", storeId: null };
  if (points > 0) valueOf(await ledger().adjust(writing(at, "k/gift"), { ...gift, currency: "points", points }));
  if (coinPoints > 0) {
    const nobody = { ...person, identities: [] };
    valueOf(await coins().enrol(writing(atCoins, "k/enrol"), nobody));
    valueOf(await coins().adjust(writing(atCoins, "k/gift"), { ...gift, currency: "coins", points: coinPoints }));
  }
  return { ledger, at, coins, atCoins, account, phone };
}

type Person = Awaited<ReturnType<typeof makePerson>>;

/** Lets the clock go on until nothing is open any more. */
async function settle({ ledger }: Person) {
  for (let round = 0; round < 3; round += 1) await wake(ledger);
  expect(await openDuties(ledger)).toBe(0);
}

async function availableOf({ ledger, at, coins, atCoins }: Person) {
  const own = valueOf(await ledger().balances({ ...at, now: Date.now() })).balances;
  const network = valueOf(await coins().balances({ ...atCoins, now: Date.now() })).balances;
  const of = (balances: typeof own, wanted: string) => balances.find(({ currency }) => currency === wanted)?.available;
  return { points: of(own, "points"), coins: of(network, "coins") };
}

async function heldIn({ coins, atCoins }: Person) {
  return valueOf(await coins().balances(atCoins)).balances.reduce((sum, { held }) => sum + held, 0);
}

async function publish(tenant: string, input: ProgramInput, networks?: TenantRecord["networks"]) {
  await env.DIRECTORY.put(programPath(tenant, 1), JSON.stringify(programSchema.parse(input)));
  const published: TenantRecord = {
    tenantId: tenant,
    name: "Test",
    sandbox: false,
    timeZone: "Asia/Taipei",
    phoneRegion: "TW",
    currency: "TWD",
    locale: "en",
    jurisdiction: null,
    stores: {},
    programs: [{ version: 1, effectiveFrom: 0 }],
    ...(networks && { networks }),
  };
  await env.DIRECTORY.put(tenantPath(tenant), JSON.stringify(published));
}
