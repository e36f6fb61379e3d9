// Names a request, so that an answer, a log line and a caller's report can be matched.

export const REQUEST_ID_HEADER = "Regulars-Request-Id";

const SANE_ID = /^[A-Za-z0-9._:-]{8,64}$/;

/** The caller's own id when it is short and printable, else a new one. */
export function requestIdOf(headers: Headers): string {
  const sent = headers.get(REQUEST_ID_HEADER) ?? headers.get("X-Request-Id");
  return sent !== null && SANE_ID.test(sent) ? sent : `req_${crypto.randomUUID()}`;
}
