import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CODE_BATCHES_MAX, CODE_NUMBER_MAX, codeOf, numberOf, readCode } from "./code-format.ts";

const key = "a".repeat(64);
const LETTERS = "23456789ACEFHJKMNPRTWXY";
const codes = fc.record({ batch: fc.nat(CODE_BATCHES_MAX), number: fc.nat(CODE_NUMBER_MAX) });
const bare = (code: string) => code.replaceAll("-", "");

test("a code is seven groups of four letters, none of which looks like another", () => {
  expect(codeOf(key, { batch: 1, number: 42 })).toMatch(/^([2-9ACEFHJKMNPRTWXY]{4}-){6}[2-9ACEFHJKMNPRTWXY]{4}$/);
});

test("every code tells its number to its tenant's key, and to no other", () => {
  fc.assert(
    fc.property(codes, (one) => {
      const letters = readCode(codeOf(key, one));
      expect(letters).not.toBeNull();
      expect(numberOf(key, letters ?? "")).toEqual(one);
      expect(numberOf("b".repeat(64), letters ?? "")).toBeNull();
    }),
  );
});

test("a code is read in small letters, with spaces, and with letters that people write for ours", () => {
  const code = codeOf(key, { batch: 7, number: 999_999 });
  expect(readCode(` ${code.toLowerCase().replaceAll("-", " ")}`)).toBe(bare(code));
  const misread = code.replaceAll("8", "B").replaceAll("5", "S").replaceAll("2", "Z").replaceAll("6", "G");
  expect(readCode(misread)).toBe(bare(code));
});

describe("the check letter finds", () => {
  test("every single wrong letter, at every place", () => {
    const letters = bare(codeOf(key, { batch: 3, number: 12_345 }));
    for (let place = 0; place < letters.length; place += 1) {
      for (const letter of LETTERS) {
        if (letter === letters[place]) continue;
        expect(readCode(letters.slice(0, place) + letter + letters.slice(place + 1))).toBeNull();
      }
    }
  });

  test("every swap of neighbours that differ", () => {
    fc.assert(
      fc.property(codes, fc.nat(26), (one, place) => {
        const letters = bare(codeOf(key, one));
        const [first = "", second = ""] = letters.slice(place, place + 2);
        fc.pre(first !== second);
        expect(readCode(letters.slice(0, place) + second + first + letters.slice(place + 2))).toBeNull();
      }),
    );
  });
});

test("a code cannot be made without the key: other numbers have other proofs, spread over all letters", () => {
  const seen = new Map<string, number>();
  const proofs = new Set<string>();
  for (let number = 0; number < 3000; number += 1) {
    const proof = bare(codeOf(key, { batch: 1, number })).slice(8, 27);
    proofs.add(proof);
    for (const letter of proof) seen.set(letter, (seen.get(letter) ?? 0) + 1);
  }
  expect(proofs.size).toBe(3000);
  const each = (3000 * 19) / LETTERS.length;
  expect(seen.size).toBe(LETTERS.length);
  for (const count of seen.values()) expect(Math.abs(count - each)).toBeLessThan(each / 5);
});

test("the longest batch and number still have their own code", () => {
  const last = { batch: CODE_BATCHES_MAX, number: CODE_NUMBER_MAX };
  expect(numberOf(key, readCode(codeOf(key, last)) ?? "")).toEqual(last);
  expect(CODE_NUMBER_MAX).toBeGreaterThan(1_000_000);
});
