// When an order is decided, and what is known of its member then.
import type { MemberFacts } from "@regulars/contracts/events";

export interface OrderMoment {
  readonly now: number;
  readonly timeZone: string;
  readonly facts: MemberFacts;
  /** Points of a lot that have expired so far; asked only for lots that are no longer open. */
  readonly expiredOf: (lotId: string) => number;
}
