// Segments from the first definition to their end, as a manager drives them: previews, builds, versions, stays, lists and runs.
import { beforeAll, describe, expect, test } from "vitest";
import { everything, Place, publish } from "./loyalty-places.ts";
import { bought, everyone, SegmentPlace } from "./segments-places.ts";
import { uniqueId, useSystem } from "./system.ts";

const system = useSystem();
/** So many that a build which changes them all is stopped: below 100 changes none is. */
const CROWD = 110;
const AT_ONCE = 10;
const DAY = 86_400_000;
const later = (days: number) => new Date(Date.now() + days * DAY).toISOString();

let manager: SegmentPlace;
let shop: Place;
let buyer = "";
let other = "";

beforeAll(async () => {
  manager = new SegmentPlace(system, system.stack.manageKey);
  shop = new Place(system, system.stack.secretKey);
  buyer = await shop.enrol("0915000001", { profile: { name: "王小明" } });
  other = await shop.enrol("0915000002");
  expect((await shop.pay(buyer, uniqueId("first"))).status).toBe(200);
  await manager.heard(bought(), 1);
  await manager.heard(everyone, 2);
});

describe("a segment", () => {
  test("is counted before it is saved, with whom it would take in", async () => {
    const preview = await manager.ask("POST", "/segments/preview", { definition: bought() });
    expect(preview).toMatchObject({ members: 1, of: 2, sample: [{ memberId: buyer, name: "王小明" }] });
    expect((await manager.ask("POST", "/segments/preview", { definition: everyone, sample: 1 })).sample.length).toBe(1);
    expect((await manager.ask("GET", "/segments")).segments).toEqual([]);
  });

  test("is built by the next run, and tells how that went", async () => {
    const made = await manager.put("buyers", bought());
    expect(made).toMatchObject({ id: "buyers", version: 1, state: "building", builtVersion: null, members: 0 });
    expect(await manager.membersOf("buyers")).toEqual([]);
    await manager.run();
    const built = await manager.ask("GET", "/segments/buyers");
    expect(built).toMatchObject({
      version: 1,
      state: "ready",
      builtVersion: 1,
      members: 1,
      error: null,
      endedAt: null,
    });
    expect(built.buildMilliseconds).toBeGreaterThanOrEqual(0);
    expect(await manager.membersOf("buyers")).toEqual([buyer]);
  });

  test("that is put again as it is stays as it is", async () => {
    const before = await manager.ask("GET", "/segments/buyers");
    expect(await manager.put("buyers", bought())).toEqual(before);
    expect((await manager.ask("GET", "/segments/buyers/versions")).versions.length).toBe(1);
  });

  test("takes in whoever comes to fulfil it, and knows who was in at any instant", async () => {
    const before = new Date().toISOString();
    expect((await shop.pay(other, uniqueId("second"))).status).toBe(200);
    await manager.heard(bought(), 2);
    const ran = await manager.run();
    expect(ran).toMatchObject({ segmentsLeft: 0 });
    expect(await manager.membersOf("buyers")).toEqual([buyer, other].toSorted());
    expect(await manager.membersOf("buyers", `&at=${before}`)).toEqual([buyer]);
    expect(await manager.membersOf("buyers", "&at=2020-01-01T00:00:00Z")).toEqual([]);
    const first = await manager.ask("GET", "/segments/buyers/members?limit=1");
    const next = await manager.ask("GET", `/segments/buyers/members?limit=1&cursor=${first.nextCursor}`);
    expect([...first.members, ...next.members].map(({ memberId }) => memberId)).toEqual([buyer, other].toSorted());
    expect(next.nextCursor).toBe(null);
    const { segments } = await manager.ask("GET", `/members/${other}/segments`);
    expect(segments).toMatchObject([{ segmentId: "buyers", name: "buyers", until: null, version: 1 }]);
    expect(Date.parse(segments[0].since)).toBeGreaterThanOrEqual(Date.parse(before));
  });

  test("says why a member is in or not, in the asker's language", async () => {
    await manager.put("quiet", { kind: "and", nodes: [everyone, { kind: "not", node: bought() }] });
    await manager.run();
    const path = `/segments/quiet/members/${buyer}/explanation`;
    const told = async (language: string) => {
      const headers = { "accept-language": language };
      return manager.ask("GET", path, undefined, { headers });
    };
    const [chinese, english] = [await told("zh-TW"), await told("en")];
    expect(english).toMatchObject({ segmentId: "quiet", memberId: buyer, holds: false, stored: false, since: null });
    const of = ({
      reasons,
    }: {
      reasons: { path: string; condition: { kind: string }; holds: boolean; found: unknown }[];
    }) => reasons.find(({ condition }) => condition.kind === "orders");
    expect(of(english)).toMatchObject({ holds: true, found: 1 });
    expect(of(chinese)).not.toEqual(of(english));
    const held = await manager.ask("GET", `/segments/buyers/members/${buyer}/explanation`);
    expect(held).toMatchObject({ holds: true, stored: true, since: expect.any(String) });
  });

  test("lets members go when their time is over, though nothing happened to them", async () => {
    await manager.put("today", bought({ window: { lastDays: 1 } }));
    await manager.run();
    expect((await manager.membersOf("today")).length).toBe(2);
    const ran = await manager.run({}, later(2));
    expect(ran.segmentsLeft).toBe(2);
    expect(await manager.membersOf("today")).toEqual([]);
    expect((await manager.membersOf("today", `&at=${new Date().toISOString()}`)).length).toBe(2);
    const stays = (await manager.ask("GET", `/members/${buyer}/segments`)).segments;
    expect(stays.find(({ segmentId }: { segmentId: string }) => segmentId === "today").until).not.toBe(null);
  });

  test("with another definition is another version, and stays as it was until that is built", async () => {
    const twice = bought({ atLeast: 2 });
    expect(await manager.put("buyers", twice)).toMatchObject({
      version: 2,
      builtVersion: 1,
      state: "building",
      members: 2,
    });
    expect((await manager.membersOf("buyers")).length).toBe(2);
    const { versions } = await manager.ask("GET", "/segments/buyers/versions");
    expect(versions).toMatchObject([
      { version: 2, definition: twice },
      { version: 1, definition: bought() },
    ]);
    await manager.run();
    expect(await manager.ask("GET", "/segments/buyers")).toMatchObject({ builtVersion: 2, state: "ready", members: 0 });
    await manager.put("buyers", bought());
    await manager.run();
    expect(await manager.ask("GET", "/segments/buyers")).toMatchObject({ version: 3, builtVersion: 3, members: 2 });
  });

  test("with another name alone is the same version", async () => {
    const named = await manager.put("buyers", bought(), { name: "買過的人", atCheckout: true });
    expect(named).toMatchObject({ version: 3, name: "買過的人", atCheckout: true, state: "ready" });
    await manager.put("buyers", bought());
    await manager.run();
  });
});

