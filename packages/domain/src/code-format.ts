// Bearer codes: letters that cannot be mistaken, a check letter, and a code's number proven by the tenant's own key.
import { createHmac } from "node:crypto";

/**
 * 23 letters, a prime: no 0 O D Q, 1 I L, 2-Z, 5-S, 8-B, 6-G, U V together, so that a code read aloud or from a receipt is read
 * right; and every check sum over them has one solution.
 */
const LETTERS = "23456789ACEFHJKMNPRTWXY";
const BASE = LETTERS.length;
/** What people write for a letter that is none of ours. */
const MISREAD: Readonly<Record<string, string>> = { B: "8", G: "6", S: "5", Z: "2" };

const BATCH_LENGTH = 3;
const NUMBER_LENGTH = 5;
/** 19 letters of 23 hold 85.9 bits: nobody finds a code by trying. */
const PROOF_LENGTH = 19;
const CHECK_LENGTH = 1;
const CODE_LENGTH = BATCH_LENGTH + NUMBER_LENGTH + PROOF_LENGTH + CHECK_LENGTH;
const GROUP_LENGTH = 4;

/** Batches of one tenant: 23³. */
export const CODE_BATCHES_MAX = BASE ** BATCH_LENGTH - 1;
/** Codes of one batch: 23⁵. */
export const CODE_NUMBER_MAX = BASE ** NUMBER_LENGTH - 1;

/** Which code of which batch. */
export interface CodeNumber {
  readonly batch: number;
  readonly number: number;
}

/** The code of a number: the same key, batch and number give the same code for ever, so that no code is stored. */
export function codeOf(tenantKey: string, { batch, number }: CodeNumber): string {
  const body = digits(batch, BATCH_LENGTH) + digits(number, NUMBER_LENGTH);
  const whole = body + proofOf(tenantKey, body);
  return grouped(whole + checkLetterOf(whole));
}

/** What a shopper typed, as one of our codes would be written; null when its check letter shows that it is none. */
export function readCode(typed: string): string | null {
  const letters = [...typed.toUpperCase().replaceAll(/[\s-]/g, "")].map((letter) => MISREAD[letter] ?? letter).join("");
  if (letters.length !== CODE_LENGTH || [...letters].some((letter) => !LETTERS.includes(letter))) return null;
  return sumOf(letters) === 0 ? letters : null;
}

/** The number of a code that `readCode` gave, if this tenant's key made it; null for every other. */
export function numberOf(tenantKey: string, letters: string): CodeNumber | null {
  const body = letters.slice(0, BATCH_LENGTH + NUMBER_LENGTH);
  const proof = letters.slice(body.length, body.length + PROOF_LENGTH);
  if (!isSame(proof, proofOf(tenantKey, body))) return null;
  return { batch: valueOf(body.slice(0, BATCH_LENGTH)), number: valueOf(body.slice(BATCH_LENGTH)) };
}

function proofOf(tenantKey: string, body: string): string {
  const bytes = createHmac("sha256", tenantKey).update(`code:${body}`).digest();
  let value = 0n;
  for (const byte of bytes.subarray(0, 16)) value = (value << 8n) | BigInt(byte);
  let proof = "";
  for (; proof.length < PROOF_LENGTH; value /= BIG_BASE) proof += LETTERS.charAt(Number(value % BIG_BASE));
  return proof;
}

const BIG_BASE = BigInt(BASE);

function checkLetterOf(letters: string): string {
  const weight = weightAt(letters.length);
  const wanted = (BASE - sumOf(letters)) % BASE;
  for (let value = 0; value < BASE; value += 1) if ((value * weight) % BASE === wanted) return LETTERS.charAt(value);
  throw new Error("a prime base has an inverse of every weight");
}

// Weights 1 to 22 in turn: none is 0 and neighbours differ, so one wrong letter or two swapped ones always change the sum.
const weightAt = (place: number) => (place % (BASE - 1)) + 1;

function sumOf(letters: string): number {
  let sum = 0;
  for (let place = 0; place < letters.length; place += 1) {
    sum += weightAt(place) * LETTERS.indexOf(letters.charAt(place));
  }
  return sum % BASE;
}

function digits(value: number, length: number): string {
  let text = "";
  for (let rest = value; text.length < length; rest = Math.floor(rest / BASE)) {
    text = LETTERS.charAt(rest % BASE) + text;
  }
  return text;
}

function valueOf(text: string): number {
  let value = 0;
  for (const letter of text) value = value * BASE + LETTERS.indexOf(letter);
  return value;
}

const grouped = (letters: string) => letters.match(new RegExp(`.{${GROUP_LENGTH}}`, "g"))?.join("-") ?? letters;

// Compares every letter whatever comes first: time tells nothing of where they differ.
function isSame(one: string, other: string): boolean {
  let difference = one.length ^ other.length;
  for (let place = 0; place < one.length; place += 1) difference |= one.charCodeAt(place) ^ other.charCodeAt(place);
  return difference === 0;
}
