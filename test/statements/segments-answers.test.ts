// Tests on a real PostgreSQL of what is asked about segments: who would be in one, and why a member is in it or not.
import type { SegmentNode } from "@regulars/contracts/segments";
import { evaluateSegment } from "@regulars/domain/segment-evaluation";
import { afterAll, beforeAll, expect, test } from "vitest";
import { explainSegment } from "../../workers/segmentation/src/explain.ts";
import { factsWanted, readFacts } from "../../workers/segmentation/src/member-facts.ts";
import { previewSegment } from "../../workers/segmentation/src/preview.ts";
import { sceneOf } from "../../workers/segmentation/src/scene.ts";
import { makeMemberId } from "../e2e/make-events.ts";
import { openSegments, type SegmentsDatabase } from "./segments-database.ts";
import { makeSegmentRow, storeWorld, WORLD_TENANT } from "./segments-rows.ts";
import { makeWorld } from "./segments-world.ts";

const MEMBERS = 80;
const context = { tenantId: WORLD_TENANT, timeZone: "Asia/Taipei", now: Date.parse("2026-03-08T04:00:00Z") };
const everyone: SegmentNode = { kind: "everyone" };
const buyers: SegmentNode = {
  kind: "and",
  nodes: [
    { kind: "orders", measure: "spend", where: { categories: ["tea", "food"] }, atLeast: 1 },
    { kind: "not", node: { kind: "segment", segmentId: "stored-a" } },
  ],
};
const QUESTION = { segmentId: "buyers", memberId: makeMemberId(1), language: "zh-TW" } as const;

let there: SegmentsDatabase;
let memberIds: string[];
beforeAll(async () => {
  there = await openSegments();
  await storeWorld(there.owner, makeWorld(MEMBERS, 4));
  await storeWorld(there.owner, {
    segments: [
      makeSegmentRow("buyers", { definition: buyers, version: 3 }),
      makeSegmentRow("gone", { ended_at: "2026-01-01" }),
    ],
  });
  const { rows } = await there.owner.query<{ member_id: string }>("select member_id from members order by 1");
  memberIds = rows.map((row) => row.member_id);
});
afterAll(() => there.close());

test("a preview counts everybody and shows a few, the same when asked again", async () => {
  const { rows } = await there.owner.query<{ id: string; name: string | null }>(
    "select member_id as id, profile ->> 'name' as name from members where is_person",
  );
  const preview = await previewSegment(there.env, context, everyone, 7);
  if (!preview.ok) throw new Error(preview.refusal.code);
  expect(preview.value).toMatchObject({ members: rows.length, of: rows.length });
  expect(rows.length).toBeLessThan(MEMBERS);
  expect(preview.value.sample).toHaveLength(7);
  const names = new Map(rows.map(({ id, name }) => [id, name]));
  for (const { memberId, name } of preview.value.sample) expect(names.get(memberId)).toBe(name);
  expect(await previewSegment(there.env, context, everyone, 7)).toMatchObject({
    value: { sample: preview.value.sample },
  });
});

test("a preview without a sample is a count, and of nobody it shows nobody", async () => {
  const nobody: SegmentNode = { kind: "not", node: everyone };
  expect(await previewSegment(there.env, context, everyone, 0)).toMatchObject({ ok: true, value: { sample: [] } });
  expect(await previewSegment(there.env, context, nobody, 5)).toMatchObject({
    ok: true,
    value: { members: 0, sample: [] },
  });
});

test("a preview of all that takes too long is estimated from a part, and refused when that takes too long too", async () => {
  const limits = { exactMilliseconds: 1, estimateMilliseconds: 5000, judgedMax: 20_000 };
  const nodes = Array.from({ length: 40 }, (_, days) => lastDays(days + 1));
  const slow: SegmentNode = { kind: "or", nodes: [...nodes, buyers] };
  const ask = async (changes: object) => {
    const preview = await previewSegment(there.env, context, slow, 5, { ...limits, ...changes });
    if (!preview.ok) return preview.refusal.code;
    const { milliseconds: _milliseconds, ...rest } = preview.value;
    return rest;
  };
  const exact = await ask({ exactMilliseconds: 5000 });
  // Everybody was looked at one by one, so it is no estimate.
  expect(await ask({})).toEqual(exact);
  const { members, of } = exact as { members: number; of: number };
  const part = (await ask({ judgedMax: 30 })) as { members: number; of: number; estimated: boolean; sample: unknown[] };
  expect(part).toMatchObject({ estimated: true, of });
  expect(part.sample).toHaveLength(5);
  expect(Math.abs(part.members - members)).toBeLessThan(of / 4);
  expect(await ask({ estimateMilliseconds: 1 })).toBe("segment_too_slow");
});

