// Counts the requests of each key in fixed windows: in this isolate only, so a quota holds per location and isolate.

export const WINDOW_SECONDS = 60;
/** Keys counted at once; the oldest windows are dropped beyond it. 20,000 entries are about 2 MB. */
const KEYS_MAX = 20_000;

/** What is left of a key's quota after a request. */
export interface QuotaState {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  readonly resetSeconds: number;
}

interface Window {
  endsAt: number;
  used: number;
}

/** A counter of requests by key; `take` counts one and says whether it may pass. */
export function makeRateLimiter() {
  const windows = new Map<string, Window>();
  return {
    take(key: string, limit: number, now: number): QuotaState {
      const window = currentWindow(windows, key, now);
      window.used += 1;
      return {
        allowed: window.used <= limit,
        limit,
        remaining: Math.max(0, limit - window.used),
        resetSeconds: Math.max(1, Math.ceil((window.endsAt - now) / 1000)),
      };
    },
  };
}

/** The header values of the IETF draft "RateLimit header fields for HTTP". */
export function quotaHeaders(quota: QuotaState): { policy: string; state: string } {
  return {
    policy: `"default";q=${quota.limit};w=${WINDOW_SECONDS}`,
    state: `"default";r=${quota.remaining};t=${quota.resetSeconds}`,
  };
}

function currentWindow(windows: Map<string, Window>, key: string, now: number): Window {
  const known = windows.get(key);
  if (known !== undefined && now < known.endsAt) return known;
  const fresh = { endsAt: now + WINDOW_SECONDS * 1000, used: 0 };
  windows.delete(key);
  windows.set(key, fresh);
  if (windows.size > KEYS_MAX) {
    const [oldest] = windows.keys();
    if (oldest !== undefined) windows.delete(oldest);
  }
  return fresh;
}
