// Tags of segments, and what members' objects are told to carry, on a real PostgreSQL: each change once, whatever is killed.
import { readInsightSettings } from "@regulars/contracts/insights-settings";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tellMembers } from "../../workers/segmentation/src/label-calls.ts";
import { keepOutcomes, pushLabels, waitingPushes } from "../../workers/segmentation/src/labels.ts";
import { sendInsightEvents } from "../../workers/segmentation/src/insight-outbox.ts";
import { nightSteps } from "../../workers/segmentation/src/night-steps.ts";
import { databaseOf } from "../../workers/segmentation/src/scene.ts";
import {
  derive,
  enter,
  type LabelObject,
  type LabelWorld,
  leave,
  makeMembers,
  makeSegment,
  objectFor,
  rowsOf,
  sceneAt,
  startLabelWorld,
  TENANT,
} from "./label-world.ts";

const segments = [
  { segmentId: "big", autoTag: { tag: "spender", daysAfterLeaving: 2 } },
  { segmentId: "new", autoTag: { tag: "newcomer", daysAfterLeaving: 0 } },
  { segmentId: "plain", autoTag: null },
];
let world: LabelWorld;

beforeAll(async () => {
  world = await startLabelWorld();
  await makeSegment(world, "big", true);
  await makeSegment(world, "new", false);
  await makeSegment(world, "plain", true);
});
afterAll(() => world?.stop());

let made = 0;

/** A member of this test alone. */
async function makeMember(): Promise<string> {
  const id = `mbr_${(made += 1)}`;
  await makeMembers(world, [id]);
  return id;
}

const step = (at: string, ...ids: string[]) => derive(world, at, segments, ids);
const push = (at = "2026-03-01T04:00:00Z") => pushLabels(world.env, sceneAt(at), Date.now() + 60_000);
const TAGS = "select tag, expires_at from auto_tags where tenant_id = $1 and member_id = $2 order by tag";
const PUSHES =
  "select wanted::float8, told::float8, tags, segments, facts, error from label_pushes where tenant_id = $1 and member_id = $2";

test("a tag stays for whole local days after the day of leaving, and coming back keeps it", async () => {
  const id = await makeMember();
  await enter(world, "big", id, "2026-03-01T00:00:00Z");
  await step("2026-03-01T00:00:00Z", id);
  expect(await rowsOf(world, TAGS, id)).toEqual([{ tag: "spender", expires_at: null }]);
  await leave(world, "big", id, "2026-03-03T16:30:00Z");
  await step("2026-03-03T16:30:00Z", id);
  // The 4th in Taipei; two days are the 5th and the 6th.
  const end = new Date("2026-03-06T16:00:00Z");
  expect(await rowsOf(world, TAGS, id)).toEqual([{ tag: "spender", expires_at: end }]);
  await enter(world, "big", id, "2026-03-05T00:00:00Z");
  await step("2026-03-05T00:00:00Z", id);
  expect(await rowsOf(world, TAGS, id)).toEqual([{ tag: "spender", expires_at: null }]);
  await leave(world, "big", id, "2026-03-05T01:00:00Z");
  await step("2026-03-06T00:00:00Z", id);
  await step("2026-03-07T15:59:59.999Z", id);
  expect(await rowsOf(world, TAGS, id)).toHaveLength(1);
  await step("2026-03-07T16:00:00Z", id);
  expect(await rowsOf(world, TAGS, id)).toEqual([]);
});

test("a tag without days goes with the segment; one of a segment that ended, or of a member who is gone, too", async () => {
  const [one, other] = [await makeMember(), await makeMember()];
  for (const id of [one, other]) await enter(world, "new", id, "2026-03-01T00:00:00Z");
  await step("2026-03-01T00:00:00Z", one, other);
  await leave(world, "new", one, "2026-03-02T00:00:00Z");
  await step("2026-03-02T00:00:00Z", one, other);
  expect([await rowsOf(world, TAGS, one), (await rowsOf(world, TAGS, other)).length]).toEqual([[], 1]);
  await derive(world, "2026-03-02T01:00:00Z", [], [other]);
  expect(await rowsOf(world, TAGS, other)).toEqual([]);
  await step("2026-03-02T02:00:00Z", other);
  await world.database.owner.query("update members set erased_at = now() where member_id = $1", [other]);
  await step("2026-03-02T03:00:00Z", other);
  expect([await rowsOf(world, TAGS, other), await rowsOf(world, PUSHES, other)]).toEqual([[], []]);
});

