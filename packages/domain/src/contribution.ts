// What an order counts for beside points: spend, orders and points of its local day, visits, and the caps of its rules.
import type { CounterChange, DayActivity } from "@regulars/contracts/events-effects";
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { stayingLines, totalsOf } from "./basket.ts";
import { localDay } from "./calendar.ts";
import { countedBy } from "./caps.ts";
import type { Draft } from "./draft.ts";
import type { OrderScene } from "./moment.ts";
import { codesCounted } from "./needs.ts";
import { isNothing, negated, sumOfActivity } from "./state-effects.ts";
import { voucheredOf } from "./vouchers.ts";

type Contribution = Required<Pick<OrderRecord, "counted" | "activity">>;

/** Posts the difference between what the order counted for and what it counts for now; returns the latter. */
export function contribute(draft: Draft, scene: OrderScene): Contribution {
  const { order, program, timeZone } = scene;
  const day = order.activity?.day ?? localDay(order.placedAt, timeZone);
  const figures = figuresOf(order);
  const before = order.activity?.figures;
  const change = before === undefined ? figures : sumOfActivity(figures, negated(before));
  if (!isNothing(change)) {
    const ordersBefore = draft.effects.day(day).orders;
    draft.effects.addActivity(day, change);
    draft.effects.count(lifeCounters(change, ordersBefore));
  }
  const earned = order.earned.map(({ rule, points, reversed }) => ({ rule, points: points - reversed }));
  const counted = [...countedBy(program, earned, { placedAt: order.placedAt, timeZone }), ...codesCounted(order)];
  draft.effects.count(difference(order.counted ?? [], counted));
  return { counted, activity: { day, figures } };
}

/** Names of the counters over a member's whole life. */
export const LIFE_SPEND = "life/spend";
export const LIFE_VISITS = "life/visits";

function figuresOf(order: OrderRecord): DayActivity {
  const staying = stayingLines(order.lines, order.returned);
  const points: Record<string, number> = {};
  for (const one of order.earned) points[one.currency] = (points[one.currency] ?? 0) + one.points - one.reversed;
  return {
    spend: totalsOf(staying).net - voucheredOf(staying),
    orders: staying.length > 0 ? 1 : 0,
    points: Object.fromEntries(Object.entries(points).filter(([, count]) => count !== 0)),
    events: {},
  };
}

function lifeCounters(change: DayActivity, ordersBefore: number): CounterChange[] {
  const visits = Number(ordersBefore + change.orders > 0) - Number(ordersBefore > 0);
  return [
    { name: LIFE_SPEND, by: change.spend, until: null },
    { name: LIFE_VISITS, by: visits, until: null },
  ];
}

function difference(before: readonly CounterChange[], after: readonly CounterChange[]): CounterChange[] {
  const names = new Map([...before, ...after].map(({ name, until }) => [name, until]));
  const sum = (all: readonly CounterChange[], wanted: string) =>
    all.reduce((total, { name, by }) => (name === wanted ? total + by : total), 0);
  return [...names].map(([name, until]) => ({ name, by: sum(after, name) - sum(before, name), until }));
}
