// Hands every tenant to the queue of runs when cron fires, and reads what the queue brings.
import { tenantPath, type TenantRecord } from "@regulars/contracts/directory";
import type { InsightContext } from "@regulars/contracts/segmentation-rpc";

/** One message of the queue: a tenant whose turn it is. */
interface RunMessage {
  readonly version: 1;
  readonly tenantId: string;
  readonly timeZone: string;
  /** Unix ms. */
  readonly firedAt: number;
}

/** As many keys as KV reads, and as many messages as a queue takes, in one call. */
const TENANTS_PER_SEND = 100;

/**
 * One message a tenant. A network's tenant is one like others: its accounts of coins have no orders, so that a run finds
 * little to do. A record that cannot be read is passed, and looked at again by the next cron.
 */
export async function askRuns(env: Env, firedAtMs: number): Promise<void> {
  let cursor: string | null = null;
  do {
    const page: KVNamespaceListResult<unknown> = await env.DIRECTORY.list({
      prefix: tenantPath(""),
      limit: TENANTS_PER_SEND,
      cursor,
    });
    const paths = page.keys.map(({ name }) => name);
    const messages = await messagesOf(env.DIRECTORY, paths, firedAtMs);
    if (messages.length > 0) await env.SEGMENTATION_RUNS.sendBatch(messages.map((body) => ({ body })));
    cursor = page.list_complete ? null : page.cursor;
  } while (cursor !== null);
}

/** Null for what is no message of a run. A late one works as of the present. */
export function readRunMessage(body: unknown): InsightContext | null {
  // Each field is looked at before it is used.
  const { version, tenantId, timeZone } = (typeof body === "object" && body !== null ? body : {}) as Partial<
    Record<keyof RunMessage, unknown>
  >;
  if (version === 1 && typeof tenantId === "string" && tenantId !== "" && isTimeZone(timeZone)) {
    return { tenantId, timeZone, now: Date.now() };
  }
  console.error(JSON.stringify({ message: "no message of a run", body }));
  return null;
}

async function messagesOf(directory: KVNamespace, paths: readonly string[], firedAt: number): Promise<RunMessage[]> {
  if (paths.length === 0) return [];
  const texts = await directory.get([...paths], "text");
  return paths.flatMap((path) => {
    const tenantId = path.slice(tenantPath("").length);
    const timeZone = timeZoneOf(texts.get(path) ?? null);
    if (timeZone !== null) return [{ version: 1, tenantId, timeZone, firedAt }];
    console.error(JSON.stringify({ message: "tenant passed: its record cannot be read", tenantId }));
    return [];
  });
}

function timeZoneOf(text: string | null): string | null {
  try {
    // What is no record has no time zone.
    const record = JSON.parse(text ?? "null") as Partial<TenantRecord> | null;
    return isTimeZone(record?.timeZone) ? record.timeZone : null;
  } catch {
    return null;
  }
}

function isTimeZone(name: unknown): name is string {
  if (typeof name !== "string") return false;
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
