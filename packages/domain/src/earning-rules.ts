// An earning rule ready to decide with: its condition compiled, its lists as sets, and the cheap checks that come first.
import type { EarningRule, LineFilter } from "@regulars/contracts/program-earning";
import { compileCondition, type CompiledCondition } from "./conditions.ts";

/** Which lines count; `null` sets say nothing. */
export interface CompiledFilter {
  readonly included: { readonly categories: ReadonlySet<string>; readonly skus: ReadonlySet<string> } | null;
  readonly excludedCategories: ReadonlySet<string>;
  readonly excludedSkus: ReadonlySet<string>;
  readonly giftCards: boolean;
  readonly shipping: boolean;
}

/** What is taken from gross. */
export interface CompiledBase {
  readonly discounts: boolean;
  readonly vouchers: boolean;
  readonly points: boolean;
  readonly tax: boolean;
}

/** What a rule measures; rules that measure alike share one, which a basket is measured by once. */
export interface Measure {
  readonly index: number;
  /** A line counts when it passes all of them. */
  readonly filters: readonly CompiledFilter[];
  readonly base: CompiledBase;
}

/** A rule that a multiplier repeats; `measure` when the multiplier looks at some lines only. */
export interface Multiplied {
  readonly rule: CompiledRule;
  readonly measure: Measure | null;
}

export interface CompiledRule extends EarningRule {
  /** Place in the order of deciding: by priority, then as the document has them. */
  readonly ordinal: number;
  readonly condition: CompiledCondition | null;
  readonly measure: Measure;
  readonly fromMs: number;
  readonly untilMs: number;
  readonly storeIds: ReadonlySet<string> | null;
  readonly regionIds: ReadonlySet<string> | null;
  readonly channelIds: ReadonlySet<string> | null;
  readonly tierIds: ReadonlySet<string> | null;
  /** Of a multiplier. */
  readonly multiplies: readonly Multiplied[];
}

/** What the cheap checks look at. */
export interface RulePlace {
  readonly at: number;
  readonly storeId: string | null;
  readonly regionId: string | null;
  readonly channel: string | null;
  readonly tier: string | null;
}

/** Why a rule is out of the question for this place, member and time; null when its condition must be asked. */
export function barredBy(rule: CompiledRule, at: RulePlace): "not_in_force" | "store" | "channel" | "tier" | null {
  if (at.at < rule.fromMs || at.at >= rule.untilMs) return "not_in_force";
  if (rule.storeIds !== null && !has(rule.storeIds, at.storeId)) return "store";
  if (rule.regionIds !== null && !has(rule.regionIds, at.regionId)) return "store";
  if (rule.channelIds !== null && !has(rule.channelIds, at.channel)) return "channel";
  if (rule.tierIds !== null && !has(rule.tierIds, at.tier)) return "tier";
  return null;
}

const has = (set: ReadonlySet<string>, value: string | null) => value !== null && set.has(value);

/** Rules ready to decide with, by priority, then in the document's order. */
export function compileRules(rules: readonly EarningRule[]): readonly CompiledRule[] {
  const measures = new Measures();
  const conditions = new Map<string, CompiledCondition>();
  const ordered = rules.toSorted((one, other) => other.priority - one.priority);
  const compiled = ordered.map((rule, ordinal): CompiledRule => {
    const filter = compileFilter(rule.lines);
    return {
      ...rule,
      ordinal,
      condition: rule.when === undefined ? null : sharedCondition(conditions, rule.when),
      measure: measures.of([filter], baseOf(rule)),
      fromMs: rule.from === undefined ? -Infinity : Date.parse(rule.from),
      untilMs: rule.until === undefined ? Infinity : Date.parse(rule.until),
      storeIds: setOf(rule.stores),
      regionIds: setOf(rule.regions),
      channelIds: setOf(rule.channels),
      tierIds: setOf(rule.tiers),
      multiplies: [],
    };
  });
  const plain = compiled.filter(({ type }) => type !== "multiplier");
  return compiled.map((rule) =>
    rule.type === "multiplier" ? { ...rule, multiplies: multipliedBy(rule, plain, measures) } : rule,
  );
}

// Rules named in `of`; all that earn the same currency for the same thing when none are. Multipliers repeat no multiplier.
function multipliedBy(multiplier: CompiledRule, plain: readonly CompiledRule[], measures: Measures): Multiplied[] {
  const { of, on, currency, lines } = multiplier;
  const own = plain.filter((rule) => rule.on === on && rule.currency === currency);
  const named = of === undefined ? own : own.filter(({ id }) => of.includes(id));
  const selective = !isOpen(lines);
  return named.map((rule) => {
    const filters = [...multiplier.measure.filters, ...rule.measure.filters];
    return { rule, measure: selective ? measures.of(filters, rule.measure.base) : null };
  });
}

function isOpen({ categories, skus, excludeCategories, excludeSkus, giftCards, shipping }: LineFilter): boolean {
  const names = (categories ?? skus) !== undefined || excludeCategories.length > 0 || excludeSkus.length > 0;
  return !names && !giftCards && !shipping;
}

class Measures {
  readonly #known = new Map<string, Measure>();

  of(filters: readonly CompiledFilter[], base: CompiledBase): Measure {
    const name = JSON.stringify([filters, base], (_, value: unknown) => (value instanceof Set ? [...value] : value));
    const known = this.#known.get(name) ?? { index: this.#known.size, filters, base };
    this.#known.set(name, known);
    return known;
  }
}

function sharedCondition(known: Map<string, CompiledCondition>, text: string): CompiledCondition {
  const condition = known.get(text) ?? compileCondition(text);
  known.set(text, condition);
  return condition;
}

function compileFilter(filter: LineFilter): CompiledFilter {
  const { categories, skus, excludeCategories, excludeSkus, giftCards, shipping } = filter;
  const says = categories !== undefined || skus !== undefined;
  return {
    included: says ? { categories: new Set(categories), skus: new Set(skus) } : null,
    excludedCategories: new Set(excludeCategories),
    excludedSkus: new Set(excludeSkus),
    giftCards,
    shipping,
  };
}

function baseOf({ base, less }: EarningRule): CompiledBase {
  const taken = new Set<string>(less ?? (base === "net" ? ["discounts", "vouchers", "points"] : []));
  return {
    discounts: taken.has("discounts"),
    vouchers: taken.has("vouchers"),
    points: taken.has("points"),
    tax: taken.has("tax"),
  };
}

const setOf = (names: readonly string[] | undefined) => (names === undefined ? null : new Set(names));
