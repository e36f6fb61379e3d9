// Reads everything that the management API tells of a tenant's members, and puts it into the shape of the findings.
import { lifecycleReport, rfmReport, type ValueReport, valueReport } from "@regulars/contracts/insights-members";
import { overview, type Overview } from "@regulars/contracts/insights-overview";
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import {
  affinityReport,
  cohortsReport,
  type CompletenessReport,
  completenessReport,
  repurchaseReport,
  scorecardsReport,
} from "@regulars/contracts/insights-trade";
import type { AffinityFindings, DueFindings, Findings, ModelFindings, RuleFindings, StoreScore } from "./findings.ts";
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
  const range = `from=${firstDay}&until=${asOf}`;
  const whole = await api.read(`/manage/v1/insights/overview?${range}`, overview);
  const recent = await api.read("/manage/v1/insights/overview", overview);
  const rfm = await api.read("/manage/v1/insights/rfm", rfmReport);
  const life = await api.read("/manage/v1/insights/lifecycle", lifecycleReport);
  const value = await api.read("/manage/v1/insights/value?by=lifetimeValue", valueReport);
  const months = `from=${firstDay.slice(0, 7)}&until=${asOf.slice(0, 7)}`;
  const cohorts = await api.read(`/manage/v1/insights/cohorts?${months}`, cohortsReport);
  const scorecards = await api.read("/manage/v1/insights/scorecards", scorecardsReport);
  const figure = (name: "buyers" | "orders" | "revenue") => whole.figures[name].current ?? 0;
  return {
    findings: {
      asOf,
      currency: rfm.money,
      sizes: {
        members: rfm.scored + rfm.prospects,
        buyers: figure("buyers"),
        orders: figure("orders"),
        revenue: figure("revenue"),
      },
      rfm: {
        bins: rfm.bins,
        cuts: {
          recencyDays: rfm.cuts?.recency.cuts ?? [],
          orders: rfm.cuts?.frequency.cuts ?? [],
          amount: rfm.cuts?.monetary.cuts ?? [],
        },
        cells: rfm.grid,
        segments: named(rfm.segments),
        groups: named(rfm.groups),
      },
      lifecycle: {
        stages: life.stages.flatMap(({ stage, members, spend }) =>
          stage === null ? [] : { name: stage, members, spend },
        ),
        labels: life.labels.map(({ label, members }) => ({ name: label, members })),
        churnRisk: life.churnRisk,
        usualCycleDays: life.usualCycleDays,
      },
      value: {
        horizonDays: settings.horizonDays,
        models: modelsOf(value),
        total: value.lifetimeValue?.total ?? 0,
        expectedOrders: value.lifetimeValue?.expectedOrders ?? 0,
        meanAlive: value.lifetimeValue?.meanAlive ?? 0,
        deciles: value.lifetimeValue === null ? [] : value.deciles,
        bestFifth: value.paretoShare,
        makingEighty: value.membersMakingEighty,
        oneTimeBuyerRate: value.oneTimeBuyerRate,
        bands: named(value.bands),
      },
      // A month in which nobody came is a row of nothing.
      cohorts: cohorts.cohorts.flatMap(({ month, size, values }) =>
        size === 0 ? [] : { month, size, active: values },
      ),
      repurchase: await readDue(api),
      affinity: await readRules(api),
      stores: scorecards.stores.flatMap(({ storeId, orders, buyers, revenue, averageOrder, repeatRate }) =>
        averageOrder === null || repeatRate === null
          ? []
          : { storeId, orders, buyers, revenue, averageOrder, repeatRate },
      ),
    },
    overview: recent,
    stores: scorecards.stores,
    scorecardDays: scorecards.stores[0]?.days ?? null,
    completeness: await api.read("/manage/v1/insights/completeness", completenessReport),
  };
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
    for (const { antecedent, consequent, count, confidence, lift } of page.rules) {
      rules.push({ antecedent, consequent, count, confidence, lift });
    }
    baskets = page.baskets;
    after = page.next;
  }
  return { baskets, rules };
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
