// The operations of clearing between owners, and of the liability of points.
import { z } from "zod";
import {
  clearingBalances,
  clearingPeriod,
  clearingPeriods,
  clearingStatement,
  period,
  periodRangeQuery,
  statementFileQuery,
  statementQuery,
} from "./clearing.ts";
import { liability, liabilityJournal, liabilityQuery } from "./liability.ts";
import type { Operation } from "./operations.ts";

const common = {
  method: "GET",
  group: "Management",
  scope: "manage",
  testTime: true,
  idempotency: "none",
} as const satisfies Partial<Operation>;

const csv = { status: 200, schema: z.string(), mediaType: "text/csv" } as const;

export const clearingOperations: readonly Operation[] = [
  {
    ...common,
    id: "listClearingPeriods",
    path: "/manage/v1/clearing/periods",
    summary: "List the periods of clearing, newest first",
    description: "Months of the tenant's time zone, from the first due to the present one; ten years at most.",
    answer: { status: 200, schema: clearingPeriods },
    refusals: [],
  },
  {
    ...common,
    id: "getClearingStatement",
    path: "/manage/v1/clearing/statements",
    summary: "Read an owner's statement of a period",
    description:
      "What the owner receives from and pays to every other owner, with every line, oldest first. Amounts are positive " +
      "when the owner of the statement receives. An open period's statement may still change.",
    query: statementQuery,
    answer: { status: 200, schema: clearingStatement },
    refusals: ["owner_not_found", "invalid_cursor"],
  },
  {
    ...common,
    id: "downloadClearingStatement",
    path: "/manage/v1/clearing/statements.csv",
    summary: "Download an owner's statement of a period with all its lines",
    query: statementFileQuery,
    answer: csv,
    refusals: ["owner_not_found"],
  },
  {
    ...common,
    id: "getClearingBalances",
    path: "/manage/v1/clearing/balances",
    summary: "Read what all owners settle, period by period",
    description: "The books of all owners sum to zero in every column; `sums` adds them up.",
    query: periodRangeQuery,
    answer: { status: 200, schema: clearingBalances },
    refusals: ["number_out_of_range"],
  },
  {
    ...common,
    id: "lockClearingPeriod",
    method: "POST",
    path: "/manage/v1/clearing/periods/{period}/lock",
    summary: "Make the statements of a period final",
    description:
      "Periods are locked in order, once they are over. What arrives or changes later goes into the next open period. " +
      "Locking again gives the same answer.",
    parameters: { period },
    answer: { status: 200, schema: clearingPeriod },
    idempotency: "own-id",
    refusals: ["period_not_over", "period_not_next"],
  },
];

export const liabilityOperations: readonly Operation[] = [
  {
    ...common,
    id: "getLiability",
    path: "/manage/v1/liability",
    summary: "Read the liability of points at a moment, today included",
    description:
      "Points outstanding by currency, month of issue, store, owner and tier; how many of them history expects to be " +
      "spent; and the revenue deferred for them (IFRS 15). Without `at`: now.",
    query: liabilityQuery,
    answer: { status: 200, schema: liability },
    refusals: [],
  },
  {
    ...common,
    id: "getLiabilityJournal",
    path: "/manage/v1/liability/journal",
    summary: "Read the journal of deferred revenue by period",
    query: periodRangeQuery,
    answer: { status: 200, schema: liabilityJournal },
    refusals: ["number_out_of_range"],
  },
  {
    ...common,
    id: "downloadLiabilityJournal",
    path: "/manage/v1/liability/journal.csv",
    summary: "Download the journal of deferred revenue for a ledger",
    query: periodRangeQuery,
    answer: csv,
    refusals: ["number_out_of_range"],
  },
];
