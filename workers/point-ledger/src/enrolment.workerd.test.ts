// One person is never two members: claims of identities, and what becomes of those that a crash left behind.
import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import type { HashedIdentity } from "@regulars/contracts/rpc";
import { claimHash, memberIdFrom, shardName, tenantKeyOf } from "@regulars/domain/naming";
import { afterEach, expect, test, vi } from "vitest";
import { change, enrol } from "./enrolment.ts";
import { makeContext, refusalOf, tenantId, valueOf, writing } from "./make-member.ts";
import { indexOf, ledgerOf } from "./objects.ts";
import { relay } from "./relay.ts";

const tenantKey = tenantKeyOf(env.MASTER_KEY, tenantId);
let seeds = 0;

afterEach(() => vi.restoreAllMocks());

test("of many members who claim one phone at once exactly one gets it, and the others leave nothing behind", async () => {
  const phone = makePhone();
  const rivals = Array.from({ length: 20 }, () => ({ memberId: makeMemberId(), card: makeCard() }));
  const replies = await Promise.all(rivals.map(({ memberId, card }) => enrolWith(memberId, [phone, card])));
  const winners = replies.flatMap((reply, place) => (reply.ok ? [place] : []));
  expect(winners.length).toBe(1);
  expect(await find(phone)).toBe(rivals[winners[0]!]!.memberId);
  for (const [place, { card, memberId }] of rivals.entries()) {
    expect(await find(card)).toBe(place === winners[0] ? memberId : null);
    expect(refusalOf(replies[place]!)).toBe(place === winners[0] ? null : "identity_taken");
  }
});

test("a refusal names the identity that another member has", async () => {
  const phone = makePhone();
  valueOf(await enrolWith(makeMemberId(), [phone]));
  expect(await enrolWith(makeMemberId(), [makeCard(), makeCard(), phone])).toMatchObject({
    ok: false,
    refusal: { code: "identity_taken", field: "identities[2]" },
  });
});

test("the same enrolment again is the same member, and other data under its key is refused", async () => {
  const [memberId, phone] = [makeMemberId(), makePhone()];
  const first = valueOf(await enrolWith(memberId, [phone]));
  await evictDurableObject(ledgerOf(env, tenantId, memberId));
  expect(valueOf(await enrolWith(memberId, [phone]))).toEqual(first);
  expect(refusalOf(await enrolWith(memberId, [phone], "other"))).toBe("idempotency_key_reused");
  expect(await find(phone)).toBe(memberId);
});

test("an enrolment that was cut off after its claim is finished by the same request", async () => {
  const [memberId, phone] = [makeMemberId(), makePhone()];
  await claim(phone, memberId);
  valueOf(await enrolWith(memberId, [phone]));
  expect(await find(phone)).toBe(memberId);
});

test("a claim that a crash left behind is taken over after ten seconds, and its first owner can never enrol with it", async () => {
  const [lost, next, phone] = [makeMemberId(), makeMemberId(), makePhone()];
  const start = Date.now();
  await claim(phone, lost);
  expect(refusalOf(await enrolWith(next, [phone]))).toBe("identity_taken");
  vi.spyOn(Date, "now").mockReturnValue(start + 11_000);
  valueOf(await enrolWith(next, [phone]));
  expect(await find(phone)).toBe(next);
  expect(refusalOf(await enrolWith(lost, [makeCard()]))).toBe("identity_taken");
  await evictDurableObject(ledgerOf(env, tenantId, lost));
  expect(refusalOf(await enrolWith(lost, [makeCard()]))).toBe("identity_taken");
});

test("of many who take over a claim at once exactly one gets it", async () => {
  const [phone, start] = [makePhone(), Date.now()];
  await claim(phone, makeMemberId());
  vi.spyOn(Date, "now").mockReturnValue(start + 11_000);
  const replies = await Promise.all(Array.from({ length: 10 }, () => enrolWith(makeMemberId(), [phone])));
  expect(replies.filter(({ ok }) => ok).length).toBe(1);
});

test("what a member has is never taken over, however old the claim", async () => {
  const [memberId, phone] = [makeMemberId(), makePhone()];
  valueOf(await enrolWith(memberId, [phone]));
  vi.spyOn(Date, "now").mockReturnValue(Date.now() + 86_400_000);
  expect(refusalOf(await enrolWith(makeMemberId(), [phone]))).toBe("identity_taken");
  expect(await find(phone)).toBe(memberId);
});

