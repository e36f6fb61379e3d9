// Turns text into evenly spread numbers that are the same on every machine and for ever.

/** One bit fewer than a double holds, so that the half in the middle of each step stays below 1. */
const STEPS = 2 ** 52;
const encoder = new TextEncoder();

/** MurmurHash3 x86 32 bit (Appleby, public domain algorithm) of the UTF-8 bytes of `text`, as an unsigned integer. */
export function murmur3(text: string, seed: number): number {
  const bytes = encoder.encode(text);
  const whole = bytes.length & ~3;
  let hash = seed >>> 0;
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(wordAt(bytes, at, 4));
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64;
  }
  hash ^= scramble(wordAt(bytes, whole, bytes.length - whole)) ^ bytes.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * A number in (0, 1) for a list of words: two hashes give its 52 bits. The lengths of the words are part of what is
 * hashed, so that ("ab", "c") and ("a", "bc") have nothing to do with each other.
 */
export function hashFraction(...words: readonly string[]): number {
  const text = words.map((word) => `${word.length}:${word}`).join("");
  const high = murmur3(text, 0x2545f491) >>> 6;
  const low = murmur3(text, 0x9e3779b9) >>> 6;
  return (high * 2 ** 26 + low + 0.5) / STEPS;
}

function wordAt(bytes: Uint8Array, from: number, count: number): number {
  let word = 0;
  for (let index = 0; index < count; index += 1) word |= (bytes[from + index] ?? 0) << (8 * index);
  return word;
}

function scramble(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
