// Reads a keyed write about the member that the path names: member, key and body, or the response that says what is wrong.
import type { WriteContext } from "@regulars/contracts/rpc";
import { readJson, type Read } from "@regulars/edge/body";
import { readIdempotencyKey, requestHash } from "@regulars/edge/idempotency";
import { problemResponse } from "@regulars/edge/problem";
import type { z } from "zod";
import { isRefusal, refuseCall, type Call } from "./call.ts";
import { writeContext } from "./ledger.ts";
import { memberContext } from "./member-handlers.ts";

export type ReadWrite<Value> =
  | { readonly ok: true; readonly at: WriteContext; readonly value: Value }
  | { readonly ok: false; readonly response: Response };

/** Member, key and body of a write, in the order in which a caller would want to hear what is wrong. */
export async function readWrite<Schema extends z.ZodType>(
  call: Call,
  schema: Schema,
): Promise<ReadWrite<z.output<Schema>>> {
  const at = memberContext(call);
  if (isRefusal(at)) return { ok: false, response: refuseCall(call, at) };
  const keyed = readIdempotencyKey(call.request.headers);
  if (!keyed.ok) return { ok: false, response: refuseCall(call, keyed.refusal) };
  const body: Read<z.output<Schema>> = await readJson(call.request, schema);
  if (!body.ok) return { ok: false, response: problemResponse(body.refusals, call.context) };
  const hash = requestHash(call.operation.id, [call.parameters, body.value]);
  return { ok: true, at: writeContext(at, `k/${keyed.key}`, hash), value: body.value };
}
