// Every saga, killed between any two steps: it completes or it undoes, never both, and nothing is lost or made on the way.
import { env } from "cloudflare:workers";
import type { VoucherAnswer } from "@regulars/contracts/acts-rewards";
import type { VoucherRecord } from "@regulars/contracts/events-effects";
import type { ProgramInput } from "@regulars/contracts/program";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { ledgerOf } from "./objects.ts";
import { kindsOf, later, live, openDuties, pairsOfFates, pointsIn, stopClock, wake } from "./kill.ts";
import {
  makeContext,
  makeMember,
  plainProgram,
  publishTenant,
  refusalOf,
  tenantId,
  valueOf,
  writing,
} from "./make-member.ts";

const DAY_MS = 86_400_000;
// Ahead of the real clock, so that no alarm rings but by a test.
const LATER = Date.now() + 400 * DAY_MS;

const program = {
  ...plainProgram,
  rewards: [
    { id: "tea", name: { "zh-TW": "茶" }, benefit: { type: "amountOff", amount: 5000 }, transferable: true },
    { id: "mine", name: { "zh-TW": "我的" }, benefit: { type: "amountOff", amount: 5000 } },
  ],
  sharing: {
    transfers: [{ currency: "points", perMember: { period: "month", points: 100 } }],
    causes: [{ id: "trees" }],
  },
} satisfies ProgramInput;

beforeAll(() => publishTenant(tenantId, program));
beforeEach(() => {
  stopClock(LATER);
  vi.spyOn(console, "warn").mockImplementation(() => {});
});
afterEach(() => vi.restoreAllMocks());

const gift = { purpose: "gift", cause: null, currency: "points", points: 40, vouchers: [], note: "for you" } as const;

/** Every way in which two lives of an object can end, before one that goes well. */
const LIVES = pairsOfFates({ followUps: true });

test.each(LIVES)("a gift arrives once, when the sender dies %s and then %s", async (first, second) => {
  const [sender, receiver] = [await makeMember(100, LATER), await makeMember(0, LATER)];
  const accounts = [sender.ledger, receiver.ledger];
  const ask = { ...gift, to: receiver.memberId };
  await live(sender.ledger, first, (object) => object.act(writing(sender.at, "k/gift-1"), "transfer.send", ask));
  expect(await pointsIn(accounts)).toBe(100);
  later();
  await live(sender.ledger, second);
  expect(await pointsIn(accounts)).toBe(100);
  await wake(sender.ledger);
  expect(await openDuties(sender.ledger)).toBe(0);
  expect(await kindsOf(sender.ledger)).toEqual([
    "member.enrolled",
    "points.adjusted",
    "transfer.sent",
    "transfer.settled",
  ]);
  expect(await kindsOf(receiver.ledger)).toEqual(["member.enrolled", "transfer.received"]);
  expect(valueOf(await sender.ledger().balances(sender.at)).balances[0]?.available).toBe(60);
  expect(valueOf(await receiver.ledger().balances(receiver.at)).balances[0]?.available).toBe(40);
  expect(await pointsIn(accounts)).toBe(100);
});

test.each(LIVES)(
  "a gift to one who is gone comes back once, when the sender dies %s and then %s",
  async (first, second) => {
    const [sender, receiver] = [await makeMember(100, LATER), await makeMember(0, LATER)];
    valueOf(await receiver.ledger().erase(receiver.at));
    const accounts = [sender.ledger, receiver.ledger];
    const ask = { ...gift, to: receiver.memberId };
    await live(sender.ledger, first, (object) => object.act(writing(sender.at, "k/gift-1"), "transfer.send", ask));
    later();
    await live(sender.ledger, second);
    expect(await pointsIn(accounts)).toBe(100);
    await wake(sender.ledger);
    expect(await openDuties(sender.ledger)).toBe(0);
    expect((await kindsOf(sender.ledger)).slice(2)).toEqual(["transfer.sent", "transfer.returned"]);
    expect(await kindsOf(receiver.ledger)).toEqual(["member.enrolled", "member.erased"]);
    expect(valueOf(await sender.ledger().balances(sender.at)).balances[0]?.available).toBe(100);
  },
);

