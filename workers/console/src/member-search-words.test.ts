import { expect, test } from "vitest";
import { afterPrefix, searchText, wordsOf } from "./member-search-words.ts";

const prefixesOf = (asked: string) => wordsOf(asked).map(({ ranges }) => ranges.map(({ prefix }) => prefix));

test("letters are compatible and small, and words stand one space apart", () => {
  expect(searchText("  ＣＨＥＮ\u3000 Wei－Ting ")).toBe("chen wei-ting");
  expect(searchText("ΟΔΟΣ")).toBe("οδοσ");
  expect(searchText("ﾃｽﾄ")).toBe("テスト");
});

test("one letter is looked for in names and companies alone", () => {
  expect(prefixesOf("王")).toEqual([["N:王", "C:王", "n:王", "c:王"]]);
  expect(prefixesOf("12")).toEqual([["N:12", "C:12", "n:12", "c:12"]]);
});

test("three letters may also begin an email, its host or a card, or end a card", () => {
  expect(prefixesOf("Mei")[0]).toEqual(
    expect.arrayContaining(["N:mei", "e:mei", "E:mei", "h:mei", "H:mei", "d:mei", "D:iem"]),
  );
  expect(prefixesOf("@gmail")[0]).toEqual(expect.arrayContaining(["h:gmail", "H:gmail"]));
});

test("three digits may end a phone, and a phone may be written in its country or for all", () => {
  expect(prefixesOf("678")[0]).toEqual(expect.arrayContaining(["p:876", "P:876"]));
  for (const written of ["0912345678", "0912-345-678", "0912 345 678", "(0912) 345678"]) {
    expect(prefixesOf(written)[0]).toEqual(expect.arrayContaining(["p:876543219", "p:8765432190"]));
  }
  expect(prefixesOf("+886 912 345 678")[0]).toContain("p:876543219688");
  expect(prefixesOf("00886912345678")[0]).toContain("p:876543219688");
  expect(prefixesOf("0678")[0]).toContain("p:8760");
  expect(prefixesOf("0678")[0]).not.toContain("p:876");
});

test("several words are looked for one by one, each once", () => {
  expect(wordsOf("王 小明 王").map(({ text }) => text)).toEqual(["王", "小明"]);
  expect(wordsOf("chen 678").map(({ text }) => text)).toEqual(["chen", "678"]);
});

test("only a whole id is one", () => {
  const id = `mbr_${"0".repeat(26)}`;
  expect(wordsOf(id.toUpperCase())[0]?.memberId).toBe(id);
  expect(wordsOf("mbr_0")[0]?.memberId).toBeNull();
});

test("what begins with a text stands before the text after it, and nothing else does", () => {
  const bytes = (text: string) => Buffer.from(text, "utf8");
  for (const prefix of ["N:王", "n:a", "n:%", "n:_", "n:\u007f", "n:\ud7ff", "n:\uffff", "n:\u{10ffff}", "n:😀"]) {
    const after = afterPrefix(prefix);
    expect(after.isWellFormed()).toBe(true);
    for (const more of ["", "a", "龜", "\u{10ffff}\u{10ffff}"]) {
      expect(bytes(prefix + more).compare(bytes(after))).toBe(-1);
    }
    const next = [...prefix].slice(0, -1).join("") + "\u{10ffff}z";
    if (!next.startsWith(prefix)) expect(bytes(next).compare(bytes(after))).not.toBe(-1);
  }
});