test("members who are in a segment already follow a change of its tag, and the checkout sees the segment", async () => {
  const tagged = { kind: "tag", in: ["regular"] };
  const autoTag = { tag: "regular", daysAfterLeaving: 0 };
  const rule = { id: "named", currency: "points", type: "fixed", points: 7, when: "'buyers' in member.segments" };
  await publish(system, system.stack, { ...everything, earning: [rule] });
  const pointsOf = async (member: string) => {
    const { body } = await shop.pay(member, uniqueId("named"));
    return body.earned.map(({ points }: { points: number }) => points);
  };
  const stranger = await shop.enrol("0915000003");
  await manager.heard(everyone, 3);
  expect(await manager.put("buyers", bought(), { autoTag, atCheckout: true })).toMatchObject({ version: 3, autoTag });
  await manager.run();
  await manager.heard(tagged, 2);
  expect(await pointsOf(buyer)).toEqual([7]);
  expect(await pointsOf(stranger)).toEqual([]);
  await manager.put("buyers", bought());
  await manager.run();
  await manager.heard(tagged, 0);
  expect(await pointsOf(buyer)).toEqual([]);
  await system.call("DELETE", `/v1/members/${stranger}`);
  await manager.heard(everyone, 2);
});

describe("segments that name others", () => {
  test("see them as they are built in the same run, and hold them", async () => {
    await manager.put("loyal", { kind: "and", nodes: [{ kind: "segment", segmentId: "buyers" }, everyone] });
    await manager.run();
    expect((await manager.membersOf("loyal")).length).toBe(2);
    const refused = await manager.call("DELETE", "/segments/buyers");
    expect([refused.status, refused.body.code]).toEqual([409, "segment_in_use"]);
    expect(refused.body.detail).toContain("loyal");
    const circle = { name: "b", definition: { kind: "not", node: { kind: "segment", segmentId: "loyal" } } };
    const closed = await manager.call("PUT", "/segments/buyers", circle);
    expect([closed.body.code, closed.body.field]).toEqual(["segment_cycle", "definition.node.segmentId"]);
    expect(closed.body.detail).toContain("buyers → loyal → buyers");
  });

  test("cannot be made to go round by two managers at once", async () => {
    await Promise.all([manager.put("left", everyone), manager.put("right", everyone)]);
    const naming = (segmentId: string) => ({ name: "n", definition: { kind: "segment", segmentId } });
    const answers = await Promise.all([
      manager.call("PUT", "/segments/left", naming("right")),
      manager.call("PUT", "/segments/right", naming("left")),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 422]);
    const [ended, using] = await Promise.all([
      manager.call("DELETE", "/segments/today"),
      manager.call("PUT", "/segments/evening", naming("today")),
    ]);
    expect([
      [200, 422],
      [409, 200],
    ]).toContainEqual([ended.status, using.status]);
  });
});

