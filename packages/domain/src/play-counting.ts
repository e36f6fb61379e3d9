// What an order or event counts for: challenges that reach their number within a period, streaks of periods in a row.
import type { StoredGrant } from "@regulars/contracts/events-orders";
import type { Streak } from "@regulars/contracts/program-play";
import { daysOfPeriod, localDay, numberOfPeriod, periodOf } from "./calendar.ts";
import { reopenCards } from "./cards.ts";
import type { ConditionInput } from "./conditions.ts";
import type { Draft } from "./draft.ts";
import { completionIn, completionsOf, givePrize, takePrize, type Completion, type PrizeScene } from "./play-prizes.ts";
import { playOf, type CompiledChallenge } from "./play-program.ts";

/** One order or event as challenges see it. Its activity must be in the draft already. */
export interface Occasion extends PrizeScene {
  /** `order`, or the type of an event. */
  readonly type: string;
  readonly input: ConditionInput;
}

/** Challenges that an order or event counts towards, and the prizes that it completed. */
export interface Played {
  readonly played: readonly string[];
  readonly grants: readonly StoredGrant[];
}

// A refund that comes so many days after a period's end still finds what was counted; what comes later counts for nothing.
const KEPT_MS = 400 * 86_400_000;

/** Counts an occasion and gives the prizes of what it completes: once a period and challenge. */
export function countPlay(draft: Draft, occasion: Occasion): Played {
  const { challenges, streaks } = playOf(occasion.program);
  const played: string[] = [];
  const grants: StoredGrant[] = [];
  for (const challenge of challenges.get(occasion.type) ?? []) {
    const { key, until } = stretchOf(challenge, occasion);
    if (until !== null && until <= draft.now) continue;
    if (challenge.condition !== null && !challenge.condition(occasion.input)) continue;
    played.push(challenge.id);
    const count = change(draft, challenge, occasion, 1);
    if (count < challenge.times || completionIn(draft, challenge.id, key) !== null) continue;
    const { id, prize, times } = challenge;
    grants.push(givePrize(draft, occasion, { kind: "challenge", id, prize }, { period: key, times, until }));
  }
  for (const streak of streaks.get(occasion.type) ?? []) {
    const period = windowAround(draft, streak, numberOfPeriod(dayOf(occasion), streak.every));
    if (period !== null) grants.push(completeStreak(draft, occasion, streak, period));
  }
  return { played, grants };
}

/**
 * After lines or an event have come back: counts no longer what does not stand (`stands` says what does), and takes the
 * prizes back that are below their number now, whoever completed them, while they are unused.
 */
export function uncountPlay(
  draft: Draft,
  occasion: Occasion,
  before: Played,
  stands: (challenge: CompiledChallenge) => boolean,
): Played {
  const { challenges, streaks } = playOf(occasion.program);
  const undone: StoredGrant[] = [];
  const played: string[] = [];
  let { grants } = before;
  const undo = (completion: Completion) => {
    const grant = takePrize(draft, occasion, completion, (short) => (grants = reopenCards(draft, grants, short)));
    if (grant !== null) undone.push(grant);
  };
  for (const id of before.played) {
    const challenge = challenges.get(occasion.type)?.find((one) => one.id === id);
    if (challenge === undefined || stands(challenge)) {
      played.push(id);
      continue;
    }
    const { key } = stretchOf(challenge, occasion);
    const count = change(draft, challenge, occasion, -1);
    const completion = completionIn(draft, id, key);
    if (completion !== null && count < (completion.times ?? 0)) undo(completion);
  }
  const again: StoredGrant[] = [];
  for (const streak of streaks.get(occasion.type) ?? []) {
    const number = numberOfPeriod(dayOf(occasion), streak.every);
    if (isActive(draft, streak, number)) continue;
    for (const completion of completionsOf(draft, streak.id)) {
      if (!covers(completion.period, number)) continue;
      undo(completion);
      again.push(...completeFreed(draft, occasion, streak, completion));
    }
  }
  return { played, grants: [...grants.map((grant) => undone.find((one) => isSame(one, grant)) ?? grant), ...again] };
}

// Periods that a streak gives up may make another one together with their neighbours.
function completeFreed(draft: Draft, occasion: Occasion, streak: Streak, { period }: Completion): StoredGrant[] {
  if (typeof period === "string") return [];
  const grants: StoredGrant[] = [];
  for (let number = period[0]; number <= period[1]; number += 1) {
    const freed = windowAround(draft, streak, number);
    if (freed !== null) grants.push(completeStreak(draft, occasion, streak, freed));
  }
  return grants;
}