test("only a change of what is wanted makes an object be told, and nobody who carries nothing has a row", async () => {
  const [id, none] = [await makeMember(), await makeMember()];
  await enter(world, "big", id, "2026-03-01T00:00:00Z");
  await enter(world, "new", id, "2026-03-01T00:00:00Z");
  await step("2026-03-01T00:00:00Z", id, none);
  const first = Date.parse("2026-03-01T00:00:00Z");
  const wanted = { tags: ["newcomer", "spender"], segments: ["big"], facts: null, error: null };
  expect(await rowsOf(world, PUSHES, id)).toEqual([{ wanted: first, told: 0, ...wanted }]);
  expect(await rowsOf(world, PUSHES, none)).toEqual([]);
  await step("2026-03-02T00:00:00Z", id, none);
  expect(await rowsOf(world, PUSHES, id)).toMatchObject([{ wanted: first }]);
  await world.database.owner.query(
    `insert into member_scores (tenant_id, member_id, recency, frequency, monetary, engagement, rfm_segment, rfm_group,
       stage, label, band, has_potential, churn_risk, since, scored_on, cycle_days, next_order_on, churn_from)
     values ($1, $2, 1, 1, 1, 1, 'x', 'x', 'active', 'A', 'high', false, true, '2026-03-01', '2026-03-01', 9,
       '2026-03-10', '2026-03-20')`,
    [TENANT, id],
  );
  // The test clock of a sandbox may stand behind; numbers grow all the same.
  await step("2026-02-01T00:00:00Z", id);
  const facts = { stage: "active", band: "high", churnRisk: true };
  expect(await rowsOf(world, PUSHES, id)).toMatchObject([{ wanted: first + 1, facts }]);
  await push();
  expect(objectFor(world, id).ledger.state.facts.get("insights")).toEqual(facts);
  expect(await rowsOf(world, PUSHES, id)).toMatchObject([{ wanted: first + 1, told: first + 1, error: null }]);
});

test("killed between the object's answer and its own note, a run is told the same, also when another is wanted by then", async () => {
  const [one, other] = [await makeMember(), await makeMember()];
  const object = objectFor(world, one);
  object.setByHand(["vip"]);
  for (const id of [one, other]) await enter(world, "plain", id, "2026-03-01T00:00:00Z");
  await step("2026-03-01T00:00:00Z", one, other);
  await tellMembers(world.env, sceneAt("2026-03-01T00:00:00Z"), await waiting());
  await leave(world, "plain", one, "2026-03-01T00:15:00Z");
  await step("2026-03-01T00:15:00Z", one, other);
  await push();
  await push();
  expect(object.changes.map(({ after }) => after)).toEqual(["vip plain", "vip"]);
  expect(objectFor(world, other).changes).toMatchObject([{ before: "", after: "plain" }]);
  expect(await waiting()).toEqual([]);
});

test("one member's failure holds up no other and is tried again; one who is gone is not", async () => {
  const [fails, works, merged] = [await makeMember(), await makeMember(), await makeMember()];
  objectFor(world, fails).broken = true;
  objectFor(world, merged).refusal = "member_merged";
  for (const id of [fails, works, merged]) await enter(world, "plain", id, "2026-03-01T00:00:00Z");
  await step("2026-03-01T00:00:00Z", fails, works, merged);
  expect(await push()).toEqual({ told: 2, failed: 1, finished: true });
  expect(await rowsOf(world, PUSHES, fails)).toMatchObject([{ told: 0, error: "Error: not reachable" }]);
  expect(await rowsOf(world, PUSHES, merged)).toMatchObject([{ error: "member_merged" }]);
  objectFor(world, fails).broken = false;
  expect(await push()).toEqual({ told: 1, failed: 0, finished: true });
  expect(await rowsOf(world, PUSHES, fails)).toMatchObject([{ error: null }]);
  expect(objectFor(world, fails).changes).toMatchObject([{ before: "", after: "plain" }]);
});

test("a run whose time is over leaves the rest to the next one", async () => {
  const id = await makeMember();
  await enter(world, "plain", id, "2026-03-01T00:00:00Z");
  await step("2026-03-01T00:00:00Z", id);
  expect(await pushLabels(world.env, sceneAt("2026-03-01T00:00:00Z"), Date.now() - 1)).toMatchObject({
    finished: false,
  });
  expect(await push()).toEqual({ told: 1, failed: 0, finished: true });
});

test("whatever runs are killed, doubled or late, objects end with what is wanted, each change in one event", async () => {
  const segmentId = fc.constantFrom("big", "new", "plain");
  const moves = fc.array<Move>(
    fc.oneof(
      fc.record({ do: fc.constantFrom("move", "move", "overtaken", "overtaken and kept"), segmentId }),
      fc.constantFrom("push", "kill", "twice").map((what) => ({ do: what })),
      fc.subarray(["vip", "spender"]).map((tags) => ({ do: "hand", tags })),
    ),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(moves, async (all) => {
      const id = await makeMember();
      await playMoves(id, all);
      await push();
      await push();
      const object = objectFor(world, id);
      const { tags, segments: inside } = object.ledger.state;
      const [row] = await rowsOf<{ tags: string[]; segments: string[] }>(world, PUSHES, id);
      const wanted = row?.tags ?? [];
      const hands = all.filter((move) => move.do === "hand");
      const byHand = hands.at(-1)?.tags ?? [];
      expect(inside).toEqual(row?.segments ?? []);
      if (hands.length === 0) expect(tags).toEqual(wanted);
      expect(tags.includes("vip")).toBe(byHand.includes("vip"));
      expect([...wanted, ...byHand]).toEqual(expect.arrayContaining([...tags]));
      expectEachChangeOnce(object);
    }),
    { numRuns: 40 },
  );
});

