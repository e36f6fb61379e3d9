// Answers requests that no operation takes: another method is named in `Allow`, anything else is not found.
import { problemResponse } from "./problem.ts";
import type { RequestContext } from "./request-context.ts";

/** One operation of an API; a parameter of the path is written `{id}`. */
export interface Route {
  readonly method: string;
  readonly path: string;
}

/** Makes the answer to requests outside the given operations. */
export function makeUnroutedResponse(routes: readonly Route[]) {
  const patterns = routes.map(({ method, path }) => ({ method, segments: path.split("/") }));
  return (pathname: string, context: RequestContext): Response => {
    const segments = pathname.split("/");
    const methods = patterns.filter((pattern) => fits(pattern.segments, segments)).map(({ method }) => method);
    if (methods.length === 0) return problemResponse({ code: "route_not_found" }, context);
    const allow = [...new Set(methods)].sort().join(", ");
    return problemResponse({ code: "method_not_allowed", facts: { allow } }, context, { Allow: allow });
  };
}

/** `/v1/members/{id}` as Hono writes it: `/v1/members/:id`. */
export function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}

function fits(pattern: readonly string[], segments: readonly string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith("{") ? segments[index] !== "" : part === segments[index]))
  );
}
