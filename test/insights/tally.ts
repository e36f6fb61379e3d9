// Adds members and their spending up, by name.
import type { NamedSum } from "./findings.ts";
import type { CountedOrder } from "./orders.ts";

/** Members and their spending by name, the largest first. */
export class Tally {
  readonly #sums = new Map<string, { name: string; members: number; spend: number }>();

  add(name: string, spend: number): void {
    const sum = this.#sums.get(name) ?? { name, members: 0, spend: 0 };
    sum.members += 1;
    sum.spend += spend;
    this.#sums.set(name, sum);
  }

  sums(): NamedSum[] {
    return [...this.#sums.values()].sort(
      (one, other) => other.members - one.members || (one.name < other.name ? -1 : 1),
    );
  }
}

/** Money kept by member. */
export function sumByMember(orders: readonly CountedOrder[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { memberId, amount } of orders) sums.set(memberId, (sums.get(memberId) ?? 0) + amount);
  return sums;
}
