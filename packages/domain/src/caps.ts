// Caps and budgets: how many points of a rule a member, or all of them, have left in a period, and what an order uses of it.
import type { CounterChange } from "@regulars/contracts/events-effects";
import type { Period } from "@regulars/contracts/program-earning";
import { periodOf } from "./calendar.ts";
import { budgetRoom, decideRules, type DecisionView } from "./earning-decision.ts";
import { eventView, fieldCounter, newFields } from "./earning-events.ts";
import { barredBy, type CompiledRule } from "./earning-rules.ts";
import { orderView, type EarningBasket } from "./earning.ts";
import type { EventBasket } from "./earning-events.ts";
import type { CompiledProgram } from "./program.ts";

type Rooms = Readonly<Record<string, number>>;
type CounterOf = (name: string) => number;
/** Points granted by budget name; a budget that is not named grants nothing. Null: not asked, nothing is limited by it. */
type Grants = Readonly<Record<string, number>> | null;
type Given = readonly { readonly rule: string; readonly points: number }[];

/** What an order or event needs of the budget of all: `wanted` points of a budget of `total`, known as `name`. */
export interface BudgetNeed {
  readonly rule: string;
  /** `budget/<rule>/<local period>`. */
  readonly name: string;
  readonly total: number;
  readonly wanted: number;
}

const NO_ROOMS: Rooms = {};
// A refund that comes within so many days after a period's end still finds what the order had used of it.
const KEPT_DAYS = 400;
const DAY_MS = 86_400_000;

/** Points that each capped rule has room for, and under `budget/<rule>` what its budget grants; other rules are not in it. */
export function roomsOf(program: CompiledProgram, counterOf: CounterOf, grants: Grants, basket: EarningBasket): Rooms {
  const rules = program.limitedOn.get("order");
  return rules === undefined ? NO_ROOMS : roomsIn(rules, orderView(basket), basket.timeZone, counterOf, grants);
}

/** The same for an event beside orders; fields that the member was given points for have no room. */
export function roomsOfEvent(
  program: CompiledProgram,
  counterOf: CounterOf,
  grants: Grants,
  event: EventBasket,
): Rooms {
  const rules = program.limitedOn.get(event.type);
  return rules === undefined ? NO_ROOMS : roomsIn(rules, eventView(event), event.timeZone, counterOf, grants);
}

/** What these points count for in the caps of their rules; an order counts in the period in which it was placed. */
export function countedBy(
  program: CompiledProgram,
  earned: Given,
  basket: Pick<EarningBasket, "placedAt" | "timeZone">,
): readonly CounterChange[] {
  return earned.flatMap(({ rule, points }) => {
    const compiled = program.rulesById.get(rule);
    return compiled === undefined || points <= 0 ? [] : capCounters(compiled, points, basket.placedAt, basket.timeZone);
  });
}

/** The same for an event, with the fields that it was given points for. */
export function countedByEvent(program: CompiledProgram, earned: Given, event: EventBasket): readonly CounterChange[] {
  const fields = earned.flatMap(({ rule, points }) => {
    const compiled = program.rulesById.get(rule);
    if (compiled?.perField === undefined || points <= 0) return [];
    return newFields(compiled, event).map((field) => ({ name: fieldCounter(rule, field), by: 1, until: null }));
  });
  return [...countedBy(program, earned, { placedAt: event.at, timeZone: event.timeZone }), ...fields];
}

/**
 * What a basket needs of budgets, before it is decided: with `basket.rooms` of `roomsOf(…, null, …)`, the most that each
 * rule with a budget can give, whichever of its group wins. What is granted and not given goes back to the budget.
 */
export function budgetNeeds(program: CompiledProgram, basket: EarningBasket): readonly BudgetNeed[] {
  if (!program.budgetedOn.has("order") || basket.lines.length === 0) return [];
  return needsIn(program, "order", orderView(basket), basket.timeZone);
}

