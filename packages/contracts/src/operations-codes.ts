// The operations on bulk codes and on budgets.
import { z } from "zod";
import {
  budget,
  budgetKind,
  budgetQuery,
  codeBatch,
  codeBatches,
  codeBatchesQuery,
  codeBatchId,
  codeBatchUsage,
  codesFileQuery,
  codesPage,
  codesQuery,
  createCodeBatch,
  voidCodes,
  voidedCodes,
} from "./codes.ts";
import type { Operation } from "./operations.ts";
import { slug } from "./values.ts";

const common = {
  group: "Management",
  scope: "manage",
  testTime: true,
  idempotency: "none",
} as const satisfies Partial<Operation>;

const one = { parameters: { id: codeBatchId }, refusals: ["code_batch_not_found"] } as const;

export const codeOperations: readonly Operation[] = [
  {
    ...common,
    id: "createCodeBatch",
    method: "POST",
    path: "/manage/v1/code-batches",
    summary: "Make codes of a campaign in bulk",
    description:
      "Up to 1,000,000 codes at once. They are made from the tenant's key when they are read, so the batch is complete at once. " +
      "The same key gives the same batch.",
    body: createCodeBatch,
    answer: { status: 201, schema: codeBatch },
    idempotency: "key",
    refusals: [],
  },
  {
    ...common,
    id: "listCodeBatches",
    method: "GET",
    path: "/manage/v1/code-batches",
    summary: "List the batches of codes, newest first",
    query: codeBatchesQuery,
    answer: { status: 200, schema: codeBatches },
    refusals: ["invalid_cursor"],
  },
  {
    ...common,
    ...one,
    id: "getCodeBatch",
    method: "GET",
    path: "/manage/v1/code-batches/{id}",
    summary: "Read a batch of codes, and how many of them are used",
    answer: { status: 200, schema: codeBatchUsage },
  },
  {
    ...common,
    ...one,
    id: "listCodes",
    method: "GET",
    path: "/manage/v1/code-batches/{id}/codes",
    summary: "Read codes of a batch, page by page",
    description: "`made` of `count` says how far the pages have come. The same numbers give the same codes for ever.",
    query: codesQuery,
    answer: { status: 200, schema: codesPage },
  },
  {
    ...common,
    ...one,
    id: "downloadCodes",
    method: "GET",
    path: "/manage/v1/code-batches/{id}/codes.csv",
    summary: "Download codes of a batch as a file",
    description: "All codes by default, as a stream; one that was cut off goes on with `from`.",
    query: codesFileQuery,
    answer: { status: 200, schema: z.string(), mediaType: "text/csv" },
  },
  {
    ...common,
    ...one,
    id: "voidCodes",
    method: "POST",
    path: "/manage/v1/code-batches/{id}/voids",
    summary: "Void single codes that are not used",
    description: "Safe to repeat.",
    body: voidCodes,
    answer: { status: 200, schema: voidedCodes },
  },
  {
    ...common,
    id: "getBudget",
    method: "GET",
    path: "/manage/v1/budgets/{kind}/{id}",
    summary: "Read how far a rule's budget, a reward's stock or a public code is used up",
    parameters: { kind: budgetKind, id: slug },
    query: budgetQuery,
    answer: { status: 200, schema: budget },
    refusals: ["budget_not_found"],
  },
];
