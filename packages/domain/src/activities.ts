// Events beside orders: what a review, a check-in or a game gives, what it counts for, and how a tenant takes it back.
import type { DayActivity } from "@regulars/contracts/events-effects";
import type { ActivityRecord } from "@regulars/contracts/events-more";
import type { MemberFacts, OrderRecord, StoredEarn } from "@regulars/contracts/events-orders";
import { localDay } from "./calendar.ts";
import { countedByEvent, roomsOfEvent } from "./caps.ts";
import { fillFullCards, reopenCards } from "./cards.ts";
import { lateInput } from "./conditions.ts";
import { Draft } from "./draft.ts";
import { earnedByEvent, type EventBasket } from "./earning-events.ts";
import { eventFacts } from "./earning-facts.ts";
import { NOTHING_PREPARED, type OrderMoment, type OrderScene } from "./moment.ts";
import { openLot } from "./order-earn.ts";
import { countPlay, reopenForDebt, uncountPlay, type Occasion } from "./play-counting.ts";
import type { CompiledProgram } from "./program.ts";
import type { Decision } from "./refuse.ts";
import { negated } from "./state-effects.ts";
import type { MemberState } from "./state.ts";
import { takeAllBack } from "./take-back.ts";
import { lowerTier, raiseFor } from "./tiers.ts";
import { depositEarned, isNetworkCoin, withdrawEarned } from "./wallets.ts";

/** What is told of an event. Its key is the caller's own; where it happened may not be known. */
export type ActivityAsk = Pick<ActivityRecord, "type" | "key" | "data" | "storeId" | "regionId" | "ownerId">;
export type ActivityMoment = Pick<OrderMoment, "now" | "timeZone" | "expiredOf" | "facts" | "prepared">;

/** Types that only Regulars itself records: on enrolment, on a change of the profile, after a checked game; and orders. */
export const RESERVED_TYPES: readonly string[] = ["order", "enrolled", "profile_completed", "game_score"];

/** Records an event and gives what the program has for it, within the limits of its rules. It never refuses. */
export function decideActivity(
  state: MemberState,
  program: CompiledProgram,
  ask: ActivityAsk,
  moment: ActivityMoment,
): Extract<Decision, { ok: true }> {
  const draft = new Draft(state, moment.now);
  const record = recordInto(draft, program, ask, moment);
  const body = { kind: "activity.recorded" as const, record, ...draft.body(program.currencies.keys()) };
  return { ok: true, body };
}

/** Does in a draft what an event brings; for acts that do something besides. */
export function recordInto(
  draft: Draft,
  program: CompiledProgram,
  ask: ActivityAsk,
  { now, timeZone, facts, expiredOf, prepared = NOTHING_PREPARED }: ActivityMoment,
): ActivityRecord {
  const { type, key, data, storeId, regionId, ownerId } = ask;
  const day = localDay(now, timeZone);
  const about = { type, data, storeId, regionId, ownerId, at: now, member: facts, timeZone };
  const basket: EventBasket = {
    ...about,
    rooms: roomsOfEvent(program, (name) => draft.effects.counter(name), prepared.grants, about),
  };
  const given = earnedByEvent(program, basket);
  const blank: ActivityRecord = {
    type,
    key,
    data,
    storeId,
    regionId,
    ownerId,
    at: now,
    programVersion: program.version,
    facts,
    earned: [],
    grants: [],
    played: [],
    counted: [],
    day,
    figures: figuresOf(type, []),
    reversedAt: null,
  };
  const scene = sceneOf(program, blank, { timeZone, expiredOf, prepared });
  const place = { program, timeZone, placedAt: now, storeId, ownerId, orderId: scene.order.orderId };
  const earned = given.map((one) =>
    isNetworkCoin(program, one.currency) ? depositEarned(draft, scene, one) : openLot(draft, place, one),
  );
  const figures = figuresOf(type, earned);
  draft.effects.addActivity(day, figures);
  const counted = countedByEvent(program, earned, basket);
  draft.effects.count(counted);
  const occasion = occasionOf(program, blank, { timeZone, expiredOf });
  const { played, grants: prizes } = countPlay(draft, occasion);
  const cards = fillFullCards(draft, program, { now, timeZone, ownerId });
  const raised = raiseFor(draft, program, { placedAt: now, timeZone, by: `${type}/${key}`, ownerId });
  const grants = [...prizes, ...cards, ...(raised?.grants ?? [])];
  const tier = raised && { before: raised.before?.tier ?? null, after: draft.effects.tier?.tier ?? null };
  return { ...blank, earned, figures, counted, played, grants, ...(tier && { tier }) };
}

