// Compares words without regard to case, exactly as `lower(… collate pg_c_utf8)` of PostgreSQL does.

/** Letters whose small letter Unicode named after PostgreSQL 18 was made: neither side folds them. */
const LATER_LETTERS = /[\uA7CE\uA7D2\uA7D4\u{16EA0}-\u{16EB8}]/u;

/** Whether `text` has `part` somewhere, in whatever case. */
export function containsText(text: string, part: string): boolean {
  return smallLetters(text).includes(smallLetters(part));
}

/** One letter for each letter: `İ` becomes `i`, and the last sigma of a word is like any other. */
export function smallLetters(text: string): string {
  let small = "";
  for (const letter of text) small += letter === "İ" ? "i" : LATER_LETTERS.test(letter) ? letter : letter.toLowerCase();
  return small;
}
