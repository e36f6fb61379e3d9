// Referral and partners across objects, killed between any two steps: both sides are paid once, and give back once.
import { env } from "cloudflare:workers";
import type { ProgramInput } from "@regulars/contracts/program";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { eventsOf, later, live, openDuties, pairsOfFates, stopClock, wake } from "./kill.ts";
import { makeContext, makeOrder, plainProgram, publishTenant, valueOf, writing } from "./make-member.ts";
import { ledgerOf } from "./objects.ts";

const tenantId = "ten_referrals";
const LATER = Date.now() + 400 * 86_400_000;
const DAY_MS = 86_400_000;
const KOC = "mbr_koc";

const program = {
  ...plainProgram,
  sharing: {
    referral: {
      referrer: { currency: "points", points: 50 },
      referee: { currency: "points", points: 20 },
      minNet: 20_000,
      withinDays: 30,
      perReferrer: { period: "month", times: 2 },
    },
    partners: [{ id: "koc", code: "MEI10", member: { memberId: KOC, currency: "points", per: 10_000, points: 3 } }],
  },
} satisfies ProgramInput;

beforeAll(() => publishTenant(tenantId, program));
beforeEach(() => {
  stopClock(LATER);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const LIVES = pairsOfFates({ followUps: true });
const order = makeOrder({ placedAt: LATER });

test.each(LIVES)(
  "both sides are paid once, and give back once, when the new member's object dies %s, %s",
  async (...fates) => {
    const referrer = await makePerson();
    const referee = await makePerson({ referrerId: referrer.memberId });
    const { ledger, at } = referee;
    await live(ledger, fates[0], (object) => object.putOrder(writing(at, "o/A/paid"), order));
    later();
    await live(ledger, fates[1], (object) => object.putOrder(writing(at, "o/A/paid"), order));
    await settle(referee);
    expect([await pointsOf(referrer), await pointsOf(referee)]).toEqual([50, 37 + 20]);
    const refund = { orderId: "A", refundId: "1", lines: null };
    later();
    await live(ledger, fates[0], (object) => object.refundOrder(writing(at, "o/A/r/1"), refund));
    later();
    await live(ledger, fates[1], (object) => object.refundOrder(writing(at, "o/A/r/1"), refund));
    await settle(referee);
    expect([await pointsOf(referrer), await pointsOf(referee)]).toEqual([0, 0]);
    const facts = (await eventsOf(ledger)).flatMap(({ body }) => ("facts" in body && body.facts ? [body.facts] : []));
    expect(facts.at(-1)).toEqual(facts[0]);
  },
);

test("a refund that leaves too little takes the referral back; a later order that is large enough pays it again", async () => {
  const referrer = await makePerson();
  const referee = await makePerson({ referrerId: referrer.memberId });
  await pay(referee, "A");
  const half = { orderId: "A", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
  valueOf(await referee.ledger().refundOrder(writing(referee.at, "o/A/r/1"), half));
  await settle(referee);
  expect([await pointsOf(referrer), await pointsOf(referee)]).toEqual([0, 18]);
  await pay(referee, "B");
  expect([await pointsOf(referrer), await pointsOf(referee)]).toEqual([50, 18 + 37 + 20]);
  await pay(referee, "C");
  expect([await pointsOf(referrer), await pointsOf(referee)]).toEqual([50, 18 + 37 + 20 + 37]);
});

test("nobody refers himself: neither by the same phone, nor by a ring, nor more often than allowed, nor too late", async () => {
  const referrer = await makePerson({ phone: "+886911000111" });
  const same = await makePerson({ referrerId: referrer.memberId, profilePhone: "+886911000111" });
  await pay(same, "A");
  const herself = await makePerson({ referrerId: "own" });
  await pay(herself, "A");
  const [one, two, three] = [
    await makePerson({ referrerId: referrer.memberId }),
    await makePerson({ referrerId: referrer.memberId }),
    await makePerson({ referrerId: referrer.memberId }),
  ];
  for (const referee of [one, two, three]) await pay(referee, "A");
  expect(await Promise.all([same, herself, one, two, three].map(pointsOf))).toEqual([37, 37, 57, 57, 37]);
  expect(await pointsOf(referrer)).toBe(100);
  const late = await makePerson({ referrerId: one.memberId, enrolledAt: LATER - 40 * DAY_MS });
  await pay(late, "A");
  expect([await pointsOf(late), await pointsOf(one)]).toEqual([37, 57]);
  const gone = await makePerson({ referrerId: "mbr_nobody" });
  await pay(gone, "A");
  expect(await pointsOf(gone)).toBe(37);
});

test.each(LIVES)(
  "a partner who is a member is paid once for what stays, when the buyer's object dies %s, %s",
  async (...fates) => {
    const partner = await makePerson({ memberId: `${KOC}` });
    const before = await pointsOf(partner);
    const buyer = await makePerson();
    const { ledger, at } = buyer;
    const wanted = { ...order, partnerCode: "mei10" };
    await live(ledger, fates[0], (object) => object.putOrder(writing(at, "o/A/paid"), wanted));
    later();
    await live(ledger, fates[1], (object) => object.putOrder(writing(at, "o/A/paid"), wanted));
    await settle(buyer);
    expect((await pointsOf(partner)) - before).toBe(9);
    const half = { orderId: "A", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
    valueOf(await ledger().refundOrder(writing(at, "o/A/r/1"), half));
    await settle(buyer);
    expect((await pointsOf(partner)) - before).toBe(3);
    valueOf(await ledger().refundOrder(writing(at, "o/A/r/2"), { orderId: "A", refundId: "2", lines: null }));
    await settle(buyer);
    expect((await pointsOf(partner)) - before).toBe(0);
  },
);

let people = 0;

interface Wanted {
  readonly memberId?: string;
  readonly referrerId?: string;
  readonly phone?: string;
  readonly profilePhone?: string;
  readonly enrolledAt?: number;
}

async function makePerson(wanted: Wanted = {}) {
  people += 1;
  const { memberId = `mbr_referral_${people}`, phone, profilePhone, enrolledAt = LATER } = wanted;
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const at = { ...makeContext(memberId, LATER), tenantId };
  const { claimHash, tenantKeyOf } = await import("@regulars/domain/naming");
  const hashOf = (value: string) => claimHash(tenantKeyOf(env.MASTER_KEY, tenantId), "phone", value);
  const identities = phone === undefined ? [] : [{ type: "phone" as const, value: phone, hash: hashOf(phone) }];
  const profile = profilePhone === undefined ? {} : { phone: profilePhone };
  const referrerId = wanted.referrerId === "own" ? memberId : wanted.referrerId;
  const person = { identities, profile, homeStoreId: "s1", source: null, consent: {} };
  const enrolment = { ...person, ...(referrerId !== undefined && { referrerId }) };
  valueOf(await ledger().enrol(writing({ ...at, now: enrolledAt }, "k/enrol"), enrolment));
  return { memberId, ledger, at };
}

type Person = Awaited<ReturnType<typeof makePerson>>;

async function pay(person: Person, orderId: string) {
  const { ledger, at } = person;
  valueOf(await ledger().putOrder(writing(at, `o/${orderId}/paid`), { ...order, orderId }));
  await settle(person);
}

async function settle({ ledger }: Person) {
  for (let round = 0; round < 3; round += 1) await wake(ledger);
  expect(await openDuties(ledger)).toBe(0);
}

async function pointsOf({ ledger, at }: Person) {
  const { balances } = valueOf(await ledger().balances({ ...at, now: Date.now() }));
  return balances.find(({ currency }) => currency === "points")?.available ?? 0;
}