/** The same for an event beside orders. */
export function budgetNeedsOfEvent(program: CompiledProgram, event: EventBasket): readonly BudgetNeed[] {
  return program.budgetedOn.has(event.type) ? needsIn(program, event.type, eventView(event), event.timeZone) : [];
}

/** The name of a rule's budget in the period of an instant. Throws for a rule without one. */
export function budgetName(rule: CompiledRule, at: number, timeZone: string): string {
  return budgetNameIn(rule, new PeriodKeys(at, timeZone));
}

function needsIn(program: CompiledProgram, on: string, view: DecisionView, timeZone: string): BudgetNeed[] {
  const outcomes = decideRules(program.rulesOn.get(on) ?? [], view, { stacking: false });
  const keys = new PeriodKeys(view.place.at, timeZone);
  return outcomes.flatMap(({ rule, points }) =>
    rule.budget === undefined
      ? []
      : [{ rule: rule.id, name: budgetNameIn(rule, keys), total: rule.budget.points, wanted: points }],
  );
}

function roomsIn(
  rules: readonly CompiledRule[],
  { place }: DecisionView,
  timeZone: string,
  counterOf: CounterOf,
  grants: Grants,
): Rooms {
  const rooms: Record<string, number> = {};
  const keys = new PeriodKeys(place.at, timeZone);
  for (const rule of rules) {
    // An order stores its rooms: those of rules that are out of the question would only fill it.
    if (barredBy(rule, place) !== null) continue;
    const room = capRoom(rule, keys, counterOf);
    if (room !== Infinity) rooms[rule.id] = room;
    if (rule.budget !== undefined && grants !== null) {
      const name = budgetNameIn(rule, keys);
      rooms[budgetRoom(rule.id)] = Object.hasOwn(grants, name) ? (grants[name] ?? 0) : 0;
    }
    for (const field of Object.keys(rule.perField ?? {})) {
      const name = fieldCounter(rule.id, field);
      if (counterOf(name) > 0) rooms[name] = 0;
    }
  }
  return rooms;
}

// Names of the periods of one instant, each found once.
class PeriodKeys {
  readonly #at: number;
  readonly #timeZone: string;
  readonly #known: Partial<Record<Period, string>> = {};

  constructor(at: number, timeZone: string) {
    this.#at = at;
    this.#timeZone = timeZone;
  }

  of(period: Period): string {
    return (this.#known[period] ??= periodOf(this.#at, period, this.#timeZone).key);
  }
}

function budgetNameIn({ id, budget }: CompiledRule, keys: PeriodKeys): string {
  if (budget === undefined) throw new Error(`rule ${id} has no budget`);
  return `budget/${id}/${keys.of(budget.period)}`;
}

function capRoom(rule: CompiledRule, keys: PeriodKeys, counterOf: CounterOf): number {
  let room = Infinity;
  for (const { period, points, times } of rule.caps) {
    const key = keys.of(period);
    if (points !== undefined) room = Math.min(room, Math.max(0, points - counterOf(capCounter(rule, "points", key))));
    if (times !== undefined && counterOf(capCounter(rule, "times", key)) >= times) room = 0;
  }
  return room;
}

const capCounter = (rule: CompiledRule, kind: "points" | "times", key: string) => `cap/${rule.id}/${kind}/${key}`;

function capCounters(rule: CompiledRule, points: number, at: number, timeZone: string): CounterChange[] {
  const counters = new Map<string, CounterChange>();
  for (const cap of rule.caps) {
    const { key, endsAt } = periodOf(at, cap.period, timeZone);
    const name = capCounter(rule, cap.points === undefined ? "times" : "points", key);
    const by = cap.points === undefined ? 1 : points;
    counters.set(name, { name, by, until: endsAt === null ? null : endsAt + KEPT_DAYS * DAY_MS });
  }
  return [...counters.values()];
}
