// Tests on a real PostgreSQL of how membership is stored: who enters and leaves, what is told of it, and what holds a build.
import type { SegmentNode } from "@regulars/contracts/segments";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { withTenant } from "../../packages/schema/src/connection.ts";
import {
  membershipStatements,
  readMembershipChanges,
  type StoredSegment,
} from "../../workers/segmentation/src/membership.ts";
import { type Page, type Scene, sceneOf, sceneWith, touchMembers } from "../../workers/segmentation/src/scene.ts";
import {
  countChanges,
  failBuild,
  finishBuild,
  holdBuild,
  isTooLarge,
  needsBuild,
  needsCount,
  type SegmentRow,
  segmentRows,
  segmentsInForce,
} from "../../workers/segmentation/src/segment-builds.ts";
import { makeMemberId } from "../e2e/make-events.ts";
import { openSegments, type SegmentsDatabase } from "./segments-database.ts";
import { emptyWorld, makeSegmentRow, storeWorld, WORLD_TENANT } from "./segments-rows.ts";

const NOON = Date.parse("2026-03-08T04:00:00Z");
const DAY = 86_400_000;
const at = (ms: number): Scene => sceneOf({ tenantId: WORLD_TENANT, timeZone: "Asia/Taipei", now: ms });
const vips: SegmentNode = { kind: "tag", in: ["vip"] };

let there: SegmentsDatabase;
beforeAll(async () => {
  there = await openSegments();
});
beforeEach(() => emptyWorld(there.owner));
afterAll(() => there.close());

const rows = async (query: string) => (await there.owner.query<Record<string, unknown>>(query)).rows;
const run = (...statements: Parameters<typeof withTenant>[2]) => withTenant(there.database, WORLD_TENANT, statements);

/** So many members with the tag `vip`. */
async function storeMembers(count: number, tags: readonly string[] = ["vip"]): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => makeMemberId(index + 1));
  await storeWorld(there.owner, {
    members: ids.map((member_id) => ({
      member_id,
      epoch: 1,
      events: 1,
      last_sequence: 1,
      document_epoch: 1,
      document_sequence: 1,
      enrolled_at: "2026-03-01T00:00:00Z",
    })),
    member_labels: ids.map((member_id) => ({ member_id, name: "tags", sequence: 1, value: tags })),
  });
  return ids;
}

const setTags = (memberIds: readonly string[], tags: readonly string[]) =>
  there.owner.query("update member_labels set value = $1 where member_id = any($2)", [JSON.stringify(tags), memberIds]);

const storeSegments = (...segments: { segment_id: string; definition: SegmentNode }[]) =>
  storeWorld(there.owner, {
    segments: segments.map(({ segment_id, ...changes }) => makeSegmentRow(segment_id, changes)),
    segment_versions: segments.map(({ segment_id, definition }) => ({
      segment_id,
      version: 1,
      document: definition,
      saved_at: "2026-01-01T00:00:00Z",
    })),
  });

const makeStored = (segmentId: string, definition: SegmentNode, version = 1): StoredSegment => ({
  segmentId,
  version,
  definition,
});

async function touch(scene: Scene, page: Page, segments: readonly StoredSegment[]) {
  const statements = membershipStatements(there.database, sceneWith(scene, page), segments);
  const [, ...results] = await run(touchMembers(there.database, page), ...statements);
  // Each statement was made by `execute`, whose results have rows.
  return readMembershipChanges(results as { rows: object[] }[]);
}

async function readRow(segmentId: string): Promise<SegmentRow> {
  const [result] = await withTenant(there.database, WORLD_TENANT, [segmentRows(there.database, WORLD_TENANT)]);
  const row = result.rows.map((each) => each.row).find((each) => each.segmentId === segmentId);
  if (row === undefined) throw new Error(`segment ${segmentId} is not there`);
  return row;
}

/** What must be so after whatever happened: the counted members are those present. */
async function expectCounts(): Promise<void> {
  expect(
    await rows(`select s.segment_id from segments as s where s.members <>
      (select count(*) from segment_members as m where m.segment_id = s.segment_id and m.until is null)`),
  ).toEqual([]);
}

test("whoever fulfils the definition enters, and each stay is told once", async () => {
  const ids = await storeMembers(3);
  await setTags(ids.slice(2), []);
  await storeSegments({ segment_id: "vips", definition: vips });
  expect(await touch(at(NOON), ids, [makeStored("vips", vips)])).toEqual([{ segmentId: "vips", entered: 2, left: 0 }]);
  const events = await rows("select event_id, kind, member_id, facts, sent_at from insight_events order by 1");
  expect(events).toEqual(
    ids.slice(0, 2).map((member_id) => ({
      event_id: `segment.entered:vips:${member_id}:${NOON}`,
      kind: "segment.entered",
      member_id,
      facts: { segmentId: "vips", version: 1 },
      sent_at: null,
    })),
  );
  await expectCounts();
});