test.each(LIVES)("a voucher is one member's at a time, when the giver dies %s and then %s", async (first, second) => {
  const [sender, receiver] = [await makeMember(0, LATER), await makeMember(0, LATER)];
  const issue = (rewardId: string) => ({ rewardId, reason: "test", ownerId: "o1" });
  const issued = valueOf(await sender.ledger().act(writing(sender.at, "k/tea"), "voucher.issue", issue("tea")));
  const { voucher } = issued as VoucherAnswer;
  const ask = { ...gift, currency: null, points: 0, vouchers: [voucher.id], to: receiver.memberId };
  await live(sender.ledger, first, (object) => object.act(writing(sender.at, "k/gift-1"), "transfer.send", ask));
  later();
  await live(sender.ledger, second);
  await wake(sender.ledger);
  expect([await vouchersOf(sender), await vouchersOf(receiver)]).toEqual([[], ["tea received"]]);
  valueOf(await sender.ledger().act(writing(sender.at, "k/mine"), "voucher.issue", issue("mine")));
  const [mine] = await openVouchers(sender);
  const bound = { ...ask, vouchers: [mine?.id ?? ""] };
  const refusal = refusalOf(await sender.ledger().act(writing(sender.at, "k/g2"), "transfer.send", bound));
  expect(refusal).toBe("voucher_not_transferable");
});

test("one who enrols after having refused a gift does not get it any more, however late it is told again", async () => {
  const sender = await makeMember(100, LATER);
  const { memberId, ledger, at } = stranger();
  const ask = { ...gift, to: memberId };
  await live(sender.ledger, "after the call", (object) => object.act(writing(sender.at, "k/1"), "transfer.send", ask));
  const person = { identities: [], profile: {}, homeStoreId: null, source: null, consent: {} };
  valueOf(await ledger().enrol(writing(at, "k/enrol"), person));
  await wake(sender.ledger);
  expect((await kindsOf(sender.ledger)).at(-1)).toBe("transfer.returned");
  expect(await kindsOf(ledger)).toEqual(["member.enrolled"]);
});

test("the same request sends once; the month's limit counts what was sent, and not what came back", async () => {
  const [sender, receiver, gone] = [await makeMember(300, LATER), await makeMember(0, LATER), stranger()];
  const send = (key: string, to: string, points: number) =>
    sender.ledger().act(writing(sender.at, key), "transfer.send", { ...gift, to, points });
  const first = valueOf(await send("k/1", receiver.memberId, 60));
  expect(valueOf(await send("k/1", receiver.memberId, 60))).toEqual(first);
  expect(await send("k/2", receiver.memberId, 41)).toMatchObject({
    refusal: { code: "transfer_limit_reached", facts: { left: 40 } },
  });
  valueOf(await send("k/3", gone.memberId, 40));
  await wake(sender.ledger);
  expect(refusalOf(await send("k/4", receiver.memberId, 40))).toBeNull();
  await wake(sender.ledger);
  expect(valueOf(await receiver.ledger().balances(receiver.at)).balances[0]?.available).toBe(100);
  expect(refusalOf(await send("k/5", sender.memberId, 1))).toBe("transfer_to_self");
});

test("a donation opens the account of its cause, and a debt is paid by what arrives", async () => {
  const [one, other] = [await makeMember(30, LATER), await makeMember(50, LATER)];
  const { memberId, ledger } = stranger();
  const ask = { ...gift, purpose: "donation" as const, cause: "trees", points: 20, to: memberId };
  for (const member of [one, other]) {
    valueOf(await member.ledger().act(writing(member.at, "k/d"), "transfer.send", ask));
    await wake(member.ledger);
  }
  expect(await kindsOf(ledger)).toEqual(["member.enrolled", "transfer.received", "transfer.received"]);
  expect(await pointsIn([one.ledger, other.ledger, ledger])).toBe(80);
  const unknown = { ...ask, cause: "whales" };
  expect(refusalOf(await one.ledger().act(writing(one.at, "k/e"), "transfer.send", unknown))).toBe(
    "transfer_not_allowed",
  );
});

async function openVouchers({ ledger, at }: Awaited<ReturnType<typeof makeMember>>) {
  const listed = valueOf(await ledger().look({ ...at, now: Date.now() }, "vouchers.list", { all: false }));
  return (listed as { vouchers: readonly VoucherRecord[] }).vouchers;
}

async function vouchersOf(member: Awaited<ReturnType<typeof makeMember>>) {
  return (await openVouchers(member)).map(({ rewardId, origin }) => `${rewardId} ${origin.kind}`);
}

let strangers = 0;

/** A member that nobody enrolled yet. */
function stranger() {
  const memberId = `mbr_stranger_${(strangers += 1)}`;
  return { memberId, ledger: () => ledgerOf(env, tenantId, memberId), at: makeContext(memberId, LATER) };
}
