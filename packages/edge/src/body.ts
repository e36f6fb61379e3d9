// Reads a request's JSON body, its query or one parameter by a schema, or says exactly what is wrong with it.
import { BODY_BYTES_MAX } from "@regulars/contracts/limits";
import type { Refusal } from "@regulars/contracts/refusals";
import { z } from "zod";
import { fieldPath } from "./field-path.ts";
import { toRefusals } from "./issues.ts";
import type { Refusals } from "./problem.ts";

// Workers forbid eval, which zod would otherwise try first.
z.config({ jitless: true });

/** A value that fits its schema, or why it does not. */
export type Read<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly refusals: Refusals };

const JSON_TYPE = /^application\/json\s*(;|$)/i;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: false });

/** Reads the body; an absent body counts as `{}`. Reads at most BODY_BYTES_MAX bytes, whatever the headers say. */
export async function readJson<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<Read<z.output<Schema>>> {
  const declared = Number(request.headers.get("Content-Length") ?? Number.NaN);
  if (declared > BODY_BYTES_MAX) return refuse(tooLarge);
  const bytes = Number.isInteger(declared)
    ? new Uint8Array(await request.arrayBuffer())
    : await readLimited(request.body, BODY_BYTES_MAX);
  if (bytes === null || bytes.byteLength > BODY_BYTES_MAX) return refuse(tooLarge);
  if (bytes.byteLength === 0) return check({}, schema);
  const contentType = request.headers.get("Content-Type");
  if (contentType === null || !JSON_TYPE.test(contentType)) {
    return refuse({ code: "media_type_unsupported", field: "Content-Type" });
  }
  return parseJson(bytes, schema);
}

/** Reads the query of an address; a parameter given twice is refused. */
export function readQuery<Schema extends z.ZodType>(url: string, schema: Schema): Read<z.output<Schema>> {
  const start = url.indexOf("?");
  const query: Record<string, string> = {};
  if (start >= 0) {
    for (const [name, value] of new URLSearchParams(url.slice(start + 1).split("#", 1)[0])) {
      if (name === "__proto__") return refuse({ code: "unknown_field", field: name });
      if (Object.hasOwn(query, name)) return refuse({ code: "duplicate_item", field: fieldPath([name]) });
      query[name] = value;
    }
  }
  return check(query, schema);
}

/** Reads one parameter of the path or one header; `field` is the name by which a refusal calls it. */
export function readParameter<Schema extends z.ZodType>(
  value: string | undefined,
  schema: Schema,
  field: string,
): Read<z.output<Schema>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const [{ field: _, ...first }] = toRefusals(parsed.error.issues, value);
  return refuse({ ...first, field });
}

function parseJson<Schema extends z.ZodType>(bytes: Uint8Array, schema: Schema): Read<z.output<Schema>> {
  let text: string;
  let value: unknown;
  try {
    text = decoder.decode(bytes);
    value = JSON.parse(text);
  } catch {
    return refuse({ code: "malformed_json" });
  }
  // zod's records skip a key `__proto__` silently; the text is searched first because that is almost free.
  if (text.includes("__proto__") || text.includes("\\u00")) {
    const path = findPrototypeKey(value);
    if (path !== null) return refuse({ code: "unknown_field", field: fieldPath(path) });
  }
  return check(value, schema);
}

function check<Schema extends z.ZodType>(value: unknown, schema: Schema): Read<z.output<Schema>> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  return { ok: false, refusals: toRefusals(parsed.error.issues, value) };
}

/** Reads a body of unknown length; null when it is longer than allowed, and the rest is not read. */
async function readLimited(body: ReadableStream<Uint8Array> | null, bytesMax: number): Promise<Uint8Array | null> {
  if (body === null) return new Uint8Array(0);
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.byteLength;
    if (length > bytesMax) {
      await reader.cancel();
      return null;
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

interface Place {
  readonly value: unknown;
  readonly key: PropertyKey;
  readonly parent: Place | null;
}

/** Walks without recursion and without copying paths, since 64 KiB can nest 32,000 deep. */
function findPrototypeKey(root: unknown): PropertyKey[] | null {
  const open: Place[] = [{ value: root, key: "", parent: null }];
  for (let place = open.pop(); place !== undefined; place = open.pop()) {
    const { value } = place;
    if (typeof value !== "object" || value === null) continue;
    if (Object.hasOwn(value, "__proto__")) return [...pathOf(place), "__proto__"];
    const isList = Array.isArray(value);
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner !== "object" || inner === null) continue;
      open.push({ value: inner, key: isList ? Number(key) : key, parent: place });
    }
  }
  return null;
}

function pathOf(place: Place): PropertyKey[] {
  const path: PropertyKey[] = [];
  for (let here: Place = place; here.parent !== null; here = here.parent) path.push(here.key);
  return path.toReversed();
}

const tooLarge: Refusal = { code: "body_too_large", facts: { limit: BODY_BYTES_MAX } };

const refuse = (refusal: Refusal) => ({ ok: false, refusals: [refusal] }) as const;
