// What a member has at a moment: balances as they would be once time has done its work, without moving anything.
import type { StoredBalance } from "@regulars/contracts/events";
import type { Balance } from "@regulars/contracts/points";
import { Draft } from "./draft.ts";
import { NO_TIME_SCENE, type TimeScene } from "./moment.ts";
import { nextDueAt, settleNext } from "./settle.ts";
import { readSnapshot, writeSnapshot } from "./snapshot.ts";
import { applyEvent, type MemberState } from "./state.ts";

/** Balances at `now` of every currency that the member or `listed` has. */
export function balancesAt(state: MemberState, now: number, listed: Iterable<string>): StoredBalance[] {
  return new Draft(settledAt(state, now), now).balances(listed);
}

/** Points of a currency that can be spent at `now`. */
export function availableAt(state: MemberState, currency: string, now: number): number {
  return settledAt(state, now).currencies.get(currency)?.available ?? 0;
}

/** A stored balance in the public shape. */
export function publicBalance({ expiringNext, ...figures }: StoredBalance): Balance {
  const next = expiringNext && { points: expiringNext.points, at: new Date(expiringNext.at).toISOString() };
  return { ...figures, expiringNext: next };
}

/** The state once time has done its work, on points and vouchers alone without a scene; the same object when nothing is due. */
export function settledAt(state: MemberState, now: number, scene: TimeScene = NO_TIME_SCENE): MemberState {
  if (nextDueAt(state) > now) return state;
  const then = readSnapshot(writeSnapshot(state));
  for (let body = settleNext(then, now, scene); body !== null; body = settleNext(then, now, scene)) {
    applyEvent(then, { sequence: then.sequence + 1, at: now, testTime: then.testTime, body });
  }
  return then;
}
