// Asks another object once more when it moved or restarted: every such question is keyed, so asking twice changes nothing.

/** An object that moved or restarted answers the next attempt; more would only add to an outage. */
const ATTEMPTS_MAX = 3;
const RETRY_WAIT_MS = 20;

/** The answer to a call that makes a fresh stub each time. Throws what the last attempt threw. */
export async function askAgain<Value>(call: () => Promise<Value>): Promise<Value> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (attempt >= ATTEMPTS_MAX || !mayRetry(error)) throw error;
      await scheduler.wait(RETRY_WAIT_MS * attempt);
    }
  }
}

// An overloaded object must be left alone.
function mayRetry(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { retryable, overloaded } = error as { retryable?: boolean; overloaded?: boolean };
  return retryable === true && overloaded !== true;
}
