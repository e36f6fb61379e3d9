// What time alone does to a member: points mature and expire, holds lapse, tiers are reviewed, birthdays come.
import { AWAITING, type EventBody } from "@regulars/contracts/events";
import { birthdayDueAt, reachBirthday } from "./birthdays.ts";
import { fillFullCards } from "./cards.ts";
import { Draft } from "./draft.ts";
import { partsOf } from "./holds.ts";
import { noticeDueAt, tellNotice } from "./life-notices.ts";
import { policyOf, type LifeWatch } from "./life-policy.ts";
import { settleVoucher, voucherDueAt } from "./life-vouchers.ts";
import type { TimeScene } from "./moment.ts";
import type { CompiledProgram } from "./program.ts";
import type { CurrencyState, MemberState, OpenLot } from "./state.ts";
import { settleTier, tierDueAt } from "./tiers-time.ts";

// One event stays far below a Queue message of 128 KB; what is left is settled by the next.
const LOTS_PER_EVENT_MAX = 200;

const dueByState = new WeakMap<MemberState, { sequence: number; points: number; other: number }>();

/**
 * When time next changes something (Unix ms), or Infinity. `watch`: what is known beside the events; without it notices and
 * birthdays are left out. Asked on every call, so what the state alone says is computed once an event.
 */
export function nextDueAt(state: MemberState, watch: LifeWatch | null = null): number {
  const { points, other } = dueOf(state);
  return Math.min(points, other, watch === null || !hasLife(state) ? Infinity : watchedDueAt(state, watch));
}

/** The next event that time has made due at `now`, or null. Call again until it is null. */
export function settleNext(state: MemberState, now: number, scene: TimeScene): EventBody | null {
  const { points: dueAt, other } = dueOf(state);
  if (dueAt <= now) {
    // The first points that come in pay debt, so a debt must meet them in the order of time, however late we look.
    const inDebt = [...state.currencies.values()].some(({ debt }) => debt > 0);
    const until = inDebt ? dueAt : now;
    const moved = mature(state, until, scene) ?? lapse(state, until) ?? expire(state, until);
    if (moved !== null) return moved;
  }
  if (other <= now && voucherDueAt(state) <= now) return settleVoucher(state, now);
  return scene.program === null || !hasLife(state)
    ? null
    : settleLife(state, now, { ...scene, program: scene.program });
}

/** What the clock must be watched for by a scene. */
export function watchOf({ program, timeZone, birthday, birthdayNote = null }: TimeScene, now: number): LifeWatch {
  return { policy: policyOf(program, timeZone), birthday, note: birthdayNote, now };
}

// In the order of their times: the tier of a birthday is the one that the member has on that day.
function settleLife(
  state: MemberState,
  now: number,
  scene: TimeScene & { readonly program: CompiledProgram },
): EventBody | null {
  const { program, timeZone } = scene;
  const watch = watchOf(scene, now);
  const tierAt = tierDueAt(state.tier);
  const birthdayAt = birthdayDueAt(state, watch);
  if (tierAt <= now && tierAt <= birthdayAt) return settleTier(state, program, timeZone, now);
  if (birthdayAt <= now) return reachBirthday(state, program, { now, begins: birthdayAt, timeZone });
  if (watch.policy === null || noticeDueAt(state, watch.policy) > now) return null;
  return tellNotice(state, watch.policy, now);
}

function dueOf(state: MemberState): { readonly points: number; readonly other: number } {
  let due = dueByState.get(state);
  if (due?.sequence !== state.sequence) {
    const tier = hasLife(state) ? tierDueAt(state.tier) : Infinity;
    due = { sequence: state.sequence, points: pointsDueAt(state), other: Math.min(voucherDueAt(state), tier) };
    dueByState.set(state, due);
  }
  return due;
}

function pointsDueAt(state: MemberState): number {
  let next = Infinity;
  for (const { spendable, maturing } of state.currencies.values()) {
    const matures = maturing[0]?.lot.availableAt ?? AWAITING;
    next = Math.min(next, spendable[0]?.lot.expiresAt ?? Infinity, matures === AWAITING ? Infinity : matures);
  }
  for (const hold of state.holds.values()) next = Math.min(next, hold.lapsesAt);
  return next;
}

function watchedDueAt(state: MemberState, watch: LifeWatch): number {
  const notice = watch.policy === null ? Infinity : noticeDueAt(state, watch.policy);
  return Math.min(notice, birthdayDueAt(state, watch));
}

// An erased member keeps the ledger alone.
const hasLife = ({ status }: MemberState) => status === "enrolled";

function mature(state: MemberState, now: number, { program, timeZone }: TimeScene): EventBody | null {
  const due = dueLots(
    state,
    ({ maturing }) => maturing,
    (open) => open.lot.availableAt <= now,
  );
  if (due.length === 0) return null;
  const draft = new Draft(state, now);
  for (const { lot, pending } of due) draft.move("mature", [{ lot, points: pending }], "pending", "available");
  // Stamps that waited may fill a card.
  if (program !== null && hasLife(state)) fillFullCards(draft, program, { now, timeZone, ownerId: null });
  return { kind: "points.available", ...draft.body([]) };
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
