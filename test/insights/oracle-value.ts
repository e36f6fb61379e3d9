// Works out what members are worth by the models in force, from the orders alone.
import { expectedSpend } from "@regulars/insights/gamma-gamma";
import { discountedValue } from "@regulars/insights/lifetime-value";
import { DAYS_PER_WEEK, type OrderSummary, summarizeOrders } from "@regulars/insights/purchases";
import { bandLimits, bandOf, membersMaking, oneTimeBuyerRate, paretoShare } from "@regulars/insights/value";
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import type { Decile, ValueFindings } from "./findings.ts";
import { buyingModel, type Models } from "./oracle-models.ts";
import type { CountedOrder } from "./orders.ts";
import { sumByMember, Tally } from "./tally.ts";

/** Value is discounted month by month. */
const DAYS_PER_MONTH = 365.25 / 12;
const MONTHS_PER_YEAR = 12;
const TENTHS = 10;
const BEST_FIFTH = 0.2;
const FOUR_FIFTHS = 0.8;

interface ValueOptions {
  readonly settings: InsightSettings;
  readonly models: Models;
}

export function findValue(
  orders: readonly CountedOrder[],
  today: number,
  { settings, models }: ValueOptions,
): ValueFindings {
  const summaries = summarizeOrders(orders, { observationEnd: today, unitDays: DAYS_PER_WEEK });
  const spend = sumByMember(orders);
  const worths = summaries.flatMap((summary) => {
    const worth = worthOf(summary, { settings, models });
    return worth === null ? [] : [{ ...worth, spend: spend.get(summary.memberId) ?? 0 }];
  });
  const values = worths.map(({ value }) => value);
  const isKnown = values.length > 0;
  const sum = (of: "value" | "expectedOrders" | "alive") => worths.reduce((total, worth) => total + worth[of], 0);
  return {
    horizonDays: settings.horizonDays,
    models: modelFindings(models),
    total: sum("value"),
    expectedOrders: sum("expectedOrders"),
    meanAlive: isKnown ? sum("alive") / worths.length : 0,
    deciles: isKnown ? tenthsOf(worths) : [],
    bestFifth: isKnown ? paretoShare(values, BEST_FIFTH) : null,
    makingEighty: isKnown ? membersMaking(values, FOUR_FIFTHS) : null,
    oneTimeBuyerRate: oneTimeBuyerRate(countOrders(orders)),
    bands: findBands(orders, settings),
  };
}

interface Worth {
  /** Minor units over the horizon. */
  readonly value: number;
  readonly expectedOrders: number;
  readonly alive: number;
}

/** Null without both models. */
function worthOf(summary: OrderSummary, { settings, models }: ValueOptions): Worth | null {
  const { orders, spending } = models;
  if (orders === null || spending === null) return null;
  const { horizonDays, discountPerYear } = settings;
  const periods = Math.max(1, Math.round(horizonDays / DAYS_PER_MONTH));
  const rules = buyingModel(orders.model);
  const alive = rules.probabilityAlive(orders.parameters, summary);
  // As documented: what is expected of a member who is alive goes by the age in whole weeks.
  const age = Math.round(summary.age);
  const rounded = { ...summary, age, recency: Math.min(summary.recency, age) };
  const share = alive / rules.probabilityAlive(orders.parameters, rounded);
  const expectedOrders = (horizon: number) => share * rules.expectedOrders(orders.parameters, rounded, horizon);
  const value = discountedValue({
    expectedOrders,
    spend: expectedSpend(spending.parameters, summary),
    periods,
    periodLength: horizonDays / DAYS_PER_WEEK / periods,
    discountPerPeriod: (1 + discountPerYear) ** (1 / MONTHS_PER_YEAR) - 1,
  });
  return {
    value,
    expectedOrders: expectedOrders(horizonDays / DAYS_PER_WEEK),
    alive,
  };
}

/** Whole members, so that tenths may differ by one. */
function tenthsOf(worths: readonly { readonly value: number; readonly spend: number }[]): Decile[] {
  const ranked = worths.toSorted((one, other) => other.value - one.value);
  const edge = (tenth: number) => Math.round((tenth * ranked.length) / TENTHS);
  return Array.from({ length: TENTHS }, (_, tenth) => {
    const inside = ranked.slice(edge(tenth), edge(tenth + 1));
    const sum = (of: "value" | "spend") => inside.reduce((total, one) => total + one[of], 0);
    return { members: inside.length, value: sum("value"), spend: sum("spend") };
  });
}

function modelFindings({ orders, spending }: Models): ValueFindings["models"] {
  const told = (kind: "orders" | "spending", model: Models[typeof kind]) =>
    model === null ? [] : [{ kind, parameters: model.parameters, missing: [], loose: [] }];
  return [...told("orders", orders), ...told("spending", spending)];
}

function countOrders(orders: readonly CountedOrder[]): number[] {
  const counts = new Map<string, number>();
  for (const { memberId } of orders) counts.set(memberId, (counts.get(memberId) ?? 0) + 1);
  return [...counts.values()];
}

function findBands(orders: readonly CountedOrder[], { bandShares }: InsightSettings): ValueFindings["bands"] {
  const spend = sumByMember(orders);
  const limits = bandLimits([...spend.values()], bandShares);
  const bands = new Tally();
  for (const one of spend.values()) bands.add(limits === null ? "low" : bandOf(one, limits), one);
  return bands.sums();
}