test("a phone that was given up is free for another member once the event is relayed", async () => {
  const [memberId, next, phone, card] = [makeMemberId(), makeMemberId(), makePhone(), makeCard()];
  valueOf(await enrolWith(memberId, [phone, card]));
  const reply = await changeTo(memberId, [card]);
  expect(refusalOf(await enrolWith(next, [phone]))).toBe("identity_taken");
  await relay(env, reply.events);
  valueOf(await enrolWith(next, [phone]));
  expect([await find(phone), await find(card)]).toEqual([next, memberId]);
});

test("a phone that was given up and taken back stays, even when the old event is relayed again", async () => {
  const [memberId, phone, card] = [makeMemberId(), makePhone(), makeCard()];
  valueOf(await enrolWith(memberId, [phone, card]));
  const given = await changeTo(memberId, [card]);
  await relay(env, given.events);
  valueOf(await changeTo(memberId, [card, phone]));
  await relay(env, given.events);
  expect(await find(phone)).toBe(memberId);
});

test("a change that is refused lets go of what it claimed", async () => {
  const [memberId, other, phone, free] = [makeMemberId(), makeMemberId(), makePhone(), makePhone()];
  valueOf(await enrolWith(memberId, [phone]));
  valueOf(await enrolWith(other, []));
  expect(refusalOf(await changeTo(other, [free, phone]))).toBe("identity_taken");
  expect([await find(free), await find(phone)]).toEqual([null, memberId]);
});

test("an erased member's phone is free, and the phone no longer leads to the member", async () => {
  const [memberId, phone] = [makeMemberId(), makePhone()];
  valueOf(await enrolWith(memberId, [phone]));
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const byPhone = { ...makeContext(memberId), identityHash: phone.hash };
  expect(refusalOf(await ledger().member(byPhone))).toBeNull();
  const erased = await ledger().erase(makeContext(memberId));
  await relay(env, erased.events);
  expect(await find(phone)).toBeNull();
  expect(refusalOf(await ledger().member(byPhone))).toBe("member_not_found");
});

test("a claim survives sleep, is let go by its owner alone, and is handed over only from who has it", async () => {
  const phone = makePhone();
  const index = () => indexOf(env, tenantId, shardName(tenantId, phone.hash));
  await claim(phone, "mbr_a");
  await evictDurableObject(index());
  expect((await index().claim([{ hash: phone.hash, memberId: "mbr_b" }]))[0]).toMatchObject({
    memberId: "mbr_a",
    created: false,
  });
  await index().release("mbr_b", [phone.hash]);
  expect(await index().transfer(phone.hash, "mbr_b", "mbr_c")).toBe(false);
  expect(await find(phone)).toBe("mbr_a");
  expect(await index().transfer(phone.hash, "mbr_a", "mbr_c")).toBe(true);
  await index().release("mbr_c", [phone.hash]);
  expect(await find(phone)).toBeNull();
});

const makeMemberId = () => memberIdFrom(tenantKey, `seed-${(seeds += 1)}`);

function makeIdentity(type: HashedIdentity["type"], value: string): HashedIdentity {
  return { type, value, hash: claimHash(tenantKey, type, value) };
}

const makePhone = () => makeIdentity("phone", `+8869${String((seeds += 1)).padStart(8, "0")}`);
const makeCard = () => makeIdentity("card", `card-${(seeds += 1)}`);

function enrolWith(memberId: string, identities: readonly HashedIdentity[], requestHash = "enrol") {
  const person = { identities, profile: {}, homeStoreId: null, source: null, consent: {} };
  return enrol(env, writing(makeContext(memberId), "k/enrol", requestHash), person);
}

function changeTo(memberId: string, identities: readonly HashedIdentity[]) {
  const wanted = { identities, profile: null, homeStoreId: null, consent: null };
  return change(env, writing(makeContext(memberId), `k/change-${(seeds += 1)}`), wanted);
}

const claim = ({ hash }: HashedIdentity, memberId: string) =>
  indexOf(env, tenantId, shardName(tenantId, hash)).claim([{ hash, memberId }]);

const find = ({ hash }: HashedIdentity) => indexOf(env, tenantId, shardName(tenantId, hash)).find(hash);
