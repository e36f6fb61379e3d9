// Fits the cycle, buying and spending of a tenant's members to a sample of their orders, and brings into force what differs.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { bgNbd, mbgNbd } from "@regulars/insights/bg-nbd";
import { gapsOf, supposedCycle, type UsualCycle, usualCycle } from "@regulars/insights/buying-cycle";
import { dayNumber } from "@regulars/insights/days";
import { checkHoldout, fitOrders, type Fitted, type HoldoutCheck } from "@regulars/insights/fit-orders";
import { fitGammaGamma, groupSpending, spendFrequencyCorrelation } from "@regulars/insights/gamma-gamma";
import { groupHistories } from "@regulars/insights/order-groups";
import { logLikelihood } from "@regulars/insights/order-model";
import { DAYS_PER_WEEK, type DatedOrder, summarizeOrders, summarizeWithHoldout } from "@regulars/insights/purchases";
import { hasMoved } from "./cycle-moved.ts";
import { type ModelDocuments, type Models, type OrdersModel, saysTheSame, type SpendingModel } from "./models.ts";
import type { Scene } from "./scene.ts";

/** A fit that explains each member by so little more than the one in force is chance, or one day more of data. */
const GAIN_PER_MEMBER = 5e-4;
/** Spending expected of a new member that moved by less is left as it was. */
const SPENDING_TOLERANCE = 0.02;
/** The part of the time that a model sees when it is checked against the rest. */
const CALIBRATION_SHARE = 0.75;
/** A check over fewer days than this says nothing. */
const HOLDOUT_DAYS_MIN = 28;

/** What is fitted anew, only where it is to replace what is in force. */
export type NewModels = { readonly [Kind in "cycle" | "orders" | "spending"]?: ModelDocuments[Kind] };

/** The cycle of many members; the supposed one where nobody has come back. */
export function fitCycle(orders: readonly DatedOrder[], settings: InsightSettings): UsualCycle {
  const days = Map.groupBy(orders, ({ memberId }) => memberId);
  const gaps = [...days.values()].map((own) => gapsOf(own.map(({ day }) => day)));
  return usualCycle(gaps) ?? supposedCycle(settings.supposedCycleDays);
}

/** Compares what these orders say with what is in force. */
export function refit(
  scene: Scene,
  orders: readonly DatedOrder[],
  inForce: Models,
  settings: InsightSettings,
): NewModels {
  const cycle = fitCycle(orders, settings);
  const observationEnd = dayNumber(scene.today);
  const members = summarizeOrders(orders, { observationEnd, unitDays: DAYS_PER_WEEK });
  const buying = fitBuying(members, orders, observationEnd);
  const spending = fitSpending(members);
  return {
    ...((inForce.cycle === undefined || hasMoved(inForce.cycle.document, cycle)) && { cycle }),
    ...(isBetter(buying, inForce.orders?.document, members) && { orders: buying }),
    ...(spendingMoved(spending, inForce.spending?.document) && { spending }),
  };
}

/** Whichever of BG/NBD and MBG/NBD explains the members better, or what is missing for either. */
function fitBuying(
  members: ReturnType<typeof summarizeOrders>,
  orders: readonly DatedOrder[],
  observationEnd: number,
): OrdersModel {
  const fits = [bgNbd, mbgNbd].map((model) => fitOrders(model, members, { unitDays: DAYS_PER_WEEK }));
  const fitted = fits.flatMap((fit) => (fit.kind === "fitted" ? [fit] : []));
  const [best] = fitted.toSorted((one, other) => other.logLikelihood - one.logLikelihood);
  if (best === undefined) {
    const refusal = fits.find((fit) => fit.kind !== "fitted");
    return { model: null, refusal: refusal?.kind ?? "no_maximum", missing: refusal?.missing ?? [] };
  }
  const { parameters, logLikelihood: height, members: count, loose } = best;
  const holdout = checkAgainstLater(best, orders, observationEnd);
  // `fitOrders` names the very model that it was given.
  const name = best.model as "BG/NBD" | "MBG/NBD";
  return { model: name, parameters, logLikelihood: height, members: count, loose, holdout };
}

/** The model fitted to the first three quarters of the time, against what came after; null with too little of either. */
function checkAgainstLater(
  { model }: Pick<Fitted<string>, "model">,
  orders: readonly DatedOrder[],
  observationEnd: number,
): HoldoutCheck | null {
  const first = orders.reduce((least, { day }) => Math.min(least, day), observationEnd);
  const calibrationEnd = first + Math.floor((observationEnd - first) * CALIBRATION_SHARE);
  if (observationEnd - calibrationEnd < HOLDOUT_DAYS_MIN) return null;
  const members = summarizeWithHoldout(orders, { calibrationEnd, observationEnd, unitDays: DAYS_PER_WEEK });
  const rules = model === bgNbd.name ? bgNbd : mbgNbd;
  const fit = fitOrders(rules, members, { unitDays: DAYS_PER_WEEK });
  return fit.kind === "fitted" ? checkHoldout(rules, fit.parameters, members) : null;
}

function fitSpending(members: ReturnType<typeof summarizeOrders>): SpendingModel {
  const groups = groupSpending(members);
  const fit = fitGammaGamma(groups);
  if (fit.kind !== "fitted") return { model: null, refusal: fit.kind, missing: fit.missing };
  const { parameters, logLikelihood: height, members: count } = fit;
  const correlation = spendFrequencyCorrelation(groups);
  return { model: "Gamma-Gamma", parameters, logLikelihood: height, members: count, correlation };
}

function isBetter(
  fitted: OrdersModel,
  before: OrdersModel | undefined,
  members: ReturnType<typeof summarizeOrders>,
): boolean {
  if (before === undefined || before.model === null || fitted.model === null) {
    return !saysTheSame(before, fitted);
  }
  const rules = before.model === bgNbd.name ? bgNbd : mbgNbd;
  const stands = logLikelihood(rules, before.parameters, groupHistories(members));
  return (fitted.logLikelihood - stands) / members.length > GAIN_PER_MEMBER;
}

function spendingMoved(fitted: SpendingModel, before: SpendingModel | undefined): boolean {
  if (before === undefined || before.model === null || fitted.model === null) {
    return !saysTheSame(before, fitted);
  }
  // Of a member with two repeat orders of the mean: all three parameters are in it.
  const at = ({ p, q, v }: typeof before.parameters) => (p * v) / Math.max(2 * p + q - 1, 1e-9);
  return Math.abs(Math.log(at(fitted.parameters) / at(before.parameters))) > SPENDING_TOLERANCE;
}
