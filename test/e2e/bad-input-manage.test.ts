// Whatever a manager sends about codes, budgets, candidates, clearing, liability, partners, networks and insights; and keys that were used.
import { clearingOperations, liabilityOperations } from "@regulars/contracts/operations-clearing";
import { codeOperations } from "@regulars/contracts/operations-codes";
import { insightOperations } from "@regulars/contracts/operations-insights";
import { networkOperations, partnerOperations } from "@regulars/contracts/operations-networks";
import { simulationOperations } from "@regulars/contracts/operations-simulation";
import type { Operation } from "@regulars/contracts/operations";
import type { RefusalCode } from "@regulars/contracts/refusals";
import { beforeAll, describe, expect, test } from "vitest";
import { problem, seen } from "./loyalty-calls.ts";
import { everything, makeKey, makeTenant, Place, publish, until } from "./loyalty-places.ts";
import { uniqueId, useSystem, type Answer, type Request } from "./system.ts";

const system = useSystem();
const names: Record<string, string> = {
  id: "1",
  kind: "stock",
  period: "2026-01",
  networkId: "mall",
  tenantId: "tenant",
  memberId: "mbr_00000000000000000000000000",
};
let till = "";
let live = "";
let before: unknown;

/** What a manager can read that a wrong call might have changed. */
const books = async () => {
  const paths = ["/program", "/code-batches", "/clearing/periods", "/budgets/stock/plate", "/code-batches/1"];
  const answers = await Promise.all(paths.map((path) => system.call("GET", `/manage/v1${path}`)));
  return answers.map(({ body }) => body);
};

beforeAll(async () => {
  await publish(system, system.stack, everything);
  till = await makeKey(system, system.stack.manageKey);
  live = (await makeTenant(system, "Live", { sandbox: false })).manageKey;
  const batch = { campaign: "flyer", count: 5 };
  const made = await system.call("POST", "/manage/v1/code-batches", batch, { idempotencyKey: "batch" });
  expect(made.body).toMatchObject({ id: "1", count: 5 });
  before = await books();
});

const operations: readonly Operation[] = [
  ...codeOperations,
  ...simulationOperations,
  ...clearingOperations,
  ...liabilityOperations,
  ...partnerOperations,
  ...networkOperations,
  ...insightOperations,
];

function send({ method, path, body, idempotency, scope }: Operation, how: Request = {}, wrong?: unknown, query = "") {
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => names[name] ?? "");
  const key = scope === "operator" ? system.stack.operatorKey : undefined;
  const content = body === undefined ? undefined : (wrong ?? {});
  const idempotencyKey = idempotency === "key" ? uniqueId("bad") : undefined;
  const request = { ...(key !== undefined && { key }), ...(idempotencyKey !== undefined && { idempotencyKey }) };
  return system.call(method, address + query, content, { ...request, ...how });
}

const named = (some: readonly Operation[]) => some.map((operation) => [operation.id, operation] as const);

describe("every operation", () => {
  test.each(named(operations))("%s is the manager's, or the operator's", async (_, operation) => {
    const none = await send(operation, { headers: { authorization: "" } });
    expect(seen(none)).toMatchObject(problem("key_missing", "Authorization"));
    const code = operation.scope === "operator" ? "key_invalid" : "scope_missing";
    expect(seen(await send(operation, { key: till }))).toMatchObject(problem(code, "Authorization"));
    if (operation.scope !== "operator") return;
    const manager = await send(operation, { key: system.stack.manageKey });
    expect(seen(manager)).toMatchObject(problem("key_invalid", "Authorization"));
  });

  const asking = operations.filter(({ query }) => query !== undefined);
  test.each(named(asking))("%s takes no query that it does not know", async (_, operation) => {
    const answer = await send(operation, {}, undefined, "?surprise=1");
    expect(answer.body.errors?.map(({ field }: { field: string }) => field) ?? [answer.body.field]).toContain(
      "surprise",
    );
    expect(answer.status).toBe(400);
  });

  const withBody = operations.filter(({ body }) => body !== undefined);
  test.each(named(withBody))("%s takes no field that it does not know", async (_, operation) => {
    const answer = await send(operation, {}, { surprise: 1 });
    expect(answer.body.errors?.map(({ field }: { field: string }) => field) ?? [answer.body.field]).toContain(
      "surprise",
    );
    expect(seen(await send(operation, { raw: '{"a":' }))).toMatchObject(problem("malformed_json"));
  });

  const timed = operations.filter(({ testTime }) => testTime);
  test.each(named(timed))("%s refuses a test time of a live tenant", async (_, operation) => {
    const answer = await send(operation, { key: live, testTime: "2027-01-01T00:00:00Z" });
    expect(seen(answer)).toMatchObject(problem("test_time_not_allowed", "Regulars-Test-Time"));
  });
});

type Row = readonly [method: string, path: string, body: unknown, code: RefusalCode, field: string | null];
const range = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z";
const span = { from: "2026-01-01T00:00:00Z", to: "2026-02-01T00:00:00Z" };
const candidate = { program: everything, ...span };
const statement = "/clearing/statements?ownerId=head-office&period=2026-01";

