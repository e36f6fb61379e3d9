// Tokens of game rounds: only what this tenant issued to this member for this game is a round.
import { expect, test } from "vitest";
import { tenantKeyOf } from "@regulars/domain/naming";
import { nonceOf, readRoundToken, roundToken } from "./game-tokens.ts";

const KEY = tenantKeyOf("master", "ten_a");
const of = { memberId: "mbr_a", gameId: "catch" };
const round = { ...of, startedAt: Date.parse("2026-03-01T04:00:00Z"), nonce: nonceOf(KEY, of, "key-1") };
const token = roundToken(KEY, round);

test("a token says which round of whom it is and when it began", () => {
  expect(readRoundToken(KEY, token, of)).toEqual(round);
});

test("the same key starts the same round, another key, member or game another", () => {
  expect(nonceOf(KEY, of, "key-1")).toBe(round.nonce);
  const others = [
    nonceOf(KEY, of, "key-2"),
    nonceOf(KEY, { ...of, memberId: "mbr_b" }, "key-1"),
    nonceOf(KEY, { ...of, gameId: "quiz" }, "key-1"),
    nonceOf(tenantKeyOf("master", "ten_b"), of, "key-1"),
  ];
  expect(new Set([round.nonce, ...others]).size).toBe(5);
});

test("no letter of a token can be changed", () => {
  for (let place = 0; place < token.length; place += 1) {
    const forged = token.slice(0, place) + (token[place] === "a" ? "b" : "a") + token.slice(place + 1);
    expect(readRoundToken(KEY, forged, of), `letter ${place}`).toBe(null);
  }
});

test("a token of another member, game or tenant, or a text that is none, is no round", () => {
  expect(readRoundToken(KEY, token, { ...of, memberId: "mbr_b" })).toBe(null);
  expect(readRoundToken(KEY, token, { ...of, gameId: "quiz" })).toBe(null);
  expect(readRoundToken(tenantKeyOf("master", "ten_b"), token, of)).toBe(null);
  for (const text of ["", ".", "..", "...", `${token}.`, token.toUpperCase(), ` ${token}`]) {
    expect(readRoundToken(KEY, text, of), text).toBe(null);
  }
});
