// Draws numbers that look like chance and are the same in every run, for simulated paths and for tests.

import { normalQuantile } from "./special-functions.ts";

const WORD = 2 ** 32;

/** A generator of numbers in (0, 1), the same for the same seed: mulberry32 (Tommy Ettinger's 32-bit mixer). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / WORD;
  };
}

/** A generator of standard normal numbers from one of (0, 1), by the inverse of Φ. */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed);
  return () => normalQuantile(random());
}