test("run again with the same members, nothing changes", async () => {
  const ids = await storeMembers(3);
  await storeSegments({ segment_id: "vips", definition: vips });
  await touch(at(NOON), ids, [makeStored("vips", vips)]);
  const tables = ["segment_members", "insight_events", "segments", "segment_flips"];
  const dump = async () => {
    const all = tables.map((table) => `select '${table}' as name, to_jsonb(t) as row from ${table} as t`);
    return rows(`${all.join(" union all ")} order by 1, 2`);
  };
  const before = await dump();
  expect(await touch(at(NOON + DAY), [...ids, ...ids], [makeStored("vips", vips)])).toEqual([
    { segmentId: "vips", entered: 0, left: 0 },
  ]);
  expect(await dump()).toEqual(before);
});

test("whoever leaves and comes back has two stays, also while a test clock stands still", async () => {
  const ids = await storeMembers(1);
  await storeSegments({ segment_id: "vips", definition: vips });
  const segments = [makeStored("vips", vips)];
  await touch(at(NOON), ids, segments);
  await setTags(ids, []);
  expect(await touch(at(NOON), ids, segments)).toEqual([{ segmentId: "vips", entered: 0, left: 1 }]);
  await setTags(ids, ["vip"]);
  await touch(at(NOON), ids, segments);
  const stays = await rows("select since, until from segment_members order by since");
  expect(stays).toEqual([
    { since: new Date(NOON), until: new Date(NOON) },
    { since: new Date(NOON + 1), until: null },
  ]);
  expect((await rows("select event_id from insight_events order by at, event_id")).length).toBe(3);
  await expectCounts();
});

test("members who were not touched stay as they are stored", async () => {
  const ids = await storeMembers(2);
  await storeSegments({ segment_id: "vips", definition: vips });
  await touch(at(NOON), ids, [makeStored("vips", vips)]);
  await setTags(ids, []);
  expect(await touch(at(NOON + DAY), ids.slice(1), [makeStored("vips", vips)])).toEqual([
    { segmentId: "vips", entered: 0, left: 1 },
  ]);
  expect(await rows("select member_id from segment_members where until is null")).toEqual([{ member_id: ids[0] }]);
});

test("a segment sees those that it names as this very run has stored them", async () => {
  const ids = await storeMembers(2);
  const others: SegmentNode = { kind: "not", node: { kind: "segment", segmentId: "vips" } };
  await storeSegments({ segment_id: "vips", definition: vips }, { segment_id: "others", definition: others });
  const segments = [makeStored("vips", vips), makeStored("others", others)];
  await setTags(ids.slice(1), []);
  await touch(at(NOON), ids, segments);
  const present = () => rows("select segment_id, member_id from segment_members where until is null order by 1, 2");
  expect(await present()).toEqual([
    { segment_id: "others", member_id: ids[1] },
    { segment_id: "vips", member_id: ids[0] },
  ]);
  await setTags(ids, ["vip"]);
  await touch(at(NOON + 1), ids, segments);
  expect(await present()).toEqual(ids.map((member_id) => ({ segment_id: "vips", member_id })));
  await expectCounts();
});

test.each(["erased_at = now()", "enrolled_at = null"])("a member with %s leaves every segment", async (change) => {
  const ids = await storeMembers(2);
  const everyone: SegmentNode = { kind: "everyone" };
  await storeSegments({ segment_id: "all", definition: everyone });
  await touch(at(NOON), ids, [makeStored("all", everyone)]);
  await there.owner.query(`update members set ${change} where member_id = $1`, [ids[0]]);
  expect(await touch(at(NOON + DAY), ids, [makeStored("all", everyone)])).toEqual([
    { segmentId: "all", entered: 0, left: 1 },
  ]);
  await expectCounts();
});

