// Whatever a manager sends about segments, lists, margins, settings and runs: what is wrong is named, and nothing changes.
import { segmentationOperations } from "@regulars/contracts/operations-segments";
import type { Operation } from "@regulars/contracts/operations";
import type { RefusalCode } from "@regulars/contracts/refusals";
import { beforeAll, describe, expect, test } from "vitest";
import { problem, seen } from "./loyalty-calls.ts";
import { makeKey, makeTenant } from "./loyalty-places.ts";
import { everyone, SegmentPlace } from "./segments-places.ts";
import { useSystem, type Request } from "./system.ts";

const system = useSystem();
let manager: SegmentPlace;
let till = "";
let live = "";
let before: unknown;
const names: Record<string, string> = { segmentId: "vip", listId: "friends" };
const nobody = `mbr_${"0".repeat(26)}`;

/** What a wrong call might have changed. */
const state = async () => {
  const paths = [
    "/segments?ended=true",
    "/segments/vip/versions",
    "/member-lists",
    "/product-margins",
    "/insights/settings",
  ];
  return Promise.all(paths.map(async (path) => (await manager.call("GET", path)).body));
};

beforeAll(async () => {
  manager = new SegmentPlace(system, system.stack.manageKey);
  till = await makeKey(system, system.stack.manageKey);
  live = (await makeTenant(system, "Live", { sandbox: false })).manageKey;
  names["memberId"] = await system.makeMember();
  await manager.heard(everyone, 1);
  await manager.put("vip", everyone);
  await manager.put("top", { kind: "segment", segmentId: "vip" });
  await manager.put("gone", everyone);
  await manager.ask("DELETE", "/segments/gone");
  await manager.ask("PUT", "/member-lists/friends/members", { memberIds: [names["memberId"]] });
  await manager.ask("PUT", "/product-margins", { margins: [{ sku: "tea", marginMilli: 300 }] });
  await manager.run();
  before = await state();
});

function send({ method, path, body }: Operation, request: Request = {}, wrong?: unknown, query = "") {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");
  return system.call(method, address + query, body === undefined ? undefined : (wrong ?? {}), request);
}

const named = (some: readonly Operation[]) => some.map((operation) => [operation.id, operation] as const);
const fieldsOf = ({ body }: { body: { field?: string; errors?: { field: string }[] } }) =>
  body.errors?.map(({ field }) => field) ?? [body.field];

describe("every operation", () => {
  test.each(named(segmentationOperations))("%s is the manager's", async (_, operation) => {
    const none = await send(operation, { headers: { authorization: "" } });
    expect(seen(none)).toMatchObject(problem("key_missing", "Authorization"));
    expect(seen(await send(operation, { key: till }))).toMatchObject(problem("scope_missing", "Authorization"));
  });

  const asking = segmentationOperations.filter(({ query }) => query !== undefined);
  test.each(named(asking))("%s takes no query that it does not know", async (_, operation) => {
    const answer = await send(operation, {}, undefined, "?surprise=1");
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toContain("surprise");
  });

  const withBody = segmentationOperations.filter(({ body }) => body !== undefined);
  test.each(named(withBody))("%s takes no field that it does not know", async (_, operation) => {
    const answer = await send(operation, {}, { surprise: 1 });
    expect(answer.status).toBe(400);
    expect(fieldsOf(answer)).toContain("surprise");
    expect(seen(await send(operation, { raw: '{"a":' }))).toMatchObject(problem("malformed_json"));
    expect(seen(await send(operation, {}, []))).toMatchObject(problem("wrong_type", null));
  });

  test.each(named(segmentationOperations))("%s refuses a test time of a live tenant", async (_, operation) => {
    const answer = await send(operation, { key: live, testTime: "2027-01-01T00:00:00Z" });
    expect(seen(answer)).toMatchObject(problem("test_time_not_allowed", "Regulars-Test-Time"));
  });
});

type Row = readonly [method: string, path: string, body: unknown, code: RefusalCode, field: string | null];
const by = (definition: unknown, more: object = {}) => ({ name: "n", definition, ...more });
const orders = { kind: "orders", measure: "orders" };
const many = (count: number, node: object = everyone) => Array.from({ length: count }, () => node);
const nested = (depth: number): object => (depth === 0 ? everyone : { kind: "not", node: nested(depth - 1) });
const margin = (marginMilli: unknown, sku = "a") => ({ margins: [{ sku, marginMilli }] });
const segment = (segmentId: string) => ({ kind: "segment", segmentId });

