// What a decision is: the body of the next event, or a refusal; both are values.
import type { EventBody } from "@regulars/contracts/events";
import type { Refusal, RefusalCode } from "@regulars/contracts/refusals";

export type Refused = { readonly ok: false; readonly refusal: Refusal };

export type Decision = { readonly ok: true; readonly body: EventBody } | Refused;

/** A refusal with the field at fault and the figures that explain it. */
export function refuse(code: RefusalCode, field?: string, facts?: Record<string, string | number>): Refused {
  return { ok: false, refusal: { code, ...(field && { field }), ...(facts && { facts }) } };
}