test("the earliest change of all segments is when a member is looked at again, and none is stored when there is none", async () => {
  const ids = await storeMembers(2);
  const lastWeek: SegmentNode = { kind: "number", field: "enrolledDays", atMost: 10 };
  const lastMonth: SegmentNode = { kind: "number", field: "enrolledDays", atMost: 30 };
  await storeSegments(
    { segment_id: "month", definition: lastMonth },
    { segment_id: "week", definition: lastWeek },
    { segment_id: "vips", definition: vips },
  );
  const segments = [makeStored("month", lastMonth), makeStored("week", lastWeek), makeStored("vips", vips)];
  const flips = () => rows("select member_id, flips_at from segment_flips order by 1");
  await touch(at(NOON), ids, segments);
  // Enrolled on 1 March: on the 12th the eleventh day is over.
  const first = new Date("2026-03-11T16:00:00Z");
  expect(await flips()).toEqual(ids.map((member_id) => ({ member_id, flips_at: first })));
  await touch(at(first.getTime()), ids.slice(0, 1), segments);
  expect(await flips()).toEqual([
    { member_id: ids[0], flips_at: new Date("2026-03-31T16:00:00Z") },
    { member_id: ids[1], flips_at: first },
  ]);
  await touch(at(NOON + 60 * DAY), ids, segments);
  expect(await flips()).toEqual([]);
});

describe.each(["listed", "in a stretch"])("members %s", (way) => {
  const pageOf = (ids: readonly string[]): Page =>
    way === "listed" ? ids : { after: "", upTo: ids.at(-1) ?? "", members: ids.length };
  const enrolled = (days: number) => makeStored(`d${days}`, { kind: "number", field: "enrolledDays", atMost: days });
  const flips = async () =>
    (await rows("select flips_at from segment_flips order by member_id")).map((row) => row["flips_at"]);
  /** Enrolled on 1 March: the midnight in Taipei after so many whole days. */
  const midnightAfter = (days: number) => new Date(Date.parse("2026-02-28T16:00:00Z") + (days + 1) * DAY);

  test("are looked at again on the first day that any of many segments asks for, and no later than that", async () => {
    const ids = await storeMembers(3);
    // More than one statement decides.
    const many = Array.from({ length: 21 }, (_, index) => enrolled(40 - index));
    await storeSegments(...many.map(({ segmentId, definition }) => ({ segment_id: segmentId, definition })));
    await touch(at(NOON), pageOf(ids), many);
    expect(await flips()).toEqual(ids.map(() => midnightAfter(20)));
    // One that asks for the last days of all is left: later than what is stored.
    await touch(at(NOON), pageOf(ids.slice(0, 2)), many.slice(0, 1));
    expect(await flips()).toEqual([midnightAfter(40), midnightAfter(40), midnightAfter(20)]);
    await there.owner.query("update members set erased_at = now() where member_id = $1", [ids[0]]);
    await touch(at(NOON), pageOf(ids), many);
    expect(await flips()).toEqual([midnightAfter(20), midnightAfter(20)]);
    await touch(at(NOON), pageOf(ids), []);
    expect(await flips()).toEqual([]);
  });

  test("of whom nothing is other than it was are not written", async () => {
    const ids = await storeMembers(3);
    const segments = [enrolled(30), makeStored("vips", vips)];
    await storeSegments(...segments.map(({ segmentId, definition }) => ({ segment_id: segmentId, definition })));
    await touch(at(NOON), pageOf(ids), segments);
    const written = () =>
      rows(`select 'stay' as what, member_id, segment_id, xmin::text from segment_members
        union all select 'flip', member_id, null, xmin::text from segment_flips order by 1, 2, 3`);
    const before = await written();
    expect(before.length).toBe(9);
    await touch(at(NOON + DAY), pageOf(ids), segments);
    expect(await written()).toEqual(before);
  });
});

test("what a version would change is counted without changing anything", async () => {
  const ids = await storeMembers(5);
  await storeSegments({ segment_id: "vips", definition: vips });
  await touch(at(NOON), ids.slice(0, 3), [makeStored("vips", vips)]);
  await there.owner.query("update members set erased_at = now() where member_id = $1", [ids[0]]);
  const everyone = makeStored("vips", { kind: "not", node: { kind: "identity", type: "line" } }, 2);
  const count = async (segment: StoredSegment, touched = ids) => {
    const [, counted] = await run(
      touchMembers(there.database, touched),
      countChanges(there.database, at(NOON), segment),
    );
    // Made by `execute`.
    return (counted as { rows: unknown[] }).rows;
  };
  const before = await rows("select * from segment_members order by member_id");
  expect(await count(everyone)).toEqual([{ segmentId: "vips", entered: 2, left: 1 }]);
  expect(await count(makeStored("vips", { kind: "tag", in: ["nobody"] }, 2))).toEqual([
    { segmentId: "vips", entered: 0, left: 3 },
  ]);
  expect(await count(everyone, [])).toEqual([{ segmentId: "vips", entered: 0, left: 0 }]);
  expect(await rows("select * from segment_members order by member_id")).toEqual(before);
});

