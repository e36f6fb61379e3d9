// Two tenants with the same segments, lists and products: nothing of one is seen, moved or built at the other.
import { beforeAll, expect, test } from "vitest";
import { everything, makeTenant, Place, publish } from "./loyalty-places.ts";
import { bought, everyone, SegmentPlace } from "./segments-places.ts";
import { uniqueId, useSystem, type Answer } from "./system.ts";

const system = useSystem();
const managers = {} as Record<"here" | "there", SegmentPlace>;
const people = {} as Record<"here" | "there", string[]>;
const told = ({ status, body }: Answer) => [status, body.code, body.field];
const [vip, friends] = ["/segments/vip", "/member-lists/friends"];

beforeAll(async () => {
  for (const [name, count] of [
    ["here", 3],
    ["there", 2],
  ] as const) {
    const tenant = await makeTenant(system, name);
    await publish(system, tenant, everything);
    const shop = new Place(system, tenant.key);
    managers[name] = new SegmentPlace(system, tenant.manageKey);
    people[name] = [];
    for (let place = 0; place < count; place += 1) people[name].push(await shop.enrol(`091700000${place}`));
    expect((await shop.pay(people[name][0] ?? "", uniqueId("order"))).status).toBe(200);
    await managers[name].heard(everyone, count);
    await managers[name].heard(bought(), 1);
  }
  await managers.here.put("vip", bought(), { name: "Ours", atCheckout: true });
  await managers.here.put("all", { kind: "segment", segmentId: "vip" });
  await managers.here.ask("PUT", `${friends}/members`, { memberIds: people.here });
  await managers.here.ask("PUT", "/product-margins", { margins: [{ sku: "tea", marginMilli: 300 }] });
  await managers.here.ask("PUT", "/insights/settings", { rfm: { bins: 4 } });
  await managers.here.run();
});

test("what one tenant has, the other does not", async () => {
  const { there } = managers;
  expect((await there.ask("GET", "/segments?ended=true")).segments).toEqual([]);
  expect((await there.ask("GET", "/member-lists")).lists).toEqual([]);
  expect((await there.ask("GET", "/product-margins")).margins).toEqual([]);
  expect((await there.ask("GET", "/insights/settings")).rfm).toEqual({ bins: 5 });
  expect((await there.ask("GET", "/insights/runs")).runs).toEqual([]);
  expect(await there.ask("GET", "/insights/status")).toMatchObject({ lastRun: null, sweep: null, models: [] });
  for (const path of [vip, `${vip}/versions`, `${vip}/members`, `${vip}/members/${people.there[0]}/explanation`]) {
    expect(told(await there.call("GET", path)), path).toEqual([404, "segment_not_found", "segmentId"]);
  }
  expect(told(await there.call("GET", `${friends}/members`))).toEqual([404, "list_not_found", "listId"]);
});

test("no member, segment or list of another can be named", async () => {
  const { there } = managers;
  const foreign = people.here[0];
  expect(told(await there.call("GET", `/members/${foreign}/segments`))).toEqual([404, "member_not_found", "memberId"]);
  const add = await there.call("PUT", `${friends}/members`, { memberIds: [people.there[0], foreign] });
  expect(told(add)).toEqual([404, "member_not_found", "memberIds[1]"]);
  const by = (definition: object) => there.call("PUT", "/segments/mine", { name: "n", definition });
  expect(told(await by({ kind: "segment", segmentId: "vip" }))[1]).toBe("segment_unknown");
  expect(told(await by({ kind: "list", listId: "friends" }))[1]).toBe("list_not_found");
  const preview = await there.ask("POST", "/segments/preview", { definition: everyone, sample: 20 });
  expect(preview).toMatchObject({ members: 2, of: 2 });
  expect(preview.sample.map(({ memberId }: { memberId: string }) => memberId).toSorted()).toEqual(
    people.there.toSorted(),
  );
});

test("what one does under the same names leaves the other's as it was", async () => {
  const { here, there } = managers;
  const look = async () => [
    await here.ask("GET", "/segments"),
    await here.ask("GET", `${vip}/members`),
    await here.ask("GET", "/member-lists"),
    await here.ask("GET", "/product-margins"),
    await here.ask("GET", "/insights/settings"),
  ];
  const before = await look();
  for (const [method, path] of [
    ["DELETE", vip],
    ["POST", `${vip}/release`],
  ] as const) {
    expect(told(await there.call(method, path))).toEqual([404, "segment_not_found", "segmentId"]);
  }
  await there.put("vip", everyone, { name: "Theirs" });
  await there.ask("PUT", `${friends}/members`, { memberIds: [people.there[1]] });
  const removal = await there.ask("POST", `${friends}/removals`, { memberIds: [people.here[0], people.there[0]] });
  expect(removal).toMatchObject({ changed: 0, members: 1 });
  await there.ask("PUT", "/product-margins", { margins: [{ sku: "tea", marginMilli: null }] });
  await there.ask("PUT", "/insights/settings", { rfm: { bins: 6 } });
  await there.run({ night: true });
  expect(await there.membersOf("vip")).toEqual(people.there.toSorted());
  expect((await there.ask("DELETE", vip)).name).toBe("Theirs");
  await there.run();
  expect(await look()).toEqual(before);
  expect(await here.membersOf("vip")).toEqual([people.here[0]]);
});
