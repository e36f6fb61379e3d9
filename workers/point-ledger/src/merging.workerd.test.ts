// Two profiles of one person become one and are parted again, killed between any two steps: nothing is lost, nobody is found twice.
import { env } from "cloudflare:workers";
import type { Effects } from "@regulars/contracts/events-effects";
import type { TransferAnswer } from "@regulars/contracts/acts-sharing";
import { claimHash, shardName, tenantKeyOf } from "@regulars/domain/naming";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { eventsOf, later, live, openDuties, pairsOfFates, pointsIn, stopClock, wake } from "./kill.ts";
import { makeContext, makeOrder, plainProgram, publishTenant, refusalOf, valueOf, writing } from "./make-member.ts";
import { indexOf, ledgerOf } from "./objects.ts";

const tenantId = "ten_merging";
const LATER = Date.now() + 400 * 86_400_000;
const program = { ...plainProgram, sharing: { transfers: [{ currency: "points" }] } };

beforeAll(() => publishTenant(tenantId, program));
beforeEach(() => {
  stopClock(LATER);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const LIVES = pairsOfFates({ followUps: true });
const order = makeOrder({ placedAt: LATER, redeem: [{ currency: "points", points: 60 }] });

test.each(LIVES)(
  "profiles merge once, and part once, when the one that begins dies %s and then %s",
  async (...fates) => {
    const [old, stays] = [await makePerson(100), await makePerson(10)];
    const both = [old.ledger, stays.ledger];
    await live(old.ledger, fates[0], (object) =>
      object.act(writing(old.at, "k/merge"), "merge.begin", { into: stays.memberId }),
    );
    expect(await pointsIn(both)).toBe(110);
    later();
    await live(old.ledger, fates[1]);
    await settle(old);
    expect([await available(stays), await pointsIn(both)]).toEqual([110, 110]);
    expect(await identitiesOf(stays)).toEqual([stays.phone, old.phone]);
    expect([await ownerOf(old.phone), await ownerOf(stays.phone)]).toEqual([stays.memberId, stays.memberId]);
    expect(await old.ledger().balances(old.at)).toMatchObject({
      refusal: { code: "member_merged", facts: { memberId: stays.memberId } },
    });
    const undo = { from: old.memberId };
    await live(stays.ledger, fates[0], (object) => object.act(writing(stays.at, "k/undo"), "merge.undo", undo));
    expect(await pointsIn(both)).toBe(110);
    later();
    await live(stays.ledger, fates[1]);
    await settle(stays);
    expect([await available(old), await available(stays), await pointsIn(both)]).toEqual([100, 10, 110]);
    expect([await identitiesOf(old), await identitiesOf(stays)]).toEqual([[old.phone], [stays.phone]]);
    expect([await ownerOf(old.phone), await ownerOf(stays.phone)]).toEqual([old.memberId, stays.memberId]);
    expect(refusalOf(await stays.ledger().act(writing(stays.at, "k/again"), "merge.undo", undo))).toBe(
      "merge_not_allowed",
    );
  },
);

test.each(LIVES)(
  "a refund of an old order reaches the profile that stayed, when the old one dies %s, %s",
  async (...fates) => {
    const [old, stays] = [await makePerson(100), await makePerson(0)];
    const both = [old.ledger, stays.ledger];
    valueOf(await old.ledger().putOrder(writing(old.at, "o/A/paid"), order));
    await merge(old, stays);
    expect(await available(stays)).toBe(40 + 31);
    const refund = { orderId: "A", refundId: "1", lines: null };
    await live(old.ledger, fates[0], (object) => object.refundOrder(writing(old.at, "o/A/r/1"), refund));
    later();
    await live(old.ledger, fates[1], (object) => object.refundOrder(writing(old.at, "o/A/r/1"), refund));
    valueOf(await old.ledger().refundOrder(writing(old.at, "o/A/r/1"), refund));
    await settle(old);
    expect([await available(stays), await pointsIn(both)]).toEqual([100, 100]);
  },
);

test("a refund that takes more than there is makes a debt of the profile that stayed", async () => {
  const [old, stays] = [await makePerson(0), await makePerson(5)];
  valueOf(await old.ledger().putOrder(writing(old.at, "o/A/paid"), makeOrder({ placedAt: LATER })));
  await merge(old, stays);
  const spend = makeOrder({
    orderId: "B",
    placedAt: LATER,
    redeem: [{ currency: "points", points: 40 }],
    lines: [cheap],
  });
  valueOf(await stays.ledger().putOrder(writing(stays.at, "o/B/paid"), spend));
  expect(await available(stays)).toBe(2);
  valueOf(await old.ledger().refundOrder(writing(old.at, "o/A/r/1"), { orderId: "A", refundId: "1", lines: null }));
  await settle(old);
  expect(await available(stays)).toBe(2 - 37);
  const sums = await Promise.all([old, stays].map(async (one) => (await one.ledger().audit(one.at)).foldEqual));
  expect(sums).toEqual([true, true]);
});

test("a profile that cannot be found any more gives everything back", async () => {
  const [old, gone] = [await makePerson(100), await makePerson(0)];
  valueOf(await gone.ledger().erase(gone.at));
  await merge(old, gone);
  expect([await available(old), await identitiesOf(old), await ownerOf(old.phone)]).toEqual([
    100,
    [old.phone],
    old.memberId,
  ]);
});

test("a gift to a merged profile reaches the one that stayed; one with points set aside is not merged", async () => {
  const [old, stays, giver] = [await makePerson(0), await makePerson(0), await makePerson(50)];
  await merge(old, stays);
  const gift = { purpose: "gift" as const, cause: null, currency: "points", points: 50, vouchers: [], note: null };
  valueOf(await giver.ledger().act(writing(giver.at, "k/g"), "transfer.send", { ...gift, to: old.memberId }));
  await settle(giver);
  expect(await available(stays)).toBe(50);
  valueOf(await stays.ledger().placeHold(writing(stays.at, "k/h"), { currency: "points", points: 5, ttlSeconds: 60 }));
  const begin = stays.ledger().act(writing(stays.at, "k/m"), "merge.begin", { into: giver.memberId });
  expect(await begin).toMatchObject({ refusal: { code: "merge_not_allowed", facts: { reason: "holds" } } });
});

test("days of both count together, also what a refund of an old order changes, until they are parted", async () => {
  const [old, stays] = [await makePerson(0), await makePerson(0)];
  const put = ({ ledger, at }: Person, orderId: string) =>
    ledger().putOrder(writing(at, `o/${orderId}/paid`), makeOrder({ orderId, placedAt: LATER }));
  valueOf(await put(old, "A"));
  valueOf(await put(stays, "B"));
  await merge(old, stays);
  expect(await spendOf(stays)).toBe(75_000);
  const half = { orderId: "A", refundId: "1", lines: [{ lineId: "1", quantity: 1 }] };
  valueOf(await old.ledger().refundOrder(writing(old.at, "o/A/r/1"), half));
  await settle(old);
  expect(await spendOf(stays)).toBe(56_250);
  valueOf(await stays.ledger().act(writing(stays.at, "k/undo"), "merge.undo", { from: old.memberId }));
  await settle(stays);
  expect([await spendOf(stays), await spendOf(old)]).toEqual([37_500, 18_750]);
});

/** What all days together come to, by the events. */
async function spendOf({ ledger }: Person) {
  const bodies = (await eventsOf(ledger)).map(({ body }): Effects => ("transactions" in body ? body : {}));
  return bodies.flatMap(({ activity = [] }) => activity).reduce((sum, { change }) => sum + change.spend, 0);
}

const cheap = { lineId: "1", sku: "gum", category: null, quantity: 1, unitPrice: 4_000, discount: 0 };
let people = 0;

async function makePerson(points: number) {
  people += 1;
  const memberId = `mbr_merging_${people}`;
  const phone = `+88691${String(people).padStart(7, "0")}`;
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const at = { ...makeContext(memberId, LATER), tenantId };
  const hash = hashOf(phone);
  await indexOf(env, tenantId, shardName(tenantId, hash)).claim([{ hash, memberId }]);
  const identities = [{ type: "phone" as const, value: phone, hash }];
  const person = { identities, profile: {}, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), person));
  const gift = { currency: "points", points, reason: "test", storeId: null };
  if (points > 0) valueOf(await ledger().adjust(writing(at, "k/gift"), gift));
  return { memberId, phone, ledger, at };
}

type Person = Awaited<ReturnType<typeof makePerson>>;

const hashOf = (phone: string) => claimHash(tenantKeyOf(env.MASTER_KEY, tenantId), "phone", phone);

const ownerOf = (phone: string) => indexOf(env, tenantId, shardName(tenantId, hashOf(phone))).find(hashOf(phone));

async function merge(old: Person, stays: Person) {
  const begun = await old.ledger().act(writing(old.at, "k/merge"), "merge.begin", { into: stays.memberId });
  expect((valueOf(begun) as TransferAnswer).state).toBe("sent");
  await settle(old);
}

async function settle({ ledger }: Person) {
  for (let round = 0; round < 3; round += 1) await wake(ledger);
  expect(await openDuties(ledger)).toBe(0);
}

async function available({ ledger, at }: Person) {
  return valueOf(await ledger().balances({ ...at, now: Date.now() })).balances[0]?.available;
}

async function identitiesOf({ ledger, at }: Person) {
  return valueOf(await ledger().member(at)).identities.map(({ value }) => value);
}