const rows: readonly Row[] = [
  ["POST", "/code-batches", { campaign: "spring", count: 1 }, "invalid_value", "campaign"],
  ["POST", "/code-batches", { campaign: "hello", count: 1 }, "invalid_value", "campaign"],
  ["POST", "/code-batches", { campaign: "flyer", count: 0 }, "number_out_of_range", "count"],
  ["POST", "/code-batches", { campaign: "flyer", count: 1_000_001 }, "number_out_of_range", "count"],
  ["GET", "/code-batches?cursor=x", undefined, "invalid_cursor", "cursor"],
  ["GET", "/code-batches?limit=101", undefined, "number_out_of_range", "limit"],
  ["GET", "/code-batches/99999", undefined, "code_batch_not_found", "id"],
  ["GET", "/code-batches/0", undefined, "invalid_value", "id"],
  ["GET", "/code-batches/1/codes?from=-1", undefined, "number_out_of_range", "from"],
  ["GET", "/code-batches/1/codes?limit=1.5", undefined, "not_an_integer", "limit"],
  ["GET", "/code-batches/2/codes.csv", undefined, "code_batch_not_found", "id"],
  ["POST", "/code-batches/1/voids", { codes: [] }, "missing_field", "codes[0]"],
  ["POST", "/code-batches/2/voids", { codes: ["A"] }, "code_batch_not_found", "id"],
  ["GET", "/budgets/cup/cup", undefined, "invalid_value", "kind"],
  ["GET", "/budgets/stock/car", undefined, "budget_not_found", "id"],
  ["GET", "/budgets/stock/constructor", undefined, "invalid_value", "id"],
  ["GET", "/budgets/stock/plate?at=today", undefined, "invalid_date", "at"],
  ["POST", "/simulations", { ...candidate, to: span.from }, "invalid_value", "to"],
  ["POST", "/simulations", { ...candidate, sample: 2 }, "number_out_of_range", "sample"],
  ["POST", "/simulations", { ...candidate, program: { currencies: "points" } }, "wrong_type", "program.currencies"],
  ["GET", "/simulations/sim_1", undefined, "invalid_value", "id"],
  ["GET", `/simulations/sim_${"a".repeat(20)}`, undefined, "simulation_not_found", "id"],
  ["DELETE", `/simulations/sim_${"a".repeat(20)}`, undefined, "simulation_not_found", "id"],
  ["PUT", "/program/shadow", {}, "missing_field", "program"],
  ["DELETE", "/program/shadow", undefined, "shadow_not_found", null],
  ["GET", "/program/shadow/report?from=2026-13-01", undefined, "invalid_date", "from"],
  ["GET", "/clearing/statements?ownerId=nobody&period=2026-01", undefined, "owner_not_found", "ownerId"],
  ["GET", "/clearing/statements?ownerId=head-office&period=2026-13", undefined, "invalid_value", "period"],
  ["GET", `${statement}&cursor=x`, undefined, "invalid_cursor", "cursor"],
  ["GET", `${statement}&cursor=%00`, undefined, "invalid_cursor", "cursor"],
  ["GET", `${statement}&cursor=MV8A`, undefined, "invalid_cursor", "cursor"],
  ["GET", `${statement}&limit=1001`, undefined, "number_out_of_range", "limit"],
  ["GET", "/clearing/statements.csv?ownerId=nobody&period=2026-01", undefined, "owner_not_found", "ownerId"],
  ["GET", "/clearing/balances?from=2026-02&to=2026-01", undefined, "number_out_of_range", "to"],
  ["GET", "/clearing/balances?from=2000-01&to=2099-12", undefined, "number_out_of_range", "to"],
  ["POST", "/clearing/periods/2026-00/lock", undefined, "invalid_value", "period"],
  ["POST", "/clearing/periods/2099-01/lock", undefined, "period_not_over", "period"],
  ["GET", "/liability?at=2026-01-01", undefined, "invalid_date", "at"],
  ["GET", "/liability/journal?from=2026-02&to=2026-01", undefined, "number_out_of_range", "to"],
  ["GET", "/liability/journal.csv?from=2026-02", undefined, "missing_field", "to"],
  ["GET", `/partners/an/statement?${range}&cursor=x`, undefined, "invalid_cursor", "cursor"],
  ["GET", `/partners/an/statement?${range}&cursor=1_%00`, undefined, "invalid_text", "cursor"],
  ["GET", "/partners/an/statement?from=2026-01-01T00:00:00Z", undefined, "missing_field", "to"],
  ["GET", "/partners/-/statement", undefined, "invalid_value", "id"],
];

test.each(rows)("%s %s with %j is refused as %s", async (method, path, body, code, field) => {
  const answer = await system.call(method, `/manage/v1${path}`, body, { idempotencyKey: uniqueId("bad") });
  expect(seen(answer)).toMatchObject(problem(code, field));
});

