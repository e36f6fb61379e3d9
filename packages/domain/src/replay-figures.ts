// What a member's events come to in a stretch of time: points given, spent and expired by currency, and given by rule.
import type { MemberEvent, Transaction } from "@regulars/contracts/events";
import type { MemberState } from "./state.ts";

/** Points of one currency: `given` less what was taken back, `redeemed` less what was restored. */
export interface ReplayFigures {
  given: number;
  redeemed: number;
  expired: number;
  /** Available, pending and held at the end. */
  outstanding: number;
}

export interface Tally {
  readonly currencies: Map<string, ReplayFigures>;
  /** Points given by rule and currency; `rule` is empty for what no rule gave. */
  readonly rules: Map<string, { readonly rule: string; readonly currency: string; points: number }>;
}

export const emptyTally = (): Tally => ({ currencies: new Map(), rules: new Map() });

/** Adds the movements of an event to a tally. */
export function tallyEvent(tally: Tally, { body }: Pick<MemberEvent, "body">): void {
  if (!("transactions" in body)) return;
  for (const transaction of body.transactions) tallyTransaction(tally, transaction);
}

function tallyTransaction(tally: Tally, { kind, entries, rule = "" }: Transaction): void {
  for (const { account, currency, points } of entries) {
    if (account === "issued" || account === "adjusted") {
      figuresOf(tally, currency).given -= points;
      const ofRule = account === "issued" && (kind === "earn" || kind === "reverse") ? rule : "";
      const key = `${ofRule}/${currency}`;
      const known = tally.rules.get(key);
      if (known === undefined) tally.rules.set(key, { rule: ofRule, currency, points: 0 - points });
      else known.points -= points;
    } else if (account === "redeemed") figuresOf(tally, currency).redeemed += points;
    else if (account === "expired") figuresOf(tally, currency).expired += points;
  }
}

/** Puts what a state still owes its member into a tally. */
export function tallyOutstanding(tally: Tally, state: MemberState): void {
  for (const [currency, { available, pending, held }] of state.currencies) {
    const outstanding = available + pending + held;
    if (outstanding !== 0 || tally.currencies.has(currency)) figuresOf(tally, currency).outstanding = outstanding;
  }
}

/** Points of each lot that the events have let expire. */
export function addExpired(expired: Map<string, number>, { body }: Pick<MemberEvent, "body">): void {
  for (const { entries } of "transactions" in body ? body.transactions : []) {
    for (const { account, lot, points } of entries) {
      if (account === "expired" && lot !== undefined) expired.set(lot, (expired.get(lot) ?? 0) + points);
    }
  }
}

function figuresOf(tally: Tally, currency: string): ReplayFigures {
  let figures = tally.currencies.get(currency);
  if (figures === undefined) {
    figures = { given: 0, redeemed: 0, expired: 0, outstanding: 0 };
    tally.currencies.set(currency, figures);
  }
  return figures;
}