const rows: readonly Row[] = [
  ["GET", "/segments?limit=0", undefined, "number_out_of_range", "limit"],
  ["GET", "/segments?limit=101", undefined, "number_out_of_range", "limit"],
  ["GET", "/segments?ended=yes", undefined, "invalid_value", "ended"],
  ["GET", "/segments?cursor=-", undefined, "invalid_cursor", "cursor"],
  ["GET", "/segments/nothing", undefined, "segment_not_found", "segmentId"],
  ["GET", "/segments/constructor", undefined, "invalid_value", "segmentId"],
  ["PUT", "/segments/-", by(everyone), "invalid_value", "segmentId"],
  ["PUT", "/segments/vip", { definition: everyone }, "missing_field", "name"],
  ["PUT", "/segments/vip", { name: "n" }, "missing_field", "definition"],
  ["PUT", "/segments/vip", by("everyone"), "wrong_type", "definition"],
  ["PUT", "/segments/vip", by({ kind: "sql" }), "invalid_value", "definition.kind"],
  ["PUT", "/segments/vip", by({ ...everyone, where: "1=1" }), "unknown_field", "definition.where"],
  ["PUT", "/segments/vip", by(orders), "missing_field", "definition"],
  ["PUT", "/segments/vip", by({ ...orders, atLeast: "1" }), "wrong_type", "definition.atLeast"],
  ["PUT", "/segments/vip", by({ kind: "tag", in: [] }), "missing_field", "definition.in[0]"],
  ["PUT", "/segments/vip", by({ kind: "tag", in: ["a b"] }), "invalid_value", "definition.in[0]"],
  ["PUT", "/segments/vip", by({ kind: "and", nodes: [] }), "missing_field", "definition.nodes[0]"],
  ["PUT", "/segments/vip", by({ kind: "and", nodes: many(101) }), "too_many_items", "definition.nodes"],
  ["PUT", "/segments/vip", by({ kind: "or", nodes: many(100) }), "too_many_items", "definition"],
  ["PUT", "/segments/vip", by(nested(8)), "too_many_items", "definition"],
  [
    "PUT",
    "/segments/vip",
    by({ kind: "or", nodes: [nested(1), { kind: "flag", flag: 1 }] }),
    "wrong_type",
    "definition.nodes[1].flag",
  ],
  ["PUT", "/segments/vip", by(everyone, { atCheckout: "yes" }), "wrong_type", "atCheckout"],
  ["PUT", "/segments/vip", by(everyone, { autoTag: { tag: "t" } }), "missing_field", "autoTag.daysAfterLeaving"],
  ["PUT", "/segments/vip", by(everyone, { breakerPercent: 0 }), "number_out_of_range", "breakerPercent"],
  ["PUT", "/segments/vip", by(segment("nothing")), "segment_unknown", "definition.segmentId"],
  ["PUT", "/segments/new", by(segment("gone")), "segment_unknown", "definition.segmentId"],
  [
    "PUT",
    "/segments/new",
    by({ kind: "not", node: { kind: "list", listId: "no" } }),
    "list_not_found",
    "definition.node.listId",
  ],
  ["PUT", "/segments/vip", by(segment("vip")), "segment_cycle", "definition.segmentId"],
  [
    "PUT",
    "/segments/vip",
    by({ kind: "and", nodes: [everyone, segment("top")] }),
    "segment_cycle",
    "definition.nodes[1].segmentId",
  ],
  ["DELETE", "/segments/nothing", undefined, "segment_not_found", "segmentId"],
  ["DELETE", "/segments/vip", undefined, "segment_in_use", "segmentId"],
  ["POST", "/segments/nothing/release", undefined, "segment_not_found", "segmentId"],
  ["GET", "/segments/nothing/versions", undefined, "segment_not_found", "segmentId"],
  ["GET", "/segments/vip/versions?cursor=0", undefined, "invalid_cursor", "cursor"],
  ["GET", "/segments/vip/versions?cursor=1e3", undefined, "invalid_cursor", "cursor"],
  ["GET", "/segments/nothing/members", undefined, "segment_not_found", "segmentId"],
  ["GET", "/segments/vip/members?at=2026-01-01", undefined, "invalid_date", "at"],
  ["GET", "/segments/vip/members?limit=1001", undefined, "number_out_of_range", "limit"],
  ["GET", "/segments/vip/members?cursor=x", undefined, "invalid_cursor", "cursor"],
  ["GET", `/segments/nothing/members/${nobody}/explanation`, undefined, "segment_not_found", "segmentId"],
  ["GET", `/segments/vip/members/${nobody}/explanation`, undefined, "member_not_found", "memberId"],
  ["GET", "/segments/vip/members/me/explanation", undefined, "invalid_member_id", "memberId"],
  ["POST", "/segments/preview", {}, "missing_field", "definition"],
  ["POST", "/segments/preview", { definition: everyone, sample: 21 }, "number_out_of_range", "sample"],
  ["POST", "/segments/preview", { definition: segment("nothing") }, "segment_unknown", "definition.segmentId"],
  ["POST", "/segments/preview", { definition: { kind: "list", listId: "no" } }, "list_not_found", "definition.listId"],
  ["GET", `/members/${nobody}/segments`, undefined, "member_not_found", "memberId"],
  ["GET", "/members/me/segments", undefined, "invalid_member_id", "memberId"],
  ["GET", `/members/${nobody}/segments?cursor=x`, undefined, "invalid_cursor", "cursor"],
  ["GET", "/member-lists/nothing/members", undefined, "list_not_found", "listId"],
  ["GET", "/member-lists/friends/members?cursor=x", undefined, "invalid_cursor", "cursor"],
  ["PUT", "/member-lists/friends/members", {}, "missing_field", "memberIds"],
  ["PUT", "/member-lists/friends/members", { memberIds: [] }, "missing_field", "memberIds[0]"],
  ["PUT", "/member-lists/friends/members", { memberIds: ["me"] }, "invalid_member_id", "memberIds[0]"],
  ["PUT", "/member-lists/friends/members", { memberIds: [nobody, nobody] }, "duplicate_item", "memberIds"],
  ["PUT", "/member-lists/friends/members", { memberIds: [nobody] }, "member_not_found", "memberIds[0]"],
  [
    "PUT",
    "/member-lists/friends/members",
    { memberIds: Array.from({ length: 1001 }, () => nobody) },
    "too_many_items",
    "memberIds",
  ],
  ["POST", "/member-lists/nothing/removals", { memberIds: [nobody] }, "list_not_found", "listId"],
  ["POST", "/member-lists/friends/removals", { memberIds: nobody }, "wrong_type", "memberIds"],
  ["PUT", "/product-margins", {}, "missing_field", "margins"],
  ["PUT", "/product-margins", margin(1001), "number_out_of_range", "margins[0].marginMilli"],
  ["PUT", "/product-margins", margin(-10_001), "number_out_of_range", "margins[0].marginMilli"],
  ["PUT", "/product-margins", margin(0.5), "not_an_integer", "margins[0].marginMilli"],
  ["PUT", "/product-margins", margin(300, "a\u0000"), "invalid_text", "margins[0].sku"],
  ["PUT", "/product-margins", { margins: [...margin(1).margins, ...margin(2).margins] }, "duplicate_item", "margins"],
  ["GET", "/product-margins?limit=1001", undefined, "number_out_of_range", "limit"],
  ["PUT", "/insights/settings", { rfm: { bins: 2 } }, "number_out_of_range", "rfm.bins"],
  ["PUT", "/insights/settings", { rfm: { bins: "5" } }, "wrong_type", "rfm.bins"],
  ["PUT", "/insights/settings", { lifecycle: { atRiskFrom: 9 } }, "invalid_value", "lifecycle"],
  ["PUT", "/insights/settings", { affinity: { by: "colour" } }, "invalid_value", "affinity.by"],
  ["POST", "/insights/runs", { night: 1 }, "wrong_type", "night"],
  ["GET", "/insights/runs?cursor=x", undefined, "invalid_cursor", "cursor"],
];

