// A valid call of every operation of the loyalty program, about members in every state that a call can meet.
import type { Operation } from "@regulars/contracts/operations";
import { activityOperations } from "@regulars/contracts/operations-activity";
import { explainOperations } from "@regulars/contracts/operations-explain";
import { lifeOperations } from "@regulars/contracts/operations-life";
import { rewardOperations } from "@regulars/contracts/operations-rewards";
import { sharingOperations } from "@regulars/contracts/operations-sharing";
import { tillOperations } from "@regulars/contracts/operations-tills";
import { REFUSALS, type RefusalCode } from "@regulars/contracts/refusals";
import { expect } from "vitest";
import { everything, makeKey, makeTenant, Place, publish, until } from "./loyalty-places.ts";
import { uniqueId, type Answer, type Request, type System } from "./system.ts";

/** Members by what has become of them; `pool` is the account of the household `home`. */
export const at = {} as Record<"member" | "other" | "erased" | "merged" | "foreign" | "nobody" | "pool", string>;
/** What the member has. */
export const have = {} as Record<
  "order" | "authorized" | "voucher" | "given" | "allowance" | "token" | "transfer" | "hold",
  string
>;
/** `till` is bound to another store than that of everything here. */
export const keys = {} as Record<"till" | "reader" | "nothing" | "live", string>;
export let place: Place;

export const STORE = "taipei-xinyi";
export const allowance = { currency: "points", points: 10, storeId: STORE, ttlSeconds: 600 };
export const review = { type: "review", key: "r-1", data: { stars: 5 }, storeId: STORE };
/** Everything that can be read of those whom no wrong call may change. */
export const everybody = () =>
  Promise.all([
    ...[at.member, at.other].map((id) => place.everythingOf(id)),
    place.call("GET", "/v1/households/home").then(({ body }) => body),
  ]);

/** Makes everything that the calls name. */
export async function makeCalls(system: System): Promise<void> {
  place = new Place(system, system.stack.secretKey);
  await publish(system, system.stack, everything);
  const twin = await makeTenant(system, "Twin");
  await publish(system, twin, everything);
  at.foreign = await new Place(system, twin.key).enrol("0911000001");
  at.nobody = `mbr_${"0".repeat(26)}`;
  for (const [index, name] of (["member", "other", "erased", "merged"] as const).entries()) {
    at[name] = await place.enrol(`091200000${index}`);
  }
  await place.call("DELETE", `/v1/members/${at.erased}`);
  await place.give(at.member, 500);
  await place.write("POST", `/v1/members/${at.merged}/merge`, { into: at.other });
  at.pool = (await place.write("POST", `/v1/households/home/members/${at.member}`, { role: "owner" })).accountId;
  have.order = uniqueId("bad-order");
  expect((await place.pay(at.member, have.order)).status).toBe(200);
  have.authorized = uniqueId("bad-order");
  const redeem = [{ currency: "points", points: 5 }];
  expect((await place.pay(at.member, have.authorized, { state: "authorized", redeem })).status).toBe(200);
  const member = `/v1/members/${at.member}`;
  have.voucher = (await place.write("POST", `${member}/rewards/cup/purchases`)).voucher.id;
  ({
    allowance: { id: have.allowance },
  } = await place.write("POST", `${member}/allowances`, allowance));
  have.token = (await place.write("POST", `${member}/games/catch/rounds`)).token;
  const give = { to: { id: at.other }, currency: "points", points: 5 };
  have.transfer = (await place.write("POST", `${member}/transfers`, give)).transfer.id;
  have.given = (await place.write("POST", `${member}/vouchers`, { rewardId: "gift", reason })).voucher.id;
  const hold = { currency: "points", points: 5, ttlSeconds: 600 };
  have.hold = (await place.write("POST", `${member}/holds`, hold)).hold.id;
  expect((await place.call("POST", `${member}/events`, review)).status).toBe(201);
  const { manageKey } = system.stack;
  keys.till = await makeKey(system, manageKey, { storeIds: ["taipei-shilin"] });
  keys.reader = await makeKey(system, manageKey, { scopes: ["members:read"] });
  keys.nothing = await makeKey(system, manageKey, { scopes: ["manage"] });
  keys.live = (await makeTenant(system, "Live", { sandbox: false })).key;
  const arrived = async () => (await place.call("GET", `${member}/transfers/${have.transfer}`)).body.transfer.state;
  await until(arrived, "settled");
  await until(async () => (await place.call("GET", `/v1/members/${at.merged}`)).body.code, "member_merged");
}

