// Takes apart what a person searches for: each word, and the ranges of terms in which members that match it stand.
import { memberId } from "@regulars/contracts/values";

/** Terms that begin with `prefix`. `rank`: how good a match is, 0 best; `whole`: of a term that is the prefix and no more. */
export interface TermRange {
  readonly prefix: string;
  readonly rank: number;
  readonly whole: number;
}

export interface SearchWord {
  readonly text: string;
  readonly ranges: readonly TermRange[];
  /** A whole id of a member. */
  readonly memberId: string | null;
}

const RANK = {
  whole: 0,
  nameBegins: 1,
  numberPart: 2,
  companyBegins: 3,
  namePart: 4,
  companyPart: 5,
  host: 6,
} as const;
/** Shorter parts of numbers and emails match a large share of all members. */
const PART_LETTERS_MIN = 3;
/** So many digits of a phone are all of it, as it is written in its country. */
const WHOLE_PHONE_DIGITS = 8;

/** Compatible and small letters, one space between words: `search_text` of the database does the same to what is found. */
export function searchText(told: string): string {
  return told.normalize("NFKC").toLowerCase().replaceAll("ς", "σ").replace(/\s+/g, " ").trim();
}

/** The words of a search, each once. A phone that is written in groups of digits is one word. */
export function wordsOf(asked: string): SearchWord[] {
  const text = searchText(asked);
  const words = /^[+(]?[\d().+ -]+$/.test(text) ? [text.replaceAll(" ", "")] : text.split(" ");
  return [...new Set(words)].map((word) => ({
    text: word,
    ranges: rangesOf(word),
    memberId: memberId.safeParse(word).success ? word : null,
  }));
}

/** Names that begin with the words one after the other, with a space between them or without. */
export function phrasesOf(words: readonly SearchWord[]): string[] {
  const texts = words.map(({ text }) => text);
  return [texts.join(" "), texts.join("")];
}

/** The first text after all that begin with `prefix`, in the order of bytes, which is that of code points. */
export function afterPrefix(prefix: string): string {
  const letters = [...prefix];
  for (let last = letters.pop(); last !== undefined; last = letters.pop()) {
    const point = last.codePointAt(0) ?? 0;
    if (point === 0x10_ffff) continue;
    // Surrogates are no letters of their own.
    return letters.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  throw new Error("a prefix begins with its kind");
}

function rangesOf(word: string): TermRange[] {
  const ranges: TermRange[] = [
    { prefix: `N:${word}`, rank: RANK.nameBegins, whole: RANK.whole },
    { prefix: `C:${word}`, rank: RANK.companyBegins, whole: RANK.whole },
    { prefix: `n:${word}`, rank: RANK.namePart, whole: RANK.namePart },
    { prefix: `c:${word}`, rank: RANK.companyPart, whole: RANK.companyPart },
  ];
  const add = (rank: number, text: string, kinds: readonly string[]) => {
    const whole = rank === RANK.host ? rank : RANK.whole;
    for (const kind of kinds) ranges.push({ prefix: kind + text, rank, whole });
  };
  if (letterCount(word) >= PART_LETTERS_MIN) {
    add(RANK.numberPart, word, ["d:", "e:", "E:"]);
    add(RANK.numberPart, backwards(word), ["D:"]);
  }
  const host = word.startsWith("@") ? word.slice(1) : word;
  if (letterCount(host) >= PART_LETTERS_MIN) add(RANK.host, host, ["h:", "H:"]);
  for (const tail of phoneTailsOf(word)) {
    add(tail.length >= WHOLE_PHONE_DIGITS ? RANK.whole : RANK.numberPart, backwards(tail), ["p:", "P:"]);
  }
  return ranges;
}

/** The ends of phones that a word may be: as it stands, and without the zeros that stand for the country or before its own. */
function phoneTailsOf(word: string): string[] {
  if (!/^[\d().+-]+$/.test(word)) return [];
  const digits = word.replaceAll(/\D/g, "");
  const significant = digits.replace(/^0+/, "");
  const tails = [digits, ...(significant.length >= WHOLE_PHONE_DIGITS - 1 ? [significant] : [])];
  return [...new Set(tails)].filter((tail) => tail.length >= PART_LETTERS_MIN);
}

const letterCount = (text: string) => [...text].length;
const backwards = (text: string) => [...text].toReversed().join("");
