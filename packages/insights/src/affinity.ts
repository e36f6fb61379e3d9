// Decides what goes with what: association rules between items, and what to offer next to who has some of them.

import { frequentItemSets } from "./item-sets.ts";
import type { ItemSetOptions, TooManySets } from "./item-sets.ts";
import type { BasketTable } from "./baskets.ts";

/** "Who buys all of `antecedent` also buys `consequent`", with its measures; shares are 0 to 1. */
export type AffinityRule = {
  readonly antecedent: readonly string[];
  readonly consequent: string;
  /** Baskets that hold all of it. */
  readonly count: number;
  /** P(A and B). */
  readonly support: number;
  /** P(B | A). */
  readonly confidence: number;
  /** P(B | A) / P(B): how many times more often than in any basket. */
  readonly lift: number;
  /** P(A and B) - P(A) P(B). Piatetsky-Shapiro (1991). */
  readonly leverage: number;
  /** (1 - P(B)) / (1 - P(B | A)); infinite for a rule without exception. Brin et al. (1997). */
  readonly conviction: number;
};

export type AffinityRules = { readonly ok: true; readonly baskets: number; readonly rules: readonly AffinityRule[] };

export type RuleOptions = ItemSetOptions & {
  readonly confidence: number;
  /** Least items of a rule, both sides together; 2 unless said, and at 1 rules without antecedent count too. */
  readonly minLength?: number;
  /** Only rules that are better than chance by this factor; none unless said. */
  readonly lift?: number;
  /** More rules than this are refused: the confidence is too low for anybody to read the answer. */
  readonly maxRules?: number;
};

export type TooManyRules = { readonly ok: false; readonly reason: "confidence_too_low"; readonly maxRules: number };

/** About 40 MB of rules: a Worker has 128. */
export const MAX_RULES = 200_000;

export type Recommendation = {
  readonly item: string;
  /** The best of the rules that speak for it: "because you have …; x % of those buy it, y times more often". */
  readonly reason: AffinityRule;
  /** How many rules speak for it. */
  readonly rules: number;
};

const DEFAULT_RECOMMENDATIONS = 5;

/**
 * All rules with a single consequent at a least support and confidence, over any subset of the baskets, by falling
 * lift, then confidence, then support. Agrawal & Srikant (1994); measures as the arules package of R. Refused when
 * the support is so low that there are too many sets, or the confidence that there are too many rules.
 */
export function affinityRules(table: BasketTable, options: RuleOptions): AffinityRules | TooManySets | TooManyRules {
  const { maxRules = MAX_RULES } = options;
  const found = frequentItemSets(table, options);
  if (!found.ok) return found;
  const { baskets, sets } = found;
  const counts = new Map<string, number>([["", baskets]]);
  for (const { items, count } of sets) counts.set(keyOf(items, -1), count);
  const rules: AffinityRule[] = [];
  const nameOf = (item: number) => table.items[item] ?? "";
  for (const { items, count } of sets) {
    if (items.length < (options.minLength ?? 2)) continue;
    for (const [at, item] of items.entries()) {
      // Every part of a frequent set is frequent, so its count is known.
      const ofAntecedent = counts.get(keyOf(items, at)) ?? count;
      const confidence = count / ofAntecedent;
      if (confidence < options.confidence) continue;
      const ofConsequent = (counts.get(keyOf([item], -1)) ?? count) / baskets;
      const lift = confidence / ofConsequent;
      if (lift < (options.lift ?? 0)) continue;
      if (rules.length >= maxRules) return { ok: false, reason: "confidence_too_low", maxRules };
      rules.push({
        antecedent: items.toSpliced(at, 1).map(nameOf),
        consequent: nameOf(item),
        count,
        support: count / baskets,
        confidence,
        lift,
        leverage: count / baskets - (ofAntecedent / baskets) * ofConsequent,
        conviction: confidence === 1 ? Number.POSITIVE_INFINITY : (1 - ofConsequent) / (1 - confidence),
      });
    }
  }
  return { ok: true, baskets, rules: rules.sort(byLift) };
}

/** Rules by the first of their antecedents, to look up what speaks to one member without reading them all. */
export type RuleIndex = ReadonlyMap<string, readonly AffinityRule[]>;

/** Makes the index that `recommend` reads. Rules without antecedent are left out: they have no reason to give. */
export function indexRules(rules: readonly AffinityRule[]): RuleIndex {
  const index = new Map<string, AffinityRule[]>();
  for (const rule of rules) {
    const first = rule.antecedent[0];
    if (first === undefined) continue;
    const others = index.get(first);
    if (others === undefined) index.set(first, [rule]);
    else others.push(rule);
  }
  return index;
}

/**
 * What to offer next to who has `held` (a basket, or what a member bought before): consequents of rules whose
 * antecedents are all held, by the confidence of the best rule for each, each with that rule as its reason. Never
 * what is held already, and never what goes together less often than by chance (lift of at most 1).
 */
export function recommend(
  index: RuleIndex,
  held: Iterable<string>,
  options: { readonly limit?: number; readonly exclude?: ReadonlySet<string> } = {},
): Recommendation[] {
  const { limit = DEFAULT_RECOMMENDATIONS, exclude } = options;
  const has = new Set(held);
  const best = new Map<string, Recommendation>();
  for (const item of has) {
    for (const rule of index.get(item) ?? []) {
      const { consequent, antecedent, lift } = rule;
      if (lift <= 1 || has.has(consequent) || exclude?.has(consequent) === true) continue;
      if (!antecedent.every((needed) => has.has(needed))) continue;
      const known = best.get(consequent);
      const reason = known === undefined || byConfidence(rule, known.reason) < 0 ? rule : known.reason;
      best.set(consequent, { item: consequent, reason, rules: (known?.rules ?? 0) + 1 });
    }
  }
  return [...best.values()].sort((one, other) => byConfidence(one.reason, other.reason)).slice(0, limit);
}

/** A set without its item at `without`, as a short key: two characters of 15 bits each for an item number. */
function keyOf(items: readonly number[], without: number): string {
  let key = "";
  for (const [at, item] of items.entries()) if (at !== without) key += String.fromCharCode(item >>> 15, item & 0x7fff);
  return key;
}

function byLift(one: AffinityRule, other: AffinityRule): number {
  return other.lift - one.lift || byConfidence(one, other);
}

function byConfidence(one: AffinityRule, other: AffinityRule): number {
  const byShare = other.confidence - one.confidence || other.lift - one.lift || other.count - one.count;
  if (byShare !== 0) return byShare;
  const names = [one, other].map(({ antecedent, consequent }) => [...antecedent, consequent].join("\n"));
  return (names[0] ?? "") < (names[1] ?? "") ? -1 : 1;
}
