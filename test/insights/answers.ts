// Reads everything that the management API tells of a tenant's members, and puts it into the shape of the findings.
import { AFFINITY_RULES_SHOWN_MAX } from "@regulars/contracts/affinity";
import {
  lifecycleReport,
  type RfmReport,
  rfmReport,
  type ValueReport,
  valueReport,
} from "@regulars/contracts/insights-members";
import { overview, type Overview } from "@regulars/contracts/insights-overview";
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import {
  affinityReport,
  affinitySearch,
  cohortsReport,
  type CompletenessReport,
  completenessReport,
  repurchaseReport,
  type ScorecardsReport,
  scorecardsReport,
} from "@regulars/contracts/insights-trade";
import {
  type AffinityFindings,
  type DueFindings,
  type Findings,
  type ModelFindings,
  type RuleFindings,
  type StoreScore,
  WEAK_SEARCH,
} from "./findings.ts";
import type { Management } from "./management.ts";

export interface Answers {
  readonly findings: Findings;
  readonly overview: Overview;
  readonly stores: readonly StoreScore[];
  /** Days that a scorecard looks at; null without one. */
  readonly scorecardDays: number | null;
  readonly completeness: CompletenessReport;
}

/** Days ahead that needs are listed for: the usual ones of the API. */
export const DUE_DAYS = 7;
/** As many as are stored, and as many as come at once. */
const RULES_MAX = 5000;
const RULES_PAGE = 200;

export async function readAnswers(
  api: Management,
  { asOf, firstDay, settings }: { asOf: string; firstDay: string; settings: InsightSettings },
): Promise<Answers> {
  const whole = await api.read(`/manage/v1/insights/overview?from=${firstDay}&until=${asOf}`, overview);
  const rfm = await api.read("/manage/v1/insights/rfm", rfmReport);
  const value = await api.read("/manage/v1/insights/value?by=lifetimeValue", valueReport);
  const months = `from=${firstDay.slice(0, 7)}&until=${asOf.slice(0, 7)}`;
  const { cohorts } = await api.read(`/manage/v1/insights/cohorts?${months}`, cohortsReport);
  const scorecards = await api.read("/manage/v1/insights/scorecards", scorecardsReport);
  const figure = (name: "buyers" | "orders" | "revenue") => whole.figures[name].current ?? 0;
  const [buyers, orders, revenue] = [figure("buyers"), figure("orders"), figure("revenue")];
  return {
    findings: {
      asOf,
      currency: rfm.money,
      sizes: { members: rfm.scored + rfm.prospects, buyers, orders, revenue },
      rfm: rfmOf(rfm),
      lifecycle: await readLifecycle(api),
      value: valueOf(value, settings.horizonDays),
      // A month in which nobody came is a row of nothing.
      cohorts: cohorts.flatMap(({ month, size, values }) => (size === 0 ? [] : { month, size, active: values })),
      repurchase: await readDue(api),
      affinity: await readRules(api),
      weakAffinity: await searchRules(api),
      stores: scorecards.stores.flatMap(storeOf),
    },
    overview: await api.read("/manage/v1/insights/overview", overview),
    stores: scorecards.stores,
    scorecardDays: scorecards.stores[0]?.days ?? null,
    completeness: await api.read("/manage/v1/insights/completeness", completenessReport),
  };
}

function rfmOf({ bins, cuts, grid, segments, groups }: RfmReport): Findings["rfm"] {
  return {
    bins,
    cuts: {
      recencyDays: cuts?.recency.cuts ?? [],
      orders: cuts?.frequency.cuts ?? [],
      amount: cuts?.monetary.cuts ?? [],
    },
    cells: grid,
    segments: named(segments),
    groups: named(groups),
  };
}

async function readLifecycle(api: Management): Promise<Findings["lifecycle"]> {
  const life = await api.read("/manage/v1/insights/lifecycle", lifecycleReport);
  return {
    // Members without an order are in no stage.
    stages: life.stages.flatMap(({ stage, ...sums }) => (stage === null ? [] : { name: stage, ...sums })),
    labels: life.labels.map(({ label, members }) => ({ name: label, members })),
    churnRisk: life.churnRisk,
    usualCycleDays: life.usualCycleDays,
  };
}

function valueOf(value: ValueReport, horizonDays: number): Findings["value"] {
  const { lifetimeValue, oneTimeBuyerRate, bands } = value;
  const models = modelsOf(value);
  const known = { horizonDays, models, oneTimeBuyerRate, bands: named(bands) };
  // Without models everybody is worth nothing, and ranks say nothing.
  if (lifetimeValue === null) {
    return { ...known, total: 0, expectedOrders: 0, meanAlive: 0, deciles: [], bestFifth: null, makingEighty: null };
  }
  const { total, expectedOrders, meanAlive } = lifetimeValue;
  const { deciles, paretoShare: bestFifth, membersMakingEighty: makingEighty } = value;
  return { ...known, total, expectedOrders, meanAlive, deciles, bestFifth, makingEighty };
}

function storeOf(store: ScorecardsReport["stores"][number]): Findings["stores"] {
  const { storeId, orders, buyers, revenue, averageOrder, repeatRate } = store;
  if (averageOrder === null || repeatRate === null) return [];
  return [{ storeId, orders, buyers, revenue, averageOrder, repeatRate }];
}

async function readDue(api: Management): Promise<DueFindings> {
  const query = `withinDays=${DUE_DAYS}&kind=category&limit=1`;
  const { from, until, products, days } = await api.read(`/manage/v1/insights/repurchase?${query}`, repurchaseReport);
  return {
    from,
    until,
    products: products.map(({ ref, members, overdue, medianDays }) => ({ ref, members, overdue, medianDays })),
    days,
  };
}

async function readRules(api: Management): Promise<AffinityFindings> {
  const rules: RuleFindings[] = [];
  let [after, baskets]: [number | null, number] = [0, 0];
  while (after !== null && rules.length < RULES_MAX) {
    const path: string = `/manage/v1/insights/affinity?limit=${RULES_PAGE}&after=${after}`;
    const page = await api.read(path, affinityReport);
    rules.push(...page.rules.map(ruleOf));
    baskets = page.baskets;
    after = page.next;
  }
  return { baskets, rules };
}

async function searchRules(api: Management): Promise<AffinityFindings> {
  const query = Object.entries(WEAK_SEARCH)
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
  const path = `/manage/v1/insights/affinity/search?${query}&limit=${AFFINITY_RULES_SHOWN_MAX}`;
  const { baskets, rules } = await api.read(path, affinitySearch);
  return { baskets, rules: rules.map(ruleOf) };
}

function ruleOf({ antecedent, consequent, count, confidence, lift }: RuleFindings): RuleFindings {
  return { antecedent, consequent, count, confidence, lift };
}

/** A document of a fit has its parameters, or what is missing for one. */
function modelsOf({ models }: ValueReport): ModelFindings[] {
  return models.flatMap(({ kind, document }) => {
    if (kind !== "orders" && kind !== "spending") return [];
    const { parameters = {}, missing = [], loose = [] } = document as Partial<Omit<ModelFindings, "kind">>;
    return [{ kind, parameters, missing, loose } satisfies ModelFindings];
  });
}

function named(groups: readonly { readonly name: unknown; readonly members: number; readonly spend: number }[]) {
  return groups.map(({ name, members, spend }) => ({ name: String(name), members, spend }));
}
