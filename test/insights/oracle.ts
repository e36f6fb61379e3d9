// Works the insights out a second time, from the orders alone and by the pure functions: what the system must agree with.
import type { InsightSettings } from "@regulars/contracts/insights-settings";
import { supposedCycle } from "@regulars/insights/buying-cycle";
import { dayNumber, dayText } from "@regulars/insights/days";
import { lifecycleOf } from "@regulars/insights/lifecycle";
import { churnWarning } from "@regulars/insights/repurchase";

import { rfmCuts, rfmMetrics, rfmScores } from "@regulars/insights/rfm";
import { R_PACKAGE_OTHERS, rPackageSegments, segmentOf, shopifyGroupOf } from "@regulars/insights/rfm-segments";
import { cohortTable, monthNumber, monthText } from "@regulars/insights/series/cohorts";
import type { CohortFindings, Findings, LifecycleFindings, RfmCell, RfmFindings } from "./findings.ts";
import { daysByMember, type Models } from "./oracle-models.ts";
import { findDue, findRules, findStores, findWeakRules } from "./oracle-trade.ts";
import { findValue } from "./oracle-value.ts";
import type { Book, CountedOrder } from "./orders.ts";
import { sumByMember, Tally } from "./tally.ts";

export interface OracleOptions {
  /** `YYYY-MM-DD`; later orders are not seen. */
  readonly asOf: string;
  readonly currency: string;
  readonly minorPerMajor: number;
  readonly settings: InsightSettings;
  /** The models in force. */
  readonly models: Models;
}

/** Members come in the order of their first row, so a book must be sorted the same way every time. */
export function findInsights(book: Book, options: OracleOptions): Findings {
  const { asOf, currency } = options;
  const today = dayNumber(asOf);
  const orders = book.orders.filter(({ day }) => day <= today);
  const spend = sumByMember(orders);
  return {
    asOf,
    currency,
    sizes: {
      members: book.members,
      buyers: spend.size,
      orders: orders.length,
      revenue: orders.reduce((sum, { amount }) => sum + amount, 0),
    },
    rfm: findRfm(orders, today, options),
    lifecycle: findLifecycle(orders, today, options),
    value: findValue(orders, today, options),
    cohorts: findCohorts(orders, today),
    repurchase: findDue(orders, today, options),
    affinity: findRules(orders, today, options.settings),
    weakAffinity: findWeakRules(orders, today),
    stores: findStores(orders, today, options.settings),
  };
}

function findRfm(orders: readonly CountedOrder[], today: number, { settings, minorPerMajor }: OracleOptions) {
  const { bins, fixedCuts } = settings.rfm;
  const metrics = rfmMetrics(orders, today);
  const cuts = fixedCuts ?? rfmCuts([...metrics.values()], { bins, shiftAmount: minorPerMajor });
  const [segments, groups] = [new Tally(), new Tally()];
  const cells = new Map<string, RfmCell>();
  for (const one of metrics.values()) {
    const scores = rfmScores(one, cuts);
    const { recency, frequency } = scores;
    segments.add(segmentOf(scores, rPackageSegments, bins) ?? R_PACKAGE_OTHERS, one.amount);
    groups.add(shopifyGroupOf(scores, bins), one.amount);
    const before = cells.get(`${recency} ${frequency}`) ?? { recency, frequency, members: 0, spend: 0 };
    cells.set(`${recency} ${frequency}`, {
      ...before,
      members: before.members + 1,
      spend: before.spend + one.amount,
    });
  }
  const sorted = [...cells.values()].sort(
    (one, other) => one.recency - other.recency || one.frequency - other.frequency,
  );
  return { bins, cuts, cells: sorted, segments: segments.sums(), groups: groups.sums() } satisfies RfmFindings;
}

function findLifecycle(
  orders: readonly CountedOrder[],
  today: number,
  { settings, models }: OracleOptions,
): LifecycleFindings {
  const days = daysByMember(orders);
  const spend = sumByMember(orders);
  const usual = models.cycle ?? supposedCycle(settings.supposedCycleDays);
  const [stages, labels] = [new Tally(), new Tally()];
  let churnRisk = 0;
  for (const [memberId, orderDays] of days) {
    const life = lifecycleOf(orderDays, { asOf: today, usual, limits: settings.lifecycle });
    if (life === null) continue;
    stages.add(life.stage, spend.get(memberId) ?? 0);
    labels.add(life.label, 0);
    const silence = { lastDay: Math.max(...orderDays), asOf: today, cycleDays: life.cycleDays };
    if (churnWarning(silence, settings.churnTimes).warns) churnRisk += 1;
  }
  return {
    stages: stages.sums(),
    labels: labels.sums().map(({ name, members }) => ({ name, members })),
    churnRisk,
    usualCycleDays: models.cycle?.medianDays ?? null,
  };
}

function findCohorts(orders: readonly CountedOrder[], today: number): CohortFindings[] {
  const rows = orders.map(({ memberId, day }) => ({ memberId, month: monthNumber(dayText(day)) }));
  const { cohorts } = cohortTable(rows, { lastMonth: monthNumber(dayText(today)) });
  return cohorts.map(({ month, size, active }) => ({ month: monthText(month), size, active }));
}
