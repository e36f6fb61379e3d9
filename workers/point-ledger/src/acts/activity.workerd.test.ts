// Events beside orders, games and allowances in a member's object: once each, remembered, and by themselves on enrolment.
import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import type { ActAsk, ActName, LookAsk, LookName } from "@regulars/contracts/acts";
import type { Profile } from "@regulars/contracts/members";
import type { ProgramInput } from "@regulars/contracts/program";
import type { MemberLedgerRpc } from "@regulars/contracts/rpc";
import {
  makeContext,
  makeMember,
  makeOrder,
  NOW,
  plainProgram,
  publishPrograms,
  refusalOf,
  storedEvents,
  tenantId,
  valueOf,
  writing,
} from "../make-member.ts";
import { ledgerOf } from "../objects.ts";

const program: ProgramInput = {
  ...plainProgram,
  earning: [
    ...plainProgram.earning,
    { id: "welcome", currency: "points", on: "enrolled", type: "fixed", points: 100 },
    {
      id: "profile",
      currency: "points",
      on: "profile_completed",
      type: "fixed",
      perField: { birthday: 30, email: 20, size: 5 },
    },
    { id: "review", currency: "points", on: "review", type: "fixed", points: 20 },
    { id: "score", currency: "points", on: "game_score", per: 10 },
    { id: "promo", currency: "points", on: "promo", type: "fixed", points: 20, budget: { points: 50 } },
  ],
  play: {
    games: [{ id: "catch", minSeconds: 5, maxSeconds: 60, maxScore: 1000, maxScorePerSecond: 20, roundsPerDay: 1 }],
  },
};

// Versions 1 and 2 of a tenant of its own: other tests publish theirs.
beforeAll(() => publishPrograms(tenantId, [plainProgram, program]));

const HOUR_MS = 3_600_000;
const nowhere = { storeId: null, regionId: null, ownerId: null };
const review = { type: "review", key: "r1", data: { stars: 5 }, ...nowhere };

test("an event with the same key and body is the same event, with another body it is refused", async () => {
  const { act } = await member();
  const first = await act("activity.record", review, "a/review/r1/recorded");
  const again = await act("activity.record", review, "a/review/r1/recorded", NOW + HOUR_MS);
  expect(valueOf(first)).toMatchObject({ earned: [{ rule: "review", points: 20 }], activity: { key: "r1" } });
  expect(valueOf(again)).toEqual(valueOf(first));
  const other = await act("activity.record", review, "a/review/r1/recorded", NOW, "another body");
  expect(refusalOf(other)).toBe("idempotency_key_reused");
});

test("an event is taken back once, and not before it came", async () => {
  const { act, balance } = await member();
  const key = "a/review/r1/reversed";
  expect(refusalOf(await act("activity.reverse", { type: "review", key: "r1" }, key))).toBe("event_not_found");
  await act("activity.record", review, "a/review/r1/recorded");
  const before = await balance();
  const back = await act("activity.reverse", { type: "review", key: "r1" }, key);
  expect(valueOf(back)).toMatchObject({ reversed: [{ rule: "review", points: 20 }] });
  expect(valueOf(await act("activity.reverse", { type: "review", key: "r1" }, key))).toEqual(valueOf(back));
  expect(await balance()).toBe(Number(before) - 20);
});

test("events of many members share the budget of their rule, which is never exceeded", async () => {
  const given = await Promise.all(
    [1, 2, 3, 4].map(async () => {
      const { act } = await member();
      const answer = valueOf(await act("activity.record", { ...review, type: "promo" }, "a/promo/r1/recorded"));
      return answer.earned.reduce((sum, { points }) => sum + points, 0);
    }),
  );
  expect(given.reduce((sum, points) => sum + points, 0)).toBe(50);
});

test("types that Regulars records itself cannot be told", async () => {
  const { act } = await member();
  for (const type of ["order", "enrolled", "profile_completed", "game_score"]) {
    expect(refusalOf(await act("activity.record", { ...review, type }, `a/${type}/r1/recorded`))).toBe(
      "event_type_reserved",
    );
  }
});

test("enrolment and filled fields give their points by themselves, each field once", async () => {
  const { memberId, balance, change, events } = await member({ birthday: "1990-02-28", name: "Mei" });
  expect(await balance()).toBe(130);
  await change({ email: "mei@example.com", birthday: "1991-01-01" }, "k/1");
  expect(await balance()).toBe(150);
  await change({ email: null }, "k/2");
  await change({ email: "mei@example.com", custom: { size: "M" } }, "k/3");
  await change({ email: "mei@example.com", custom: { size: "M" } }, "k/3");
  expect(await balance()).toBe(155);
  const told = JSON.stringify(await events());
  for (const personal of ["1990", "1991", "mei@", "Mei", '"M"']) expect(told).not.toContain(personal);
  expect(memberId).toMatch(/^mbr_/);
});

test("a program that has nothing for enrolments records none", async () => {
  const { events } = await member({ birthday: "1990-02-28" }, 1);
  expect((await events()).map(({ body }) => body.kind)).toEqual(["member.enrolled"]);
});

