// What every member must have, given what was answered: the other side of each subject's check.
import { EARN_POINTS, POINTS_AT_START, REDEEM_EARN_POINTS, REDEEM_POINTS, type Operation } from "./requests.ts";

/** What one operation does to a member: points, orders, and events of its ledger. */
const EFFECTS: Readonly<Record<Operation, { points: number; orders: number; events: number }>> = {
  earn: { points: EARN_POINTS, orders: 1, events: 1 },
  redeem: { points: REDEEM_EARN_POINTS - REDEEM_POINTS, orders: 1, events: 1 },
  hold: { points: -REDEEM_POINTS, orders: 0, events: 2 },
  turnover: { points: 0, orders: 1, events: 2 },
  bestQuote: { points: 0, orders: 0, events: 0 },
  quote: { points: 0, orders: 0, events: 0 },
  balance: { points: 0, orders: 0, events: 0 },
};

/** An enrolment and the points given at the start. */
const EVENTS_AT_START = 2;

export interface ExpectedMember {
  readonly memberId: string;
  available: number;
  orders: number;
  events: number;
}

/** Members as they are before any load. */
export function expectMembers(memberIds: readonly string[]): ExpectedMember[] {
  return memberIds.map((memberId) => ({ memberId, available: POINTS_AT_START, orders: 0, events: EVENTS_AT_START }));
}

/** Adds so many operations to each member, in the members' order. */
export function expectMore(members: readonly ExpectedMember[], operation: Operation, done: readonly number[]): void {
  const { points, orders, events } = EFFECTS[operation];
  for (const [place, member] of members.entries()) {
    const times = done[place] ?? 0;
    member.available += times * points;
    member.orders += times * orders;
    member.events += times * events;
  }
}
