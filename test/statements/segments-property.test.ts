// Tests on a real PostgreSQL that the SQL of a segment and the decision at the edge are one: for every member, at any moment.
import { segmentDefinition, type SegmentLeaf, type SegmentNode } from "@regulars/contracts/segments";
import { dayPlus, startOfLocalDay } from "@regulars/domain/calendar";
import { evaluateSegment } from "@regulars/domain/segment-evaluation";
import type { SegmentFacts } from "@regulars/domain/segment-facts";
import { smallLetters } from "@regulars/domain/segment-text";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readFacts } from "../../workers/segmentation/src/member-facts.ts";
import { type Scene, sceneOf } from "../../workers/segmentation/src/scene.ts";
import { BASE_DAY, definition, LEAF_KINDS, leafOf } from "./segments-definitions.ts";
import { judge, openSegments, type SegmentsDatabase } from "./segments-database.ts";
import { storeWorld, WORLD_TENANT } from "./segments-rows.ts";
import { makeWorld } from "./segments-world.ts";

const MEMBERS = 64;
const EVERYTHING = { orders: true, lines: true, events: true, messages: true };
/** Summer time begins in Havana at midnight of BASE_DAY, and in New York at two. */
const ZONES = ["Asia/Taipei", "America/Havana", "America/New_York", "Asia/Kolkata", "Pacific/Auckland"];
const LATER_MILLISECONDS_MAX = 60 * 86_400_000;

let there: SegmentsDatabase;
let facts: readonly SegmentFacts[];
let memberIds: readonly string[];
beforeAll(async () => {
  there = await openSegments();
  const world = makeWorld(MEMBERS, 20_260_308);
  await storeWorld(there.owner, world);
  const { rows } = await there.owner.query<{ member_id: string }>("select member_id from members order by 1");
  memberIds = rows.map((row) => row.member_id);
  facts = await readFacts(there.database, WORLD_TENANT, { memberIds, wanted: EVERYTHING });
});
afterAll(() => there.close());

const moment = fc
  .record({
    timeZone: fc.constantFrom(...ZONES),
    day: fc.integer({ min: -3, max: 20 }).map((days) => dayPlus(BASE_DAY, days)),
    // The first and the last millisecond of a day, or one between.
    ms: fc.oneof(fc.constantFrom(0, -1), fc.nat(86_399_999)),
  })
  .map(({ timeZone, day, ms }) =>
    sceneOf({ tenantId: WORLD_TENANT, timeZone, now: startOfLocalDay(day, timeZone) + ms }),
  );

const decide = (node: SegmentNode, scene: Scene) =>
  new Map(facts.map((each) => [each.memberId, evaluateSegment(node, each, scene)]));

/** How often each happened: an agreement about nobody would prove nothing. */
const seen = { inside: 0, outside: 0, changed: 0, flips: 0 };

/** What SQL for each, SQL for all, and the edge say differently, now and later; and changes that came before they were said. */
async function disagreements(node: SegmentNode, scene: Scene, laterMs: number): Promise<unknown[]> {
  const later = sceneOf({ ...scene, now: scene.now + laterMs });
  const [edge, edgeLater] = [decide(node, scene), decide(node, later)];
  const [now, then] = await judge(there, memberIds, node, [scene, later]);
  return facts.flatMap((own) => {
    const { memberId } = own;
    const { holds, flipsAt } = edge.get(memberId) ?? { holds: null, flipsAt: null };
    const isInLater = edgeLater.get(memberId)?.holds;
    const said = { holds, flipsAt, stretched: { holds, flipsAt }, all: holds, allLater: isInLater };
    const judged = now?.judged.get(memberId);
    const stretched = now?.stretched.get(memberId);
    const sql = {
      ...judged,
      stretched,
      all: now?.matching.includes(memberId),
      allLater: then?.matching.includes(memberId),
    };
    const changed = isInLater !== holds;
    seen[holds === true ? "inside" : "outside"] += 1;
    seen.changed += Number(changed);
    seen.flips += Number(flipsAt !== null);
    const before = flipsAt === null ? null : evaluateSegment(node, own, sceneOf({ ...scene, now: flipsAt - 1 }));
    const isEarly = changed && (flipsAt ?? Infinity) > later.now;
    const isWrong = before !== null && (before.holds !== holds || (flipsAt ?? 0) <= scene.now);
    const isSame = JSON.stringify(said) === JSON.stringify(sql);
    return isSame && !isEarly && !isWrong ? [] : [{ memberId, said, sql, isEarly, isWrong }];
  });
}