test("a round of a game counts once, with its first score", async () => {
  const { act, look } = await member();
  const ask = { gameId: "catch", nonce: "n1", startedAt: NOW, score: 100, ...nowhere };
  expect(valueOf(await look("game.start", { gameId: "catch" }))).toMatchObject({ roundsLeft: 1, maxSeconds: 60 });
  const first = await act("game.finish", ask, "a/game_score/n1/recorded", NOW + 10_000);
  expect(valueOf(first)).toMatchObject({ earned: [{ rule: "score", points: 10 }], activity: { data: { score: 100 } } });
  expect(valueOf(await act("game.finish", ask, "a/game_score/n1/recorded", NOW + 50_000))).toEqual(valueOf(first));
  const better = await act("game.finish", { ...ask, score: 200 }, "a/game_score/n1/recorded", NOW + 20_000, "200");
  expect(refusalOf(better)).toBe("idempotency_key_reused");
  expect(refusalOf(await look("game.start", { gameId: "catch" }, NOW + 20_000))).toBe("game_rounds_used");
  expect(refusalOf(await look("game.start", { gameId: "quiz" }))).toBe("game_not_found");
  const progress = valueOf(await look("play.progress", null, NOW + 20_000));
  expect(progress).toMatchObject({ games: [{ id: "catch", roundsLeft: 0 }] });
});

test("an allowance is settled order by order, and neither captured nor voided as a hold", async () => {
  const { memberId, ledger, at } = await makeMember(500);
  const call = actsOf(ledger, (now) => ({ ...at, now }));
  const spendUntil = NOW + 8 * HOUR_MS;
  const ask = { currency: "points", points: 300, storeId: "s1", spendUntil, settleUntil: spendUntil + 168 * HOUR_MS };
  const issued = valueOf(await call.act("allowance.issue", ask, "k/issue"));
  const { id } = issued.hold;
  expect(issued).toMatchObject({ hold: { points: 300, capturedPoints: 0, allowance: { storeId: "s1", spendUntil } } });
  expect(valueOf(await call.act("allowance.issue", ask, "k/issue", NOW + 1))).toEqual(issued);
  expect(refusalOf(await ledger().voidHold(writing(at, "k/void"), id))).toBe("hold_is_allowance");
  expect(refusalOf(await ledger().captureHold(writing(at, "k/capture"), id, null))).toBe("hold_is_allowance");
  const offline = (orderId: string, points: number) =>
    ledger().putOrder(
      writing({ ...at, now: NOW + 24 * HOUR_MS }, `o/${orderId}/paid`),
      makeOrder({ orderId, allowanceId: id, redeem: [{ currency: "points", points }] }),
    );
  expect(valueOf(await offline("A", 200))).toMatchObject({ order: { late: true }, redeemed: [{ points: 200 }] });
  expect(refusalOf(await offline("B", 101))).toBe("allowance_exceeded");
  valueOf(await offline("C", 100));
  expect(refusalOf(await offline("D", 1))).toBe("allowance_not_found");
  const read = valueOf(await call.look("allowance.read", { holdId: id }, NOW + 24 * HOUR_MS));
  expect(read.hold).toMatchObject({ state: "captured", points: 300, capturedPoints: 300 });
  expect(refusalOf(await call.act("allowance.release", { holdId: id }, "k/r", NOW + 24 * HOUR_MS))).toBe(
    "allowance_closed",
  );
  expect(refusalOf(await ledger().voidHold(writing(at, "k/void2"), id))).toBe("hold_is_allowance");
  const audit = await ledger().audit(makeContext(memberId));
  expect([audit.foldEqual, audit.balances]).toEqual([true, audit.entrySums]);
});

let members = 0;

async function member(profile: Profile = {}, programVersion = 2) {
  const memberId = `mbr_activity_${(members += 1)}`;
  const ledger = () => ledgerOf(env, tenantId, memberId);
  const context = (now: number) => ({ ...makeContext(memberId, now), programVersion });
  const person = { identities: [], profile, homeStoreId: "s1", source: null, consent: {} };
  valueOf(await ledger().enrol(writing(context(NOW), "k/enrol"), person));
  return {
    memberId,
    ...actsOf(ledger, context),
    change: async (wanted: Record<string, unknown>, key: string) => {
      const change = { identities: null, profile: wanted, homeStoreId: null, consent: null };
      return valueOf(await ledger().change(writing(context(NOW), key), change));
    },
    balance: async () => valueOf(await ledger().balances(context(NOW))).balances[0]?.available,
    events: () => storedEvents(ledger()),
  };
}

// The types of stubs forget that the answer depends on the name; the object implements this very interface.
function actsOf(ledger: () => unknown, context: (now: number) => ReturnType<typeof makeContext>) {
  const named = () => ledger() as Pick<MemberLedgerRpc, "act" | "look">;
  function act<Name extends ActName>(name: Name, ask: ActAsk<Name>, key: string, now = NOW, hash = key) {
    return named().act(writing(context(now), key, hash), name, ask);
  }
  function look<Name extends LookName>(name: Name, ask: LookAsk<Name>, now = NOW) {
    return named().look(context(now), name, ask);
  }
  return { act, look };
}
