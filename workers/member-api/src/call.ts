// One API call: its request, session and means, as the handlers of all operations see it.
import type { Operation } from "@regulars/contracts/operations";
import { REFUSALS, type Refusal } from "@regulars/contracts/refusals";
import type { Reply } from "@regulars/contracts/rpc";
import { answerResponse, problemResponse } from "@regulars/edge/problem";
import type { RequestContext } from "@regulars/edge/request-context";
import type { Session } from "./session.ts";

export interface Call {
  readonly env: Env;
  readonly ctx: Pick<ExecutionContext, "waitUntil">;
  readonly request: Request;
  readonly parameters: Readonly<Record<string, string>>;
  readonly operation: Operation;
  readonly session: Session;
  readonly context: RequestContext;
}

export type Handler = (call: Call) => Promise<Response>;

/** The answer to a reply of a member's object. `shape` turns the ledger's value into the public one. */
export function replyResponse<Value>(
  { operation, context }: Call,
  reply: Reply<Value>,
  shape: (value: Value) => unknown = (value) => value,
): Response {
  return reply.ok
    ? answerResponse(shape(reply.value), operation.answer.status, context)
    : problemResponse(reply.refusal, context);
}

/** The answer to a refused call. */
export function refuseCall({ context }: Call, refusal: Refusal): Response {
  return problemResponse(refusal, context);
}

/** Whether a value is a refusal: refusals are the only values here with a known code. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === "object" && value !== null && "code" in value && String(value.code) in REFUSALS;
}
