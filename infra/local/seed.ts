// Makes the demo tenant "Good Days" by the management API, once; a later start continues where an earlier one ended.
import { setTimeout as sleep } from "node:timers/promises";
import type { DataFolder, DemoKeys } from "./data-folder.ts";
import program from "./demo-program.json" with { type: "json" };
import tenant from "./demo-tenant.json" with { type: "json" };

/** The scopes of a shop's own server; managing is the other key's. */
const SHOP_SCOPES = ["members:read", "members:write", "checkout", "points:write"];
/** The demo key serves the replay and the benchmarks as well: its limit must not be what they measure. */
const SHOP_REQUESTS_PER_MINUTE = 1_000_000;
const ATTEMPTS_MAX = 5;
const RETRY_MILLISECONDS = 400;

export type SeededKeys = { readonly [name in keyof DemoKeys]: NonNullable<DemoKeys[name]> };

/** The keys of the demo tenant; each step is kept as soon as it is done, so that none is done twice. */
export async function seedDemo(url: string, folder: DataFolder, say: (line: string) => void): Promise<SeededKeys> {
  const { secrets } = folder;
  const { demo } = secrets;
  const keep = (done: Partial<DemoKeys>) => {
    Object.assign(demo, done);
    folder.saveSecrets();
  };
  if (demo.tenantId === null || demo.manageKey === null) {
    say("Publishing the demo tenant ...");
    const made = await call(url, "POST", "/manage/v1/tenants", secrets.operatorKey, tenant);
    keep({ tenantId: textOf(made, "tenantId"), manageKey: textOf(made, "manageKey") });
  }
  const manageKey = demo.manageKey ?? "";
  if (demo.programVersion === null) {
    const published = await call(url, "PUT", "/manage/v1/program", manageKey, program);
    keep({ programVersion: Number(published["version"]) });
  }
  if (demo.secretKey === null) {
    const limits = { storeIds: null, requestsPerMinute: SHOP_REQUESTS_PER_MINUTE };
    const key = { name: "demo shop", scopes: SHOP_SCOPES, ...limits };
    keep({ secretKey: textOf(await call(url, "POST", "/manage/v1/keys", manageKey, key), "key") });
  }
  return {
    tenantId: demo.tenantId ?? "",
    manageKey,
    secretKey: demo.secretKey ?? "",
    programVersion: demo.programVersion ?? 0,
  };
}

/** The first call may meet a Worker that is still starting: what is no answer at all, or a 5xx, is tried again. */
async function call(
  url: string,
  method: "POST" | "PUT",
  path: string,
  key: string,
  body: object,
): Promise<Record<string, unknown>> {
  const headers = {
    authorization: `Bearer ${key}`,
    "content-type": "application/json",
    "idempotency-key": `seed-${crypto.randomUUID()}`,
  };
  let last = "";
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    try {
      const response = await fetch(`${url}${path}`, { method, headers, body: JSON.stringify(body) });
      const text = await response.text();
      if (response.ok) return parseObject(text, `${method} ${path}`);
      last = `${response.status} ${text.slice(0, 600)}`;
      if (response.status < 500) break;
    } catch (error) {
      last = String(error);
    }
    await sleep(RETRY_MILLISECONDS);
  }
  const hint = "The Worker console answers this; its own error, if any, is above.";
  throw new Error(`The demo tenant could not be made: ${method} ${path} answered ${last}. ${hint}`);
}

function parseObject(text: string, asked: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return { ...value };
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw new Error(
    `The demo tenant could not be made: ${asked} answered "${text.slice(0, 80)}", which is no JSON object.`,
  );
}

function textOf(answer: Record<string, unknown>, field: string): string {
  const value = answer[field];
  if (typeof value !== "string") throw new Error(`The management API answered without "${field}".`);
  return value;
}
