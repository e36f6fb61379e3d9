// Fits the models of a tenant a second time, from the orders alone, and says whether those in force are as good.
import { bgNbd, mbgNbd, type BetaGeometric } from "@regulars/insights/bg-nbd";
import { gapsOf, type UsualCycle, usualCycle } from "@regulars/insights/buying-cycle";
import { fitOrders } from "@regulars/insights/fit-orders";
import { expectedSpend, fitGammaGamma, type GammaGamma, groupSpending } from "@regulars/insights/gamma-gamma";
import { groupHistories } from "@regulars/insights/order-groups";
import { logLikelihood } from "@regulars/insights/order-model";
import { DAYS_PER_WEEK, summarizeOrders } from "@regulars/insights/purchases";
import { categoryCycle, type Supply } from "@regulars/insights/repurchase";
import type { Agreement } from "./agreement.ts";
import type { CountedOrder } from "./orders.ts";

/** What members' figures are worked out by. Time of the model of orders is in weeks. */
export interface Models {
  /** Null before anybody came back. */
  readonly cycle: UsualCycle | null;
  readonly orders: { readonly model: string; readonly parameters: Record<BetaGeometric, number> } | null;
  readonly spending: { readonly parameters: Record<GammaGamma, number> } | null;
  /** By category, of those that enough members came back for. */
  readonly supplies: ReadonlyMap<string, UsualCycle>;
}

/** A category has a cycle of its own from so many members who came back for it. */
const CYCLE_MEMBERS_MIN = 30;
/** A model stays in force while a new one is hardly other: these are the tolerances that the documentation tells. */
const CYCLE_TOLERANCE = 0.03;
const LIKELIHOOD_PER_MEMBER_TOLERANCE = 5e-4;
const SPENDING_TOLERANCE = 0.02;

export const buyingModel = (name: string) => (name === mbgNbd.name ? mbgNbd : bgNbd);

export function fitModels(orders: readonly CountedOrder[], today: number, quantityPower: number): Models {
  const summaries = summarizeOrders(orders, { observationEnd: today, unitDays: DAYS_PER_WEEK });
  const [best] = [bgNbd, mbgNbd]
    .map((model) => fitOrders(model, summaries, { unitDays: DAYS_PER_WEEK }))
    .filter((fit) => fit.kind === "fitted")
    .sort((one, other) => other.logLikelihood - one.logLikelihood);
  const spending = fitGammaGamma(groupSpending(summaries));
  const supplies = [...suppliesByCategory(orders)].flatMap(([ref, members]) => {
    const cycle = categoryCycle(members.values(), { quantityPower });
    return cycle === null || cycle.members < CYCLE_MEMBERS_MIN ? [] : [[ref, cycle] as const];
  });
  return {
    cycle: usualCycle([...daysByMember(orders).values()].map(gapsOf)),
    orders: best === undefined ? null : { model: best.model, parameters: best.parameters },
    spending: spending.kind === "fitted" ? { parameters: spending.parameters } : null,
    supplies: new Map(supplies),
  };
}

/** Whether the models in force explain the orders as well as the best ones would. */
export function compareModels(
  inForce: Models,
  best: Models,
  orders: readonly CountedOrder[],
  today: number,
): Agreement {
  const differences: string[] = [];
  const check = (what: string, isAsGood: boolean, found: unknown, wanted: unknown) => {
    if (!isAsGood) differences.push(`${what}: ${String(found)} in force, ${String(wanted)} by the orders`);
  };
  const near = (one: number | undefined, other: number | undefined, tolerance: number) =>
    one === undefined || other === undefined ? one === other : Math.abs(Math.log(one / other)) <= tolerance;
  const [cycle, bestCycle] = [inForce.cycle?.medianDays, best.cycle?.medianDays];
  check("usual cycle, days", near(cycle, bestCycle, CYCLE_TOLERANCE), cycle, bestCycle);
  const [height, bestHeight] = [inForce, best].map((models) => likelihoodPerMember(models, orders, today));
  const lost = (bestHeight ?? 0) - (height ?? 0);
  const isSame = (height === undefined) === (bestHeight === undefined);
  check("likelihood a member", isSame && lost <= LIKELIHOOD_PER_MEMBER_TOLERANCE, height, bestHeight);
  const [spend, bestSpend] = [spendOfUsual(inForce), spendOfUsual(best)];
  check("expected spending", near(spend, bestSpend, SPENDING_TOLERANCE), spend, bestSpend);
  for (const [ref, { medianDays }] of best.supplies) {
    const found = inForce.supplies.get(ref)?.medianDays;
    check(`days of ${ref}`, near(found, medianDays, CYCLE_TOLERANCE), found, medianDays);
  }
  return { figures: 3 + best.supplies.size, differences };
}

/** What each member bought of each category, supply by supply. */
export function suppliesByCategory(orders: readonly CountedOrder[]): Map<string, Map<string, Supply[]>> {
  const supplies = new Map<string, Map<string, Supply[]>>();
  for (const { memberId, day, lines } of orders) {
    for (const { category, kept } of lines) {
      if (category === null) continue;
      const members = supplies.get(category) ?? new Map<string, Supply[]>();
      supplies.set(category, members);
      const own = members.get(memberId) ?? [];
      members.set(memberId, own);
      own.push({ day, quantity: kept });
    }
  }
  return supplies;
}

export function daysByMember(orders: readonly CountedOrder[]): Map<string, number[]> {
  const days = new Map<string, number[]>();
  for (const { memberId, day } of orders) {
    const own = days.get(memberId) ?? [];
    days.set(memberId, own);
    own.push(day);
  }
  return days;
}

function likelihoodPerMember({ orders: model }: Models, orders: readonly CountedOrder[], today: number) {
  if (model === null) return undefined;
  const groups = groupHistories(summarizeOrders(orders, { observationEnd: today, unitDays: DAYS_PER_WEEK }));
  return logLikelihood(buyingModel(model.model), model.parameters, groups) / groups.members;
}

/** Spending expected of a member with two repeat orders of the models' own mean: all parameters are in it. */
function spendOfUsual({ spending }: Models): number | undefined {
  if (spending === null) return undefined;
  const { p, q, v } = spending.parameters;
  return expectedSpend(spending.parameters, { frequency: 2, monetary: q > 1 ? (p * v) / (q - 1) : v });
}
