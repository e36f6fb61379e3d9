// Handlers of events beside orders, game rounds and progress.
import type { ActivityAnswer, Progress } from "@regulars/contracts/acts-activity";
import {
  eventRequest,
  finishRequest,
  type EventAnswer,
  type GameRound,
  type MemberProgress,
} from "@regulars/contracts/activities";
import { emptyRequest } from "@regulars/contracts/points";
import type { Refusal } from "@regulars/contracts/refusals";
import type { WriteContext } from "@regulars/contracts/rpc";
import { readJson } from "@regulars/edge/body";
import { requestHash } from "@regulars/edge/idempotency";
import { earnWhy } from "@regulars/edge/message";
import { problemResponse } from "@regulars/edge/problem";
import { callAct, callLook } from "./acts.ts";
import { isRefusal, refuseCall, replyResponse, type Call, type Handler } from "./call.ts";
import { nonceOf, readRoundToken, roundToken } from "./game-tokens.ts";
import { writeContext } from "./ledger.ts";
import { memberContext } from "./member-handlers.ts";
import { readWrite } from "./read-write.ts";
import { refuseStore } from "./session.ts";

export const activityHandlers = {
  recordEvent: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const body = await readJson(call.request, eventRequest);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const { storeId = null, ...event } = body.value;
    const place = placeOf(call, storeId);
    if (isRefusal(place)) return refuseCall(call, place);
    const hash = requestHash("recordEvent", { ...event, storeId });
    const write = writeContext(at, eventKey(event, "recorded"), hash);
    return replyResponse(call, await callAct(call, write, "activity.record", { ...event, ...place }), shaped(call));
  },

  getEvent: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return replyResponse(call, await callLook(call, at, "activity.read", eventOf(call)), shaped(call));
  },

  reverseEvent: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const body = await readJson(call.request, emptyRequest);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const event = eventOf(call);
    const known = await callLook(call, at, "activity.read", event);
    if (!known.ok) return replyResponse(call, known);
    const { storeId, programVersion } = known.value.activity;
    const refused = refuseReversal(call, storeId);
    if (refused !== null) return refuseCall(call, refused);
    const hash = requestHash("reverseEvent", event);
    const write = writeContext({ ...at, programVersion }, eventKey(event, "reversed"), hash);
    const reply = await callAct(call, write, "activity.reverse", event);
    return replyResponse(call, reply, ({ activity, ...answer }) => ({ event: publicEvent(activity), ...answer }));
  },

  startRound: async (call: Call) => {
    const read = await readWrite(call, emptyRequest);
    if (!read.ok) return read.response;
    const { at } = read;
    const { tenantKey } = call.session;
    const round = { memberId: at.memberId, gameId: gameIdOf(call), startedAt: at.now };
    const reply = await callLook(call, at, "game.start", { gameId: round.gameId });
    return replyResponse(call, reply, ({ roundsLeft, maxSeconds }): GameRound => ({
      token: roundToken(tenantKey, { ...round, nonce: nonceOf(tenantKey, round, at.key) }),
      startsAt: iso(round.startedAt),
      endsAt: iso(round.startedAt + maxSeconds * 1000),
      roundsLeft,
    }));
  },

  finishRound: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    const body = await readJson(call.request, finishRequest);
    if (!body.ok) return problemResponse(body.refusals, call.context);
    const { token, score, storeId = null } = body.value;
    const place = placeOf(call, storeId);
    if (isRefusal(place)) return refuseCall(call, place);
    const of = { memberId: at.memberId, gameId: gameIdOf(call) };
    const round = readRoundToken(call.session.tenantKey, token, of);
    if (round === null) return refuseCall(call, { code: "game_token_invalid", field: "token" });
    const { gameId, nonce, startedAt } = round;
    const ask = { gameId, nonce, startedAt, score, ...place };
    const key = eventKey({ type: "game_score", key: nonce }, "recorded");
    // Hashed without the start: the round's name is in the key, and what is new about a second try is its score.
    const write: WriteContext = writeContext(at, key, requestHash("finishRound", { gameId, score, storeId }));
    return replyResponse(call, await callAct(call, write, "game.finish", ask), shaped(call));
  },

  getProgress: async (call: Call) => {
    const at = memberContext(call);
    if (isRefusal(at)) return refuseCall(call, at);
    return replyResponse(call, await callLook(call, at, "play.progress", null), publicProgress);
  },
} satisfies Record<string, Handler>;

type Named = { readonly type: string; readonly key: string };

// Known to the member's object: see `recordedKey` there.
const eventKey = ({ type, key }: Named, state: "recorded" | "reversed") =>
  `a/${type}/${encodeURIComponent(key)}/${state}`;

const eventOf = ({ parameters }: Call): Named => ({ type: parameters["type"] ?? "", key: parameters["key"] ?? "" });
const gameIdOf = ({ parameters }: Call) => parameters["gameId"] ?? "";
const iso = (instant: number) => new Date(instant).toISOString();

/** Where an event happened. A key that is bound to stores must say in which of them. */
function placeOf({ session }: Call, storeId: string | null) {
  const nowhere = { storeId: null, regionId: null, ownerId: null };
  if (storeId === null) {
    return session.key.storeIds === null
      ? nowhere
      : ({ code: "store_not_allowed", field: "storeId" } satisfies Refusal);
  }
  const refused = refuseStore(session, storeId, "storeId");
  const store = session.tenant.stores[storeId];
  if (refused !== null || store === undefined) return refused ?? nowhere;
  return { storeId, regionId: store.regionId, ownerId: store.ownerId };
}

function refuseReversal({ session }: Call, storeId: string | null): Refusal | null {
  if (session.key.storeIds === null) return null;
  return storeId === null ? { code: "store_not_allowed", field: "key" } : refuseStore(session, storeId, "key");
}

function shaped({ session, context }: Call): (answer: ActivityAnswer) => EventAnswer {
  const { currency } = session.tenant;
  return ({ activity, earned, issued, completed, balances, ...answer }) => ({
    event: publicEvent(activity),
    earned: earned.map(({ why, ...one }) => ({ ...one, why: earnWhy(why, currency, context.language) })),
    issued: [...issued],
    completed: [...completed],
    balances: [...balances],
    ...answer,
  });
}

function publicEvent({ type, key, data, storeId, at, reversedAt }: ActivityAnswer["activity"]): EventAnswer["event"] {
  const times = { at: iso(at), reversedAt: reversedAt === null ? null : iso(reversedAt) };
  return { type, key, data: { ...data }, storeId, ...times };
}

function publicProgress({ cards, challenges, streaks, badges, games, sequence }: Progress): MemberProgress {
  return {
    cards: [...cards],
    challenges: challenges.map((one) => ({ ...one, endsAt: one.endsAt === null ? null : iso(one.endsAt) })),
    streaks: [...streaks],
    badges: badges.map(({ id, since, by }) => ({ id, since: iso(since), by: [...by] })),
    games: [...games],
    sequence,
  };
}