/**
 * Takes back what an event gave and what it counted for, by the version that decided it; only one that was not taken back
 * before.
 */
export function decideReversal(
  state: MemberState,
  program: CompiledProgram,
  known: ActivityRecord,
  moment: Omit<ActivityMoment, "facts">,
): Extract<Decision, { ok: true }> {
  if (known.reversedAt !== null) throw new Error(`event ${known.type}/${known.key} was taken back before`);
  if (known.programVersion !== program.version) throw new Error(`version ${known.programVersion} decided this event`);
  const draft = new Draft(state, moment.now);
  draft.effects.addActivity(known.day, negated(known.figures));
  draft.effects.count(known.counted.map(({ name, by, until }) => ({ name, by: 0 - by, until })));
  let { grants } = known;
  const isCoin = ({ currency }: StoredEarn) => isNetworkCoin(program, currency);
  const scene = sceneOf(program, known, moment);
  for (const one of known.earned.filter(isCoin)) withdrawEarned(draft, scene, one, one.points - one.reversed);
  const reopen = (short: Parameters<typeof reopenCards>[2]) => (grants = reopenCards(draft, grants, short));
  const own = known.earned.filter((one) => !isCoin(one));
  const { expiredOf } = moment;
  const earned = [
    ...known.earned.filter(isCoin).map((one) => ({ ...one, reversed: one.points })),
    ...takeAllBack(draft, program, own, { expiredOf, reopen }),
  ];
  const before = { played: known.played, grants };
  const after = uncountPlay(draft, occasionOf(program, known, moment), before, () => false);
  const left = reopenForDebt(draft, after.grants);
  const record: ActivityRecord = { ...known, played: after.played, grants: left, earned, reversedAt: moment.now };
  lowerTier(draft, sceneOf(program, record, moment));
  const body = { kind: "activity.reversed" as const, record, ...draft.body(program.currencies.keys()) };
  return { ok: true, body };
}

function figuresOf(type: string, earned: readonly StoredEarn[]): DayActivity {
  const points: Record<string, number> = {};
  for (const one of earned) points[one.currency] = (points[one.currency] ?? 0) + one.points;
  return { spend: 0, orders: 0, points, events: { [type]: 1 } };
}

function occasionOf(
  program: CompiledProgram,
  record: ActivityRecord,
  { timeZone, expiredOf }: Pick<ActivityMoment, "timeZone" | "expiredOf">,
): Occasion {
  const { type, at, storeId, ownerId, facts } = record;
  const input = lateInput(() => eventFacts({ ...record, member: facts, timeZone }));
  return { type, program, at, storeId, ownerId, timeZone, expiredOf, input };
}

// Lots, cards and tiers look at an order; an event is one of no lines, in no store when none was told.
function sceneOf(
  program: CompiledProgram,
  record: ActivityRecord,
  { timeZone, expiredOf, prepared = NOTHING_PREPARED }: Pick<ActivityMoment, "timeZone" | "expiredOf" | "prepared">,
): OrderScene {
  const order = orderlike(record, record.facts);
  return { program, order, now: record.at, timeZone, expiredOf, prepared };
}

function orderlike(record: ActivityRecord, facts: MemberFacts): OrderRecord {
  return {
    orderId: `${record.type}/${record.key}`,
    state: "paid",
    storeId: record.storeId ?? "",
    regionId: record.regionId ?? "",
    ownerId: record.ownerId ?? "",
    currency: "",
    channel: null,
    placedAt: record.at,
    programVersion: record.programVersion,
    lines: [],
    facts,
    gross: 0,
    net: 0,
    payable: 0,
    redeemed: [],
    holds: [],
    spends: [],
    earned: record.earned,
    returned: {},
    refunded: 0,
    undone: null,
    grants: record.grants,
  };
}