test("a build is held when it changes more than its share, at least a hundred members, and somebody was in the segment", () => {
  const row: SegmentRow = {
    segmentId: "vips",
    version: 2,
    state: "building",
    builtVersion: 1,
    releasedVersion: null,
    breakerPercent: 50,
    members: 400,
    ended: false,
    definition: vips,
    builtDefinition: vips,
    autoTag: null,
    atCheckout: false,
  };
  expect(isTooLarge({ entered: 150, left: 50 }, row)).toBe(false);
  expect(isTooLarge({ entered: 150, left: 51 }, row)).toBe(true);
  expect(isTooLarge({ entered: 99, left: 0 }, { ...row, members: 10 })).toBe(false);
  expect(isTooLarge({ entered: 100, left: 0 }, { ...row, members: 10 })).toBe(true);
  expect(needsCount(row)).toBe(true);
  expect(needsCount({ ...row, builtVersion: null })).toBe(false);
  expect(needsCount({ ...row, members: 0 })).toBe(false);
  expect(needsCount({ ...row, releasedVersion: 2 })).toBe(false);
  expect(needsCount({ ...row, releasedVersion: 1 })).toBe(true);
  expect(needsCount({ ...row, state: "held" })).toBe(false);
  expect([needsBuild({ ...row, state: "failed" }), needsBuild({ ...row, state: "ready", version: 1 })]).toEqual([
    true,
    false,
  ]);
});

test("a held version moves nobody, raises one alert, and what is stored goes on by the version before", async () => {
  const ids = await storeMembers(3);
  await storeSegments({ segment_id: "vips", definition: vips });
  const { database } = there;
  await touch(at(NOON), ids, [makeStored("vips", vips)]);
  await run(finishBuild(database, at(NOON), { segmentId: "vips", version: 1, milliseconds: 12.6 }));
  expect(await rows("select state, built_version, built_at, build_milliseconds, error from segments")).toEqual([
    { state: "ready", built_version: 1, built_at: new Date(NOON), build_milliseconds: 13, error: null },
  ]);
  const nobody: SegmentNode = { kind: "tag", in: ["nobody"] };
  await there.owner.query(`update segments set version = 2, state = 'building', definition = $1`, [
    JSON.stringify(nobody),
  ]);
  const held = { segmentId: "vips", version: 2, entered: 0, left: 3 };
  await run(holdBuild(database, at(NOON), { ...held, version: 3 }));
  expect((await readRow("vips")).state).toBe("building");
  await run(holdBuild(database, at(NOON), held), holdBuild(database, at(NOON), held));
  const row = await readRow("vips");
  expect(row).toMatchObject({ state: "held", version: 2, builtVersion: 1, definition: nobody, builtDefinition: vips });
  expect(await rows("select alert_id, kind, facts, resolved_at from alerts")).toEqual([
    {
      alert_id: "segment_held:vips:2",
      kind: "segment_held",
      facts: { segmentId: "vips", version: 2, entered: 0, left: 3, members: 3 },
      resolved_at: null,
    },
  ]);
  const inForce = segmentsInForce([row], new Set());
  expect(inForce).toEqual([makeStored("vips", vips, 1)]);
  expect(await touch(at(NOON + DAY), ids, inForce)).toEqual([{ segmentId: "vips", entered: 0, left: 0 }]);
  expect(segmentsInForce([row], new Set(["vips"]))).toEqual([makeStored("vips", nobody, 2)]);
  await expectCounts();
});

test("a build that ends after a later version was saved leaves that one waiting", async () => {
  await storeSegments({ segment_id: "vips", definition: vips });
  await there.owner.query("update segments set version = 2");
  await run(finishBuild(there.database, at(NOON), { segmentId: "vips", version: 1, milliseconds: 5 }));
  expect(await readRow("vips")).toMatchObject({ state: "building", version: 2, builtVersion: 1 });
  await run(failBuild(there.database, at(NOON), { segmentId: "vips", version: 2, error: "statement_timeout" }));
  expect(await rows("select state, error from segments")).toEqual([{ state: "failed", error: "statement_timeout" }]);
});

test("a segment that has ended is left by everybody, and then no run looks at it", async () => {
  const ids = await storeMembers(2);
  await storeSegments({ segment_id: "vips", definition: vips });
  await touch(at(NOON), ids, [makeStored("vips", vips)]);
  await there.owner.query("update segments set ended_at = now(), built_version = 1, state = 'ready'");
  const row = await readRow("vips");
  expect(needsBuild(row)).toBe(false);
  expect(await touch(at(NOON + DAY), ids, segmentsInForce([row], new Set()))).toEqual([
    { segmentId: "vips", entered: 0, left: 2 },
  ]);
  await expectCounts();
  await expect(readRow("vips")).rejects.toThrow("is not there");
});
