// What a candidate would have given for a paid order, by the basket and the facts that are stored with it; nothing is written.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import { localDay } from "./calendar.ts";
import { earnedBy } from "./earning.ts";
import { explainOrder } from "./explain.ts";
import { earningBasket } from "./order-earn.ts";
import type { CompiledProgram } from "./program.ts";

export interface ShadowSight {
  /** The local day on which the order was placed. */
  readonly day: string;
  /** Points of each rule that gave any, in life or under the candidate. */
  readonly rules: readonly {
    readonly rule: string;
    readonly currency: string;
    readonly now: number;
    readonly candidate: number;
  }[];
  readonly differs: boolean;
}

/** The order as it was paid. Caps and budgets have the room that they had then, where the rule has the same id. */
export function sightOf(candidate: CompiledProgram, order: OrderRecord, timeZone: string): ShadowSight {
  const paidByPoints = order.redeemed.reduce((sum, { value }) => sum + value, 0);
  const basket = earningBasket(order, paidByPoints, { facts: order.facts, timeZone });
  const { rooms } = order;
  const earned = earnedBy(candidate, rooms === undefined ? basket : { ...basket, rooms });
  const rules = new Map<string, { rule: string; currency: string; now: number; candidate: number }>();
  const add = (side: "now" | "candidate", rule: string, currency: string, points: number) => {
    const key = `${rule}/${currency}`;
    const known = rules.get(key) ?? { rule, currency, now: 0, candidate: 0 };
    rules.set(key, { ...known, [side]: known[side] + points });
  };
  for (const { rule, currency, points } of order.earned) add("now", rule, currency, points);
  for (const { rule, currency, points } of earned) add("candidate", rule, currency, points);
  const listed = [...rules.values()];
  return {
    day: localDay(order.placedAt, timeZone),
    rules: listed,
    differs: listed.some(({ now, candidate: then }) => now !== then),
  };
}

/** The same order explained by the candidate: what it gives, and why each rule does or does not. */
export function explainSight(candidate: CompiledProgram, order: OrderRecord, timeZone: string) {
  const rules = explainOrder(candidate, order, timeZone).rules.slice(0, RULES_SHOWN_MAX);
  return rules.map(({ rule, currency, points, reason, base, per, times }) => {
    return { rule, currency, points, reason, base, per, times };
  });
}

/** A program may have 200 rules; an example is for reading. */
const RULES_SHOWN_MAX = 30;
