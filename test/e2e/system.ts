// The running system that an end-to-end file tests, in a folder of its own, and the requests it sends.
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startStack, type Stack } from "../../infra/local/stack.ts";
import { afterAll, beforeAll } from "vitest";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed document. Tests look at single fields of it, so its type is left open. */
  // oxlint-disable-next-line typescript/no-explicit-any -- answers are asserted field by field
  readonly body: any;
}

export interface Request {
  readonly key?: string;
  readonly idempotencyKey?: string;
  readonly testTime?: string;
  readonly headers?: Record<string, string>;
  readonly raw?: string;
}

export interface System {
  stack: Stack;
  /** Where everything that it keeps lies. */
  folder: string;
  /** Members that `makeMember` has made. */
  made: number;
  call(method: string, path: string, body?: unknown, request?: Request): Promise<Answer>;
  /** Enrols a member with a phone of their own. Returns the id. */
  makeMember(request?: Request): Promise<string>;
}

let unique = 0;

/** A text that no other call of this run returns. */
export function uniqueId(prefix: string): string {
  return `${prefix}-${process.pid}-${(unique += 1)}`;
}

/** Starts the whole system before the tests of a file and stops it after them. */
export function useSystem(): System {
  let folder = "";
  const system = {
    made: 0,
    call: (method, path, body, request) => callStack(system.stack, method, path, body, request),
    makeMember: async (request) => {
      const phone = `09${String(10_000_000 + (unique += 1)).padStart(8, "0")}`;
      const body = { identities: [{ type: "phone", value: phone }] };
      const made = await system.call("POST", "/v1/members", body, { idempotencyKey: uniqueId("enrol"), ...request });
      if (made.status !== 201) throw new Error(`enrolment failed: ${JSON.stringify(made.body)}`);
      system.made += 1;
      return made.body.id as string;
    },
  } as System;
  beforeAll(async () => {
    folder = system.folder = await mkdtemp(join(tmpdir(), "regulars-e2e-"));
    // PostgreSQL runs as a user of its own, which must reach its data.
    await chmod(folder, 0o711);
    system.stack = await startStack({ dataDir: folder });
  });
  afterAll(async () => {
    await system.stack?.stop();
    if (folder !== "") await rm(folder, { recursive: true, force: true });
  });
  return system;
}

async function callStack(
  stack: Stack,
  method: string,
  path: string,
  body?: unknown,
  { key, idempotencyKey, testTime, headers, raw }: Request = {},
): Promise<Answer> {
  const content = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const response = await fetch(`${stack.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key ?? (path.startsWith("/manage/") ? stack.manageKey : stack.secretKey)}`,
      ...(content !== undefined && { "content-type": "application/json" }),
      ...(idempotencyKey !== undefined && { "idempotency-key": idempotencyKey }),
      ...(testTime !== undefined && { "regulars-test-time": testTime }),
      ...headers,
    },
    ...(content !== undefined && { body: content }),
  });
  const text = await response.text();
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** A paid order of one line for a member, valid by default. */
export function makeOrder(memberId: string, more: Record<string, unknown> = {}) {
  return {
    member: { id: memberId },
    storeId: "taipei-xinyi",
    currency: "TWD",
    lines: [{ lineId: "1", sku: "tea", quantity: 1, unitPrice: 37_000 }],
    state: "paid",
    placedAt: new Date().toISOString(),
    ...more,
  };
}

/** Compares every member with PostgreSQL, until all agree or the time is over. Returns the last differences. */
export async function reconcileUntilEqual(
  system: System,
  seconds: number,
  { key, made = system.made }: { readonly key?: string; readonly made?: number } = {},
): Promise<unknown[]> {
  const until = Date.now() + seconds * 1000;
  for (;;) {
    const differences: unknown[] = [];
    let checked = 0;
    let cursor: string | null = null;
    do {
      const page = { limit: 100, heal: false, ...(cursor !== null && { cursor }) };
      const request = key === undefined ? {} : { key };
      const answer: Answer = await system.call("POST", "/manage/v1/reconciliation", page, request);
      if (answer.status !== 200) {
        differences.push(answer.body);
        break;
      }
      differences.push(...answer.body.differences);
      checked += answer.body.checked;
      cursor = answer.body.nextCursor;
    } while (cursor !== null);
    // PostgreSQL can only be asked for the members it has heard of.
    if (checked < made) differences.push(`${checked} of ${made} members are in PostgreSQL`);
    if (differences.length === 0 || Date.now() > until) return differences;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
