// Notices that points will end: each group of points that end on one local day is told once for each of the days before.
import { AWAITING, type EventBody } from "@regulars/contracts/events";
import { addLocalDays, dayPlus, localDay, startOfLocalDay } from "./calendar.ts";
import { Draft } from "./draft.ts";
import type { LifePolicy } from "./life-policy.ts";
import type { MemberState, OpenLot } from "./state.ts";

interface Notice {
  readonly currency: string;
  readonly days: number;
  /** When to tell. */
  readonly at: number;
  /** When the first points of the group end. */
  readonly endsAt: number;
}

/** Up to which end points have been told about, by `{currency}/{days}`. */
type Told = Readonly<Record<string, number>>;
const TOLD = "life/told";

const nextByState = new WeakMap<MemberState, { sequence: number; policy: LifePolicy; notice: Notice | null }>();

/** When the next notice is due (Unix ms), or Infinity. */
export function noticeDueAt(state: MemberState, policy: LifePolicy): number {
  let next = nextByState.get(state);
  if (next?.sequence !== state.sequence || next.policy !== policy) {
    next = { sequence: state.sequence, policy, notice: nextNotice(state, policy) };
    nextByState.set(state, next);
  }
  return next.notice?.at ?? Infinity;
}

/** The event of a notice that is due, which must be there. Of several days that are due for one group only the nearest is told. */
export function tellNotice(state: MemberState, policy: LifePolicy, now: number): EventBody {
  const draft = new Draft(state, now);
  const told = toldOf(state);
  const notice = noticesOf(state, policy).find(({ at }) => at <= now);
  if (notice === undefined) throw new Error("no notice is due");
  const { currency, days, endsAt } = notice;
  const groupEnd = startOfLocalDay(dayPlus(localDay(endsAt - 1, policy.zone), 1), policy.zone);
  const points = spendable(state, currency)
    .filter((open) => isOf(open, told[`${currency}/${days}`] ?? 0, days, policy.zone))
    .filter(({ lot }) => lot.expiresAt !== null && lot.expiresAt <= groupEnd)
    .reduce((sum, { available }) => sum + available, 0);
  const marks = (policy.notice[currency] ?? []).filter((mark) => mark >= days).map((mark) => `${currency}/${mark}`);
  const after = marks.map((mark) => [mark, Math.max(told[mark] ?? 0, groupEnd)] as const);
  draft.effects.setFact(TOLD, { ...told, ...Object.fromEntries(after) });
  return { kind: "points.expiring", currency, points, at: endsAt, days, ...draft.body([]) };
}

function nextNotice(state: MemberState, policy: LifePolicy): Notice | null {
  const [first = null, ...others] = noticesOf(state, policy);
  return others.reduce((next, notice) => (next === null || notice.at < next.at ? notice : next), first);
}

// The next notice of each currency and day, the nearest day of a currency first.
function noticesOf(state: MemberState, policy: LifePolicy): Notice[] {
  const told = toldOf(state);
  return Object.entries(policy.notice).flatMap(([currency, marks]) =>
    marks.flatMap((days) => {
      const upTo = told[`${currency}/${days}`] ?? 0;
      const endsAt = spendable(state, currency).find((open) => isOf(open, upTo, days, policy.zone))?.lot.expiresAt;
      if (endsAt === undefined || endsAt === null) return [];
      return [{ currency, days, endsAt, at: addLocalDays(endsAt, -days, policy.zone) }];
    }),
  );
}

// Points that live shorter than a notice takes are not told of so early.
function isOf({ lot }: OpenLot, toldUpTo: number, days: number, zone: string): boolean {
  if (lot.expiresAt === null || lot.expiresAt <= toldUpTo) return false;
  const from = lot.availableAt === AWAITING ? 0 : lot.availableAt;
  return addLocalDays(lot.expiresAt, -days, zone) >= from;
}

const spendable = (state: MemberState, currency: string) => state.currencies.get(currency)?.spendable ?? [];

// This file alone writes the fact.
const toldOf = (state: MemberState) => (state.facts.get(TOLD) ?? {}) as Told;
