// Where a member stands in what is counted: stamp cards, challenges, streaks, badges, and rounds of games left today.
import type { Progress } from "@regulars/contracts/acts-activity";
import { localDay, numberOfPeriod, periodOf } from "./calendar.ts";
import type { Draft } from "./draft.ts";
import { playableGame } from "./games.ts";
import { challengeCounter, isActive, runUpTo } from "./play-counting.ts";
import { BADGES, completionIn, completionsOf, type Badges } from "./play-prizes.ts";
import type { CompiledProgram } from "./program.ts";

/** The progress of a member at `now`, by the program in force then. */
export function playProgress(
  draft: Draft,
  program: CompiledProgram,
  { now, timeZone }: { readonly now: number; readonly timeZone: string },
): Omit<Progress, "sequence"> {
  const { stampCards, play } = program.document;
  const badges = draft.effects.fact<Badges>(BADGES) ?? {};
  return {
    cards: stampCards.map(({ id, currency, size }) => ({
      id,
      currency,
      size,
      stamps: Math.max(0, draft.figures(currency).available),
    })),
    challenges: play.challenges.map((challenge) => {
      const { id, name = null, times, period } = challenge;
      const { key, endsAt } = periodOf(now, period, timeZone);
      const count = draft.effects.counter(challengeCounter(challenge, now, timeZone));
      const completed = completionIn(draft, id, key) !== null;
      return { id, name, count, times, completed, endsAt };
    }),
    streaks: play.streaks.map((streak) => {
      const { id, name = null, every, length } = streak;
      const current = numberOfPeriod(localDay(now, timeZone), every);
      const thisPeriod = isActive(draft, streak, current);
      // A streak is not broken before the period is over in which it could go on.
      const count = runUpTo(draft, streak, thisPeriod ? current : current - 1);
      return { id, name, every, count, length, thisPeriod, completedTimes: completionsOf(draft, id).length };
    }),
    badges: Object.entries(badges).map(([id, held]) => ({
      id,
      since: Math.min(...Object.values(held).map(({ at }) => at)),
      by: Object.keys(held),
    })),
    games: play.games.map(({ id, name = null }) => {
      const game = playableGame(program, draft.effects, id, { now, timeZone });
      return { id, name, roundsLeft: game.ok ? game.roundsLeft : 0 };
    }),
  };
}
