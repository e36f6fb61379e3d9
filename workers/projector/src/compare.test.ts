// Tests that every way in which a copy can differ from its object is told, and nothing else.
import type { LedgerAudit } from "@regulars/contracts/rpc";
import { expect, test } from "vitest";
import { differencesOf, type CopyAudit } from "./compare.ts";

const points = { currency: "points", available: 30, pending: 5, held: 2 };
const member = {
  identities: [
    { type: "phone" as const, value: "+886912345678" },
    { type: "card" as const, value: "77" },
  ],
  profile: { name: "Mei", custom: { tea: true, size: "m" } },
  homeStoreId: "taipei",
  source: null,
  consent: { email: true, sms: false },
  enrolledAt: 1_700_000_000_000,
};

function makeAudit(changes: Partial<LedgerAudit> = {}): LedgerAudit {
  const figures = { balances: [points], entrySums: [points] };
  const sound = { exists: true, epoch: 1, sequence: 7, confirmedSequence: 7, foldEqual: true };
  return { ...sound, ...figures, member, ...changes };
}

function makeCopy(changes: Partial<CopyAudit> = {}): CopyAudit {
  const figures = { balances: [points], entrySums: [points] };
  const progress = { memberId: "mbr_1", epoch: 1, events: 7, lastSequence: 7, firstMissing: null };
  return { ...progress, ...figures, member, strayIdentities: 0, contradicting: [], ...changes };
}

const kinds = (audit: LedgerAudit, copy: CopyAudit) => differencesOf(audit, copy).map(({ what }) => what);

test("equal copies have no difference, in whatever order PostgreSQL keeps a document", () => {
  const consent = { sms: false, email: true };
  const profile = { custom: { size: "m", tea: true }, name: "Mei" };
  const reordered = { ...member, identities: member.identities.toReversed(), consent, profile };
  expect(kinds(makeAudit(), makeCopy())).toEqual([]);
  expect(kinds(makeAudit(), makeCopy({ member: reordered }))).toEqual([]);
});

test("a currency that never moved is no difference", () => {
  const nothing = { currency: "coins", available: 0, pending: 0, held: 0 };
  expect(kinds(makeAudit({ balances: [nothing, points] }), makeCopy())).toEqual([]);
});

test.each<[string, Partial<CopyAudit>, string[]]>([
  ["an event is missing at the end", { events: 6, lastSequence: 6 }, ["sequence"]],
  ["an event is missing in the middle", { events: 6, firstMissing: 3 }, ["sequence"]],
  ["the object was restored", { epoch: 2 }, ["sequence"]],
  ["a balance differs", { balances: [{ ...points, available: 31 }] }, ["balance"]],
  ["a balance is missing", { balances: [] }, ["balance"]],
  ["the entries sum to something else", { entrySums: [{ ...points, held: 1 }] }, ["entries"]],
  ["a table contradicts the events", { contradicting: ["orders"] }, ["derived"]],
  ["the profile differs", { member: { ...member, profile: { name: "May" } } }, ["profile"]],
  ["an identity is missing", { member: { ...member, identities: [] } }, ["profile"]],
  ["the consent differs", { member: { ...member, consent: { email: false } } }, ["profile"]],
  ["the profile is gone", { member: null }, ["profile"]],
])("it is told when %s", (_case, changes, expected) => {
  expect(kinds(makeAudit(), makeCopy(changes))).toEqual(expected);
});

test("it is told when an erased member still has something of the person", () => {
  const erased = makeAudit({ member: null });
  expect(kinds(erased, makeCopy({ member: null }))).toEqual([]);
  expect(kinds(erased, makeCopy())).toEqual(["profile"]);
  expect(kinds(erased, makeCopy({ member: null, strayIdentities: 1 }))).toEqual(["profile"]);
});

test("it is told when the object contradicts itself", () => {
  expect(kinds(makeAudit({ foldEqual: false }), makeCopy())).toEqual(["fold"]);
  const sums = [{ ...points, available: 29 }];
  expect(kinds(makeAudit({ entrySums: sums }), makeCopy({ entrySums: sums }))).toEqual(["fold"]);
});

test("it is told when PostgreSQL has events of an object that knows nothing", () => {
  expect(kinds(makeAudit({ exists: false }), makeCopy())).toEqual(["missing"]);
});

test("a difference says nothing about the person", () => {
  const text = JSON.stringify(
    differencesOf(makeAudit(), makeCopy({ member: { ...member, profile: { name: "May" } } })),
  );
  for (const secret of ["Mei", "May", "+886", "886912345678"]) expect(text).not.toContain(secret);
});
