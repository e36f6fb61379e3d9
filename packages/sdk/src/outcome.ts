// Decides what a caller gets back: an answer, or a refusal as a value; expected things are never thrown.
import type { Problem, RefusalCode } from "@regulars/contracts/refusals";

/** Refusals that the client itself states, since no readable answer of Regulars came. */
export type ClientRefusalCode =
  /** No connection, or it broke, at every attempt. */
  | "unreachable"
  /** No whole answer in time, at the last attempt. */
  | "timeout"
  /** The caller's own signal ended the call. */
  | "aborted"
  /** Something between here and Regulars answered, not Regulars. */
  | "unreadable_answer";

/** Why a call has no value. */
export interface CallRefusal {
  /** Stable: decide by this, not by `title` or `detail`. */
  readonly code: RefusalCode | ClientRefusalCode;
  /** The HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  /** The JSON path, query parameter or header at fault. */
  readonly field?: string;
  /** Every field at fault, when there are several. */
  readonly errors?: readonly { readonly field: string; readonly code: RefusalCode; readonly detail: string }[];
  /** `never`: the same call stays refused; `changed`: once something else changed; `later`: the same call may pass. */
  readonly retry: "never" | "changed" | "later";
  /** How long the server asked to wait. */
  readonly retryAfterMs?: number;
  /** Names this request in the server's log; null when no answer came. */
  readonly requestId: string | null;
}

interface Sent {
  /** Requests made for this call: 1, and one more for each retry. */
  readonly attempts: number;
  /** The key under which this write was sent; send the same call again with it to learn how it ended. */
  readonly idempotencyKey: string | null;
}

export interface Answer<Value> extends Sent {
  readonly ok: true;
  readonly value: Value;
  readonly status: number;
  readonly requestId: string | null;
}

export interface Refused extends Sent {
  readonly ok: false;
  readonly refusal: CallRefusal;
}

/** What every call resolves to. Test `ok` first. */
export type Outcome<Value> = Answer<Value> | Refused;

const TITLES: Record<ClientRefusalCode, string> = {
  unreachable: "Regulars could not be reached",
  timeout: "Regulars did not answer in time",
  aborted: "The call was ended by its caller",
  unreadable_answer: "The answer is not from Regulars",
};

/** A refusal that the client states by itself. */
export function clientRefusal(code: ClientRefusalCode, status: number, detail?: string): CallRefusal {
  return {
    code,
    status,
    title: TITLES[code],
    ...(detail === undefined ? {} : { detail }),
    retry: code === "aborted" ? "never" : "later",
    requestId: null,
  };
}

/** The refusal in an answer that is not a success. */
export function refusalOf(status: number, body: string, retryAfterMs: number | null): CallRefusal {
  const problem = problemIn(body);
  const wait = retryAfterMs === null ? {} : { retryAfterMs };
  if (problem === null) {
    return { ...clientRefusal("unreadable_answer", status, body.slice(0, 200)), retry: retryOf(status), ...wait };
  }
  const { code, title, detail, field, errors, retry, requestId } = problem;
  return {
    code,
    status,
    title,
    ...(detail === undefined ? {} : { detail }),
    ...(field === undefined ? {} : { field }),
    ...(errors === undefined ? {} : { errors }),
    retry,
    ...wait,
    requestId,
  };
}

function problemIn(body: string): Problem | null {
  const parsed = parse(body);
  const found = typeof parsed === "object" && parsed !== null && "code" in parsed && "retry" in parsed;
  // A document with a code and a retry class is the server's Problem; nothing else that answers 4xx has both.
  return found ? (parsed as Problem) : null;
}

/** The JSON in a text, or undefined when it is none. */
export function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function retryOf(status: number): "never" | "later" {
  return status === 429 || status >= 500 ? "later" : "never";
}
