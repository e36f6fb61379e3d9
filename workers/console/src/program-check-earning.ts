// Finds what is wrong with earning rules: names that lead nowhere, multipliers without a factor, groups that disagree.
import type { Program } from "@regulars/contracts/program";
import type { EarningRule } from "@regulars/contracts/program-earning";
import type { FaultKey } from "@regulars/contracts/messages/faults";
import type { Refusal } from "@regulars/contracts/refusals";
import {
  duplicate,
  duplicates,
  faulty,
  unknownCurrencies,
  wrongCondition,
  wrongExpiry,
} from "./program-check-names.ts";

/** What is wrong with the earning rules of a program, in their order. Stores and channels are not the program's to know. */
export function checkEarning({ currencies, earning, tiers }: Program): Refusal[] {
  const tierIds = new Set(tiers?.levels.map(({ id }) => id));
  const rules = new Map(earning.map((rule) => [rule.id, rule]));
  return [
    ...duplicates(earning.map(({ id }) => id)).map((index) => duplicate(`earning[${index}].id`)),
    ...unknownCurrencies(earning, new Set(currencies.map(({ id }) => id)), "earning"),
    ...earning.flatMap((rule, index) => {
      const at = `earning[${index}]`;
      return [
        ...wrongCondition(rule.when, `${at}.when`),
        ...unknownTiers(rule, tierIds, at),
        ...wrongMultiplier(rule, rules, at),
        ...wrongMeasure(rule, at),
        ...wrongTimes(rule, at),
        ...wrongGroup(rule, earning, at),
        ...wrongExpiry(rule.expiry, `${at}.expiry`),
      ];
    }),
  ];
}

const missing = (field: string): Refusal => ({ code: "missing_field", field });

function unknownTiers({ tiers = [], byTier = {} }: EarningRule, known: ReadonlySet<string>, at: string): Refusal[] {
  const unknown = (field: string, tier: string) =>
    known.has(tier) ? [] : [faulty(field, "rule_tier_unknown", { tier })];
  return [
    ...tiers.flatMap((tier, place) => unknown(`${at}.tiers[${place}]`, tier)),
    ...Object.keys(byTier).flatMap((tier) => unknown(`${at}.byTier.${tier}`, tier)),
  ];
}

function wrongMultiplier(rule: EarningRule, rules: ReadonlyMap<string, EarningRule>, at: string): Refusal[] {
  if (rule.type !== "multiplier") {
    const fields = ["factor", "of", "byTier"] as const;
    return fields.flatMap((field) =>
      rule[field] === undefined ? [] : [faulty(`${at}.${field}`, "rule_only_multiplier")],
    );
  }
  const named = (rule.of ?? []).flatMap((id, place) => {
    const reason = whyNotMultiplied(rule, rules.get(id));
    const facts = { rule: id, other: rules.get(id)?.on ?? "", event: rule.on };
    return reason === null ? [] : [faulty(`${at}.of[${place}]`, reason, facts)];
  });
  return rule.factor === undefined && rule.byTier === undefined ? [missing(`${at}.factor`), ...named] : named;
}

function whyNotMultiplied(rule: EarningRule, other: EarningRule | undefined): FaultKey | null {
  if (other === undefined) return "rule_unknown";
  if (other.type === "multiplier") return "rule_is_multiplier";
  if (other.currency !== rule.currency) return "rule_other_currency";
  return other.on === rule.on ? null : "rule_other_event";
}

// What a rule would never look at is refused rather than passed over: its author meant something by it.
function wrongMeasure(rule: EarningRule, at: string): Refusal[] {
  const isOrder = rule.on === "order";
  return [
    ...(rule.less !== undefined && (rule.type !== "perAmount" || !isOrder)
      ? [faulty(`${at}.less`, "rule_only_amounts")]
      : []),
    ...(rule.perField !== undefined && (isOrder || rule.type !== "fixed")
      ? [faulty(`${at}.perField`, "rule_only_fixed_events")]
      : []),
    ...(rule.less !== undefined && new Set(rule.less).size < rule.less.length ? [duplicate(`${at}.less`)] : []),
    ...(!isOrder && namesLines(rule) ? [faulty(`${at}.lines`, "rule_only_orders_have_lines")] : []),
    ...(rule.pendingUntil !== undefined && !isOrder
      ? [faulty(`${at}.pendingUntil`, "rule_only_orders_delivered")]
      : []),
  ];
}

function namesLines({ lines }: EarningRule): boolean {
  const { categories, skus, excludeCategories, excludeSkus, giftCards, shipping } = lines;
  return (
    (categories ?? skus) !== undefined || excludeCategories.length + excludeSkus.length > 0 || giftCards || shipping
  );
}

function wrongTimes({ from, until }: EarningRule, at: string): Refusal[] {
  const isBackward = from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until);
  return isBackward ? [faulty(`${at}.until`, "ends_before_it_begins")] : [];
}

// Told once a group, at the first rule that does not go with the rule before it.
function wrongGroup(rule: EarningRule, all: readonly EarningRule[], at: string): Refusal[] {
  const { group, stacking } = rule;
  if (group === undefined) return stacking === "all" ? [] : [missing(`${at}.group`)];
  const first = all.find((other) => other.group === group && other.on === rule.on);
  if (first === undefined || first === rule) return [];
  const found = whyNotTogether(rule, first);
  const facts = { group, rule: first.id, stacking: first.stacking };
  return found === null ? [] : [faulty(`${at}.${found.field}`, found.reason, facts)];
}

function whyNotTogether(rule: EarningRule, first: EarningRule): { field: string; reason: FaultKey } | null {
  if (rule.stacking !== first.stacking) return { field: "stacking", reason: "group_other_stacking" };
  if (rule.stacking === "all") return null;
  if ((rule.type === "multiplier") !== (first.type === "multiplier")) {
    return { field: "group", reason: "group_mixes_multipliers" };
  }
  const compares = rule.stacking === "best" && rule.currency !== first.currency;
  return compares ? { field: "group", reason: "group_other_currency" } : null;
}
