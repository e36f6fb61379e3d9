// Events beside orders, timed games and progress: what callers send about a member, and what they get back.
import { z } from "zod";
import { EVENT_FIELDS_MAX, POINTS_MAX } from "./limits.ts";
import { earned } from "./orders.ts";
import { balance } from "./points.ts";
import { callerId, instant, slug, text } from "./values.ts";

/** A type of event in a path. */
export const eventType = slug;

/** `key` is the caller's own name of the event: with the type it makes it one, however often it is sent. */
export const eventRequest = z.strictObject({
  type: eventType,
  key: callerId,
  data: z
    .record(slug, z.union([text(), z.boolean(), z.number()]))
    .refine((data) => Object.keys(data).length <= EVENT_FIELDS_MAX, { params: { code: "too_many_items" } })
    .default({}),
  storeId: slug.optional(),
});

const activity = z.strictObject({
  type: slug,
  key: callerId,
  data: z.record(slug, z.union([z.string(), z.boolean(), z.number()])),
  storeId: slug.nullable(),
  at: instant,
  /** When the tenant took it back. */
  reversedAt: instant.nullable(),
});

export const eventAnswer = z.strictObject({
  event: activity,
  earned: z.array(earned),
  /** Vouchers that it brought: full stamp cards, challenges, a new tier. */
  issued: z.array(z.strictObject({ id: callerId, rewardId: slug, kind: z.string() })),
  /** Challenges and streaks that it completed. */
  completed: z.array(slug),
  /** The tier that it raised the member to. */
  tier: slug.nullable(),
  balances: z.array(balance),
  sequence: z.int(),
});

export const eventReversal = z.strictObject({
  event: activity,
  reversed: z.array(z.strictObject({ currency: slug, points: z.int(), rule: slug })),
  balances: z.array(balance),
  sequence: z.int(),
});

/** A round of a game that may start now. */
export const gameRound = z.strictObject({
  /** To be sent with the score; it is worth one round. */
  token: z.string(),
  startsAt: instant,
  /** A score that comes later does not count. */
  endsAt: instant,
  roundsLeft: z.int(),
});

export const finishRequest = z.strictObject({
  token: text(500),
  score: z.int().min(0).max(POINTS_MAX),
  storeId: slug.optional(),
});

export const progress = z.strictObject({
  cards: z.array(z.strictObject({ id: slug, currency: slug, size: z.int(), stamps: z.int() })),
  challenges: z.array(
    z.strictObject({
      id: slug,
      name: z.string().nullable(),
      count: z.int(),
      times: z.int(),
      completed: z.boolean(),
      endsAt: instant.nullable(),
    }),
  ),
  streaks: z.array(
    z.strictObject({
      id: slug,
      name: z.string().nullable(),
      every: z.enum(["day", "week", "month"]),
      /** Periods in a row so far, and whether this one has what it needs. */
      count: z.int(),
      length: z.int(),
      thisPeriod: z.boolean(),
      completedTimes: z.int(),
    }),
  ),
  badges: z.array(z.strictObject({ id: slug, since: instant, by: z.array(slug) })),
  games: z.array(z.strictObject({ id: slug, name: z.string().nullable(), roundsLeft: z.int() })),
  sequence: z.int(),
});

export type EventRequest = z.output<typeof eventRequest>;
export type EventAnswer = z.output<typeof eventAnswer>;
export type EventReversal = z.output<typeof eventReversal>;
export type GameRound = z.output<typeof gameRound>;
export type FinishRequest = z.output<typeof finishRequest>;
export type MemberProgress = z.output<typeof progress>;
