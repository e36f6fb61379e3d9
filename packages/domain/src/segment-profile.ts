// Conditions about the words of a profile: told or not, one of several, or containing a text.
import type { SegmentLeaf } from "@regulars/contracts/segments";
import type { LeafOutcome, SegmentFacts } from "./segment-facts.ts";
import { isWithin } from "./segment-ranges.ts";
import { containsText } from "./segment-text.ts";

type Of<Kind extends SegmentLeaf["kind"]> = Extract<SegmentLeaf, { readonly kind: Kind }>;

/** A word that was not told is in no list and contains nothing; `known: false` asks for just that. */
export function decideWord(leaf: Of<"word">, facts: SegmentFacts): LeafOutcome {
  const word = wordOf(leaf.field, facts);
  if (leaf.known !== undefined) return settled((word !== null) === leaf.known, word);
  if (word === null) return settled(false, null);
  return settled(leaf.in !== undefined ? leaf.in.includes(word) : containsText(word, leaf.contains ?? ""), word);
}

/** Values of a field of one's own are equal only within their type: the number 1 is not the text "1". Only numbers lie in a range. */
export function decideCustom(leaf: Of<"custom">, facts: SegmentFacts): LeafOutcome {
  const value = customOf(leaf.field, facts);
  if (leaf.known !== undefined) return settled((value !== null) === leaf.known, value);
  if (leaf.in !== undefined) return settled(value !== null && leaf.in.includes(value), value);
  return settled(isWithin(typeof value === "number" ? value : null, leaf), value);
}

function wordOf(field: Of<"word">["field"], facts: SegmentFacts): string | null {
  if (field === "homeStoreId" || field === "regionId" || field === "source") return facts[field];
  const word = facts.profile[field];
  return typeof word === "string" ? word : null;
}

function customOf(field: string, { profile }: SegmentFacts): string | number | boolean | null {
  const { custom } = profile;
  if (typeof custom !== "object" || custom === null || !Object.hasOwn(custom, field)) return null;
  // An object that has the field.
  const value = (custom as Readonly<Record<string, unknown>>)[field];
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}

const settled = (holds: boolean, found: LeafOutcome["found"]): LeafOutcome => ({ holds, found, changesInDays: null });
