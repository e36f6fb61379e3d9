// Makes the benchmark's own tenant with its program, key and members through the APIs, as every customer does.
import type { Member } from "@regulars/contracts/members";
import { ask, forEach } from "./ask.ts";
import { CURRENCY, POINTS_AT_START, program } from "./requests.ts";

export interface BenchTenant {
  readonly tenantId: string;
  readonly manageKey: string;
  readonly key: string;
}

const SCOPES = ["members:read", "members:write", "checkout", "points:write"];
/** The limit of a key must not be what is measured. */
const REQUESTS_PER_MINUTE = 10_000_000;
/** workerd keeps three files open for each object it touched in the last seconds, of 20,000. */
const ENROLMENTS_PER_SECOND = 300;

/** A tenant that is no sandbox: it runs on the real clock, with alarms, as in production. */
export async function makeTenant(
  url: string,
  operatorKey: string,
  name: string,
  { sandbox = false, program: document = program }: { sandbox?: boolean; program?: object } = {},
): Promise<BenchTenant> {
  const stores = [{ id: "taipei", name: "Taipei", regionId: "north", ownerId: "own" }];
  const tenant = {
    tenantId: `bench-${name}-${Date.now().toString(36)}`,
    name: `Benchmark ${name}`,
    sandbox,
    timeZone: "Asia/Taipei",
    phoneRegion: "TW",
    currency: "TWD",
    locale: "zh-TW",
    regions: [{ id: "north", name: "North" }],
    owners: [{ id: "own", name: "Own", kind: "head_office" }],
    stores,
  };
  const { tenantId, manageKey } = await ask<BenchTenant>(url, operatorKey, "POST", "/manage/v1/tenants", tenant);
  await ask(url, manageKey, "PUT", "/manage/v1/program", document);
  const wanted = { name: "bench", scopes: SCOPES, requestsPerMinute: REQUESTS_PER_MINUTE };
  const { key } = await ask<{ key: string }>(url, manageKey, "POST", "/manage/v1/keys", wanted);
  return { tenantId, manageKey, key };
}

/** Enrols members, paced, and gives each of them points to spend. Answers their ids. */
export async function enrolMembers(url: string, key: string, names: readonly string[], points = POINTS_AT_START) {
  const enrol = async (name: string) => {
    const body = { identities: [{ type: "card", value: name }], homeStoreId: "taipei" };
    const { id } = await ask<Member>(url, key, "POST", "/v1/members", body);
    if (points > 0) {
      const wish = { currency: CURRENCY, points, reason: "benchmark" };
      await ask(url, key, "POST", `/v1/members/${id}/adjustments`, wish);
    }
    return id;
  };
  return forEach(names, enrol, ENROLMENTS_PER_SECOND);
}
