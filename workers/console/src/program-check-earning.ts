// Finds what is wrong with earning rules: names that lead nowhere, multipliers without a factor, groups that disagree.
import type { Program } from "@regulars/contracts/program";
import type { EarningRule } from "@regulars/contracts/program-earning";
import type { Refusal } from "@regulars/contracts/refusals";
import { duplicates, duplicate, unknownCurrencies, wrongCondition, wrongExpiry } from "./program-check-names.ts";

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

const invalid = (field: string, reason: string): Refusal => ({ code: "invalid_program", field, facts: { reason } });
const missing = (field: string): Refusal => ({ code: "missing_field", field });

function unknownTiers({ tiers = [], byTier = {} }: EarningRule, known: ReadonlySet<string>, at: string): Refusal[] {
  const unknown = (field: string, tier: string) =>
    known.has(tier) ? [] : [invalid(field, `the program has no tier ${tier}`)];
  return [
    ...tiers.flatMap((tier, place) => unknown(`${at}.tiers[${place}]`, tier)),
    ...Object.keys(byTier).flatMap((tier) => unknown(`${at}.byTier.${tier}`, tier)),
  ];
}

function wrongMultiplier(rule: EarningRule, rules: ReadonlyMap<string, EarningRule>, at: string): Refusal[] {
  if (rule.type !== "multiplier") {
    const fields = ["factor", "of", "byTier"] as const;
    return fields.flatMap((field) =>
      rule[field] === undefined ? [] : [invalid(`${at}.${field}`, "only a multiplier has it")],
    );
  }
  const named = (rule.of ?? []).flatMap((id, place) => {
    const reason = whyNotMultiplied(rule, rules.get(id), id);
    return reason === null ? [] : [invalid(`${at}.of[${place}]`, reason)];
  });
  return rule.factor === undefined && rule.byTier === undefined ? [missing(`${at}.factor`), ...named] : named;
}

function whyNotMultiplied(rule: EarningRule, other: EarningRule | undefined, id: string): string | null {
  if (other === undefined) return `the program has no rule ${id}`;
  if (other.type === "multiplier") return `${id} is a multiplier itself`;
  if (other.currency !== rule.currency) return `${id} earns another currency`;
  return other.on === rule.on ? null : `${id} is for ${other.on}, not for ${rule.on}`;
}

// What a rule would never look at is refused rather than passed over: its author meant something by it.
function wrongMeasure(rule: EarningRule, at: string): Refusal[] {
  const isOrder = rule.on === "order";
  return [
    ...(rule.less !== undefined && (rule.type !== "perAmount" || !isOrder)
      ? [invalid(`${at}.less`, "only points per amount of an order have it")]
      : []),
    ...(rule.perField !== undefined && (isOrder || rule.type !== "fixed")
      ? [invalid(`${at}.perField`, "only a fixed rule of an event beside orders has it")]
      : []),
    ...(rule.less !== undefined && new Set(rule.less).size < rule.less.length ? [duplicate(`${at}.less`)] : []),
    ...(!isOrder && namesLines(rule) ? [invalid(`${at}.lines`, "only orders have lines")] : []),
    ...(rule.pendingUntil !== undefined && !isOrder
      ? [invalid(`${at}.pendingUntil`, "only orders are delivered")]
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
  return isBackward ? [invalid(`${at}.until`, "it must be later than `from`")] : [];
}

// Told once a group, at the first rule that does not go with the rule before it.
function wrongGroup(rule: EarningRule, all: readonly EarningRule[], at: string): Refusal[] {
  const { group, stacking } = rule;
  if (group === undefined) return stacking === "all" ? [] : [missing(`${at}.group`)];
  const first = all.find((other) => other.group === group && other.on === rule.on);
  if (first === undefined || first === rule) return [];
  const reason = whyNotTogether(rule, first);
  return reason === null ? [] : [invalid(`${at}.${reason.field}`, reason.text)];
}

function whyNotTogether(rule: EarningRule, first: EarningRule): { field: string; text: string } | null {
  const group = `group ${rule.group}`;
  if (rule.stacking !== first.stacking) {
    return { field: "stacking", text: `${group} is \`${first.stacking}\` in rule ${first.id}` };
  }
  if (rule.stacking === "all") return null;
  if ((rule.type === "multiplier") !== (first.type === "multiplier")) {
    return { field: "group", text: `${group} mixes multipliers with rules that they multiply` };
  }
  if (rule.stacking === "best" && rule.currency !== first.currency) {
    return { field: "group", text: `${group} compares points of different currencies` };
  }
  return null;
}