/** The condition with limits at exactly what some member has: the slightest difference of a number is a difference of who is in. */
function limitedTo(leaf: SegmentLeaf, scene: Scene, place: number): SegmentLeaf {
  const found = facts.map((own) => evaluateSegment(leaf, own, scene).reasons[0]?.found);
  const numbers = [...new Set(found.filter((value) => typeof value === "number"))];
  const value = numbers[place % numbers.length];
  if (value === undefined || !("atLeast" in leaf || "atMost" in leaf)) return leaf;
  return { ...leaf, atLeast: value, atMost: value };
}

test("some members are in no segment, and everybody else has facts", () => {
  expect(facts.length).toBeGreaterThan(30);
  expect(facts.length).toBeLessThan(MEMBERS);
  expect(facts.flatMap(({ orders }) => orders).length).toBeGreaterThan(40);
});

test.each(LEAF_KINDS)(
  "a condition of kind %s is decided alike by SQL and at the edge, and changes only when it said",
  async (kind) => {
    await fc.assert(
      fc.asyncProperty(
        leafOf(kind),
        moment,
        fc.nat(LATER_MILLISECONDS_MAX),
        fc.nat(),
        async (leaf, scene, later, place) => {
          expect(segmentDefinition.parse(leaf)).toEqual(leaf);
          const exact = place % 4 === 0 ? leaf : limitedTo(leaf, scene, place);
          expect(await disagreements(exact, scene, later)).toEqual([]);
        },
      ),
      { numRuns: 24 },
    );
  },
);

test("nested conditions are decided alike by SQL and at the edge, and change only when they said", async () => {
  await fc.assert(
    fc.asyncProperty(definition, moment, fc.nat(LATER_MILLISECONDS_MAX), async (node, scene, later) => {
      expect(segmentDefinition.parse(node)).toEqual(node);
      expect(await disagreements(node, scene, later)).toEqual([]);
    }),
    { numRuns: 250 },
  );
  // Of more than 700 definitions and 40 members.
  for (const times of Object.values(seen)) expect(times).toBeGreaterThan(100);
});

test("only members who may be in segments are judged", async () => {
  const scene = sceneOf({ tenantId: WORLD_TENANT, timeZone: "Asia/Taipei", now: Date.parse(BASE_DAY) });
  const [everyone] = await judge(there, memberIds, { kind: "everyone" }, [scene]);
  const ids = facts.map(({ memberId }) => memberId);
  expect([[...(everyone?.judged.keys() ?? [])], everyone?.matching]).toEqual([ids, ids]);
});

test.each([
  ["America/Havana", "twice", "2026-11-01"],
  ["America/Santiago", "never", "2026-09-06"],
  ["Africa/Cairo", "never", "2026-04-24"],
  ["America/New_York", "once", "2026-03-09"],
  ["Australia/Lord_Howe", "once", "2026-04-05"],
])(
  "in %s a day that begins at a midnight which is there %s begins at its first moment",
  async (timeZone, _times, day) => {
    const begins = startOfLocalDay(day, timeZone);
    const scene = sceneOf({ tenantId: WORLD_TENANT, timeZone, now: begins - 1 });
    const [own] = facts;
    if (own === undefined) throw new Error("the world has members");
    const field = { kind: "number", field: "enrolledDays" } as const;
    const days = Number(evaluateSegment({ ...field, atLeast: 0 }, own, scene).reasons[0]?.found);
    const untilToday: SegmentNode = { ...field, atMost: days };
    const [judgement] = await judge(there, [own.memberId], untilToday, [scene]);
    expect(judgement?.judged.get(own.memberId)).toEqual({ holds: true, flipsAt: begins });
    expect(decide(untilToday, scene).get(own.memberId)?.flipsAt).toBe(begins);
    expect(sceneOf({ ...scene, now: begins }).today).toBe(day);
  },
);

test("letters have the same small letter in PostgreSQL and here", async () => {
  // No script with capitals lies beyond the supplementary multilingual plane.
  const letters = Array.from({ length: 0x2_0000 }, (_, code) => code)
    .filter((code) => code > 0 && (code < 0xd800 || code > 0xdfff))
    .map((code) => String.fromCodePoint(code));
  const changing = letters.filter((letter) => smallLetters(letter) !== letter);
  expect(changing.length).toBeGreaterThan(1000);
  const { rows } = await there.owner.query<{ capital: string; small: string }>(
    `select capital, lower(capital collate pg_c_utf8) as small from unnest($1::text[]) as capital
     where lower(capital collate pg_c_utf8) <> capital`,
    [letters],
  );
  expect(rows.map(({ capital, small }) => [capital, small])).toEqual(changing.map((one) => [one, smallLetters(one)]));
});
