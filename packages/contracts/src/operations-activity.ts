// The operations on events beside orders, timed games, and progress.
import {
  eventAnswer,
  eventRequest,
  eventReversal,
  eventType,
  finishRequest,
  gameRound,
  progress,
} from "./activities.ts";
import type { Operation } from "./operations.ts";
import { emptyRequest } from "./points.ts";
import type { RefusalCode } from "./refusals.ts";
import { callerId, memberId, slug } from "./values.ts";

const OF_A_MEMBER: readonly RefusalCode[] = ["invalid_member_id", "member_not_found", "member_erased"];
const OF_A_STORE: readonly RefusalCode[] = ["store_unknown", "store_not_allowed"];
const one = { id: memberId, type: eventType, key: callerId };

export const activityOperations = [
  {
    id: "recordEvent",
    method: "POST",
    path: "/v1/members/{id}/events",
    group: "Activity",
    summary: "Tell what a member did beside buying",
    description:
      "A review, a check-in, a survey, content that was approved, a consultation, or a type of the tenant's own: the program's " +
      "rules `on` that type give points, within their caps. `type` and `key` make it one event: the same again gives the " +
      "same answer. `enrolled`, `profile_completed` and `game_score` are recorded by Regulars itself.",
    scope: "points:write",
    testTime: true,
    parameters: { id: memberId },
    body: eventRequest,
    answer: { status: 201, schema: eventAnswer },
    idempotency: "own-id",
    refusals: [...OF_A_MEMBER, ...OF_A_STORE, "program_missing", "event_type_reserved"],
  },
  {
    id: "getEvent",
    method: "GET",
    path: "/v1/members/{id}/events/{type}/{key}",
    group: "Activity",
    summary: "Read an event beside orders",
    scope: "members:read",
    testTime: true,
    parameters: one,
    answer: { status: 200, schema: eventAnswer },
    idempotency: "none",
    refusals: [...OF_A_MEMBER, "event_not_found"],
  },
  {
    id: "reverseEvent",
    method: "POST",
    path: "/v1/members/{id}/events/{type}/{key}/reversal",
    group: "Activity",
    summary: "Take back what an event gave",
    description:
      "For content that was taken down, or a review that was not one. Points go as with a refund: from their own lot, then " +
      "from others, then as debt where the program allows it; prizes go while they are unused.",
    scope: "points:write",
    testTime: true,
    parameters: one,
    body: emptyRequest,
    answer: { status: 200, schema: eventReversal },
    idempotency: "own-id",
    refusals: [...OF_A_MEMBER, ...OF_A_STORE, "program_missing", "event_not_found"],
  },
  {
    id: "startRound",
    method: "POST",
    path: "/v1/members/{id}/games/{gameId}/rounds",
    group: "Activity",
    summary: "Start a round of a timed game",
    description:
      "Nothing is stored: the token says who plays what since when. The same `Idempotency-Key` is the same round.",
    scope: "points:write",
    testTime: true,
    parameters: { id: memberId, gameId: slug },
    body: emptyRequest,
    answer: { status: 201, schema: gameRound },
    idempotency: "key",
    refusals: [...OF_A_MEMBER, "program_missing", "game_not_found", "game_rounds_used"],
  },
  {
    id: "finishRound",
    method: "POST",
    path: "/v1/members/{id}/games/{gameId}/rounds/finish",
    group: "Activity",
    summary: "End a round with its score",
    description:
      "The time between start and end must be one that the game can take, and the score one that can be reached in it. " +
      "Each token counts once; the event `game_score` gives what the program has for it.",
    scope: "points:write",
    testTime: true,
    parameters: { id: memberId, gameId: slug },
    body: finishRequest,
    answer: { status: 200, schema: eventAnswer },
    idempotency: "own-id",
    refusals: [
      ...OF_A_MEMBER,
      ...OF_A_STORE,
      "program_missing",
      "game_not_found",
      "game_token_invalid",
      "game_rounds_used",
      "game_too_fast",
      "game_too_slow",
      "game_score_implausible",
    ],
  },
  {
    id: "getProgress",
    method: "GET",
    path: "/v1/members/{id}/progress",
    group: "Activity",
    summary: "Read stamp cards, challenges, streaks, badges, and rounds left today",
    scope: "members:read",
    testTime: true,
    parameters: { id: memberId },
    answer: { status: 200, schema: progress },
    idempotency: "none",
    refusals: [...OF_A_MEMBER, "program_missing"],
  },
] as const satisfies readonly Operation[];
