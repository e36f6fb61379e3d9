// Sends one call until it is answered: each attempt has its own time limit, and every attempt carries the same key.
import { retryAfterMs, waitBeforeRetry } from "./backoff.ts";
import { type CallRefusal, clientRefusal, type Outcome, parse, refusalOf } from "./outcome.ts";

/** The part of `fetch` that the client uses; the global one fits, and so does a lighter one. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
    readonly signal: AbortSignal;
  },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

export interface CallOptions {
  /** Names this write; the same key and call are answered alike for ever. Made by the client when left out. */
  readonly idempotencyKey?: string;
  /** When this happens, ISO 8601; only sandbox tenants accept it. */
  readonly testTime?: string;
  /** Language of texts in the answer, as in Accept-Language. */
  readonly language?: string;
  /** For one attempt. */
  readonly timeoutMs?: number;
  /** How many more attempts follow a failed first one. */
  readonly retries?: number;
  /** Ends the call, with its retries, as refusal `aborted`. */
  readonly signal?: AbortSignal;
}

export interface Connection {
  readonly url: string;
  readonly key: string;
  readonly fetch: Fetch;
  readonly defaults: CallOptions;
}

export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  /** `always`: a key is made when none is given; `given`: the path or the body names the write already. */
  readonly keyed: "always" | "given" | "no";
}

/** A till gives up on a loyalty answer after about five seconds; one attempt may not eat a whole minute. */
export const TIMEOUT_MS_DEFAULT = 10_000;
/** Five attempts outlast a restart of a server (about six seconds of waits at most). */
export const RETRIES_DEFAULT = 4;

/** Sends a call and, where another attempt can help, sends it again. */
export async function send<Value>(
  connection: Connection,
  call: Call,
  given: CallOptions = {},
): Promise<Outcome<Value>> {
  const options = { ...connection.defaults, ...given };
  const idempotencyKey = keyOf(call, options);
  const request = {
    url: connection.url + call.path,
    method: call.method,
    headers: headersOf(connection, call, options, idempotencyKey),
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  };
  const retries = options.retries ?? RETRIES_DEFAULT;
  for (let attempt = 1; ; attempt++) {
    const result = await sendOnce(connection.fetch, request, options);
    if (result.ok) {
      // The server answers by the schemas that these types are inferred from.
      return { ...result, value: result.value as Value, attempts: attempt, idempotencyKey };
    }
    const wait = attempt > retries ? null : waitBeforeRetry(result.refusal, attempt, Math.random);
    if (wait === null) return { ...result, attempts: attempt, idempotencyKey };
    await sleep(wait, options.signal);
  }
}

function keyOf(call: Call, options: CallOptions): string | null {
  if (call.keyed === "no") return null;
  return options.idempotencyKey ?? (call.keyed === "always" ? crypto.randomUUID() : null);
}

function headersOf(connection: Connection, call: Call, options: CallOptions, key: string | null) {
  const headers: Record<string, string> = { authorization: `Bearer ${connection.key}`, accept: "application/json" };
  if (call.body !== undefined) headers["content-type"] = "application/json";
  if (key !== null) headers["idempotency-key"] = key;
  if (options.testTime !== undefined) headers["regulars-test-time"] = options.testTime;
  if (options.language !== undefined) headers["accept-language"] = options.language;
  return headers;
}

type Attempt =
  | { readonly ok: true; readonly value: unknown; readonly status: number; readonly requestId: string | null }
  | { readonly ok: false; readonly refusal: CallRefusal };

type Request = {
  readonly url: string;
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
};

async function sendOnce(fetch: Fetch, request: Request, options: CallOptions): Promise<Attempt> {
  if (options.signal?.aborted === true) return refused(clientRefusal("aborted", 0));
  const limit = timeLimit(options.timeoutMs ?? TIMEOUT_MS_DEFAULT, options.signal);
  try {
    // A fetch that ignores its signal must not outlive the limit.
    return await Promise.race([exchange(fetch, request, limit.signal), limit.ended]);
  } catch (error) {
    if (limit.signal.aborted) return await limit.ended;
    return refused(clientRefusal("unreachable", 0, error instanceof Error ? error.message : String(error)));
  } finally {
    limit.clear();
  }
}

async function exchange(fetch: Fetch, { url, ...init }: Request, signal: AbortSignal): Promise<Attempt> {
  const response = await fetch(url, { ...init, signal });
  const body = await response.text();
  const { status, headers } = response;
  const requestId = headers.get("regulars-request-id");
  if (status < 200 || status > 299) {
    const refusal = refusalOf(status, body, retryAfterMs(headers.get("retry-after"), Date.now()));
    return refused({ ...refusal, requestId: refusal.requestId ?? requestId });
  }
  const value = parse(body);
  if (value === undefined) return refused({ ...clientRefusal("unreadable_answer", status), requestId });
  return { ok: true, value, status, requestId };
}

function refused(refusal: CallRefusal): Attempt {
  return { ok: false, refusal };
}

/** One signal for the time limit and the caller's own; `ended` says which of the two it was. */
function timeLimit(timeoutMs: number, signal: AbortSignal | undefined) {
  const controller = new AbortController();
  let resolveEnded: (attempt: Attempt) => void;
  const ended = new Promise<Attempt>((resolve) => {
    resolveEnded = resolve;
  });
  const end = (code: "timeout" | "aborted", detail?: string) => {
    resolveEnded(refused(clientRefusal(code, 0, detail)));
    controller.abort();
  };
  const timer = setTimeout(() => end("timeout", `No whole answer in ${timeoutMs} ms`), timeoutMs);
  const onAbort = () => end("aborted");
  signal?.addEventListener("abort", onAbort, { once: true });
  const clear = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", onAbort);
  };
  return { signal: controller.signal, ended, clear };
}

/** Waits, but not longer than the caller does. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener("abort", wake, { once: true });
  });
}