test("everybody is explained as the edge decides, with a reason for each condition", async () => {
  const scene = sceneOf(context);
  const facts = await readFacts(there.database, WORLD_TENANT, { memberIds, wanted: factsWanted(buyers) });
  const answers = await Promise.all(
    facts.map(({ memberId }) => explainSegment(there.env, context, { ...QUESTION, memberId })),
  );
  expect(answers.map((answer) => answer.ok && answer.value.holds)).toEqual(
    facts.map((each) => evaluateSegment(buyers, each, scene).holds),
  );
  const holding = answers.filter((answer) => answer.ok && answer.value.holds).length;
  expect(holding).toBeGreaterThan(5);
  expect(holding).toBeLessThan(facts.length - 5);
  const [answer] = answers;
  if (answer?.ok !== true) throw new Error("the first member is explained");
  expect(answer.value).toMatchObject({
    segmentId: "buyers",
    version: 3,
    memberId: facts[0]?.memberId,
    stored: false,
    since: null,
  });
  expect(answer.value.reasons.map(({ path }) => path)).toEqual(["and.0", "and.1.not"]);
  expect(answer.value.reasons[0]?.text).toMatch(
    /^(不)?符合：消費金額（品類：tea、food）為\$[\d,.]+（條件：至少 \$0.01）$/,
  );
});

test("an explanation tells since when a member is stored in the segment", async () => {
  const memberId = makeMemberId(1);
  await there.owner.query("insert into segment_members values ($1, 'buyers', $2, '2026-02-01T00:00:00Z', null, 1)", [
    WORLD_TENANT,
    memberId,
  ]);
  await there.owner.query("update members set erased_at = null, enrolled_at = now() where member_id = $1", [memberId]);
  expect(await explainSegment(there.env, context, QUESTION)).toMatchObject({
    ok: true,
    value: { stored: true, since: "2026-02-01T00:00:00.000Z" },
  });
});

test("a segment that is not there or has ended, and a member who is not there, not enrolled or erased, are refused", async () => {
  const code = async (changes: { segmentId?: string; memberId?: string }) => {
    const answer = await explainSegment(there.env, context, { ...QUESTION, ...changes });
    return answer.ok ? "explained" : [answer.refusal.code, answer.refusal.field];
  };
  expect(await code({ segmentId: "nothing" })).toEqual(["segment_not_found", "segmentId"]);
  expect(await code({ segmentId: "gone" })).toEqual(["segment_not_found", "segmentId"]);
  expect(await code({ memberId: "mbr_nobody" })).toEqual(["member_not_found", "memberId"]);
  await there.owner.query("update members set enrolled_at = null, erased_at = null where member_id = $1", [
    QUESTION.memberId,
  ]);
  expect(await code({})).toEqual(["member_not_found", "memberId"]);
  await there.owner.query("update members set erased_at = now() where member_id = $1", [QUESTION.memberId]);
  expect(await code({})).toEqual(["member_erased", "memberId"]);
});

// The driver has one endpoint for all databases of a process, so this comes last.
test("a database that does not answer is a refusal, not a fault", async () => {
  const env = { ...there.env, NEON_FETCH_ENDPOINT: "http://127.0.0.1:1/sql" };
  expect(await previewSegment(env, context, everyone, 5)).toEqual({ ok: false, refusal: { code: "unavailable" } });
});

function lastDays(days: number): SegmentNode {
  return { kind: "orders", measure: "days", window: { lastDays: days }, atLeast: 3 };
}
