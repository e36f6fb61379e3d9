// How long a message waits before it is tried again: soon at first, so that a restart is not felt, and then patiently.

/** Tries of a message that is itself at fault before it goes to the dead letters: about five seconds. */
export const SET_ASIDE_ATTEMPTS = 3;

const SOON_SECONDS_MAX = 30;
const SOON_ATTEMPTS = 20;
const PATIENT_SECONDS = 600;

/**
 * 1, 2, 4, … up to 30 s for the first 20 tries (8 minutes), then every 10 minutes: the 100 retries of wrangler.jsonc
 * last for 13 hours without PostgreSQL. Meanwhile the objects publish again by themselves.
 */
export function retryDelaySeconds(attempts: number): number {
  return attempts > SOON_ATTEMPTS ? PATIENT_SECONDS : Math.min(2 ** (attempts - 1), SOON_SECONDS_MAX);
}