test("a network is the operator's to make, and a tenant's to join once it is there", async () => {
  const key = system.stack.operatorKey;
  const join = (networkId: string, tenantId: string) =>
    system.call("PUT", `/manage/v1/networks/${networkId}/tenants/${tenantId}`, undefined, { key });
  expect(seen(await join("nowhere", system.stack.tenantId))).toMatchObject(problem("tenant_not_found"));
  expect(seen(await join("X", system.stack.tenantId))).toMatchObject(problem("invalid_value", "networkId"));
  const about = { name: "n", sandbox: true, timeZone: "Asia/Taipei", phoneRegion: "TW", currency: "TWD", locale: "en" };
  const bad = { networkId: "mall", ...about, timeZone: "Mars/Olympus" };
  const refused = await system.call("POST", "/manage/v1/networks", bad, { key });
  expect(seen(refused)).toMatchObject(problem("invalid_value", "timeZone"));
});

test("nothing of all that has changed the books", async () => {
  expect(await books()).toEqual(before);
});

describe("a key that was used", () => {
  test("for another batch is refused, and for the same one gives it again", async () => {
    const ask = (count: number) =>
      system.call("POST", "/manage/v1/code-batches", { campaign: "flyer", count }, { idempotencyKey: "batch" });
    expect(seen(await ask(6))).toMatchObject(problem("idempotency_key_reused", "Idempotency-Key"));
    expect((await ask(5)).body.id).toBe("1");
  });

  test("for a household gives the answer of then, whoever has come since", async () => {
    const place = new Place(system, system.stack.secretKey);
    const [owner, guest] = [await place.enrol("0914000003"), await place.enrol("0914000004")];
    const ask = (member: string, role: string, idempotencyKey: string) =>
      place.call("POST", `/v1/households/used/members/${member}`, { role }, { idempotencyKey });
    const founded = await ask(owner, "owner", "found");
    expect(founded.body.members).toEqual([{ memberId: owner, role: "owner" }]);
    expect((await ask(guest, "spender", "let")).body.members.length).toBe(2);
    expect((await ask(owner, "owner", "found")).body).toEqual(founded.body);
    const changed = await ask(owner, "spender", "found");
    expect(seen(changed)).toMatchObject(problem("idempotency_key_reused", "Idempotency-Key"));
  });

  test("for anything about a member is refused for anything else, also when both come at once", async () => {
    const place = new Place(system, system.stack.secretKey);
    const [member, other] = [await place.enrol("0914000001"), await place.enrol("0914000002")];
    await place.give(member, 500);
    const gift = (points: number) => ({ to: { id: other }, currency: "points", points });
    const ends = { currency: "points", endsBefore: "2099-01-01T00:00:00Z", reason: "r" };
    const allowance = { currency: "points", points: 10, storeId: "taipei-xinyi", ttlSeconds: 60 };
    const pairs: readonly (readonly [path: string, one: object, path2: string, other: object])[] = [
      ["tier", { tier: "gold", reason: "r" }, "tier", { tier: "gold", reason: "s" }],
      ["entitlements/spa/uses", {}, "entitlements/ride/uses", {}],
      ["points/extensions", { ...ends, days: 1 }, "points/extensions", { ...ends, days: 2 }],
      ["labels", { tags: ["a"] }, "labels", { segments: ["a"] }],
      ["rewards/cup/purchases", {}, "rewards/plate/purchases", {}],
      ["vouchers", { rewardId: "gift", reason: "r" }, "vouchers", { rewardId: "plate", reason: "r" }],
      ["transfers", gift(5), "transfers", gift(6)],
      ["allowances", allowance, "allowances", { ...allowance, points: 11 }],
    ];
    for (const [path, one, path2, another] of pairs) {
      const request = { idempotencyKey: uniqueId("used") };
      const post = (at: string, body: object): Promise<Answer> =>
        place.call("POST", `/v1/members/${member}/${at}`, body, request);
      const twins = await Promise.all([post(path, one), post(path, one), post(path, one)]);
      expect(
        twins.map(({ status }) => status >= 300),
        path,
      ).toEqual([false, false, false]);
      expect(twins.map(({ body }) => body)).toEqual([twins[0]?.body, twins[0]?.body, twins[0]?.body]);
      expect(seen(await post(path2, another)), path2).toMatchObject(
        problem("idempotency_key_reused", "Idempotency-Key"),
      );
    }
    // Bought and given once each: a cup for 10 points, 5 points to the other, 10 set aside.
    await until(async () => (await place.call("GET", `/v1/members/${other}/balances`)).body.balances[0].available, 5);
    const { balances } = (await place.call("GET", `/v1/members/${member}/balances`)).body;
    expect(balances[0]).toMatchObject({ available: 475, held: 10 });
    expect((await place.call("GET", `/v1/members/${member}/vouchers`)).body.vouchers.length).toBe(2);
    expect((await system.call("GET", "/manage/v1/budgets/stock/plate")).body.given).toBe(0);
  });
});
