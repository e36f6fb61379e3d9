// Birthdays in the tenant's zone: once a year, 29 February on the 28th of common years; an edited birthday waits a year.
import type { EventBody } from "@regulars/contracts/events";
import { addLocalDays, dayInYear, dayPlus, localDay, startOfLocalDay } from "./calendar.ts";
import { Draft } from "./draft.ts";
import type { LifeWatch } from "./life-policy.ts";
import type { CompiledProgram } from "./program.ts";
import type { MemberState } from "./state.ts";
import { levelOf } from "./tiers-keep.ts";
import { issueVoucher } from "./vouchers-issue.ts";

/** An object that was asleep without an alarm still gives its member the gift for so many days. */
const LATE_DAYS_MAX = 30;
const WAIT_DAYS = 365;
const GIVEN = "life/birthday";

/** When the next birthday that brings something begins (Unix ms), or Infinity. */
export function birthdayDueAt(state: MemberState, { policy, birthday, note, now }: LifeWatch): number {
  if (policy === null || !policy.birthdays || birthday === null) return Infinity;
  const { zone } = policy;
  const thisYear = Number(localDay(now, zone).slice(0, 4));
  for (const year of [thisYear - 1, thisYear, thisYear + 1, thisYear + 2]) {
    const day = dayInYear(year, birthday.slice(5));
    const begins = startOfLocalDay(day, zone);
    const isOver = addLocalDays(begins, LATE_DAYS_MAX, zone) <= now;
    if (!isOver && isDue(state, note, { begins, ends: startOfLocalDay(dayPlus(day, 1), zone) }, zone)) return begins;
  }
  return Infinity;
}

// At most one gift in 365 days; whoever changes the birthday waits 365 days for the next.
function isDue(
  state: MemberState,
  note: LifeWatch["note"],
  { begins, ends }: { readonly begins: number; readonly ends: number },
  zone: string,
): boolean {
  if (ends <= state.enrolledAt || (note !== null && ends <= note.setAt)) return false;
  if (note?.edited === true && begins < addLocalDays(note.setAt, WAIT_DAYS, zone)) return false;
  const given = state.facts.get(GIVEN);
  return typeof given !== "number" || begins >= addLocalDays(given, WAIT_DAYS, zone);
}

/** The event of a birthday that began at `begins`, with its gift. */
export function reachBirthday(
  state: MemberState,
  program: CompiledProgram,
  { now, begins, timeZone }: { readonly now: number; readonly begins: number; readonly timeZone: string },
): EventBody {
  const draft = new Draft(state, now);
  const { tiers, birthdayReward, rewards } = program.document;
  const ofTier = tiers?.levels[levelOf(tiers, state.tier)]?.benefits.birthdayReward;
  const rewardId = ofTier ?? birthdayReward;
  const year = Number(localDay(begins, timeZone).slice(0, 4));
  draft.effects.setFact(GIVEN, begins);
  if (rewardId !== undefined && rewards.some(({ id }) => id === rewardId)) {
    const origin = { kind: "birthday", ref: String(year) };
    issueVoucher(draft, program, rewardId, origin, { now, timeZone, ownerId: null });
  }
  return { kind: "birthday.reached", year, ...draft.body([]) };
}
