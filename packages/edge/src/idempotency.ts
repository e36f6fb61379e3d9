// Reads a caller's key of a write, and tells whether two requests with one key are the same request.
import { createHash } from "node:crypto";
import { IDEMPOTENCY_KEY_LENGTH_MAX } from "@regulars/contracts/limits";
import type { Refusal } from "@regulars/contracts/refusals";

export const IDEMPOTENCY_KEY_HEADER = "Idempotency-Key";

const PRINTABLE = /^[\x21-\x7e]([\x20-\x7e]*[\x21-\x7e])?$/;

/** The key of a write, or why the request cannot be taken. */
export function readIdempotencyKey(
  headers: Headers,
): { readonly ok: true; readonly key: string } | { readonly ok: false; readonly refusal: Refusal } {
  const key = headers.get(IDEMPOTENCY_KEY_HEADER);
  if (key === null) {
    return { ok: false, refusal: { code: "idempotency_key_missing", field: IDEMPOTENCY_KEY_HEADER } };
  }
  if (key.length <= IDEMPOTENCY_KEY_LENGTH_MAX && PRINTABLE.test(key)) return { ok: true, key };
  const facts = { limit: IDEMPOTENCY_KEY_LENGTH_MAX };
  return { ok: false, refusal: { code: "idempotency_key_invalid", field: IDEMPOTENCY_KEY_HEADER, facts } };
}

/** SHA-256, hex, of an operation and its checked request: equal for equal requests, however their keys are ordered. */
export function requestHash(operation: string, request: unknown): string {
  return createHash("sha256").update(operation).update("\n").update(canonicalJson(request)).digest("hex");
}

/** JSON with the keys of every object sorted; fields that are undefined are left out as JSON does. */
export function canonicalJson(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  let text = "";
  for (const key of Object.keys(value).sort()) {
    // The guarantee of the cast: the key was listed by the object itself.
    const inner = (value as Record<string, unknown>)[key];
    if (inner === undefined) continue;
    text += `${text === "" ? "" : ","}${JSON.stringify(key)}:${canonicalJson(inner)}`;
  }
  return `{${text}}`;
}