/** Numbers only grow, and each event of segmentation changes what the member carries. */
function expectEachChangeOnce({ changes }: LabelObject): void {
  for (const { before, after } of changes) expect(after).not.toBe(before);
  const versions = changes.map(({ version }) => version);
  expect(versions).toEqual([...new Set(versions)].toSorted((one, other) => one - other));
}

type Move = { readonly do: string; readonly segmentId?: string; readonly tags?: string[] };

async function playMoves(id: string, moves: readonly Move[]): Promise<void> {
  const inside = new Set<string>();
  let clock = Date.parse("2026-03-01T00:00:00Z");
  for (const { do: what, segmentId = "", tags = [] } of moves) {
    const at = new Date((clock += 40_000_000)).toISOString();
    const scene = sceneAt(at);
    // An overtaken run has read what is wanted, and comes to tell it after another run has told something newer.
    const read = await waiting();
    if (what === "move" || what.startsWith("overtaken")) {
      await (inside.has(segmentId) ? leave : enter)(world, segmentId, id, at);
      if (!inside.delete(segmentId)) inside.add(segmentId);
      await step(at, id);
    }
    if (what.startsWith("overtaken")) {
      await push();
      const outcomes = await tellMembers(world.env, scene, read);
      if (what === "overtaken and kept") await keepOutcomes(databaseOf(world.env), scene, outcomes);
    }
    if (what === "hand") objectFor(world, id).setByHand(tags);
    if (what === "push") await push();
    if (what === "twice") await Promise.all([push(), push()]);
    if (what === "kill") await tellMembers(world.env, scene, read);
  }
  await step(new Date(clock + 40_000_000).toISOString(), id);
}

const waiting = () => waitingPushes(databaseOf(world.env), { tenantId: TENANT }, "");

test("insight events are sent oldest first in messages of a hundred, again when killed, and forgotten after a month", async () => {
  await world.database.owner.query(
    `insert into insight_events (tenant_id, event_id, kind, member_id, facts, at)
     select $1, 'e' || lpad(n::text, 4, '0'), 'segment.entered', 'mbr_1', '{"segmentId":"big","version":1}',
       timestamptz '2026-03-01' + n * interval '1 second' from generate_series(1, 730) as n`,
    [TENANT],
  );
  const scene = sceneAt("2026-03-02T00:00:00Z");
  expect(await sendInsightEvents(world.env, scene, Date.now() - 1)).toBe(false);
  const refusing = { ...world.env, INSIGHT_EVENTS: { sendBatch: () => Promise.reject(new Error("down")) } };
  // The queue is replaced by one that is down.
  await expect(sendInsightEvents(refusing as unknown as Env, scene, Date.now() + 9_000)).rejects.toThrow("down");
  expect(await sendInsightEvents(world.env, scene, Date.now() + 60_000)).toBe(true);
  const messages = world.sent as { version: number; events: { eventId: string }[] }[];
  expect(messages.map(({ events }) => events.length)).toEqual([100, 100, 100, 100, 100, 100, 100, 30]);
  const ids = messages.flatMap(({ events }) => events.map(({ eventId }) => eventId));
  expect([ids.length, ids.toSorted()]).toEqual([730, ids]);
  expect(messages[0]?.events[0]).toEqual({
    eventId: "e0001",
    tenantId: TENANT,
    memberId: "mbr_1",
    kind: "segment.entered",
    facts: { segmentId: "big", version: 1 },
    at: "2026-03-01T00:00:01.000Z",
  });
  expect(await sendInsightEvents(world.env, scene, Date.now() + 60_000)).toBe(true);
  expect(messages).toHaveLength(8);
  const kept = async (at: string) => {
    const database = databaseOf(world.env);
    const cleanUp = nightSteps.find(({ name }) => name === "clean-up");
    await cleanUp?.work({
      env: world.env,
      database,
      scene: sceneAt(at),
      // Nobody else works on the tenant of this test.
      keep: () => database.execute("select 1"),
      settings: readInsightSettings(null),
    });
    const { rows } = await world.database.owner.query("select from insight_events");
    return rows.length;
  };
  expect(await kept("2026-04-01T00:00:00Z")).toBe(730);
  expect(await kept("2026-04-01T00:00:01Z")).toBe(0);
});
