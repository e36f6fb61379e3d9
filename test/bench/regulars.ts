// Regulars as a subject: the whole local system in a process of its own, called like a customer calls it.
import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Balances } from "@regulars/contracts/points";
import { startStack, type Stack } from "../../infra/local/stack.ts";
import { ask, forEach } from "./ask.ts";
import { expectMembers, expectMore, type ExpectedMember } from "./expectation.ts";
import { untilAtRest } from "./processes.ts";
import { OPERATIONS } from "./requests.ts";
import type { Shape, Subject, SubjectName } from "./subject.ts";
import { enrolMembers, makeTenant, type BenchTenant } from "./tenant.ts";

/** Objects look for their confirmations after 8 s; workerd puts away what was idle for 10 s. */
const DEFERRED_MS = 20_000;
const HOT_WARM_SECONDS = 0.3;
const WARM_SECONDS_MAX = 60;

export interface RegularsSubject extends Subject {
  readonly stack: Stack;
  readonly tenant: BenchTenant;
  stop(): Promise<void>;
}

export interface RegularsOptions {
  readonly name: SubjectName;
  readonly folder: string;
  readonly members: number;
}

/** Starts a system with empty data, its tenant and its members. */
export async function startRegulars({ name, folder, members }: RegularsOptions): Promise<RegularsSubject> {
  rmSync(folder, { recursive: true, force: true });
  const stack = await startStack({ dataDir: folder });
  const tenant = await makeTenant(stack.url, stack.operatorKey, "load");
  const names = Array.from({ length: members }, (_, place) => `spread-${place}`);
  const hot = await enrolMembers(stack.url, tenant.key, ["hot"]);
  const spread = await enrolMembers(stack.url, tenant.key, names);
  const expected = { hot: expectMembers(hot), spread: expectMembers(spread) };
  const { url } = stack;
  return {
    name,
    stack,
    tenant,
    url,
    key: tenant.key,
    operations: OPERATIONS,
    pid: () => stack.pids.workerd,
    membersOf: (shape) => (shape === "hot" ? hot : spread),
    warm: (shape, run) =>
      shape === "hot"
        ? run({ operation: "earn", seconds: HOT_WARM_SECONDS })
        : run({ operation: "balance", seconds: WARM_SECONDS_MAX, once: true }),
    note: (shape, operation, done) => expectMore(expected[shape], operation, done),
    verify: (shape) => verifyMembers(url, tenant.key, expected[shape]),
    settle: (shape) => settle(stack, shape),
    stop: async () => {
      await stack.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Compares every member's points and the number of its events with what was answered. */
export async function verifyMembers(url: string, key: string, expected: readonly ExpectedMember[]): Promise<void> {
  await forEach(expected, async ({ memberId, available, events }) => {
    const found = await ask<Balances>(url, key, "GET", `/v1/members/${memberId}/balances`);
    const [points] = found.balances;
    if (points?.available === available && points.held === 0 && found.sequence === events) return;
    throw new Error(
      `${memberId} has ${JSON.stringify(found)}, but ${available} points after ${events} events were answered`,
    );
  });
}

async function settle(stack: Stack, shape: Shape): Promise<void> {
  if (shape === "spread") await sleep(DEFERRED_MS);
  await untilAtRest(stack.pids.workerd);
}
