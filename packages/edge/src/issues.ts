// Maps what zod found wrong with a value to refusals with a stable code and the field at fault.
import { REFUSALS, type Refusal, type RefusalCode } from "@regulars/contracts/refusals";
import type { z } from "zod";
import { fieldPath } from "./field-path.ts";
import type { Refusals } from "./problem.ts";

/** So many faults are told at once; a caller mends them from the first on. */
const ERRORS_MAX = 20;

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** The refusals of a value that does not fit its schema, one a field, in the order of the schema. */
export function toRefusals(issues: readonly Issue[], input: unknown): Refusals {
  const byField = new Map<string, Refusal>();
  collect(issues, input, [], byField);
  const [first = { code: "invalid_value" }, ...others] = byField.values();
  return [first, ...others];
}

function collect(issues: readonly Issue[], input: unknown, base: Path, found: Map<string, Refusal>): void {
  for (const issue of issues) {
    const path = [...base, ...issue.path];
    if (issue.code === "unrecognized_keys") {
      for (const key of issue.keys) add(found, [...path, key], { code: "unknown_field" });
    } else if (issue.code === "invalid_union" && issue.errors.length > 0) {
      collectBranch(issue.errors, input, path, found);
    } else {
      const value = valueAt(input, path);
      add(found, isEmptyList(issue) ? [...path, 0] : path, refusalOf(issue, value));
    }
    if (found.size >= ERRORS_MAX) return;
  }
}

/** Of a union's branches the one that the value was meant for: the first that does not reject it as a whole. */
function collectBranch(branches: readonly Issue[][], input: unknown, path: Path, found: Map<string, Refusal>): void {
  const meant = branches.find((issues) => !issues.some((issue) => issue.path.length === 0 && isOtherType(issue)));
  if (meant !== undefined) return collect(meant, input, path, found);
  const value = valueAt(input, path);
  const sameKind = branches.flat().find((issue) => typeof value === "number" && expectedOf(issue) === "integer");
  if (sameKind !== undefined) return add(found, path, refusalOf(sameKind, value));
  add(found, path, { code: value === undefined ? "missing_field" : "wrong_type" });
}

function add(found: Map<string, Refusal>, path: Path, refusal: Omit<Refusal, "field">): void {
  const field = fieldPath(path);
  if (found.has(field) || found.size >= ERRORS_MAX) return;
  found.set(field, field === "" ? refusal : { ...refusal, field });
}

function refusalOf(issue: Issue, value: unknown): Omit<Refusal, "field"> {
  switch (issue.code) {
    case "custom":
      return { code: codeOf(issue.params?.["code"]) ?? codeOf(issue.message) ?? "invalid_value" };
    case "invalid_type":
      return refusalOfType(issue, value);
    case "invalid_value":
      return refusalOfChoice(issue.values, value);
    case "invalid_format":
      if (issue.format === "datetime" || issue.format === "date") return { code: "invalid_date" };
      return { code: codeOf(issue.message) ?? "invalid_value" };
    case "too_small":
      return refusalOfSize(issue.origin, `≥ ${issue.minimum}`);
    case "too_big":
      return refusalOfSize(issue.origin, `≤ ${issue.maximum}`);
    case "invalid_union":
      return { code: value === undefined ? "missing_field" : "invalid_value" };
    default:
      return { code: "invalid_value" };
  }
}

function refusalOfType(issue: Issue, value: unknown): Omit<Refusal, "field"> {
  if (value === undefined) return { code: "missing_field" };
  const expected = expectedOf(issue);
  // zod asks for an integer only after it has seen a number, which a query's text may have become.
  if (expected === "integer") return { code: "not_an_integer" };
  if (typeof value === "number" && expected === "number") return { code: "number_out_of_range" };
  return { code: codeOf(issue.message) ?? "wrong_type", facts: { expected } };
}

function refusalOfChoice(values: readonly unknown[], value: unknown): Omit<Refusal, "field"> {
  if (value === undefined) return { code: "missing_field" };
  const [sample] = values;
  if (typeof sample !== typeof value) return { code: "wrong_type", facts: { expected: typeof sample } };
  return { code: "invalid_value", facts: { allowed: values.map(String).join(", ") } };
}

function refusalOfSize(origin: string, limit: string): Omit<Refusal, "field"> {
  if (origin === "string") return { code: "invalid_text", facts: { limit } };
  if (origin === "array") return limit.startsWith("≤") ? tooMany(limit) : { code: "missing_field" };
  return { code: "number_out_of_range", facts: { limit } };
}

const tooMany = (limit: string) => ({ code: "too_many_items", facts: { limit: limit.slice(2) } }) as const;

const isEmptyList = (issue: Issue) => issue.code === "too_small" && issue.origin === "array";

const isOtherType = (issue: Issue) => issue.code === "invalid_type" || issue.code === "invalid_value";

function expectedOf(issue: Issue): string {
  if (issue.code !== "invalid_type") return "";
  if (issue.expected === "int") return "integer";
  return issue.expected === "record" ? "object" : issue.expected;
}

/** The code that a schema names itself, if it is one. */
function codeOf(text: unknown): RefusalCode | undefined {
  // The guarantee of the cast: the text is an own key of REFUSALS.
  return typeof text === "string" && Object.hasOwn(REFUSALS, text) ? (text as RefusalCode) : undefined;
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    // The guarantee of the cast: the key was just found on the object.
    value = (value as Record<PropertyKey, unknown>)[key];
  }
  return value;
}
