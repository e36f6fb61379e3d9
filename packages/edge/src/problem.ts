// Answers a refusal as an RFC 9457 problem document, and a success as JSON, both with the headers of every answer.
import { REFUSALS, type Problem, type Refusal } from "@regulars/contracts/refusals";
import { refusalDetail, refusalTitle } from "./message.ts";
import { quotaHeaders } from "./rate-limit.ts";
import type { RequestContext } from "./request-context.ts";
import { REQUEST_ID_HEADER } from "./request-id.ts";

/** Refusals of one request, the most telling first. */
export type Refusals = readonly [Refusal, ...Refusal[]];

const PROBLEM_BASE = "https://regulars.dev/problems/";
/** What a caller waits before it tries again, when nobody knows better. */
const RETRY_AFTER_SECONDS_DEFAULT = 1;

/** The problem document; several refusals are listed in `errors`, the first gives code and status. */
export function toProblem(
  refused: Refusal | Refusals,
  { requestId, language }: Pick<RequestContext, "requestId" | "language">,
): Problem {
  const [first, ...others] = isList(refused) ? refused : ([refused] as const);
  const { status, retry } = REFUSALS[first.code];
  return {
    type: problemType(first.code),
    title: refusalTitle(first.code, language),
    status,
    code: first.code,
    detail: refusalDetail(first, language),
    ...(first.field === undefined ? {} : { field: first.field }),
    ...(others.length === 0
      ? {}
      : {
          errors: [first, ...others].map((refusal) => ({
            field: refusal.field ?? "",
            code: refusal.code,
            detail: refusalDetail(refusal, language),
          })),
        }),
    retry,
    requestId,
  };
}

export function problemType(code: string): string {
  return PROBLEM_BASE + code;
}

/** The answer to a refused request. `more` may add headers such as `Allow`. */
export function problemResponse(
  refused: Refusal | Refusals,
  context: RequestContext,
  more?: Readonly<Record<string, string>>,
): Response {
  const problem = toProblem(refused, context);
  const headers = answerHeaders(context, "application/problem+json");
  headers["Content-Language"] = context.language;
  if (problem.retry === "later") headers["Retry-After"] = String(retryAfterSeconds(refused));
  if (problem.status === 401) headers["WWW-Authenticate"] = "Bearer";
  return new Response(JSON.stringify(problem), { status: problem.status, headers: { ...headers, ...more } });
}

/** The answer to a request that was done. */
export function answerResponse(value: unknown, status: number, context: RequestContext): Response {
  return new Response(JSON.stringify(value), { status, headers: answerHeaders(context, "application/json") });
}

/** The answer to a request for a file. */
export function fileResponse(
  body: string | ReadableStream<Uint8Array>,
  { name, mediaType }: { name: string; mediaType: string },
  context: RequestContext,
): Response {
  const disposition = { "Content-Disposition": `attachment; filename="${name}"` };
  return new Response(body, { status: 200, headers: { ...answerHeaders(context, mediaType), ...disposition } });
}

function answerHeaders(context: RequestContext, contentType: string): Record<string, string> {
  const headers: Record<string, string> = {
    "Content-Type": contentType,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    [REQUEST_ID_HEADER]: context.requestId,
  };
  if (context.quota !== null) {
    const { policy, state } = quotaHeaders(context.quota);
    headers["RateLimit-Policy"] = policy;
    headers["RateLimit"] = state;
  }
  return headers;
}

function retryAfterSeconds(refused: Refusal | Refusals): number {
  const first = isList(refused) ? refused[0] : refused;
  const seconds = first.facts?.["retryAfterSeconds"];
  return typeof seconds === "number" ? Math.max(1, Math.ceil(seconds)) : RETRY_AFTER_SECONDS_DEFAULT;
}

function isList(refused: Refusal | Refusals): refused is Refusals {
  return Array.isArray(refused);
}