test("a segment that has ended lets everybody go, keeps its history, and can begin anew", async () => {
  const before = new Date().toISOString();
  const ended = await manager.ask("DELETE", "/segments/loyal");
  expect(ended).toMatchObject({ id: "loyal", endedAt: expect.any(String) });
  expect(await manager.ask("DELETE", "/segments/loyal")).toEqual(ended);
  await manager.run();
  expect(await manager.membersOf("loyal")).toEqual([]);
  expect((await manager.membersOf("loyal", `&at=${before}`)).length).toBe(2);
  const ids = async (query: string) =>
    (await manager.ask("GET", `/segments${query}`)).segments.map(({ id }: { id: string }) => id);
  expect(await ids("")).not.toContain("loyal");
  expect(await ids("?ended=true")).toContain("loyal");
  expect(await manager.put("loyal", everyone)).toMatchObject({ version: 2, state: "building", endedAt: null });
  await manager.run();
  expect((await manager.membersOf("loyal")).length).toBe(2);
});

describe("a list of members", () => {
  const named = { kind: "list", listId: "friends" };

  test("takes in all who are named, or none", async () => {
    const nobody = `mbr_${"0".repeat(26)}`;
    const wrong = await manager.call("PUT", "/member-lists/friends/members", { memberIds: [buyer, nobody] });
    expect([wrong.status, wrong.body.code, wrong.body.field]).toEqual([404, "member_not_found", "memberIds[1]"]);
    expect((await manager.ask("GET", "/member-lists")).lists).toEqual([]);
    const add = (memberIds: string[]) => manager.ask("PUT", "/member-lists/friends/members", { memberIds });
    expect(await add([buyer])).toEqual({ listId: "friends", changed: 1, members: 1 });
    expect(await add([buyer, other])).toEqual({ listId: "friends", changed: 1, members: 2 });
    expect((await manager.ask("GET", "/member-lists")).lists).toMatchObject([{ listId: "friends", members: 2 }]);
    const { members } = await manager.ask("GET", "/member-lists/friends/members");
    expect(members.map(({ memberId }: { memberId: string }) => memberId)).toEqual([buyer, other].toSorted());
  });

  test("is a segment that follows whoever comes and goes", async () => {
    await manager.put("friends", named);
    await manager.run();
    expect((await manager.membersOf("friends")).length).toBe(2);
    const removal = { memberIds: [other] };
    expect(await manager.ask("POST", "/member-lists/friends/removals", removal)).toMatchObject({
      changed: 1,
      members: 1,
    });
    expect(await manager.ask("POST", "/member-lists/friends/removals", removal)).toMatchObject({
      changed: 0,
      members: 1,
    });
    await manager.run();
    expect(await manager.membersOf("friends")).toEqual([buyer]);
  });
});

