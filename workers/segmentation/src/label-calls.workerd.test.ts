// Labels told to real objects inside workerd: killed, doubled and failing runs leave each change in exactly one event.
import { env } from "cloudflare:workers";
import { programPath, tenantPath, type TenantRecord } from "@regulars/contracts/directory";
import { program, type ProgramInput } from "@regulars/contracts/program";
import type { MemberLedgerRpc, Reply } from "@regulars/contracts/rpc";
import { ledgerName } from "@regulars/domain/naming";
import { beforeAll, expect, test } from "vitest";
import { type LabelPush, tellMembers } from "./label-calls.ts";
import { sceneOf } from "./scene.ts";

const tenantId = "ten_labels";
const timeZone = "Asia/Taipei";
const scene = sceneOf({ tenantId, timeZone, now: Date.now() });
const facts = { stage: "active", band: "high", churnRisk: false };

beforeAll(async () => {
  const document: ProgramInput = {
    currencies: [{ id: "points" }],
    earning: [
      { id: "big", currency: "points", type: "fixed", points: 5, when: "'big' in member.segments" },
      { id: "high", currency: "points", type: "fixed", points: 7, when: "member.band == 'high'" },
    ],
  };
  await env.DIRECTORY.put(programPath(tenantId, 1), JSON.stringify(program.parse(document)));
  const record: TenantRecord = {
    tenantId,
    name: "Labels",
    sandbox: false,
    timeZone,
    phoneRegion: "TW",
    currency: "TWD",
    locale: "en",
    jurisdiction: null,
    stores: {},
    programs: [{ version: 1, effectiveFrom: 0 }],
  };
  await env.DIRECTORY.put(tenantPath(tenantId), JSON.stringify(record));
});

test("a run that was killed after the object answered is told the same, and writes nothing again", async () => {
  const member = await makeMember();
  const before = await member.sequence();
  const push = pushOf(member.id, 1, { tags: ["auto"], segments: ["big"], facts });
  for (let run = 0; run < 3; run += 1) {
    expect(await tellMembers(env, scene, [push])).toEqual([
      { memberId: member.id, wanted: 1, told: true, anew: false, error: null },
    ]);
  }
  expect(await member.sequence()).toBe(before + 1);
  expect(await member.pointsOf("A")).toBe(12);
});

test("two runs at once leave each change in one event", async () => {
  const members = await Promise.all([makeMember(), makeMember(), makeMember()]);
  const before = await Promise.all(members.map((member) => member.sequence()));
  const pushes = members.map(({ id }) => pushOf(id, 1, { tags: ["auto"] }));
  const [one, other] = await Promise.all([tellMembers(env, scene, pushes), tellMembers(env, scene, pushes)]);
  expect([...one, ...other].every(({ told }) => told)).toBe(true);
  expect(await Promise.all(members.map((member) => member.sequence()))).toEqual(before.map((count) => count + 1));
});

test("a run that comes late with an older wish does not undo the newer one", async () => {
  const member = await makeMember();
  const older = pushOf(member.id, 1, { segments: ["big"] });
  await tellMembers(env, scene, [pushOf(member.id, 2, { facts })]);
  const before = await member.sequence();
  await tellMembers(env, scene, [older]);
  expect(await member.sequence()).toBe(before);
  expect(await member.pointsOf("A")).toBe(7);
});

test("an older wish that comes late does nothing either when the newer one had changed nothing", async () => {
  const member = await makeMember();
  const before = await member.sequence();
  await tellMembers(env, scene, [pushOf(member.id, 2, {})]);
  await tellMembers(env, scene, [pushOf(member.id, 1, { segments: ["big"] })]);
  expect(await member.sequence()).toBe(before);
});

