// Works out what members need again and what is bought together, from the orders alone.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { type AffinityRule, affinityRules } from "@regulars/insights/affinity";
import { basketCount, basketTable } from "@regulars/insights/baskets";
import { dayText } from "@regulars/insights/days";
import { foretellRepurchase } from "@regulars/insights/repurchase";
import {
  type AffinityFindings,
  type DueFindings,
  type DueProduct,
  type RuleFindings,
  type StoreFindings,
  WEAK_SEARCH,
} from "./findings.ts";
import { type Models, suppliesByCategory } from "./oracle-models.ts";
import type { CountedOrder } from "./orders.ts";

/** Days ahead that needs are counted for, as the API does when it is not told. */
const DUE_DAYS = 7;
/** As the documentation tells: what fewer baskets or buyers do is no reason to offer anything. */
const RULES = { confidence: 0.1, lift: 1, maxLength: 4, maxSets: 50_000, maxRules: 5000 } as const;
const SUPPORT_MIN = 0.001;
const BASKETS_MIN = 10;
const SUPPORT_STEP = 1.5;
/** The API shows so many products. */
const PRODUCTS_MAX = 100;

/** Members by the category that they need within a week, or have needed for a while. */
export function findDue(
  orders: readonly CountedOrder[],
  today: number,
  { settings, models }: { readonly settings: InsightSettings; readonly models: Models },
): DueFindings {
  const products = new Map<string, DueProduct>();
  const byDay = new Map<number, Set<string>>();
  const until = today + DUE_DAYS;
  for (const [ref, members] of suppliesByCategory(orders)) {
    const cycle = models.supplies.get(ref);
    if (cycle === undefined) continue;
    for (const [memberId, supplies] of members) {
      const next = foretellRepurchase(supplies, cycle, { ...settings.repurchase, asOf: today });
      if (next === null || next.dueDay > until) continue;
      const isOverdue = next.dueDay < today;
      if (isOverdue && next.churn.warnsFrom <= today) continue;
      const before = products.get(ref) ?? { ref, members: 0, overdue: 0, medianDays: cycle.medianDays };
      const more = isOverdue ? { overdue: before.overdue + 1 } : { members: before.members + 1 };
      products.set(ref, { ...before, ...more });
      if (!isOverdue) note(byDay, next.dueDay, memberId);
    }
  }
  return {
    from: dayText(today),
    until: dayText(until),
    products: [...products.values()]
      .sort(
        (one, other) => other.members - one.members || other.overdue - one.overdue || (one.ref < other.ref ? -1 : 1),
      )
      .slice(0, PRODUCTS_MAX),
    days: [...byDay]
      .sort(([one], [other]) => one - other)
      .map(([day, members]) => ({ day: dayText(day), members: members.size })),
  };
}

/** Rules no worse than chance, at the least support at which they are no more than are stored. */
export function findRules(
  orders: readonly CountedOrder[],
  today: number,
  { affinity }: Pick<InsightSettings, "affinity">,
): AffinityFindings {
  const table = basketsOf(orders, today, affinity);
  const baskets = basketCount(table);
  for (let support = Math.max(SUPPORT_MIN, BASKETS_MIN / baskets); support <= 1; support *= SUPPORT_STEP) {
    const found = affinityRules(table, { ...RULES, support });
    // The night keeps the number of baskets with its rules: without any it is not known.
    if (found.ok) return { baskets: found.rules.length === 0 ? 0 : baskets, rules: found.rules.map(ruleOf) };
  }
  return { baskets: 0, rules: [] };
}

/** Those of the search for weak rules. */
export function findWeakRules(orders: readonly CountedOrder[], today: number): AffinityFindings {
  const table = basketsOf(orders, today, WEAK_SEARCH);
  const { support, confidence, lift } = WEAK_SEARCH;
  const found = affinityRules(table, { support, confidence, lift });
  return { baskets: basketCount(table), rules: found.ok ? found.rules.map(ruleOf) : [] };
}

function basketsOf(orders: readonly CountedOrder[], today: number, { by, days }: InsightSettings["affinity"]) {
  const kept = orders
    .filter(({ day }) => day > today - days)
    .map(({ lines }) => lines.flatMap(({ sku, category }) => (by === "sku" ? sku : (category ?? []))));
  return basketTable(kept.filter(({ length }) => length > 0));
}

function ruleOf({ antecedent, consequent, count, confidence, lift }: AffinityRule): RuleFindings {
  return { antecedent, consequent, count, confidence, lift };
}

/** What stores sold in the days that scorecards look at, and to how many who had bought before. */
export function findStores(
  orders: readonly CountedOrder[],
  today: number,
  { scorecards }: Pick<InsightSettings, "scorecards">,
): StoreFindings[] {
  const since = today - scorecards.days;
  const firstDays = new Map<string, number>();
  for (const { memberId, day } of orders) firstDays.set(memberId, Math.min(day, firstDays.get(memberId) ?? day));
  const sold = Map.groupBy(
    orders.filter(({ day }) => day > since),
    ({ storeId }) => storeId,
  );
  return [...sold].map(([storeId, own]) => {
    const buyers = new Set(own.map(({ memberId }) => memberId));
    // Whoever bought on an earlier day than the last here had bought before.
    const returning = own.filter(({ memberId, day }) => (firstDays.get(memberId) ?? day) < day);
    const revenue = own.reduce((sum, { amount }) => sum + amount, 0);
    return {
      storeId,
      orders: own.length,
      buyers: buyers.size,
      revenue,
      averageOrder: revenue / own.length,
      repeatRate: new Set(returning.map(({ memberId }) => memberId)).size / buyers.size,
    };
  });
}

function note<Key>(sets: Map<Key, Set<string>>, key: Key, memberId: string): void {
  const set = sets.get(key) ?? new Set<string>();
  sets.set(key, set);
  set.add(memberId);
}
