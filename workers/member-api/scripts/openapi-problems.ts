// Puts problem responses that many operations have in common into one place of the document, so that it stays small.
import type { createDocument } from "zod-openapi";

type Document = ReturnType<typeof createDocument>;
type Responses = Record<string, unknown>;

const METHODS = ["get", "put", "post", "patch", "delete"] as const;

/** The document with every problem response that occurs twice named under `components.responses`. */
export function shareProblems(document: Document): Document {
  const places = new Map<string, { responses: Responses; status: string }[]>();
  for (const path of Object.values(document.paths ?? {})) {
    for (const method of METHODS) {
      // The table of operations gives every operation its responses.
      const responses = (path?.[method]?.responses ?? {}) as Responses;
      for (const [status, response] of Object.entries(responses)) {
        if (Number(status) < 400) continue;
        const text = JSON.stringify(response);
        places.set(text, [...(places.get(text) ?? []), { responses, status }]);
      }
    }
  }
  const shared: Responses = {};
  const numbers = new Map<string, number>();
  for (const [text, found] of places) {
    const [first] = found;
    if (first === undefined || found.length < 2) continue;
    const number = (numbers.get(first.status) ?? 0) + 1;
    numbers.set(first.status, number);
    const name = `Problem${first.status}${number === 1 ? "" : `_${number}`}`;
    shared[name] = JSON.parse(text);
    for (const { responses, status } of found) responses[status] = { $ref: `#/components/responses/${name}` };
  }
  return { ...document, components: { ...document.components, responses: shared as never } };
}
