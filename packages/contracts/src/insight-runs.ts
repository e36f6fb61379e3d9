// Runs of segmentation as a manager sees them: asking for one, what past ones did, and how far the work has come.
import { z } from "zod";
import { day, instant } from "./values.ts";

/** `night`: also what is done once a night, now. `rebuild`: everything again, for all members. */
export const runRequest = z.strictObject({ night: z.boolean().optional(), rebuild: z.boolean().optional() });

/** What one slice of work did; the same as `RunReport` of the call between Workers. */
export const runReport = z.strictObject({
  /** False when another run holds the tenant: nothing was done. */
  ran: z.boolean(),
  /** True when nothing is left to do now; otherwise ask again. */
  finished: z.boolean(),
  asOf: day,
  membersChanged: z.int(),
  membersScored: z.int(),
  segmentsEntered: z.int(),
  segmentsLeft: z.int(),
});

export const insightRun = z.strictObject({
  id: z.string(),
  startedAt: instant,
  /** Null while it runs, and of one that was killed. */
  endedAt: instant.nullable(),
  milliseconds: z.int().nullable(),
  asOf: day,
  membersChanged: z.int(),
  membersScored: z.int(),
  segmentsEntered: z.int(),
  segmentsLeft: z.int(),
  error: z.string().nullable(),
});
export const insightRunsPage = z.strictObject({ runs: z.array(insightRun), nextCursor: z.string().nullable() });

/** What is in force of a kind: `model` is its name where one was chosen, `missing` what keeps it from being fitted. */
const modelInForce = z.strictObject({
  kind: z.string(),
  version: z.int(),
  fittedOn: day,
  fittedAt: instant,
  model: z.string().nullable(),
  refusal: z.string().nullable(),
  missing: z.array(z.strictObject({ what: z.string(), have: z.number(), need: z.number() })),
});

/** Work that passes over all members: what is under way, the last member that it has done, and what comes after it. */
const sweep = z.strictObject({
  pass: z.string().nullable(),
  lastMember: z.string().nullable(),
  startedAt: instant.nullable(),
  wanted: z.string().nullable(),
});

export const insightStatus = z.strictObject({
  lastRun: insightRun.nullable(),
  lastRunAt: instant.nullable(),
  lastError: z.string().nullable(),
  /** Changes of members that no run has looked at yet; `more`: there are more than were counted. */
  waiting: z.strictObject({ changes: z.int(), more: z.boolean() }),
  /** Null when nothing is to be done for all members. */
  sweep: sweep.nullable(),
  /** The last local days whose breakpoints were refreshed, and whose nightly work was done. */
  dayDone: day.nullable(),
  nightDone: day.nullable(),
  models: z.array(modelInForce),
});

export type InsightRun = z.output<typeof insightRun>;
export type InsightRunsPage = z.output<typeof insightRunsPage>;
export type InsightStatus = z.output<typeof insightStatus>;
