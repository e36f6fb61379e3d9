// What the shape of a program's play cannot tell: prizes that lead nowhere, events that are not named, games nobody can win.
import type { Program } from "@regulars/contracts/program";
import type { Challenge, Game, Prize, Streak } from "@regulars/contracts/program-play";
import type { Refusal } from "@regulars/contracts/refusals";
import { duplicate, duplicates, faulty, wrongCondition } from "./program-check-names.ts";

// A member's days are remembered for 1,000 days or more; a longer streak could never be seen.
const STREAK_MAX = { day: 1000, week: 140, month: 32 } as const;

/** What is wrong with challenges, streaks and games, in the order of the document. */
export function checkPlay(program: Program): Refusal[] {
  const { challenges, streaks, games } = program.play;
  return [
    ...unknownBudgets(program),
    ...challenges.flatMap((challenge, place) => {
      const at = `play.challenges[${place}]`;
      return [
        ...takenIds(program, challenge.id, at),
        ...wrongCount(challenge, at),
        ...wrongCondition(challenge.when, `${at}.when`),
        ...wrongPrize(program, challenge.prize, `${at}.prize`),
      ];
    }),
    ...duplicates([...challenges, ...streaks].map(({ id }) => id)).map((place) => {
      const isChallenge = place < challenges.length;
      return duplicate(isChallenge ? `play.challenges[${place}].id` : `play.streaks[${place - challenges.length}].id`);
    }),
    ...streaks.flatMap((streak, place) => {
      const at = `play.streaks[${place}]`;
      return [
        ...takenIds(program, streak.id, at),
        ...wrongCount(streak, at),
        ...tooLong(streak, at),
        ...wrongPrize(program, streak.prize, `${at}.prize`),
      ];
    }),
    ...duplicates(games.map(({ id }) => id)).map((place) => duplicate(`play.games[${place}].id`)),
    ...games.flatMap((game, place) => wrongGame(game, `play.games[${place}]`)),
  ];
}

// The statement names a prize by its challenge or streak as it names other points by their rule.
function takenIds({ earning }: Program, id: string, at: string): Refusal[] {
  return earning.some((rule) => rule.id === id) ? [duplicate(`${at}.id`)] : [];
}

function wrongCount({ counts, event }: Pick<Challenge | Streak, "event"> & { counts: string }, at: string): Refusal[] {
  if (counts === "event")
    return event === undefined ? [{ code: "missing_field", field: `${at}.event` }] : namedOrder(event, at);
  return event === undefined ? [] : [faulty(`${at}.event`, "counts_orders_not_events")];
}

const namedOrder = (event: string, at: string) =>
  event === "order" ? [faulty(`${at}.event`, "orders_are_no_event")] : [];

function wrongPrize({ currencies, rewards }: Program, { points, reward, badge }: Prize, at: string): Refusal[] {
  const currency = currencies.find(({ id }) => id === points?.currency);
  const given = rewards.find(({ id }) => id === reward);
  return [
    ...(points === undefined && reward === undefined && badge === undefined ? [faulty(at, "prize_gives_nothing")] : []),
    ...(points !== undefined && currency === undefined
      ? [{ code: "currency_unknown", field: `${at}.points.currency`, facts: { currency: points.currency } } as const]
      : []),
    ...(currency?.network === undefined ? [] : [faulty(`${at}.points.currency`, "prize_network_coin")]),
    ...(reward !== undefined && given === undefined
      ? [{ code: "reward_unknown", field: `${at}.reward`, facts: { reward } } as const]
      : []),
    ...(given?.stock === undefined ? [] : [faulty(`${at}.reward`, "reward_can_run_out")]),
  ];
}

function tooLong({ every, length }: Streak, at: string): Refusal[] {
  const limit = STREAK_MAX[every];
  return length > limit ? [{ code: "number_out_of_range", field: `${at}.length`, facts: { limit: `<=${limit}` } }] : [];
}

function wrongGame({ minSeconds, maxSeconds, maxScorePerSecond }: Game, at: string): Refusal[] {
  return [
    ...(minSeconds > maxSeconds ? [faulty(`${at}.minSeconds`, "game_longer_than_most")] : []),
    ...(maxScorePerSecond * maxSeconds < 1 ? [faulty(`${at}.maxScorePerSecond`, "game_no_score")] : []),
  ];
}

// Enrolment and profile are recorded within other writes, which ask no shared budget.
function unknownBudgets({ earning }: Program): Refusal[] {
  return earning.flatMap(({ on, budget }, place) =>
    budget !== undefined && (on === "enrolled" || on === "profile_completed")
      ? [faulty(`earning[${place}].budget`, "event_without_budget", { event: on })]
      : [],
  );
}
