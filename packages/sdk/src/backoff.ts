// Decides whether and when a call is sent again.
import type { CallRefusal } from "./outcome.ts";

/** The first wait is up to this; each later one up to twice as much. */
const FIRST_WAIT_MS = 200;
/** A checkout does not wait longer than this between two attempts by our own choice. */
const WAIT_MS_MAX = 8_000;
/** A server that asks for more is not waited for: the caller gets the refusal and decides. */
const RETRY_AFTER_MS_MAX = 60_000;

/** How long to wait before the next attempt, or null when another one cannot help. */
export function waitBeforeRetry(refusal: CallRefusal, attempt: number, random: () => number): number | null {
  if (refusal.retry !== "later") return null;
  const asked = refusal.retryAfterMs ?? 0;
  if (asked > RETRY_AFTER_MS_MAX) return null;
  // Full jitter: many tills that lost the network at once must not come back at once.
  const chosen = random() * Math.min(WAIT_MS_MAX, FIRST_WAIT_MS * 2 ** (attempt - 1));
  return Math.max(asked, chosen);
}

/** Retry-After as milliseconds from `now`: seconds or an HTTP date; null when absent or unreadable. */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const seconds = Number(header);
  if (header.trim() !== "" && Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
