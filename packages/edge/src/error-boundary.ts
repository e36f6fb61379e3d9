// Answers what nobody expected: a bug becomes a 500 without details, an object that cannot answer a 503.
import type { Refusal } from "@regulars/contracts/refusals";
import { problemResponse } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";

/** The answer to an error that was thrown; it is logged with the request's id. */
export function errorResponse(error: unknown, context: RequestContext): Response {
  const refusal = refusalOfError(error);
  console.error(
    JSON.stringify({
      message: "request failed",
      requestId: context.requestId,
      code: refusal.code,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  return problemResponse(refusal, context);
}

/** Durable Objects mark their errors: `overloaded` must not be retried at once, `retryable` may. */
export function refusalOfError(error: unknown): Refusal {
  if (typeof error === "object" && error !== null) {
    if ("overloaded" in error && error.overloaded === true) return { code: "overloaded" };
    if ("retryable" in error && error.retryable === true) return { code: "unavailable" };
  }
  return { code: "internal_error" };
}