describe("what scores are worked out from", () => {
  test("margins are told, changed and taken away, and each change is worked out by the next run", async () => {
    const put = (margins: object[]) => manager.ask("PUT", "/product-margins", { margins });
    expect(
      await put([
        { sku: "tea", marginMilli: 400 },
        { sku: "cup", marginMilli: -50 },
      ]),
    ).toEqual({ changed: 2, margins: 2 });
    expect((await manager.ask("GET", "/insights/status")).sweep).toMatchObject({ wanted: "figures" });
    await manager.run();
    expect((await manager.ask("GET", "/insights/status")).sweep).toBe(null);
    expect(await put([{ sku: "tea", marginMilli: 400 }])).toEqual({ changed: 0, margins: 2 });
    expect((await manager.ask("GET", "/insights/status")).sweep).toBe(null);
    expect(await put([{ sku: "cup", marginMilli: null }])).toEqual({ changed: 1, margins: 1 });
    expect((await manager.ask("GET", "/product-margins")).margins).toEqual([{ sku: "tea", marginMilli: 400 }]);
    await manager.run();
  });

  test("settings have their usual values where nothing was said, and are worked out by the next run", async () => {
    const usual = await manager.ask("GET", "/insights/settings");
    expect(usual).toMatchObject({ rfm: { bins: 5 }, horizonDays: 365 });
    expect(await manager.ask("PUT", "/insights/settings", {})).toEqual(usual);
    expect((await manager.ask("GET", "/insights/status")).sweep).toBe(null);
    const told = await manager.ask("PUT", "/insights/settings", { rfm: { bins: 4 } });
    expect(told).toEqual({ ...usual, rfm: { bins: 4 } });
    expect(await manager.ask("GET", "/insights/settings")).toEqual(told);
    await manager.run();
    expect(await manager.ask("GET", "/insights/status")).toMatchObject({ sweep: null, lastError: null });
    await manager.ask("PUT", "/insights/settings", {});
    await manager.run();
  });
});

test("runs are listed with what they did, and the state of the work is told", async () => {
  const page = await manager.ask("GET", "/insights/runs?limit=2");
  expect(page.runs.length).toBe(2);
  for (const run of page.runs) expect(run).toMatchObject({ milliseconds: expect.any(Number), error: null });
  const next = await manager.ask("GET", `/insights/runs?limit=2&cursor=${encodeURIComponent(page.nextCursor)}`);
  const ids = [...page.runs, ...next.runs].map(({ id }: { id: string }) => id);
  expect(new Set(ids).size).toBe(4);
  await manager.run({ night: true });
  const status = await manager.ask("GET", "/insights/status");
  expect(status).toMatchObject({ waiting: { changes: 0, more: false }, lastError: null, sweep: null });
  expect(status.nightDone).toBe(status.dayDone);
});

describe("a build that changes far more than expected", () => {
  const nobody = { kind: "tag", in: ["nobody-has-this"] };

  beforeAll(async () => {
    for (let done = 0; done < CROWD; done += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => system.makeMember()));
    }
    await manager.heard(everyone, CROWD + 2);
    await manager.put("crowd", everyone);
    await manager.run();
    expect(await manager.ask("GET", "/segments/crowd")).toMatchObject({ state: "ready", members: CROWD + 2 });
  });

  test("is held, and nobody moves", async () => {
    await manager.put("crowd", nobody);
    await manager.run();
    const held = await manager.ask("GET", "/segments/crowd");
    expect(held).toMatchObject({ state: "held", version: 2, builtVersion: 1, members: CROWD + 2 });
    expect(held.error).not.toBe(null);
    expect((await manager.membersOf("crowd")).length).toBe(CROWD + 2);
    // Nothing is left to do: a run does not try it again and again.
    await manager.run();
    expect((await manager.ask("GET", "/segments/crowd")).state).toBe("held");
  });

  test("is let through once somebody has looked, for that version alone", async () => {
    expect(await manager.ask("POST", "/segments/crowd/release")).toMatchObject({
      state: "building",
      breakerPercent: 50,
    });
    await manager.run();
    expect(await manager.ask("GET", "/segments/crowd")).toMatchObject({ state: "ready", builtVersion: 2, members: 0 });
    expect(await manager.ask("POST", "/segments/crowd/release")).toMatchObject({ state: "ready", builtVersion: 2 });
    // Nobody is in it, so there is nothing to protect; then there is again.
    await manager.put("crowd", everyone);
    await manager.run();
    await manager.put("crowd", nobody);
    await manager.run();
    expect(await manager.ask("GET", "/segments/crowd")).toMatchObject({ state: "held", version: 4, builtVersion: 3 });
  });

  test("goes through as well when the segment is told to expect that much", async () => {
    await manager.put("crowd", nobody, { breakerPercent: 100 });
    await manager.run();
    expect(await manager.ask("GET", "/segments/crowd")).toMatchObject({ state: "ready", version: 4, members: 0 });
  });
});
