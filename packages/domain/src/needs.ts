// What was asked of other objects for one decision, and what of it the decision has not used and must give back.
import type { EventBody } from "@regulars/contracts/events";
import type { CounterChange, Duty } from "@regulars/contracts/events-effects";
import type { OrderRecord, StoredEarn } from "@regulars/contracts/events-orders";
import type { Prepared } from "./moment.ts";
import { refuse, type Decision } from "./refuse.ts";

/** Points of a rule's budget, or a piece of a reward's stock. */
export interface PendingTake {
  readonly name: string;
  readonly granted: number;
  /** The rule whose points are taken; null: a piece that the act uses when it is written at all. */
  readonly rule: string | null;
}

/** The claim of a code, by which its object knows this use. */
export interface PendingClaim {
  readonly campaign: string;
  readonly claim: string;
}

/** Asked under one intent, which undoes all of it unless an event takes its place. */
export interface Pending {
  readonly intent: string;
  readonly takes: readonly PendingTake[];
  readonly claims: readonly PendingClaim[];
}

/** What the duty SETTLE_PREPARED asks: give back, let go. `key` is the intent under which it was taken. */
export interface SettleAsk {
  readonly takes: readonly { readonly name: string; readonly key: string; readonly unused: number }[];
  readonly claims: readonly PendingClaim[];
}

export const SETTLE_PREPARED = "prepared.settle";

/** The counter of a member's own uses of a campaign's codes. */
export const codeCounter = (campaign: string) => `code/${campaign}`;

/** What the codes on an order count for while they are used. */
export function codesCounted({ vouchers = [] }: Pick<OrderRecord, "vouchers">): readonly CounterChange[] {
  return vouchers.flatMap(({ code, state }) =>
    code === undefined || state !== "used" ? [] : [{ name: codeCounter(code.campaign), by: 1, until: null }],
  );
}

/**
 * The decision with the duties that take the place of its intents. A refusal is left as it is: nothing of it was used. Refuses
 * code_not_usable when a code would be used more often than its campaign gives it to one member.
 */
export function settlePending(
  decision: Decision,
  { pending = [], codeUses = {} }: Pick<Prepared, "pending" | "codeUses">,
  counterOf: (name: string) => number,
): Decision {
  if (!decision.ok) return decision;
  const { body } = decision;
  if (overUsed(body, codeUses, counterOf)) return refuse("code_not_usable", "codes");
  if (pending.length === 0) return decision;
  const before = "duties" in body ? (body.duties ?? []) : [];
  // Every kind of event that is prepared for carries effects.
  const settled = { ...body, duties: [...before, ...pending.map((one) => settleDuty(one, body))] } as EventBody;
  return { ok: true, body: settled };
}

function overUsed(
  body: EventBody,
  most: Readonly<Record<string, number>>,
  counterOf: (name: string) => number,
): boolean {
  const counters = "counters" in body ? (body.counters ?? []) : [];
  return Object.entries(most).some(([name, uses]) => {
    const by = counters.reduce((sum, one) => (one.name === name ? sum + one.by : sum), 0);
    return by > 0 && counterOf(name) + by > uses;
  });
}

/** The name of the budget of a reward's pieces. */
export const stockName = (rewardId: string) => `stock/${rewardId}`;

/** Everything of an intent that nobody settled. */
export function giveUpAsk(intent: string, names: readonly string[], claims: readonly PendingClaim[]): SettleAsk {
  return { takes: names.map((name) => ({ name, key: intent, unused: Number.MAX_SAFE_INTEGER })), claims };
}

function settleDuty({ intent, takes, claims }: Pending, body: EventBody): Duty {
  const used = usedClaims(body);
  const ask: SettleAsk = {
    takes: takes.flatMap((take) => {
      const unused = take.granted - usedOf(take, body);
      return unused > 0 ? [{ name: take.name, key: intent, unused }] : [];
    }),
    claims: claims.filter(({ claim }) => !used.has(claim)),
  };
  return { id: intent, kind: SETTLE_PREPARED, ask, settles: { intent, must: true } };
}

function usedOf({ rule, granted }: PendingTake, body: EventBody): number {
  if (rule === null) return granted;
  return earnedIn(body).reduce((sum, one) => (one.rule === rule ? sum + one.points : sum), 0);
}

function earnedIn(body: EventBody): readonly StoredEarn[] {
  if ("order" in body) return body.order.earned;
  return body.kind === "activity.recorded" ? body.record.earned : [];
}

function usedClaims(body: EventBody): ReadonlySet<string> {
  const vouchers = "order" in body ? (body.order.vouchers ?? []) : [];
  return new Set(
    vouchers.flatMap(({ code, state }) => (code === undefined || state === "returned" ? [] : [code.claim])),
  );
}
