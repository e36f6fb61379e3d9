// Timed games: whether a score can be true, and the event that it becomes; each round counts once, so many a local day.
import type { ActivityRecord } from "@regulars/contracts/events-more";
import type { Game } from "@regulars/contracts/program-play";
import { recordInto, type ActivityAsk, type ActivityMoment } from "./activities.ts";
import { periodOf } from "./calendar.ts";
import { Draft } from "./draft.ts";
import type { DraftEffects } from "./draft-effects.ts";
import type { CompiledProgram } from "./program.ts";
import { refuse, type Decision, type Refused } from "./refuse.ts";
import type { MemberState } from "./state.ts";

/** The end of a round whose token was genuine. */
export interface RoundAsk extends Pick<ActivityRecord, "storeId" | "regionId" | "ownerId"> {
  readonly gameId: string;
  /** Names the round. */
  readonly nonce: string;
  /** Unix ms. */
  readonly startedAt: number;
  readonly score: number;
}

/**
 * Records a score as `game_score`, with `game`, `score`, and `amount` for rules that give points for it. Refuses:
 * game_not_found, game_rounds_used, game_too_fast, game_too_slow, game_score_implausible.
 */
export function decideRound(
  state: MemberState,
  program: CompiledProgram,
  ask: RoundAsk,
  moment: ActivityMoment,
): Decision {
  const draft = new Draft(state, moment.now);
  const game = playableGame(program, draft.effects, ask.gameId, moment);
  if (!game.ok) return game;
  const implausible = doubt(game.game, ask, moment.now);
  if (implausible !== null) return implausible;
  const { endsAt } = periodOf(moment.now, "day", moment.timeZone);
  const name = roundsCounter(ask.gameId, moment.now, moment.timeZone);
  draft.effects.count([{ name, by: 1, until: endsAt }]);
  const record = recordInto(draft, program, scoreEvent(ask), moment);
  return { ok: true, body: { kind: "activity.recorded", record, ...draft.body(program.currencies.keys()) } };
}

/** The event that a round becomes. */
export function scoreEvent({ gameId, nonce, score, storeId, regionId, ownerId }: RoundAsk): ActivityAsk {
  const data = { game: gameId, score, amount: score };
  return { type: "game_score", key: nonce, data, storeId, regionId, ownerId };
}

/** A game that the member may play a round of now, and how many. Refuses: game_not_found, game_rounds_used. */
export function playableGame(
  program: CompiledProgram,
  effects: Pick<DraftEffects, "counter">,
  gameId: string,
  { now, timeZone }: Pick<ActivityMoment, "now" | "timeZone">,
): { readonly ok: true; readonly game: Game; readonly roundsLeft: number } | Refused {
  const game = program.document.play.games.find(({ id }) => id === gameId);
  if (game === undefined) return refuse("game_not_found", "gameId");
  const { roundsPerDay } = game;
  const roundsLeft = Math.max(0, roundsPerDay - effects.counter(roundsCounter(gameId, now, timeZone)));
  return roundsLeft > 0 ? { ok: true, game, roundsLeft } : refuse("game_rounds_used", "gameId", { roundsPerDay });
}

function doubt(game: Game, { startedAt, score }: RoundAsk, now: number): Refused | null {
  const elapsedSeconds = (now - startedAt) / 1000;
  const { minSeconds, maxSeconds, maxScore, maxScorePerSecond } = game;
  if (elapsedSeconds < minSeconds) return refuse("game_too_fast", "token", { minSeconds });
  if (elapsedSeconds > maxSeconds) return refuse("game_too_slow", "token", { maxSeconds });
  const most = Math.min(maxScore, Math.floor(maxScorePerSecond * elapsedSeconds));
  return score > most ? refuse("game_score_implausible", "score", { most }) : null;
}

const roundsCounter = (gameId: string, now: number, timeZone: string) =>
  `game/${gameId}/${periodOf(now, "day", timeZone).key}`;
