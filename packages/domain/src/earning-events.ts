// What an event beside orders earns: a review, a completed profile, a game's score, anything of the tenant's own.
import type { MemberFacts } from "@regulars/contracts/events-orders";
import { lateInput } from "./conditions.ts";
import { decideRules, earnedOf, type DecisionView } from "./earning-decision.ts";
import { eventFacts } from "./earning-facts.ts";
import type { Measured } from "./earning-lines.ts";
import type { CompiledRule } from "./earning-rules.ts";
import type { EarnedByRule } from "./earning.ts";
import type { CompiledProgram } from "./program.ts";

/** An event as the rules `on` its type see it. */
export interface EventBasket {
  readonly type: string;
  readonly data: Readonly<Record<string, string | number | boolean>>;
  readonly storeId: string | null;
  readonly regionId: string | null;
  readonly ownerId: string | null;
  readonly channel?: string | null;
  readonly at: number;
  readonly member: MemberFacts;
  readonly timeZone: string;
  /** See `roomsOfEvent`; absent: no limit. */
  readonly rooms?: Readonly<Record<string, number>>;
}

/**
 * Points of each rule on this type of event. `fixed` gives its points once; `perAmount` counts `data.amount`, `perItem`
 * `data.quantity` (or `data.amount`), both rounded down to whole numbers; `perField` gives for each field that `data`
 * fills and that this member has not been given points for.
 */
export function earnedByEvent(program: CompiledProgram, event: EventBasket): readonly EarnedByRule[] {
  const rules = program.rulesOn.get(event.type);
  return rules === undefined ? [] : decideRules(rules, eventView(event)).map(earnedOf);
}

/** What decides over an event; also for its budgets. */
export function eventView(event: EventBasket): DecisionView {
  const { at, storeId, regionId, channel = null, member, rooms } = event;
  const measured = measuredOf(event);
  return {
    place: { at, storeId, regionId, channel, tier: member.tier ?? null },
    input: lateInput(() => eventFacts(event)),
    measure: () => measured,
    pointsOf: (rule) => fieldPoints(rule, event),
    rooms,
  };
}

/** The name under which it is remembered that a member was given points for a field. */
export const fieldCounter = (ruleId: string, field: string) => `field/${ruleId}/${field}`;

/** The fields of a rule that this event fills for the first time. */
export function newFields(rule: CompiledRule, { data, rooms }: Pick<EventBasket, "data" | "rooms">): readonly string[] {
  return Object.keys(rule.perField ?? {}).filter((field) => {
    const value = Object.hasOwn(data, field) ? data[field] : undefined;
    const filled = value !== undefined && value !== "" && value !== false;
    return filled && rooms?.[fieldCounter(rule.id, field)] !== 0;
  });
}

function fieldPoints(rule: CompiledRule, event: EventBasket): { count: number; points: number } | null {
  const { perField } = rule;
  if (perField === undefined) return null;
  const fields = newFields(rule, event);
  return { count: fields.length, points: fields.reduce((sum, field) => sum + (perField[field] ?? 0), 0) };
}

function measuredOf({ data }: EventBasket): Measured {
  const amount = wholeOf(data["amount"]);
  const one = { amount, units: data["quantity"] === undefined ? amount : wholeOf(data["quantity"]) };
  return { lines: [one], ...one };
}

const wholeOf = (value: unknown) =>
  typeof value === "number" && value > 0 ? Math.min(Math.floor(value), Number.MAX_SAFE_INTEGER) : 0;
