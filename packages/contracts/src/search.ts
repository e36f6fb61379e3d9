// Searching members by what is known of them: a part of a name or company, the end of a phone, an email, a card, an id.
import { z } from "zod";
import { day, memberId, slug, text } from "./values.ts";

/** What a person types; a name has up to 60 letters that are looked at. */
export const SEARCH_LETTERS_MAX = 100;
/** Every word must match: each is a search of its own. */
export const SEARCH_WORDS_MAX = 5;
/** Whoever gets more than these goes on typing. */
export const SEARCH_FOUND_MAX = 50;

export const memberSearchQuery = z.strictObject({
  q: text(SEARCH_LETTERS_MAX).refine(hasFewWords, { params: { code: "invalid_value" } }),
  limit: z.coerce.number().pipe(z.int().min(1).max(SEARCH_FOUND_MAX)).default(20),
});

/** `phoneTail`: the last three digits, to tell two of one name apart. `spend` in minor units; null without an order. */
export const foundMember = z.strictObject({
  id: memberId,
  name: z.string().nullable(),
  company: z.string().nullable(),
  phoneTail: z.string().nullable(),
  tier: z.string().nullable(),
  homeStoreId: slug.nullable(),
  stage: z.string().nullable(),
  lastOrderOn: day.nullable(),
  spend: z.int().nullable(),
});

/** The best first: whole names and numbers, then beginnings, then parts. `more`: there are others, or may be. */
export const foundMembers = z.strictObject({ members: z.array(foundMember), more: z.boolean() });

export type MemberSearchQuery = z.output<typeof memberSearchQuery>;
export type FoundMember = z.output<typeof foundMember>;
export type FoundMembers = z.output<typeof foundMembers>;

function hasFewWords(asked: string): boolean {
  const words = asked.normalize("NFKC").trim().split(/\s+/);
  return words[0] !== "" && words.length <= SEARCH_WORDS_MAX;
}
