// What a replay has noticed so far: orders that came out differently, what the candidate refused, what could not be replayed.
import type { OrderRecord } from "@regulars/contracts/events-orders";
import type { RefusalCode } from "@regulars/contracts/refusals";

/** An order that came out differently: both records tell why. */
export interface ReplayExample {
  readonly now: OrderRecord;
  readonly candidate: OrderRecord;
  /** Points in all currencies, candidate less now. */
  readonly difference: number;
}

export class ReplayComparison {
  /** Paid orders. */
  orders = 0;
  differing = 0;
  /** The order that differs most. */
  example: ReplayExample | null = null;
  /** What the candidate refused, by code. */
  readonly refused = new Map<RefusalCode, number>();
  /** Events that a replay cannot carry over, by kind. */
  readonly notReplayed = new Map<string, number>();

  /** Compares what an order gave when it was paid with what the candidate gave for it. */
  compare(now: OrderRecord, candidate: OrderRecord): void {
    const changes = changesOf(now.earned, candidate.earned);
    if (changes.every((change) => change === 0)) return;
    this.differing += 1;
    const difference = changes.reduce((sum, change) => sum + change, 0);
    if (this.example === null || Math.abs(difference) > Math.abs(this.example.difference)) {
      this.example = { now, candidate, difference };
    }
  }

  refuse(code: RefusalCode): void {
    this.refused.set(code, (this.refused.get(code) ?? 0) + 1);
  }

  leaveOut(kind: string): void {
    this.notReplayed.set(kind, (this.notReplayed.get(kind) ?? 0) + 1);
  }
}

type Gifts = readonly { readonly currency: string; readonly points: number }[];

/** By how many points each currency changes from one list of gifts to another. */
function changesOf(before: Gifts, after: Gifts): number[] {
  const sums = new Map<string, number>();
  for (const { currency, points } of before) sums.set(currency, (sums.get(currency) ?? 0) - points);
  for (const { currency, points } of after) sums.set(currency, (sums.get(currency) ?? 0) + points);
  return [...sums.values()];
}