test.each(rows)("%s %s with %j is refused as %s", async (method, path, body, code, field) => {
  const answer = await manager.call(method, path, body);
  expect(seen(answer)).toMatchObject(problem(code, field));
});

test("a definition that is nested thousands deep is refused like one that is too deep", async () => {
  const depth = 2_900;
  const definition = `${'{"kind":"not","node":'.repeat(depth)}{"kind":"everyone"}${"}".repeat(depth)}`;
  for (const [method, path, rest] of [
    ["PUT", "/segments/deep", '"name":"n",'],
    ["POST", "/segments/preview", ""],
  ] as const) {
    const answer = await manager.call(method, path, undefined, { raw: `{${rest}"definition":${definition}}` });
    expect(seen(answer)).toMatchObject(problem("too_many_items", "definition"));
  }
});

test("nothing of all that has changed anything", async () => {
  expect(await state()).toEqual(before);
});

test("an erased member is on no list and in no segment", async () => {
  const erased = await system.makeMember();
  await manager.heard(everyone, 2);
  expect((await system.call("DELETE", `/v1/members/${erased}`)).status).toBe(200);
  await manager.heard(everyone, 1);
  const added = await manager.call("PUT", "/member-lists/friends/members", { memberIds: [names["memberId"], erased] });
  expect(seen(added)).toMatchObject(problem("member_erased", "memberIds[1]"));
  expect(seen(await manager.call("GET", `/members/${erased}/segments`))).toMatchObject(
    problem("member_erased", "memberId"),
  );
});