function completeStreak(
  draft: Draft,
  occasion: Occasion,
  { id, prize }: Streak,
  period: readonly [number, number],
): StoredGrant {
  return givePrize(draft, occasion, { kind: "streak", id, prize }, { period, until: occasion.at + KEPT_MS });
}

/**
 * When nothing stays of an order or event: its full cards are opened again while stamps are owed, for a prize that filled
 * them may have been taken back with another order.
 */
export function reopenForDebt(draft: Draft, grants: readonly StoredGrant[]): readonly StoredGrant[] {
  const ofCards = grants.filter(({ kind, undone }) => kind === "card" && !undone);
  const currencies = new Set(ofCards.flatMap(({ spends }) => spends.map(({ lot }) => lot.currency)));
  let after = grants;
  for (const currency of currencies) {
    const missing = draft.figures(currency).debt;
    if (missing > 0) after = reopenCards(draft, after, { currency, missing });
  }
  return after;
}

/** The counter of a challenge in the period of an instant. */
export function challengeCounter(
  challenge: Pick<CompiledChallenge, "id" | "period">,
  at: number,
  timeZone: string,
): string {
  return `play/${challenge.id}/${periodOf(at, challenge.period, timeZone).key}`;
}

/** Whether a period has what a streak counts. */
export function isActive(draft: Draft, { counts, event = "", every }: Streak, number: number): boolean {
  return daysOfPeriod(number, every).some((day) => {
    const { orders, events } = draft.effects.day(day);
    return counts === "event" ? (events[event] ?? 0) > 0 : orders > 0;
  });
}

/** How many periods in a row up to this one a streak has, of those that completed none yet. */
export function runUpTo(draft: Draft, streak: Streak, number: number): number {
  const isOpen = openPeriods(draft, streak);
  let length = 0;
  while (length < streak.length && isOpen(number - length)) length += 1;
  return length;
}

// Each period counts towards one completion; a late order may close a gap, so periods after it are looked at too.
function windowAround(draft: Draft, streak: Streak, number: number): readonly [number, number] | null {
  const isOpen = openPeriods(draft, streak);
  if (!isOpen(number)) return null;
  let [first, last] = [number, number];
  while (last - first + 1 < streak.length && isOpen(first - 1)) first -= 1;
  while (last - first + 1 < streak.length && isOpen(last + 1)) last += 1;
  return last - first + 1 === streak.length ? [first, last] : null;
}

function openPeriods(draft: Draft, streak: Streak): (number: number) => boolean {
  const done = completionsOf(draft, streak.id);
  return (number) => !done.some(({ period }) => covers(period, number)) && isActive(draft, streak, number);
}

function covers(period: string | readonly [number, number], number: number): boolean {
  return typeof period !== "string" && period[0] <= number && number <= period[1];
}

// Visits are local days with an order that counts: the day's own counter says whether it is the first, or was the last.
function change(draft: Draft, challenge: CompiledChallenge, occasion: Occasion, by: 1 | -1): number {
  const { until } = stretchOf(challenge, occasion);
  const name = challengeCounter(challenge, occasion.at, occasion.timeZone);
  const add = (counter: string) => {
    // What was forgotten with its period is not counted down.
    if (by === 1 || draft.effects.counter(counter) > 0) draft.effects.count([{ name: counter, by, until }]);
    return draft.effects.counter(counter);
  };
  if (challenge.counts !== "visits") return add(name);
  const ofDay = add(`play/${challenge.id}/on/${dayOf(occasion)}`);
  return ofDay === (by === 1 ? 1 : 0) ? add(name) : draft.effects.counter(name);
}

function stretchOf({ period }: CompiledChallenge, { at, timeZone }: Occasion) {
  const { key, endsAt } = periodOf(at, period, timeZone);
  return { key, until: endsAt === null ? null : endsAt + KEPT_MS };
}

const dayOf = ({ at, timeZone }: Occasion) => localDay(at, timeZone);

// A grant is known by what it gave: the same challenge may be completed, undone and completed again.
function isSame(one: StoredGrant, other: StoredGrant): boolean {
  const lots = (grant: StoredGrant) => grant.earned.map(({ lot }) => lot).join();
  return (
    one.kind === other.kind && one.ref === other.ref && one.voucherId === other.voucherId && lots(one) === lots(other)
  );
}
