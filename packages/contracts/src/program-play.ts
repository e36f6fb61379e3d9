// Play: challenges, streaks, badges and timed games: what is counted, until when, and what completing it gives.
import { z } from "zod";
import { CONDITION_LENGTH_MAX, POINTS_MAX } from "./limits.ts";
import { period } from "./program-earning.ts";
import { slug, text } from "./values.ts";

/** What completing something gives: points, a voucher, a badge, or several of them. */
const prize = z.strictObject({
  points: z.strictObject({ currency: slug, points: z.int().min(1).max(POINTS_MAX) }).optional(),
  reward: slug.optional(),
  badge: slug.optional(),
});

/** Reach `times` within one `period` ("3 visits in July"): counts paid orders, local days with one, or an event. */
export const challenge = z.strictObject({
  id: slug,
  name: text().optional(),
  counts: z.enum(["orders", "visits", "event"]).default("visits"),
  event: slug.optional(),
  when: text(CONDITION_LENGTH_MAX).optional(),
  times: z.int().min(1).max(10_000),
  period,
  prize,
});

/** So many periods in a row with at least one paid order or event. */
export const streak = z.strictObject({
  id: slug,
  name: text().optional(),
  counts: z.enum(["visits", "event"]).default("visits"),
  event: slug.optional(),
  every: z.enum(["day", "week", "month"]),
  length: z.int().min(2).max(1000),
  prize,
});

/** A timed game: a token at the start, a score at the end, plausible in between. */
export const game = z.strictObject({
  id: slug,
  name: text().optional(),
  minSeconds: z.int().min(1).max(86_400),
  maxSeconds: z.int().min(1).max(86_400),
  maxScore: z.int().min(1).max(POINTS_MAX),
  maxScorePerSecond: z.number().min(0.01).max(1_000_000),
  roundsPerDay: z.int().min(1).max(1000).default(1),
});

export const play = z.strictObject({
  challenges: z.array(challenge).max(50).default([]),
  streaks: z.array(streak).max(50).default([]),
  games: z.array(game).max(20).default([]),
});

export type Prize = z.output<typeof prize>;
export type Challenge = z.output<typeof challenge>;
export type Streak = z.output<typeof streak>;
export type Game = z.output<typeof game>;
