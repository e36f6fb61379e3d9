// What time alone does to a member: pending points become available, holds lapse, lots expire.
import type { EventBody } from "@regulars/contracts/events";
import { Draft } from "./draft.ts";
import type { TimeScene } from "./moment.ts";
import { partsOf } from "./holds.ts";
import type { CurrencyState, MemberState, OpenLot } from "./state.ts";

// One event stays far below a Queue message of 128 KB; what is left is settled by the next.
const LOTS_PER_EVENT_MAX = 200;

/** When time next changes something (Unix ms), or Infinity. */
export function nextDueAt(state: MemberState): number {
  let next = Infinity;
  for (const { spendable, maturing } of state.currencies.values()) {
    next = Math.min(next, spendable[0]?.lot.expiresAt ?? Infinity, maturing[0]?.lot.availableAt ?? Infinity);
  }
  for (const hold of state.holds.values()) next = Math.min(next, hold.lapsesAt);
  return next;
}

/** The next event that time has made due at `now`, or null. Call again until it is null. */
export function settleNext(state: MemberState, now: number, scene: TimeScene): EventBody | null {
  void scene;
  const dueAt = nextDueAt(state);
  if (dueAt > now) return null;
  // The first points that come in pay debt, so a debt must meet them in the order of time, however late we look.
  const inDebt = [...state.currencies.values()].some(({ debt }) => debt > 0);
  const until = inDebt ? dueAt : now;
  return mature(state, until) ?? lapse(state, until) ?? expire(state, until);
}

function mature(state: MemberState, now: number): EventBody | null {
  const due = dueLots(
    state,
    ({ maturing }) => maturing,
    (open) => open.lot.availableAt <= now,
  );
  if (due.length === 0) return null;
  const draft = new Draft(state, now);
  for (const { lot, pending } of due) draft.move("mature", [{ lot, points: pending }], "pending", "available");
  return movements("points.available", draft);
}

function lapse(state: MemberState, now: number): EventBody | null {
  for (const hold of state.holds.values()) {
    if (hold.lapsesAt > now) continue;
    const draft = new Draft(state, now);
    draft.move("release", partsOf(draft, hold), "held", "available");
    return { ...movements("hold.lapsed", draft), hold: { ...hold, state: "lapsed" } };
  }
  return null;
}

function expire(state: MemberState, now: number): EventBody | null {
  const due = dueLots(
    state,
    ({ spendable }) => spendable,
    ({ lot }) => lot.expiresAt !== null && lot.expiresAt <= now,
  );
  if (due.length === 0) return null;
  const draft = new Draft(state, now);
  for (const { lot, available } of due) draft.move("expire", [{ lot, points: available }], "available", "expired");
  return movements("points.expired", draft);
}

function dueLots(
  state: MemberState,
  listOf: (currency: CurrencyState) => readonly OpenLot[],
  isDue: (open: OpenLot) => boolean,
): OpenLot[] {
  const due: OpenLot[] = [];
  for (const currency of state.currencies.values()) {
    for (const open of listOf(currency)) {
      if (!isDue(open) || due.length === LOTS_PER_EVENT_MAX) break;
      due.push(open);
    }
  }
  return due;
}

function movements<Kind extends string>(kind: Kind, draft: Draft) {
  return { kind, transactions: draft.transactions, lots: draft.lots, balances: draft.balances([]) };
}
