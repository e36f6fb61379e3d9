// The operations that keep an installation healthy: alerts, the comparison with PostgreSQL, and messages that failed.
import { alerts, deadLetters, listQuery, reconciled, reconcileRequest, redriven, redriveRequest } from "./manage.ts";
import type { Operation } from "./operations.ts";

const common = {
  group: "Operation",
  scope: "manage",
  testTime: true,
  idempotency: "none",
  refusals: [],
} as const satisfies Partial<Operation>;

export const careOperations: readonly Operation[] = [
  {
    ...common,
    id: "listAlerts",
    method: "GET",
    path: "/manage/v1/alerts",
    summary: "List what somebody should look at, newest first",
    query: listQuery,
    answer: { status: 200, schema: alerts },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    id: "reconcile",
    method: "POST",
    path: "/manage/v1/reconciliation",
    summary: "Compare a page of members with PostgreSQL, and heal what differs",
    description: "Repeat with `nextCursor` until it is null. Safe to repeat.",
    body: reconcileRequest,
    answer: { status: 200, schema: reconciled },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    id: "listDeadLetters",
    method: "GET",
    path: "/manage/v1/dead-letters",
    summary: "List messages that could not be projected, newest first",
    description: "Needs the operator's key: a message may carry events of many tenants.",
    scope: "operator",
    testTime: false,
    query: listQuery,
    answer: { status: 200, schema: deadLetters },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    id: "redriveDeadLetters",
    method: "POST",
    path: "/manage/v1/dead-letters/redrive",
    summary: "Send dead letters to the queue again",
    description: "Needs the operator's key. Safe to repeat: an event that is known already changes nothing.",
    scope: "operator",
    testTime: false,
    body: redriveRequest,
    answer: { status: 200, schema: redriven },
  },
];