test("labels that go pay no more, and those of people stay", async () => {
  const member = await makeMember();
  const byHand = { tags: ["vip"] };
  valueOf(await member.ledger().act(member.writing("k/1"), "facts.set", byHand));
  await tellMembers(env, scene, [pushOf(member.id, 1, { tags: ["auto"], segments: ["big"] })]);
  expect(await member.pointsOf("A")).toBe(5);
  await tellMembers(env, scene, [pushOf(member.id, 2, {})]);
  expect(await member.pointsOf("B")).toBe(0);
  const same = await member.ledger().act(member.writing("k/2"), "facts.set", {});
  expect(valueOf(same)).toMatchObject({ tags: ["vip"], segments: [] });
});

test("a member whom no object knows is told for good, with the reason, and holds up nobody", async () => {
  const member = await makeMember();
  const outcomes = await tellMembers(env, scene, [
    pushOf("mbr_nobody", 4, { tags: ["auto"] }),
    pushOf(member.id, 4, { tags: ["auto"] }),
  ]);
  expect(outcomes).toEqual(
    expect.arrayContaining([
      { memberId: "mbr_nobody", wanted: 4, told: true, anew: false, error: "member_not_found" },
      { memberId: member.id, wanted: 4, told: true, anew: false, error: null },
    ]),
  );
  await member.ledger().erase(member.at);
  const [erased] = await tellMembers(env, scene, [pushOf(member.id, 5, {})]);
  expect(erased).toMatchObject({ told: true, error: "member_erased" });
});

test("a call that fails is an outcome with its reason, to be made again", async () => {
  const member = await makeMember();
  const broken = {
    ...env,
    MEMBER_LEDGER: { idFromName: () => "", get: () => ({ act: () => Promise.reject(new Error("moved")) }) },
  };
  // The binding is replaced by one whose calls fail.
  const outcomes = await tellMembers(broken as unknown as Env, scene, [pushOf(member.id, 1, {})]);
  expect(outcomes).toEqual([{ memberId: member.id, wanted: 1, told: false, anew: false, error: "Error: moved" }]);
});

const pushOf = (memberId: string, wanted: number, more: Partial<LabelPush>): LabelPush => ({
  memberId,
  wanted,
  tags: [],
  segments: [],
  facts: null,
  ...more,
});

let members = 0;

async function makeMember() {
  const id = `mbr_${(members += 1)}`;
  // The binding names the class MemberLedger of point-ledger, which implements the interface.
  const namespace = env.MEMBER_LEDGER as unknown as DurableObjectNamespace;
  const ledger = () =>
    namespace.get(namespace.idFromName(ledgerName(tenantId, id))) as unknown as Pick<
      MemberLedgerRpc,
      "act" | "enrol" | "audit" | "putOrder" | "erase"
    >;
  const at = { tenantId, memberId: id, now: Date.now(), testTime: false, timeZone, programVersion: 1 };
  const writing = (key: string) => ({ ...at, now: Date.now(), key, requestHash: key });
  const person = { identities: [], profile: {}, homeStoreId: null, source: null, consent: {} };
  valueOf(await ledger().enrol(writing("k/enrol"), person));
  return {
    id,
    at,
    ledger,
    writing,
    sequence: async () => (await ledger().audit(at)).sequence,
    /** What a paid order of one tea earns now. */
    pointsOf: async (orderId: string) => {
      const line = { lineId: "1", sku: "tea", category: null, quantity: 1, unitPrice: 10_000, discount: 0 };
      const place = { storeId: "s1", regionId: "r1", ownerId: "o1", currency: "TWD", channel: null };
      const order = { orderId, state: "paid" as const, ...place, placedAt: Date.now(), redeem: null, lines: [line] };
      const { earned } = valueOf(await ledger().putOrder(writing(`o/${orderId}/paid`), order));
      return earned.reduce((sum, { points }) => sum + points, 0);
    },
  };
}

function valueOf<Value>(reply: Reply<Value>): Value {
  if (!reply.ok) throw new Error(`refused: ${JSON.stringify(reply.refusal)}`);
  return reply.value;
}
