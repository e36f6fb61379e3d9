// Every operation of the public surface in one table: address, shapes, scope, and what it can refuse.
import { z } from "zod";
import type { Scope } from "./directory.ts";
import { manageOperations } from "./operations-manage.ts";
import { memberOperations } from "./operations-member.ts";
import type { RefusalCode } from "./refusals.ts";

export interface Operation {
  readonly id: string;
  readonly method: "GET" | "PUT" | "POST" | "PATCH" | "DELETE";
  /** A parameter of the path is written `{id}`. */
  readonly path: string;
  readonly group:
    | "Members"
    | "Points"
    | "Checkout"
    | "Holds"
    | "Rewards"
    | "Activity"
    | "Management"
    | "Operation"
    | "System";
  readonly summary: string;
  readonly description?: string;
  /** Null: no key is needed; `operator`: the key of those who run this installation. */
  readonly scope: Scope | "operator" | null;
  /** Sandbox tenants may send `Regulars-Test-Time`. */
  readonly testTime: boolean;
  readonly parameters?: Readonly<Record<string, z.ZodType>>;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  /** `mediaType`: JSON when it is not said. */
  readonly answer: {
    readonly status: 200 | 201;
    readonly schema: z.ZodType;
    readonly mediaType?: "text/csv" | readonly ["text/csv", "application/vnd.apache.parquet"];
  };
  /** `key`: needs `Idempotency-Key`; `own-id`: the caller's own id names the write; `none`: reads, or safe to repeat. */
  readonly idempotency: "key" | "own-id" | "none";
  /** Besides those that `refusalsOf` adds for what the operation takes. */
  readonly refusals: readonly RefusalCode[];
}

const health: Operation = {
  id: "health",
  method: "GET",
  path: "/healthz",
  group: "System",
  summary: "Tell whether the API answers",
  scope: null,
  testTime: false,
  answer: { status: 200, schema: z.strictObject({ status: z.literal("ok") }) },
  idempotency: "none",
  refusals: [],
};

/** Checkout first, as a reader looks for it. */
export const operations: readonly Operation[] = [...memberOperations, ...manageOperations, health];

const OF_EVERY_CALL: readonly RefusalCode[] = ["method_not_allowed", "internal_error", "overloaded", "unavailable"];
const OF_A_KEY: readonly RefusalCode[] = ["key_missing", "key_invalid"];
const OF_A_SCOPE: readonly RefusalCode[] = ["scope_missing", "rate_limited"];
const OF_A_SHAPE: readonly RefusalCode[] = [
  "unknown_field",
  "missing_field",
  "wrong_type",
  "not_an_integer",
  "number_out_of_range",
  "invalid_text",
  "invalid_value",
];
const OF_A_BODY: readonly RefusalCode[] = [
  "malformed_json",
  "invalid_date",
  "too_many_items",
  "duplicate_item",
  "body_too_large",
  "media_type_unsupported",
];
const OF_A_QUERY: readonly RefusalCode[] = ["duplicate_item"];
const OF_AN_IDEMPOTENCY_KEY: readonly RefusalCode[] = [
  "idempotency_key_missing",
  "idempotency_key_invalid",
  "idempotency_key_reused",
];
const OF_TEST_TIME: readonly RefusalCode[] = ["invalid_test_time", "test_time_not_allowed"];

/** Every refusal that an operation can give, each once. */
export function refusalsOf(operation: Operation): readonly RefusalCode[] {
  const { scope, body, query, parameters, idempotency, testTime, refusals } = operation;
  const takesShape = body !== undefined || query !== undefined;
  const all = [
    ...(body === undefined ? [] : OF_A_BODY),
    ...(takesShape ? OF_A_SHAPE : []),
    ...(!takesShape && parameters !== undefined ? (["invalid_value"] as const) : []),
    ...(query === undefined ? [] : OF_A_QUERY),
    ...(idempotency === "key" ? OF_AN_IDEMPOTENCY_KEY : []),
    ...(idempotency === "own-id" && body !== undefined ? (["idempotency_key_reused"] as const) : []),
    ...(testTime ? OF_TEST_TIME : []),
    ...(scope === null ? [] : OF_A_KEY),
    ...(scope === null || scope === "operator" ? [] : OF_A_SCOPE),
    ...refusals,
    ...OF_EVERY_CALL,
  ];
  return [...new Set(all)];
}
