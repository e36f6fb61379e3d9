// Makes a tenant of its own for each replay, and asks the management API to compare it with PostgreSQL.
import { randomBytes } from "node:crypto";
import type { MemberDifference, ReconcilePage } from "@regulars/contracts/rpc";
import { chance } from "./chance.ts";
import { couponRewards } from "./coupons.ts";
import type { Mapping } from "./mapping.ts";
import type { Source } from "./source.ts";

export interface ReplayTenant {
  readonly tenantId: string;
  readonly manageKey: string;
  readonly shopKey: string;
}

/** The replay itself must not be what the limit of a key measures. */
const REQUESTS_PER_MINUTE = 1_000_000;
/** Head office runs two stores of five; the rest are shared out among the other owners. */
const HEAD_OFFICE_SHARE = 0.4;
/** Members that one reconciliation call compares; a call then takes about a second. */
const RECONCILE_PAGE = 100;

/** Makes a sandbox tenant with the source's stores, publishes the mapping's program, and makes a key for the shops. */
export async function makeTenant(
  url: string,
  operatorKey: string,
  { mapping, storeIds, coupons }: Pick<Source, "mapping" | "storeIds" | "coupons">,
): Promise<ReplayTenant> {
  const { name, timeZone, phoneRegion, currency, locale, regions, owners, program, insights } = mapping;
  const tenantId = `replay-${Date.now().toString(36)}${randomBytes(2).toString("hex")}`;
  const stores = storeIds.map((id) => storeOf(id, mapping));
  const tenant = { tenantId, name, sandbox: true, timeZone, phoneRegion, currency, locale, regions, owners, stores };
  const { manageKey } = await write<{ manageKey: string }>(url, operatorKey, "POST", "/manage/v1/tenants", tenant);
  await write(url, manageKey, "PUT", "/manage/v1/program", { ...program, rewards: couponRewards(coupons) });
  if (insights !== undefined) await write(url, manageKey, "PUT", "/manage/v1/insights/settings", insights);
  const scopes = ["members:read", "members:write", "checkout", "points:write"];
  const key = { name: "replay", scopes, requestsPerMinute: REQUESTS_PER_MINUTE };
  const { key: shopKey } = await write<{ key: string }>(url, manageKey, "POST", "/manage/v1/keys", key);
  return { tenantId, manageKey, shopKey };
}

/** Compares every member with PostgreSQL, page by page, healing nothing. */
export async function reconcile(
  url: string,
  manageKey: string,
  onPage: (checked: number) => void,
): Promise<{ checked: number; differences: MemberDifference[] }> {
  const differences: MemberDifference[] = [];
  let checked = 0;
  let cursor: string | null = null;
  do {
    const body = { limit: RECONCILE_PAGE, heal: false, ...(cursor === null ? {} : { cursor }) };
    const page: ReconcilePage = await write(url, manageKey, "POST", "/manage/v1/reconciliation", body);
    checked += page.checked;
    differences.push(...page.differences);
    cursor = page.nextCursor;
    onPage(page.checked);
  } while (cursor !== null);
  return { checked, differences };
}

function storeOf(id: string, { regions, owners }: Mapping) {
  const regionId = regions[Math.floor(chance(id, "region") * regions.length)]?.id ?? "";
  const [headOffice, ...others] = owners;
  const isOwn = others.length === 0 || chance(id, "owned") < HEAD_OFFICE_SHARE;
  const owner = isOwn ? headOffice : others[Math.floor(chance(id, "owner") * others.length)];
  return { id, name: id, regionId, ownerId: owner?.id ?? "" };
}

/** Asks the management API to do something, at `testTime` when it is given. */
export async function write<Answer>(
  url: string,
  key: string,
  method: "POST" | "PUT",
  path: string,
  body?: object,
  testTime?: string,
): Promise<Answer> {
  const headers = {
    "content-type": "application/json",
    "idempotency-key": crypto.randomUUID(),
    ...(testTime !== undefined && { "regulars-test-time": testTime }),
  };
  // The management API answers by the schemas of packages/contracts/src.
  return JSON.parse(await send(url, key, path, { method, headers, body: JSON.stringify(body ?? {}) })) as Answer;
}

export async function read<Answer>(url: string, key: string, path: string): Promise<Answer> {
  return JSON.parse(await readText(url, key, path)) as Answer;
}

export const readText = (url: string, key: string, path: string) => send(url, key, path, { method: "GET" });

async function send(url: string, key: string, path: string, init: RequestInit): Promise<string> {
  const headers = { authorization: `Bearer ${key}`, ...(init.headers as Record<string, string> | undefined) };
  const sent = fetch(`${url}${path}`, { ...init, headers });
  const response = await sent.catch((cause: unknown) => {
    throw new Error(`${url} does not answer. Is the system there? \`npm start\` starts one here.`, { cause });
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${init.method} ${path} answered ${response.status}: ${text.slice(0, 2000)}`);
  return text;
}