/** A call that would be accepted: what goes into the path beside the member, and the body. */
interface Sample {
  readonly path?: () => Record<string, string>;
  readonly body?: () => object;
}

const reason = "test";
const rewardId = () => ({ rewardId: "cup" });
const voucherId = () => ({ voucherId: have.voucher });
const home = () => ({ householdId: "home" });
const game = () => ({ gameId: "catch" });
const event = () => ({ type: "review", key: "r-1" });
const ofOrder = () => ({ orderId: have.order });
const held = () => ({ allowanceId: have.allowance });

export const SAMPLES: Readonly<Record<string, Sample>> = {
  getTier: {},
  setTier: { body: () => ({ tier: "gold", reason }) },
  useEntitlement: { path: () => ({ entitlementId: "ride" }) },
  extendPoints: { body: () => ({ currency: "points", endsBefore: "2030-01-01T00:00:00Z", days: 10, reason }) },
  reinstatePoints: { body: () => ({ currency: "points", endedAfter: "2020-01-01T00:00:00Z", days: 10, reason }) },
  reportDelivery: { path: ofOrder },
  setLabels: { body: () => ({ tags: ["friend"] }) },
  listRewards: {},
  listVouchers: {},
  buyReward: { path: rewardId },
  issueVoucher: { body: () => ({ rewardId: "gift", reason }) },
  voidVoucher: { path: voucherId, body: () => ({ reason }) },
  returnVoucher: { path: voucherId },
  sendTransfer: { body: () => ({ to: { id: at.other }, currency: "points", points: 5 }) },
  getTransfer: { path: () => ({ transferId: have.transfer }) },
  getReferralCode: {},
  getHousehold: { path: home },
  letIntoHousehold: { path: home, body: () => ({ role: "spender" }) },
  leaveHousehold: { path: home },
  mergeMember: { body: () => ({ into: at.other }) },
  unmergeMember: { body: () => ({ from: at.merged }) },
  issueAllowance: { body: () => allowance },
  getAllowance: { path: held },
  releaseAllowance: { path: held },
  getAllowanceKeys: {},
  recordEvent: { body: () => ({ ...review, key: "r-2" }) },
  getEvent: { path: event },
  reverseEvent: { path: event },
  startRound: { path: game },
  finishRound: { path: game, body: () => ({ token: have.token, score: 1 }) },
  getProgress: {},
  explainOrder: { path: ofOrder },
};

export const operations: readonly Operation[] = [
  ...lifeOperations,
  ...rewardOperations,
  ...sharingOperations,
  ...tillOperations,
  ...activityOperations,
  ...explainOperations,
];

export const sampleOf = (id: string): Sample => SAMPLES[id] ?? {};

export interface Wrong extends Request {
  readonly in?: Readonly<Record<string, string>>;
  readonly body?: object | undefined;
  readonly query?: string;
}

/** The operation's valid call with something wrong in it. */
export function send({ id, method, path, body, idempotency }: Operation, wrong: Wrong = {}): Promise<Answer> {
  const { in: parameters, query = "", body: wrongBody, ...request } = wrong;
  const sample = sampleOf(id);
  const named: Record<string, string> = { id: at.member, ...sample.path?.(), ...parameters };
  const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(named[name] ?? ""));
  const content = body === undefined ? undefined : (wrongBody ?? sample.body?.() ?? {});
  const idempotencyKey = idempotency === "key" ? uniqueId("bad") : undefined;
  return place.call(method, address + query, content, { ...(idempotencyKey && { idempotencyKey }), ...request });
}

/** What of an answer says that a call was refused, to be compared with `problem`. */
export function seen({ status, headers, body }: Answer) {
  const isTraced = body.requestId !== undefined && body.requestId === headers.get("regulars-request-id");
  const type = headers.get("content-type")?.split(";")[0];
  return { http: status, type, isTraced, status: body.status, code: body.code, field: body.field ?? null };
}

/** A problem document with this code; `field` null: about no field, undefined: about any. */
export function problem(code: RefusalCode, field?: string | null) {
  const { status } = REFUSALS[code];
  const said = { http: status, type: "application/problem+json", isTraced: true, status, code };
  return field === undefined ? said : { ...said, field };
}

/** The operation with this id. */
export function operationOf(id: string): Operation {
  const found = operations.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no operation ${id}`);
  return found;
}
